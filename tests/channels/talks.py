"""The conversations of the page: who writes in them, and what stands in them, in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from tests.telegram.fake_bot_api import BOT, FakeBotApi
from tests.telegram.fake_people import Chat, NotPossibleError, Person, Shown
from tests.zalo.fake_messages import Sent
from tests.zalo.fake_people import FakeGroup, FakePerson
from tests.zalo.fake_wire import OA_ID

Json: TypeAlias = dict[str, Any]
KINDS = ("photo", "document", "voice", "sticker", "location", "contact")
"""What can be sent that is no text."""


class DeedError(Exception):
    """Somebody cannot do this now; the message is a sentence for whoever sits before the page."""


@dataclass
class Line:
    """One thing in a conversation: what a person did, or a message of the product's."""

    who: str
    text: str = ""
    shown: Shown | Sent | None = None


@dataclass
class TelegramTalk:
    """A private chat or a group on Telegram."""

    key: str
    fake: FakeBotApi
    people: Mapping[str, Person]
    group: Chat | None = None
    lines: list[Line] = field(default_factory=list)
    _taken: list[Shown] = field(default_factory=list)

    platform = "telegram"

    @property
    def chats(self) -> list[Chat]:
        """The chat, and what it became, if it did."""
        chat = self.group if self.group is not None else next(iter(self.people.values())).chat
        return [chat] if chat.upgraded_to is None else [chat, chat.upgraded_to]

    def says(self, who: str, text: str, reply_to: int | None) -> Json:
        """Let somebody write a text, perhaps in answer to a message of the product's."""
        answered = None if reply_to is None else self._find(reply_to)
        where = self.chats[-1] if self.group is not None else None
        return self._done(who, text, lambda person: person.says(text, where=where, reply_to=answered))

    def sends(self, who: str, kind: str) -> Json:
        """Let somebody send something that is no text; only in the private chat."""
        if self.group is not None:
            raise DeedError("Trong nhóm Telegram của trang này chỉ gửi được chữ.")
        return self._done(who, f"[{kind}]", lambda person: getattr(person, f"sends_{kind}")())

    def presses(self, who: str, message: int, button: int) -> Json:
        """Let somebody press a button, counted from one."""
        shown = self._find(message)
        title = shown.buttons[button - 1] if 1 <= button <= len(shown.buttons) else ""
        return self._done(who, f"[{title}]", lambda person: person.presses_in(shown, button).update)

    def _done(self, who: str, text: str, deed: Any) -> Json:
        self.sync()
        try:
            update: Json = deed(self.people[who])
        except NotPossibleError as error:
            raise DeedError("Việc này không làm được lúc này: bot đang bị chặn, hoặc nút không bấm được.") from error
        self.lines.append(Line(who, text))
        return update

    def _find(self, message_id: int) -> Shown:
        for chat in self.chats:
            shown = chat.find(message_id)
            if shown is not None:
                return shown
        raise DeedError("Không có tin đó trong cuộc trò chuyện này.")

    def sync(self) -> None:
        """Take over what the product has sent since."""
        for shown in [shown for chat in self.chats for shown in list(chat.shown)]:
            if not any(shown is taken for taken in self._taken):
                self._taken.append(shown)
                self.lines.append(Line("", shown=shown))

    def told(self) -> Json:
        """Return how it looks."""
        chat = self.chats[-1]
        hint = f"Trong nhóm: nhắc @{BOT['username']}, trả lời tin của bot, hoặc gõ /giup." if self.group else ""
        return {"title": chat.name, "platform": "Telegram", "hint": hint, "who": list(self.people)} | {
            "notes": [TELEGRAM_NOTES[chat.bot_is]] if chat.bot_is in TELEGRAM_NOTES else [],
            "lines": [_telegram_line(line) for line in self.lines],
        }


TELEGRAM_NOTES = {
    "unknown": "Chưa ai viết cho bot ở đây: hãy gõ /start.",
    "blocked": "Bot đang bị chặn.",
    "kicked": "Bot đã bị đuổi khỏi nhóm.",
    "outside": "Bot đã rời nhóm.",
}


def _telegram_line(line: Line) -> Json:
    if not isinstance(line.shown, Shown):
        return {"who": line.who, "text": line.text}
    shown = line.shown
    rows = [[_telegram_button(button) for button in row] for row in shown.keyboard]
    if shown.deleted:
        return {"who": "", "text": "(tin đã xóa)", "message": None}
    picture = {"picture": True} if shown.is_photo else {}
    return {"who": "", "text": shown.text, "message": shown.message_id, "rows": rows, "links": shown.links, **picture}


