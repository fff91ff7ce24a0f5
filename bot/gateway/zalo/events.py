"""Reads what Zalo says happened: a pure function over one event.

The parties change place from event to event, so each kind says where its person stands. Unknown kinds are counted.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeAlias

from bot.core.replies import Press

START = Press("start_over")

_UNREAD: Mapping[str, str] = {
    "image": "photo",
    "gif": "animation",
    "video": "video",
    "audio": "voice",
    "file": "document",
    "sticker": "sticker",
    "location": "location",
    "link": "other",
    "business_card": "contact",
}
"""What a person sends that is never looked at, by the end of the event's name."""
_TEXT = "text"
_SENDS, _SENDS_IN_GROUP = "user_send_", "user_send_group_"
_OPENS_CHAT = {"follow", "user_click_chatnow"}
_INTERACTS = {"user_call_oa", "user_submit_info"}
"""A call to the account, and a form of Zalo's own: we never ask for one, and what was filled in is not read."""
_OWN = "oa_send_"
_STANDS_AS: Mapping[str, str] = {
    "user_send_": "recipient",
    "user_submit_": "recipient",
    "user_call_": "recipient",
    "user_withdraw": "recipient",
    "user_seen_": "sender",
    "user_received_": "sender",
    _OWN: "sender",
}
"""Where the account stands in events that do not name it at the top, by the beginning of their names."""
_OF_GROUPS = {
    "create_group",
    "user_join_group",
    "user_request_join_group",
    "add_group_admin",
    "remove_group_admin",
    "update_group_info",
    # Where sources disagree about a name, both are known.
    "accept_request_join_group",
    "reject_request_join_group",
    "react_request_join_group",
    "user_out_group",
    "user_leave_group",
}
_ID = re.compile(r"\d{1,64}")
_GROUP = re.compile(r"[A-Za-z0-9_-]{1,60}")
_MEMBER = re.compile(r"\d{1,60}")
"""With a group's id before it, it is the name of a conversation."""
_MESSAGE_ID = re.compile(r"[\x21-\x7e]{1,200}")
_MOMENT = re.compile(r"\d{1,15}")
_BEGINNING = datetime(2012, 1, 1, tzinfo=UTC)
"""No event is older than the platform."""


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote to the account: a text, or something that is not read (`unread`), or both.

    `sent_at` is Zalo's own date of it. In a `group` it may be meant for somebody else.
    """

    update_id: str
    user_id: str
    account: str
    text: str | None
    unread: str | None = None
    sent_at: datetime | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """Somebody began to follow the account, or opened its chat for the first time; `sent_at` as in `Said`."""

    update_id: str
    user_id: str
    account: str
    press: Press = START
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Interacted:
    """Somebody did what lets them be answered, and what asks for no answer; `sent_at` as in `Said`."""

    user_id: str
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """Somebody follows the account no more."""

    user_id: str


@dataclass(frozen=True, slots=True)
class Withdrew:
    """Somebody took back, on Zalo, their consent to the account's having their data."""

    update_id: str
    user_id: str
    account: str


