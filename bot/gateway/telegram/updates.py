"""Reads what Telegram says happened: a pure function over one update."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from telegram import CallbackQuery, ChatMember, ChatMemberRestricted, ChatMemberUpdated, Message, Update
from telegram.constants import ChatType

from bot.core.replies import Press

COMMANDS: Mapping[str, str] = {
    "start": "start_over",
    "menu": "ask_capabilities",
    "huy": "cancel",
    "giup": "ask_capabilities",
}
"""Our commands, in the order in which Telegram shows them, and the intent that each of them presses."""

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
class Said:
    """Somebody wrote in a private chat: a text, or something that is not read (`unread`), or both."""

    update_id: int
    chat_id: int
    text: str | None
    unread: str | None = None


@dataclass(frozen=True, slots=True)
class Commanded:
    """Somebody chose one of our commands."""

    update_id: int
    chat_id: int
    press: Press


@dataclass(frozen=True, slots=True)
class Pressed:
    """Somebody pressed a button; Telegram wants the query `query_id` answered."""

    update_id: int
    chat_id: int
    query_id: str
    data: str


@dataclass(frozen=True, slots=True)
class ReachChanged:
    """Somebody blocked the bot, or took that back."""

    chat_id: int
    is_reachable: bool


@dataclass(frozen=True, slots=True)
class GroupReachChanged:
    """The bot was let into a group, or may not write there any more."""

    chat_id: int
    is_reachable: bool


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us; `reason` is one of a few words, fit for counting."""

    reason: str


Incoming: TypeAlias = Said | Commanded | Pressed | ReachChanged | GroupReachChanged | Ignored


def read_update(payload: object) -> Incoming:
    """Read one update as Telegram sent it; whatever cannot be read is ignored."""
    if not isinstance(payload, dict):
        return Ignored("malformed")
    try:
        return _read(payload)
    except Exception:  # noqa: BLE001 - the library raises whatever the JSON leads it to
        return Ignored("malformed")


def _read(payload: dict[str, Any]) -> Incoming:
    update = Update.de_json(payload)
    update_id = _whole_number(update.update_id)
    if update.message is not None:
        return _read_message(update_id, update.message)
    if update.callback_query is not None:
        return _read_press(update_id, update.callback_query)
    if update.my_chat_member is not None:
        return _read_membership(update.my_chat_member)
    known = next((kind for kind in Update.ALL_TYPES if kind in payload), None)
    return Ignored(known or "unknown")


def _read_message(update_id: int, message: Message) -> Incoming:
    if message.chat.type != ChatType.PRIVATE:
        return Ignored("not_private")
    chat_id = _whole_number(message.chat.id)
    if message.text is not None:
        command, _, _ = message.text.partition(" ")
        name = command.removeprefix("/").partition("@")[0].lower()
        if command.startswith("/") and name in COMMANDS:
            return Commanded(update_id, chat_id, Press(COMMANDS[name]))
        return Said(update_id, chat_id, _text(message.text))
    unread = next((kind for name, kind in _UNREAD.items() if getattr(message, name, None)), None)
    if unread is None:
        return Ignored("service_message")
    return Said(update_id, chat_id, _text(message.caption) if message.caption else None, unread)


def _read_press(update_id: int, query: CallbackQuery) -> Incoming:
    # A message that Telegram does not show any more still names its chat.
    if query.message is None or query.message.chat.type != ChatType.PRIVATE:
        return Ignored("not_private")
    return Pressed(update_id, _whole_number(query.message.chat.id), _text(query.id), _text(query.data or ""))


def _read_membership(change: ChatMemberUpdated) -> Incoming:
    now = change.new_chat_member
    is_reachable = now.status not in (ChatMember.BANNED, ChatMember.LEFT)
    if change.chat.type in (ChatType.GROUP, ChatType.SUPERGROUP):
        is_silenced = isinstance(now, ChatMemberRestricted) and not now.can_send_messages
        return GroupReachChanged(_whole_number(change.chat.id), is_reachable=is_reachable and not is_silenced)
    if change.chat.type != ChatType.PRIVATE:
        return Ignored("not_private")
    return ReachChanged(_whole_number(change.chat.id), is_reachable=is_reachable)


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
