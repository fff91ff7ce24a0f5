"""Reads what Telegram says happened: a pure function over one update and who the bot is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from telegram import CallbackQuery, ChatMember, Message, Update
from telegram.constants import ChatType

from bot.core.replies import Press
from bot.gateway.telegram.addressing import BotIdentity, Command, read_command, text_for

COMMANDS: Mapping[str, str] = {
    "start": "start_over",
    "menu": "ask_capabilities",
    "huy": "cancel",
    "giup": "ask_capabilities",
}
"""Our commands, in the order in which Telegram shows them, and the intent that each of them presses."""
GROUP_COMMANDS = ("giup", "menu")
"""Those that are shown in groups. What follows one of them is a question; the others are not for groups."""

_UNREAD: Mapping[str, str] = {
    "photo": "photo",
    "video": "video",
    "video_note": "video",
    "voice": "voice",
    "audio": "audio",
    "animation": "animation",  # before the document that Telegram adds for older clients
    "document": "document",
    "sticker": "sticker",
    "contact": "contact",
    "location": "location",
    "poll": "poll",
    "dice": "sticker",
    "story": "other",
    "paid_media": "other",
    "passport_data": "other",
    "checklist": "other",
}
"""What a message can hold that is never looked at, in the order in which it is looked for."""

_BEYOND = 2**63
"""What no number of Telegram's reaches."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked something in a group, and with which message."""

    person_id: int
    message_id: int


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote to the bot: a text, or something that is not read (`unread`), or both.

    `sent_at` is Telegram's own date of the message; `asked` tells whose it is where the chat is a group; `album` is
    the same in all pictures that were sent together.
    """

    update_id: int
    chat_id: int
    text: str | None
    unread: str | None = None
    sent_at: datetime | None = None
    asked: Asked | None = None
    album: str | None = None


@dataclass(frozen=True, slots=True)
class Commanded:
    """Somebody chose one of our commands; `sent_at` and `asked` as in `Said`.

    `payload` is what the link held over which somebody came: public, and perhaps made up.
    """

    update_id: int
    chat_id: int
    press: Press
    sent_at: datetime | None = None
    asked: Asked | None = None
    payload: str = ""


@dataclass(frozen=True, slots=True)
class Edited:
    """Somebody changed a text of theirs in the private chat."""

    update_id: int
    chat_id: int
    message_id: int
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody pressed a button; Telegram wants the query `query_id` answered, and does not say when it was pressed."""

    update_id: int
    chat_id: int
    query_id: str
    data: str


@dataclass(frozen=True, slots=True)
class PressedElsewhere:
    """Somebody pressed a button outside a private chat, where we show none; Telegram wants it answered all the same."""

    query_id: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A group became a supergroup, which has another address."""

    chat_id: int
    moved_to: int


@dataclass(frozen=True, slots=True)
class ReachChanged:
    """Somebody blocked the bot, or took that back."""

    chat_id: int
    is_reachable: bool


@dataclass(frozen=True, slots=True)
class GroupReachChanged:
    """The bot was let into a group or a channel, or may not write there any more."""

    chat_id: int
    is_reachable: bool


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us; `reason` is one of a few words, fit for counting."""

    reason: str


Incoming: TypeAlias = (
    Said | Commanded | Edited | Pressed | PressedElsewhere | Moved | ReachChanged | GroupReachChanged | Ignored
)


def read_update(payload: object, bot: BotIdentity) -> Incoming:
    """Read one update as Telegram sent it to a bot; whatever cannot be read is ignored."""
    if not isinstance(payload, dict):
        return Ignored("malformed")
    try:
        return _read(payload, bot)
    except Exception:  # noqa: BLE001 - the library raises whatever the JSON leads it to
        return Ignored("malformed")


def _read(payload: dict[str, Any], bot: BotIdentity) -> Incoming:
    if isinstance(payload.get("my_chat_member"), dict):
        # Not by the library: it refuses a member that lacks a right which was added to the API only lately.
        return _read_membership(payload["my_chat_member"])
    update = Update.de_json(payload)
    update_id = _whole_number(update.update_id)
    if update.message is not None:
        return _read_message(update_id, update.message, bot)
    if update.edited_message is not None:
        return _read_edit(update_id, update.edited_message)
    if update.callback_query is not None:
        return _read_press(update_id, update.callback_query)
    known = next((kind for kind in Update.ALL_TYPES if kind in payload), None)
    return Ignored(known or "unknown")


