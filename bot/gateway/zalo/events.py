"""Reads what Zalo says happened: a pure function over one event.

The parties change places from event to event, so each kind says where its person stands. Unknown kinds are counted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from bot.core.replies import Press

START = Press("start_over")

_UNREAD: Mapping[str, str] = {
    "user_send_image": "photo",
    "user_send_gif": "animation",
    "user_send_video": "video",
    "user_send_audio": "voice",
    "user_send_file": "document",
    "user_send_sticker": "sticker",
    "user_send_location": "location",
    "user_send_link": "other",
    "user_send_business_card": "contact",
}
"""Events whose content is never looked at, and what it is."""
_OPENS_CHAT = {"follow", "user_click_chatnow"}
_ID = re.compile(r"\d{1,64}")
_MESSAGE_ID = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote to the account: a text, or something that is not read (`unread`), or both."""

    update_id: str
    user_id: str
    account: str
    text: str | None
    unread: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody began to follow the account, or opened its chat for the first time."""

    update_id: str
    user_id: str
    account: str
    press: Press = START


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody follows the account no more."""

    user_id: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us; `reason` is one of a few words, fit for counting."""

    reason: str


Incoming: TypeAlias = Said | Opened | Left | Ignored


def read_event(event: object, raw: bytes) -> Incoming:
    """Read one event; `raw` is its body, whose digest names an event that has no message.

    A repeated call has the same body. Receipts reuse the ids of messages, so the event's name belongs to an id.
    """
    if not isinstance(event, dict):
        return Ignored("malformed")
    name = event.get("event_name")
    if not isinstance(name, str):
        return Ignored("malformed")
    if name == "user_send_text" or name in _UNREAD:
        return _read_message(name, event, raw)
    if name in _OPENS_CHAT:
        person = _party(event, "follower") or _id(event.get("user_id"))
        account = _id(event.get("oa_id"))
        if person is None or account is None:
            return Ignored("malformed")
        return Opened(_digest(raw), person, account)
    if name == "unfollow":
        person = _party(event, "follower")
        return Left(person) if person is not None else Ignored("malformed")
    return Ignored(_kind_of(name))


def _read_message(name: str, event: Mapping[str, Any], raw: bytes) -> Incoming:
    person, account, message = _party(event, "sender"), _party(event, "recipient"), event.get("message")
    if person is None or account is None or not isinstance(message, dict):
        return Ignored("malformed")
    text = message.get("text")
    if not isinstance(text, str | None):
        return Ignored("malformed")
    return Said(_name(name, message, raw), person, account, text or None, _UNREAD.get(name))


def _name(event_name: str, message: Mapping[str, Any], raw: bytes) -> str:
    """Return what names a message for good: its id, as far as it has one that can be a name."""
    message_id = message.get("msg_id")
    if isinstance(message_id, str) and _MESSAGE_ID.fullmatch(message_id):
        return hashlib.sha256(f"{event_name}:{message_id}".encode()).hexdigest()
    return _digest(raw)


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _party(event: Mapping[str, Any], role: str) -> str | None:
    party = event.get(role)
    return _id(party.get("id")) if isinstance(party, dict) else None


def _id(value: object) -> str | None:
    """Return an id as it stands: a string of digits, larger than numbers of many programs."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _kind_of(name: str) -> str:
    """Return the family of an event that is not for us; its own name may be anything."""
    for prefix, kind in (
        ("oa_send_", "own_message"),
        ("user_send_group_", "group"),
        ("user_seen_", "receipt"),
        ("user_received_", "receipt"),
        ("user_reacted_", "reaction"),
        ("oa_reacted_", "reaction"),
        ("anonymous_", "anonymous"),
    ):
        if name.startswith(prefix):
            return kind
    return "group" if "group" in name else "unknown"