def _telegram_button(button: Mapping[str, Any]) -> Json:
    return {"title": button["text"], "url": button.get("url", ""), "asks": "callback_data" in button}


@dataclass
class ZaloTalk:
    """A person's chat with the account on Zalo, or a group that the account is in."""

    key: str
    people: Mapping[str, FakePerson]
    group: FakeGroup | None = None
    lines: list[Line] = field(default_factory=list)
    _count: int = 0

    platform = "zalo"

    @property
    def _seen(self) -> Sequence[Sent]:
        if self.group is not None:
            return self.group.seen
        person = next(iter(self.people.values()))
        return [sent for sent in person.zalo.messages if sent.user_id == person.user_id]

    def says(self, who: str, text: str, reply_to: int | None) -> Json:
        """Let somebody write a text."""
        return self._done(who, text, self.people[who].says(text, where=self.group))

    def sends(self, who: str, kind: str) -> Json:
        """Let somebody send something that is no text."""
        return self._done(who, f"[{kind}]", self.people[who].sends(ZALO_KINDS[kind], where=self.group))

    def presses(self, who: str, message: int, button: int) -> Json:
        """Let somebody press a button, counted from one; the message is named by its place in the chat."""
        seen = self._seen
        if not 0 <= message < len(seen) or not 1 <= button <= len(seen[message].buttons):
            raise DeedError("Không có nút đó trong cuộc trò chuyện này.")
        pressed = seen[message].buttons[button - 1]
        if pressed["type"] not in ASKING:
            raise DeedError("Nút này chỉ mở một địa chỉ hay một số điện thoại; Zalo không báo cho OA.")
        # What `oa.query.show` sends is seen by the person themselves, what `oa.query.hide` sends is not.
        said = str(pressed["payload"]) if pressed["type"] == "oa.query.show" else f"[{pressed['title']}]"
        return self._done(who, said, self.people[who].presses_in(seen[message], button))

    def _done(self, who: str, text: str, event: Json) -> Json:
        self.sync()
        self.lines.append(Line(who, text))
        return event

    def sync(self) -> None:
        """Take over what the product has sent since."""
        seen = self._seen
        self.lines += [Line("", shown=sent) for sent in seen[self._count :]]
        self._count = len(seen)

    def told(self) -> Json:
        """Return how it looks."""
        person = next(iter(self.people.values()))
        notes = []
        if self.group is not None and self.group.group_is != "open":
            notes.append("Nhóm đã đóng: OA không gửi được gì vào đây.")
        if self.group is None and person.user_id not in person.zalo.last_interaction:
            notes.append("Chưa ai viết cho OA ở đây, nên OA chưa gửi được gì.")
        return {
            "title": self.group.name if self.group is not None else person.name,
            "platform": "Zalo",
            "hint": ZALO_GROUP_HINT if self.group else "",
            "who": list(self.people),
            "notes": notes,
            "lines": self._told_lines(),
        }

    def _told_lines(self) -> list[Json]:
        told: list[Json] = []
        place = 0
        for line in self.lines:
            if not isinstance(line.shown, Sent):
                told.append({"who": line.who, "text": line.text})
                continue
            sent = line.shown
            rows = [[_zalo_button(button)] for button in sent.buttons]
            marks: Json = {"picture": True} if sent.image else {}
            marks |= {"billed": True} if sent.billed else {}
            marks |= {"human": True} if sent.by_a_human else {}
            told.append({"who": "", "text": sent.text, "message": place, "rows": rows, "links": [], **marks})
            place += 1
        return told


ZALO_GROUP_HINT = f"Trong nhóm: mở đầu bằng “trợ lý”, hoặc nhắc OA bằng [@{OA_ID}]. Nhóm Zalo không có nút."
ZALO_KINDS = {
    "photo": "image",
    "document": "file",
    "voice": "audio",
    "sticker": "sticker",
    "location": "location",
    "contact": "business_card",
}
ASKING = {"oa.query.show", "oa.query.hide"}

Talk: TypeAlias = TelegramTalk | ZaloTalk


def _zalo_button(button: Mapping[str, Any]) -> Json:
    payload = button.get("payload")
    url = payload.get("url", "") if isinstance(payload, dict) else ""
    return {"title": button["title"], "url": url, "asks": button["type"] in ASKING}