def _read_message(update_id: int, message: Message, bot: BotIdentity) -> Incoming:
    if message.chat.type in (ChatType.GROUP, ChatType.SUPERGROUP):
        return _read_in_group(update_id, message, bot)
    if message.chat.type != ChatType.PRIVATE:
        return Ignored("not_private")
    chat_id = _whole_number(message.chat.id)
    if message.text is not None:
        command = read_command(_text(message.text))
        if command is not None and command.name in COMMANDS:
            payload = command.rest if command.name == "start" else ""
            press = Press(COMMANDS[command.name])
            return Commanded(update_id, chat_id, press, sent_at=message.date, payload=payload)
        return Said(update_id, chat_id, _text(message.text), sent_at=message.date)
    unread = _unread(message)
    if unread is None:
        return Ignored("service_message")
    caption = _text(message.caption) if message.caption else None
    album = _text(message.media_group_id) if message.media_group_id else None
    return Said(update_id, chat_id, caption, unread, sent_at=message.date, album=album)


def _read_in_group(update_id: int, message: Message, bot: BotIdentity) -> Incoming:
    """Read a message in a group: nothing but what a person says to the bot."""
    chat_id = _whole_number(message.chat.id)
    if message.migrate_to_chat_id is not None:
        return Moved(chat_id, _whole_number(message.migrate_to_chat_id))
    if message.migrate_from_chat_id is not None:
        return Moved(_whole_number(message.migrate_from_chat_id), chat_id)
    person = message.from_user
    if message.sender_chat is not None or person is None or person.is_bot:
        return Ignored("not_a_person")  # a channel, an administrator who hides, or another bot
    asked = Asked(_whole_number(person.id), _whole_number(message.message_id))
    command = read_command(message.text or "")
    if command is None:
        said = text_for(message, bot)
        if said is None:
            return Ignored("not_meant")
    elif _is_ours(command, bot):
        said = command.rest if command.name in GROUP_COMMANDS else ""
    else:
        return Ignored("other_command")
    if said:
        unread = _unread(message)
        return Said(update_id, chat_id, said, unread, sent_at=message.date, asked=asked)
    if message.text is None:
        return Ignored("not_text")
    return Commanded(update_id, chat_id, Press("ask_capabilities"), sent_at=message.date, asked=asked)


def _is_ours(command: Command, bot: BotIdentity) -> bool:
    """Tell whether a command in a group is meant for the bot; one that names no bot can be another's."""
    if command.to is not None:
        return bot.is_called(command.to)
    return command.name in (*GROUP_COMMANDS, "start")


def _read_edit(update_id: int, message: Message) -> Incoming:
    if message.chat.type != ChatType.PRIVATE or (message.text is None and message.caption is None):
        return Ignored("edited_message")  # such as a place on the map that moves
    return Edited(
        update_id, _whole_number(message.chat.id), _whole_number(message.message_id), sent_at=message.edit_date
    )


def _unread(message: Message) -> str | None:
    return next((kind for name, kind in _UNREAD.items() if getattr(message, name, None)), None)


def _read_press(update_id: int, query: CallbackQuery) -> Incoming:
    # A message that Telegram does not show any more still names its chat.
    if query.message is None or query.message.chat.type != ChatType.PRIVATE:
        return PressedElsewhere(_query_id(query.id))
    return Pressed(update_id, _whole_number(query.message.chat.id), _query_id(query.id), _text(query.data or ""))


def _read_membership(change: dict[str, Any]) -> Incoming:
    """Read what became of the bot in a chat: let in, thrown out, or left without the right to write."""
    chat, now = change["chat"], change["new_chat_member"]
    chat_id, status = _whole_number(chat["id"]), _text(now["status"])
    is_reachable = status not in (ChatMember.BANNED, ChatMember.LEFT)
    match chat["type"]:
        case ChatType.PRIVATE:
            return ReachChanged(chat_id, is_reachable=is_reachable)
        case ChatType.GROUP | ChatType.SUPERGROUP:
            may_write = status != ChatMember.RESTRICTED or now.get("can_send_messages", True)
        case ChatType.CHANNEL:
            may_write = status == ChatMember.ADMINISTRATOR and now.get("can_post_messages", True)
        case _:
            return Ignored("not_private")
    return GroupReachChanged(chat_id, is_reachable=is_reachable and bool(may_write))


def _query_id(value: object) -> str:
    """Return the name of a press, which goes back to Telegram and so must be a text that can be written."""
    _text(value).encode()  # no half of a surrogate pair
    return _text(value)


def _whole_number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("no whole number")  # the library takes whatever the JSON holds
    if not -_BEYOND <= value < _BEYOND:
        raise ValueError("beyond 64 bits")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value
