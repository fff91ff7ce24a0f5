"""The other side of the chat: invented people, what they do and what they see."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any, Literal, TypeAlias

from tests.telegram.fake_entities import utf16_length
from tests.telegram.fake_updates import Updates
from tests.telegram.fake_wire import Json

# Beyond 32 bits as real ones may be, and far from any that was ever given.
FIRST_PERSON = 9_000_000_000_001
FIRST_GROUP = -1_009_000_000_000_001
FIRST_SMALL_GROUP = -900_001
FIRST_CHANNEL = -1_009_500_000_000_001
FILE = {"file_id": "made-up-file", "file_unique_id": "made-up"}


BotIs: TypeAlias = Literal["unknown", "open", "blocked", "outside", "kicked", "silenced"]
Kind: TypeAlias = Literal["private", "group", "supergroup", "channel"]


class NotPossibleError(Exception):
    """A person cannot do this in the app: a mistake in the test, or the bot did not show what it should have."""


@dataclass(eq=False)
class Shown:
    """One message of the bot, as it looks now."""

    message: Json
    deleted: bool = False

    @property
    def message_id(self) -> int:
        return int(self.message["message_id"])

    @property
    def text(self) -> str:
        """The text or the caption, without markup."""
        return str(self.message.get("text", self.message.get("caption", "")))

    @property
    def entities(self) -> list[Json]:
        """The formatting, with offsets in UTF-16 units."""
        return self.message.get("entities") or self.message.get("caption_entities") or []

    @property
    def links(self) -> list[str]:
        """The addresses behind words of the text."""
        return [entity["url"] for entity in self.entities if entity["type"] == "text_link"]

    @property
    def is_photo(self) -> bool:
        return "photo" in self.message

    @property
    def answers(self) -> int | None:
        """The number of the message that it refers to."""
        before = self.message.get("reply_to_message")
        return None if before is None else int(before["message_id"])

    @property
    def keyboard(self) -> list[list[Json]]:
        """The buttons as they were sent, row by row."""
        rows: list[list[Json]] = self.message.get("reply_markup", {}).get("inline_keyboard", [])
        return rows

    @property
    def rows(self) -> list[list[str]]:
        """The buttons' titles, row by row."""
        return [[button["text"] for button in row] for row in self.keyboard]

    @property
    def buttons(self) -> list[str]:
        """The buttons' titles."""
        return [title for row in self.rows for title in row]


@dataclass(eq=False)
class Chat:
    """A private chat, group or channel. The bot may write when it is `open`; nobody in a group that was upgraded."""

    chat_id: int
    kind: Kind
    name: str
    bot_is: BotIs
    shown: list[Shown] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    upgraded_to: Chat | None = None
    said: set[int] = field(default_factory=set)
    """The numbers of the people's messages that still stand."""

    @property
    def texts(self) -> list[str]:
        """What the bot wrote, in order."""
        return [shown.text for shown in self.shown]

    def find(self, message_id: int) -> Shown | None:
        """Return the bot's message of that number, unless it was deleted."""
        return next((shown for shown in self.shown if shown.message_id == message_id and not shown.deleted), None)

    def wire(self) -> Json:
        """Return the chat as it stands in a message."""
        name = {"first_name": self.name} if self.kind == "private" else {"title": self.name}
        return {"id": self.chat_id, "type": self.kind, **name}


@dataclass(eq=False)
class Press:
    """A button that was pressed; the spinner turns until it is answered."""

    update: Json
    pressed_at: float
    answered: bool = False
    notice: str = ""