@dataclass(frozen=True, slots=True)
class GroupEnded:
    """A group is no more."""

    group: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing for us; `reason` is one of a few words, fit for counting."""

    reason: str


Incoming: TypeAlias = Said | Opened | Interacted | Left | Withdrew | GroupEnded | Ignored


def read_event(event: object, raw: bytes) -> Incoming:
    """Read one event; `raw` is its body, whose digest names an event that has no message.

    A repeated call has the same body. Receipts reuse the ids of messages, so the event's name belongs to an id.
    """
    if not isinstance(event, dict):
        return Ignored("malformed")
    name = event.get("event_name")
    if not isinstance(name, str):
        return Ignored("malformed")
    kind = name.removeprefix(_SENDS_IN_GROUP).removeprefix(_SENDS)
    if name.startswith(_SENDS) and (kind == _TEXT or kind in _UNREAD):
        return _read_message(name, kind, event, raw)
    if name in _OPENS_CHAT:
        person, account = _person_of(event), _id(event.get("oa_id"))
        if person is None or account is None:
            return Ignored("malformed")
        return Opened(_digest(raw), person, account, sent_at=_moment(event))
    if name in _INTERACTS:
        person = _person_of(event)
        return Interacted(person, sent_at=_moment(event)) if person is not None else Ignored("malformed")
    if name == "unfollow":
        person = _party(event, "follower")
        return Left(person) if person is not None else Ignored("malformed")
    if name == "user_withdraw":
        person = _person_of(event)
        account = _id(event.get("oa_id")) or _party(event, "recipient") or ""
        return Withdrew(_digest(raw), person, account) if person is not None else Ignored("malformed")
    if name == "delete_group":
        group = _matching(_GROUP, event.get("group_id"))
        return GroupEnded(group) if group is not None else Ignored("malformed")
    if name.startswith(_OWN) and _was_written_by_hand(event):
        return Ignored("written_by_hand")
    return Ignored(_kind_of(name))


def account_of(event: object) -> str | None:
    """Return the account that an event tells of, whatever it is; None where it does not say."""
    if not isinstance(event, dict):
        return None
    name, told = event.get("event_name"), _id(event.get("oa_id"))
    if told is not None or not isinstance(name, str) or name.startswith(_SENDS_IN_GROUP):
        return told
    return next((_party(event, role) for beginning, role in _STANDS_AS.items() if name.startswith(beginning)), None)


def _read_message(name: str, kind: str, event: Mapping[str, Any], raw: bytes) -> Incoming:
    person, account, group = _party(event, "sender"), _party(event, "recipient"), None
    if name.startswith(_SENDS_IN_GROUP):
        # Here the recipient is the group, and the account stands at the top.
        account, recipient = _id(event.get("oa_id")), event.get("recipient")
        person = _matching(_MEMBER, person)
        group = _matching(_GROUP, recipient.get("id")) if isinstance(recipient, dict) else None
        if group is None:
            return Ignored("malformed")
    message = event.get("message")
    if person is None or account is None or not isinstance(message, dict):
        return Ignored("malformed")
    text = message.get("text")
    if not isinstance(text, str | None):
        return Ignored("malformed")
    return Said(
        _name(name, message, raw),
        person,
        account,
        text or None,
        _UNREAD.get(kind),
        sent_at=_moment(event),
        group=group,
    )


def _name(event_name: str, message: Mapping[str, Any], raw: bytes) -> str:
    """Return what names a message for good: its id, as far as it has one that can be a name."""
    message_id = message.get("msg_id")
    if isinstance(message_id, str) and _MESSAGE_ID.fullmatch(message_id):
        return hashlib.sha256(f"{event_name}:{message_id}".encode()).hexdigest()
    return _digest(raw)


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _moment(event: Mapping[str, Any]) -> datetime | None:
    """Return when it happened: milliseconds in a string; None where that cannot be."""
    stamp = event.get("timestamp")
    if not isinstance(stamp, str | int) or isinstance(stamp, bool) or not _MOMENT.fullmatch(str(stamp)):
        return None
    try:
        moment = datetime.fromtimestamp(int(stamp) / 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return moment if moment > _BEGINNING else None


def _person_of(event: Mapping[str, Any]) -> str | None:
    """Return whose event it is, where sources do not agree on, or do not tell, the place."""
    return _party(event, "follower") or _id(event.get("user_id")) or _party(event, "sender")


def _was_written_by_hand(event: Mapping[str, Any]) -> bool:
    """Tell of a message of the account's whether somebody wrote it in Zalo's own inbox; what we send has no author."""
    sender = event.get("sender")
    return isinstance(sender, dict) and bool(sender.get("admin_id"))


def _party(event: Mapping[str, Any], role: str) -> str | None:
    party = event.get(role)
    return _id(party.get("id")) if isinstance(party, dict) else None


def _id(value: object) -> str | None:
    """Return an id as it stands: a string of digits, larger than numbers of many programs."""
    return _matching(_ID, value)


def _matching(form: re.Pattern[str], value: object) -> str | None:
    return value if isinstance(value, str) and form.fullmatch(value) else None


def _kind_of(name: str) -> str:
    """Return the family of an event that is not for us; its own name may be anything."""
    for prefix, kind in (
        (_OWN, "own_message"),
        (_SENDS_IN_GROUP, "group"),
        ("user_seen_", "receipt"),
        ("user_received_", "receipt"),
        ("user_reacted_", "reaction"),
        ("oa_reacted_", "reaction"),
        ("anonymous_", "anonymous"),
    ):
        if name.startswith(prefix):
            return kind
    return "group" if name in _OF_GROUPS else "unknown"
