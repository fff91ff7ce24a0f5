"""The other side of the account's chats: invented people and groups, what they do and what they see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal

from tests.zalo.fake_messages import Sent
from tests.zalo.fake_wire import OA_ID, Json

if TYPE_CHECKING:
    from tests.zalo.fake_zalo import FakeZalo

MEDIA_URL = "https://media.zdn.test/x"
PAYLOADS: Mapping[str, Json] = {
    "image": {"url": MEDIA_URL, "thumbnail": MEDIA_URL},
    "gif": {"url": MEDIA_URL, "thumbnail": MEDIA_URL},
    "audio": {"url": MEDIA_URL},
    "video": {"url": MEDIA_URL, "thumbnail": MEDIA_URL, "description": ""},
    "link": {"url": MEDIA_URL, "thumbnail": MEDIA_URL, "description": ""},
    "business_card": {
        "url": MEDIA_URL,
        "description": '{"phone":"84900000001","qrCodeUrl":"https://media.zdn.test/q"}',
    },
    "sticker": {"id": "9001", "url": MEDIA_URL},
    "location": {"coordinates": {"latitude": "0.0", "longitude": "0.0"}},
    "file": {"url": MEDIA_URL, "name": "giay-to.pdf", "size": "1000", "type": "pdf", "checksum": "0" * 32},
}
"""By kind, what an attachment of a person's message says."""
GroupIs = Literal["open", "disabled", "left"]


@dataclass
class FakePerson:
    """Somebody with a telephone. What they do returns the event, which also waits for the webhook if there is one."""

    zalo: FakeZalo
    user_id: str
    name: str = "Lan"
    lag: timedelta = timedelta()
    """How long what they do is on its way: the platform's own date is so much earlier."""

    @property
    def by_app(self) -> str:
        """Who they are for the app."""
        return f"3{self.user_id[1:]}"

    @property
    def seen(self) -> list[Sent]:
        """Return what the account sent them."""
        return [sent for sent in self.zalo.messages if sent.user_id == self.user_id and not sent.by_a_human]

    @property
    def texts(self) -> list[str]:
        return [sent.text for sent in self.seen]

    def says(self, text: str, *, where: FakeGroup | None = None) -> Json:
        """Write a text, to the account or in a group."""
        return self._sends("text", {"text": text}, where)

    def sends(self, kind: str, text: str | None = None, *, where: FakeGroup | None = None) -> Json:
        """Send something that is no text."""
        # A business card arrives as a link whose description holds it.
        attachment = {"type": "link" if kind == "business_card" else kind, "payload": dict(PAYLOADS.get(kind, {}))}
        return self._sends(kind, {"attachments": [attachment], **({"text": text} if text else {})}, where)

    def presses(self, number: int) -> Json:
        """Press a button of the last message that has any: its payload comes as a text."""
        return self.presses_in(next(sent for sent in reversed(self.seen) if sent.buttons), number)

    def presses_in(self, shown: Sent, number: int) -> Json:
        """Press a button of some message; only those that ask something tell the account."""
        button = shown.buttons[number - 1]
        if button["type"] not in {"oa.query.show", "oa.query.hide"}:
            raise ValueError(f"a press of {button['type']} tells the account nothing")
        return self.says(button["payload"])

    def follows(self, source: str = "oa_profile") -> Json:
        self.zalo.followers.add(self.user_id)
        self._interacts()
        return self._happens("follow", oa_id=OA_ID, follower={"id": self.user_id}, **self._for_app, source=source)

    def leaves(self) -> Json:
        self.zalo.followers.discard(self.user_id)
        return self._happens(
            "unfollow", oa_id=OA_ID, follower={"id": self.user_id}, **self._for_app, source="oa_profile"
        )

    def opens_chat(self) -> Json:
        """Open the chat for the first time without writing."""
        self._interacts()
        return self._happens("user_click_chatnow", oa_id=OA_ID, user_id=self.user_id, **self._for_app)

    def sees(self, *sent: Sent) -> Json:
        """Read messages."""
        return self._receipt("user_seen_message", {"msg_ids": [each.message_id for each in sent]})

    def receives(self, sent: Sent) -> Json:
        """Have a message arrive on the telephone."""
        return self._receipt("user_received_message", {"msg_id": sent.message_id})

    def reacts(self, sent: Sent, icon: str = "/-heart") -> Json:
        return self._happens(
            "user_reacted_message", **self._private, message={"msg_id": sent.message_id, "react_icon": icon}
        )

    def submits_info(self) -> Json:
        """Fill in the form that the account may ask people to fill in."""
        self._interacts()
        info = {"name": self.name, "phone": "84900000001", "user_dob": "01/01/1990", "gender": "1"}
        return self._happens(
            "user_submit_info", **self._private, info=info | {"full_address": {"address": "", "city": ""}}
        )

    def withdraws(self) -> Json:
        """Take back the consent to keep their data."""
        return self._happens("user_withdraw", oa_id=OA_ID, user_id=self.user_id, **self._for_app)

    def joins(self, group: FakeGroup) -> Json:
        return self.zalo.group_changes("user_join_group", group, self)

    def was_silent_for(self, **duration: float) -> None:
        """Let the last interaction be so long ago."""
        self.zalo.last_interaction[self.user_id] = self.zalo.clock.now() - timedelta(**duration)

    @property
    def _for_app(self) -> Json:
        return {"user_id_by_app": self.by_app}

    @property
    def _private(self) -> Json:
        return {"sender": {"id": self.user_id}, **self._for_app, "recipient": {"id": OA_ID}}

    def _sends(self, kind: str, message: Json, where: FakeGroup | None) -> Json:
        self._interacts()
        message = {"msg_id": self.zalo.next_message_id(), **message}
        if where is None:
            return self._happens(f"user_send_{kind}", **self._private, message=message)
        parties = {"sender": {"id": self.user_id}, **self._for_app, "recipient": {"id": where.group_id}}
        return self._happens(f"user_send_group_{kind}", oa_id=OA_ID, **parties, message=message)

    def _receipt(self, name: str, message: Json) -> Json:
        return self._happens(name, sender={"id": OA_ID}, recipient={"id": self.user_id}, message=message)

    def _happens(self, name: str, **members: Any) -> Json:
        event = self.zalo.event(name, lag=self.lag, **members)
        self.zalo.webhook.add(event)
        return event

    def _interacts(self) -> None:
        self.zalo.last_interaction[self.user_id] = self.zalo.clock.now() - self.lag


@dataclass(eq=False)
class FakeGroup:
    """A group of the account's (GMF)."""

    zalo: FakeZalo
    group_id: str
    name: str
    group_is: GroupIs = "open"
    members: list[str] = field(default_factory=list)

    @property
    def seen(self) -> list[Sent]:
        """Return what the account sent there."""
        return [sent for sent in self.zalo.messages if sent.group_id == self.group_id]

    @property
    def texts(self) -> list[str]:
        return [sent.text for sent in self.seen]

    def dismisses(self) -> Json:
        """Take the account out of the group."""
        self.group_is = "left"
        return self.zalo.group_changes("delete_group", self)