@dataclass(eq=False)
class People:
    """Everyone who may talk with one bot, and what they share."""

    bot: Json
    updates: Updates
    has_privacy: bool = False
    """Whether the bot hears in groups only what is meant for it, as bots do until their owner switches that off."""
    chats: dict[int, Chat] = field(default_factory=dict)
    presses: dict[str, Press] = field(default_factory=dict)
    message_numbers: count[int] = field(default_factory=lambda: count(1))
    _person_ids: count[int] = field(default_factory=lambda: count(FIRST_PERSON))
    _group_ids: count[int] = field(default_factory=lambda: count(FIRST_GROUP, -1))
    _small_group_ids: count[int] = field(default_factory=lambda: count(FIRST_SMALL_GROUP, -1))
    _channel_ids: count[int] = field(default_factory=lambda: count(FIRST_CHANNEL, -1))
    _press_numbers: count[int] = field(default_factory=lambda: count(8_000_000_001))

    def now(self) -> float:
        return self.updates.clock.now().timestamp()

    def add_person(self, name: str) -> Person:
        """Add one who has never opened the bot's chat."""
        return Person(self, self._add_chat(Chat(next(self._person_ids), "private", name, "unknown")))

    def add_group(self, title: str, *, kind: Literal["group", "supergroup"] = "supergroup") -> Chat:
        """Add a group that the bot is a member of; an ordinary one can become a supergroup later."""
        numbers = self._group_ids if kind == "supergroup" else self._small_group_ids
        return self._add_chat(Chat(next(numbers), kind, title, "open"))

    def add_channel(self, title: str) -> Chat:
        """Add a channel in which the bot may post."""
        return self._add_chat(Chat(next(self._channel_ids), "channel", title, "open"))

    def _add_chat(self, chat: Chat) -> Chat:
        self.chats[chat.chat_id] = chat
        return chat

    def press(self, content: Json) -> Press:
        """Deliver a press and wait for its answer."""
        press_id = str(next(self._press_numbers))
        update = self.updates.add("callback_query", {"id": press_id, **content}, queue=("press", content["from"]["id"]))
        self.presses[press_id] = press = Press(update, self.now())
        return press

    def forget(self) -> None:
        """Empty all chats; people, groups and who may write where stay."""
        self.presses.clear()
        for chat in self.chats.values():
            chat.shown.clear()
            chat.actions.clear()
            chat.said.clear()


