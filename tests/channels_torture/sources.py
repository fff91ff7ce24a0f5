"""What each channel is called with: sound bodies of every kind, and proofs of origin that are right or are not."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.gateway.telegram.webhook import PATH as TELEGRAM_PATH
from bot.gateway.telegram.webhook import SECRET_HEADER
from bot.gateway.zalo.signature import HEADER as SIGNATURE_HEADER
from bot.gateway.zalo.webhook import PATH as ZALO_PATH
from tests.channels_torture.mutations import Json
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_people import Chat, Person
from tests.telegram.product import SECRET
from tests.zalo.fake_zalo import APP_ID, APP_SECRET, OA_ID, OA_SECRET, FakePerson, FakeZalo

PEOPLE = 60
TEXTS = (
    "chào",
    "gia bao nhieu",
    "2",
    "số 2",
    "/menu",
    "em 20 tuổi",
    "079203001234",
    "Mã OTP là 123456",
    "👍",
    "quán bà Ba",
)
POLL = {
    "id": "1",
    "question": "?",
    "options": [],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
    "allows_revoting": False,
    "members_only": False,
}
"""What the bot does not ask for."""
Headers = list[tuple[bytes, bytes]]


class Source(Protocol):
    """One channel, as its platform calls it."""

    channel: str
    path: str
    proofs: Sequence[str]
    """The ways to prove where a call comes from; the first is right."""

    def body(self, dice: random.Random) -> Json:
        """Return a sound body."""
        ...

    def headers(self, raw: bytes, proof: str) -> Headers:
        """Return what goes with a body."""
        ...

    def is_proven(self, raw: bytes, proof: str) -> bool:
        """Tell whether those headers prove that the body comes from the platform."""
        ...

    def is_probe(self, raw: bytes) -> bool:
        """Tell whether the call only tries the address."""
        ...

    def forget(self) -> None:
        """Let the platform keep nothing of what was said, so that what grows is the product's."""
        ...


@dataclass
class TelegramSource:
    """Telegram: a secret in a header."""

    fake: FakeBotApi
    channel: str = "telegram"
    path: str = TELEGRAM_PATH
    proofs: Sequence[str] = ("right", "missing", "empty", "wrong", "shorter", "longer", "upper", "no_ascii", "token")
    _people: list[Person] = field(default_factory=list)
    _groups: list[Chat] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._people = [self.fake.person(f"Người {number}") for number in range(PEOPLE)]
        self._groups = [self.fake.group(f"Tổ {number}") for number in range(3)]
        self._small = self.fake.group("Tổ nhỏ", kind="group")
        self._moved = self._people[0].upgrades(self._small).chat_id

    def body(self, dice: random.Random) -> Json:
        person, group, text = dice.choice(self._people), dice.choice(self._groups), dice.choice(TEXTS)
        deeds: Sequence[Callable[[], Any]] = (
            *[lambda: person.says(text)] * 4,
            lambda: person.starts(dice.choice(("", "bac-ninh", "HD-ABCDE", "x" * 64, "../etc"))),
            lambda: person.says(text, where=group),
            lambda: person.says(f"@hien_dien_thu_bot {text}", where=group),
            lambda: person.says("/giup@hien_dien_thu_bot", where=group),
            lambda: self._edited(person, text),
            lambda: person.sends_photo(text),
            person.sends_document,
            person.sends_voice,
            person.sends_location,
            person.sends_contact,
            lambda: person.forges_press(dice.choice(("1.AAAA", "99999999.x", "", "x" * 64, "\x00"))).update,
            lambda: person.adds_bot_to(group),
            lambda: person.kicks_bot_from(group),
            lambda: self._blocked(person),
            lambda: self._upgraded(person),
            lambda: self.fake.updates.add("poll", POLL),
        )
        update: Json = dice.choice(deeds)()
        self.fake.updates.drop_all()
        return update

    @staticmethod
    def _edited(person: Person, text: str) -> Json:
        person.says("nhầm")
        return person.edits(text)

    @staticmethod
    def _blocked(person: Person) -> Json:
        update = person.blocks()
        person.unblocks()
        return update

    def _upgraded(self, person: Person) -> Json:
        """Say once more that the small group became a supergroup."""
        message = {**person.says("nhầm")["message"], "chat": self._small.wire(), "migrate_to_chat_id": self._moved}
        del message["text"]
        return self.fake.updates.add("message", message)

    def headers(self, raw: bytes, proof: str) -> Headers:
        shown: Mapping[str, bytes] = {
            "right": SECRET.encode(),
            "empty": b"",
            "wrong": b"x" * len(SECRET),
            "shorter": SECRET[:-1].encode(),
            "longer": f"{SECRET}x".encode(),
            "upper": SECRET.upper().encode(),
            "no_ascii": b"\xff\xe1\xba\xa3",
            "token": self.fake.token.encode(),
        }
        return [(SECRET_HEADER.encode(), shown[proof])] if proof in shown else []

    def is_proven(self, raw: bytes, proof: str) -> bool:
        return proof == "right"

    def is_probe(self, raw: bytes) -> bool:
        return False

    def forget(self) -> None:
        self.fake.forget()