class Person:
    """Someone with the app. What they do returns the update that the bot is told, also when it is never delivered."""

    def __init__(self, people: People, chat: Chat) -> None:
        self.chat = chat
        self.lag = timedelta()
        """How long what they say is on its way: the platform's own date is so much earlier."""
        self._people = people
        self._last_said: Json = {}

    @property
    def user_id(self) -> int:
        return self.chat.chat_id

    def says(self, text: str, *, where: Chat | None = None, reply_to: Shown | None = None) -> Json:
        """Send a text, in the private chat or in a group, perhaps as a reply to the bot; the app marks commands."""
        content: Json = {"text": text}
        entities = [_entity("mention", text, at) for at in re.finditer(r"(?<!\S)@\w{4,32}", text)]
        if text.startswith("/"):
            command = text.split(maxsplit=1)[0]
            entities.insert(0, {"type": "bot_command", "offset": 0, "length": utf16_length(command)})
        if entities:
            content["entities"] = entities
        if reply_to is not None:
            content["reply_to_message"] = copy.deepcopy(reply_to.message)
        return self._sends(content, where)

    def points_at_bot(self, name: str, text: str, *, where: Chat) -> Json:
        """Mention the bot in a group by its shown name, as the app does for whoever has no username."""
        entity = {"type": "text_mention", "offset": 0, "length": utf16_length(name), "user": self._people.bot}
        return self._sends({"text": f"{name} {text}", "entities": [entity]}, where)

    def takes_back(self, update: Json, *, where: Chat) -> None:
        """Delete a message of theirs; the bot is not told."""
        where.said.discard(update["message"]["message_id"])

    def starts(self, payload: str = "") -> Json:
        """Press Start, perhaps after following a link that carries a payload."""
        return self.says(f"/start {payload}".rstrip())

    def edits(self, text: str) -> Json:
        """Change the text that was said last."""
        if "text" not in self._last_said:
            raise NotPossibleError("nothing was said yet")
        self._last_said |= {"text": text, "edit_date": int(self._people.now())}
        content = copy.deepcopy(self._last_said)
        return self._people.updates.add("edited_message", content, queue=("message", content["chat"]["id"]))

    def presses(self, title: str, *, content_lost: bool = False) -> Press:
        """Press the newest button of that title; `content_lost` as when its message is too old to be sent along."""
        for shown in reversed(self.chat.shown):
            for button in (button for row in shown.keyboard for button in row):
                if button["text"] == title and "callback_data" in button:
                    return self._presses(shown.message, button["callback_data"], content_lost=content_lost)
        seen = [shown.buttons for shown in self.chat.shown]
        raise NotPossibleError(f"no button {title!r} to press among {seen}")

    def presses_in(self, shown: Shown, number: int) -> Press:
        """Press a button of some message, also a group's; they are counted from one, row by row."""
        buttons = [button for row in shown.keyboard for button in row]
        if not 1 <= number <= len(buttons) or "callback_data" not in buttons[number - 1]:
            raise NotPossibleError(f"no button {number} to press among {shown.buttons}")
        return self._presses(shown.message, buttons[number - 1]["callback_data"], content_lost=False)

    def forges_press(self, data: str) -> Press:
        """Send a press that no button of this chat made, as a changed app can."""
        message = self.chat.shown[-1].message if self.chat.shown else {"message_id": 1, "chat": self.chat.wire()}
        return self._presses(message, data, content_lost=not self.chat.shown)

    def _presses(self, message: Json, data: str, *, content_lost: bool) -> Press:
        self._check_unblocked()
        seen = copy.deepcopy(message)
        if content_lost:
            seen = {"message_id": seen["message_id"], "chat": seen["chat"], "date": 0}
        content = {"from": self._wire(), "message": seen, "chat_instance": str(self.chat.chat_id), "data": data}
        return self._people.press(content)

    def blocks(self) -> Json:
        """Stop the bot: it is told, and may write no more."""
        return self._changes_membership(self.chat, "member", "kicked", "blocked")

    def unblocks(self) -> Json:
        """Let the bot write again."""
        return self._changes_membership(self.chat, "kicked", "member", "open")

    def adds_bot_to(self, group: Chat) -> Json:
        """Let the bot into a group that it was not in, or not any more; into a channel, as one who may post."""
        before = "kicked" if group.bot_is == "kicked" else "left"
        return self._changes_membership(group, before, _usual_status(group), "open")

    def makes_bot(self, group: Chat, status: str, **rights: Any) -> Json:
        """Change what the bot may do in a group or channel, as the member's fields stand in the Bot API."""
        right = "can_post_messages" if group.kind == "channel" else "can_send_messages"
        bot_is: BotIs = "open" if rights.get(right, True) else "silenced"
        update = self._changes_membership(group, _usual_status(group), status, bot_is)
        update["my_chat_member"]["new_chat_member"] |= rights
        return update

    def kicks_bot_from(self, group: Chat) -> Json:
        """Throw the bot out of a group or channel."""
        return self._changes_membership(group, _usual_status(group), "kicked", "kicked")

    def upgrades(self, group: Chat) -> Chat:
        """Make a supergroup of an ordinary group; both chats tell it, and the old one takes no message any more."""
        if group.kind != "group" or group.upgraded_to is not None:
            raise NotPossibleError("only an ordinary group can be upgraded, and once")
        group.upgraded_to = self._people.add_group(group.name)
        self._sends({"migrate_to_chat_id": group.upgraded_to.chat_id}, group)
        self._sends({"migrate_from_chat_id": group.chat_id}, group.upgraded_to)
        return group.upgraded_to

    def _changes_membership(self, chat: Chat, old: str, new: str, bot_is: BotIs) -> Json:
        chat.bot_is = bot_is
        content = {
            "chat": chat.wire(),
            "from": self._wire(),
            "date": int(self._people.now()),
            "old_chat_member": self._membership(old),
            "new_chat_member": self._membership(new),
        }
        return self._people.updates.add("my_chat_member", content, queue=("my_chat_member", chat.chat_id))

    def _membership(self, status: str) -> Json:
        member = {"user": self._people.bot, "status": status}
        return member | {"until_date": 0} if status == "kicked" else member

    def sends_photo(self, caption: str = "", *, album: str = "") -> Json:
        """Send a picture; those sent together have the same `album`, and each is a message of its own."""
        sizes = [{**FILE, "width": width, "height": width} for width in (90, 1280)]
        said = {"caption": caption, "media_group_id": album}
        return self._sends({"photo": sizes} | {name: value for name, value in said.items() if value})

    def sends_document(self, caption: str = "") -> Json:
        document = {**FILE, "file_name": "giay-to.pdf", "mime_type": "application/pdf"}
        return self._sends({"document": document} | ({"caption": caption} if caption else {}))

    def sends_voice(self) -> Json:
        return self._sends({"voice": {**FILE, "duration": 3, "mime_type": "audio/ogg"}})

    def sends_video(self) -> Json:
        return self._sends({"video": {**FILE, "width": 640, "height": 360, "duration": 3}})

    def sends_sticker(self) -> Json:
        size = {"width": 512, "height": 512}
        kind = {"type": "regular", "is_animated": False, "is_video": False}
        return self._sends({"sticker": {**FILE, **size, **kind, "emoji": "🙂"}})

    def sends_location(self) -> Json:
        return self._sends({"location": {"latitude": 0.0, "longitude": 0.0}})

    def sends_contact(self) -> Json:
        return self._sends({"contact": {"phone_number": "84000000000", "first_name": self.chat.name}})

    def sends(self, *, where: Chat | None = None, **content: Any) -> Json:
        """Send a message of any other kind, as its fields stand in the Bot API."""
        return self._sends(content, where)

    def _sends(self, content: Json, where: Chat | None = None) -> Json:
        chat = where or self.chat
        if chat is self.chat:
            self._check_unblocked()
            chat.bot_is = "open"
        message = {
            "message_id": next(self._people.message_numbers),
            "from": self._wire(),
            "chat": chat.wire(),
            "date": int(self._people.now() - self.lag.total_seconds()),
            **json.loads(json.dumps(content)),
        }
        chat.said.add(message["message_id"])
        if chat.kind == "private":
            self._last_said = message
        elif self._people.has_privacy and not self._is_for_bot(message):
            return message
        return self._people.updates.add("message", copy.deepcopy(message), queue=("message", chat.chat_id))

    def _is_for_bot(self, message: Json) -> bool:
        """Tell whether a group's message reaches a bot with privacy: a command, a reply to it, a mention, or news."""
        answered = message.get("reply_to_message", {}).get("from") == self._people.bot
        is_news = any(name.startswith("migrate_") for name in message)
        return answered or is_news or any(self._calls_bot(message["text"], it) for it in message.get("entities", []))

    def _calls_bot(self, text: str, entity: Json) -> bool:
        if entity["type"] == "text_mention":
            return bool(entity["user"] == self._people.bot)
        start, end = 2 * entity["offset"], 2 * (entity["offset"] + entity["length"])
        _, at, name = text.encode("utf-16-le")[start:end].decode("utf-16-le").partition("@")
        is_named = name.lower() == self._people.bot["username"].lower()
        return is_named or (entity["type"] == "bot_command" and not at)

    def _wire(self) -> Json:
        return {"id": self.user_id, "is_bot": False, "first_name": self.chat.name, "language_code": "vi"}

    def _check_unblocked(self) -> None:
        if self.chat.bot_is == "blocked":
            raise NotPossibleError("the app sends nothing to a bot that is blocked: unblock it first")


def _usual_status(chat: Chat) -> str:
    """Return what a bot is in a chat: in a channel it is an administrator, or not there."""
    return "administrator" if chat.kind == "channel" else "member"


def _entity(kind: str, text: str, found: re.Match[str]) -> Json:
    return {"type": kind, "offset": utf16_length(text[: found.start()]), "length": utf16_length(found[0])}