@dataclass
class ZaloSource:
    """Zalo: a signature over the body."""

    zalo: FakeZalo
    channel: str = "zalo"
    path: str = ZALO_PATH
    proofs: Sequence[str] = (
        *("right", "bare", "upper", "missing", "empty", "wrong", "app_secret"),
        *("other_body", "hmac", "without_time", "no_ascii", "twice_marked"),
    )
    _people: list[FakePerson] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._people = [self.zalo.person(number) for number in range(10, 10 + PEOPLE)]

    def body(self, dice: random.Random) -> Json:
        person, text = dice.choice(self._people), dice.choice(TEXTS)
        own = {"sender": {"id": OA_ID}, "recipient": {"id": person.user_id}}
        of_group = {"sender": {"id": person.user_id}, "recipient": {"id": "5000000000000000005"}, "oa_id": OA_ID}
        message = {"msg_id": self.zalo.next_message_id(), "text": text}
        deeds: Sequence[Callable[[], Json]] = (
            *[lambda: person.says(text)] * 4,
            lambda: person.sends(dice.choice(("image", "audio", "file", "sticker", "location", "gif", "link")), text),
            person.follows,
            person.leaves,
            lambda: self.zalo.event("oa_send_text", **own, message=message),
            lambda: self.zalo.event("user_seen_message", **own, message={"msg_ids": [message["msg_id"]]}),
            lambda: self.zalo.event("user_received_message", **own, message=message),
            lambda: self.zalo.event("user_send_group_text", **of_group, message=message),
            lambda: self.zalo.event("user_click_chatnow", oa_id=OA_ID, user_id=person.user_id),
            lambda: self.zalo.event(
                "user_submit_info", **of_group, info={"name": "Nguyễn Văn Thử", "phone": "84900000001"}
            ),
            lambda: self.zalo.event(dice.choice(("user_join_group", "user_out_group", "something_new")), oa_id=OA_ID),
        )
        return dice.choice(deeds)()

    def headers(self, raw: bytes, proof: str) -> Headers:
        stamp = _timestamp(raw) or ""
        digest = _digest(raw, stamp, OA_SECRET)
        shown: Mapping[str, str] = {
            "right": f"mac={digest}",
            "bare": digest,
            "upper": f"mac={digest.upper()}",
            "empty": "",
            "wrong": "mac=" + "0" * 64,
            "app_secret": f"mac={_digest(raw, stamp, APP_SECRET)}",
            "other_body": f"mac={_digest(raw + b' ', stamp, OA_SECRET)}",
            "hmac": f"mac={hmac.new(OA_SECRET.encode(), raw, 'sha256').hexdigest()}",
            "without_time": f"mac={_digest(raw, '', OA_SECRET)}",
            "no_ascii": "mac=\xff\xe1",
            "twice_marked": f"mac=mac={digest}",
        }
        return [(SIGNATURE_HEADER.encode(), shown[proof].encode("latin-1"))] if proof in shown else []

    def is_proven(self, raw: bytes, proof: str) -> bool:
        return proof in {"right", "bare", "upper"} and _timestamp(raw) is not None

    def is_probe(self, raw: bytes) -> bool:
        return raw.strip() in {b"", b"{}"}

    def forget(self) -> None:
        self.zalo.messages.clear()
        self.zalo.calls.clear()


def _digest(raw: bytes, stamp: str, secret: str) -> str:
    return hashlib.sha256(APP_ID.encode() + raw + stamp.encode() + secret.encode()).hexdigest()


def _timestamp(raw: bytes) -> str | None:
    """Return the timestamp of a body, if it has one that can be signed."""
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    found = body.get("timestamp") if isinstance(body, dict) else None
    shown = str(found) if type(found) in {int, str} else ""
    return shown if re.fullmatch(r"-?[0-9]+" if isinstance(found, int) else "[0-9]+", shown) else None
