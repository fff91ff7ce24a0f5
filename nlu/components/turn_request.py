"""What may come in at the turn channel, checked before Rasa sees it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rasa.shared.core.constants import DEFAULT_INTENTS, SESSION_START_METADATA_SLOT, USER_INTENT_OUT_OF_SCOPE
from rasa.shared.core.domain import Domain

LONGEST_MESSAGE = 2_000
"""The product reads no more of a message either; two pages of text are no question."""
LONGEST_VALUE = 200

# Rasa obeys these by themselves (restart, back, session_start …); a press may only mean what the taxonomy knows.
_RESERVED_INTENTS = frozenset(DEFAULT_INTENTS) - {USER_INTENT_OUT_OF_SCOPE}
_COMMAND_PREFIX = "/"


class BadTurnError(Exception):
    """The request is not a turn; the message says what is wrong and repeats nothing of it."""


@dataclass(frozen=True)
class Turn:
    """One checked request.

    Attributes:
        text: what was typed; empty for a press.
        parse_data: for a press, what it means, in the form in which Rasa's NLU would have told it.
        active_loop: the running form, one of the domain's.
        slots: filled slots, all of the domain's.
    """

    turn_id: str
    text: str
    parse_data: dict[str, Any] | None
    channel: str
    metadata: dict[str, Any]
    active_loop: str | None
    slots: dict[str, Any]


def read_turn(body: bytes, domain: Domain) -> Turn:
    """Read a request's body. Slots and forms that the domain does not know (an older release's) are left out.

    Raises:
        BadTurnError: it has another shape, says nothing, or would be obeyed by Rasa as a command.
    """
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):  # the second from brackets nested too deep
        raise BadTurnError("The body is not JSON.") from None
    request = _mapping(request, "The body")
    press = request.get("press")
    if (request.get("message") is None) == (press is None):
        raise BadTurnError("Exactly one of 'message' and 'press' must be given.")
    state = _mapping(request.get("state") or {}, "'state'")
    active_loop = state.get("active_loop")
    return Turn(
        turn_id=_text(request.get("turn_id"), "'turn_id'", LONGEST_VALUE),
        text=_message(request["message"]) if press is None else "",
        parse_data=None if press is None else _press(press, domain),
        channel=_text(request.get("channel"), "'channel'", LONGEST_VALUE),
        metadata=dict(_mapping(request.get("metadata") or {}, "'metadata'")),
        active_loop=active_loop if isinstance(active_loop, str) and active_loop in domain.form_names else None,
        slots=_slots(state.get("slots") or {}, domain),
    )


def _message(message: object) -> str:
    text = _text(message, "'message'", LONGEST_MESSAGE).strip()
    if not text:
        raise BadTurnError("'message' is empty.")
    if text.startswith(_COMMAND_PREFIX):
        raise BadTurnError("'message' begins with a slash, which Rasa would read as a command.")
    return text


def _press(press: object, domain: Domain) -> dict[str, Any]:
    pressed = _mapping(press, "'press'")
    intent = pressed.get("intent")
    if not isinstance(intent, str) or intent not in domain.intents or intent in _RESERVED_INTENTS:
        raise BadTurnError("'press' has an unknown intent.")
    entities = []
    for name, value in _mapping(pressed.get("entities") or {}, "'entities'").items():
        if name not in domain.entities:
            raise BadTurnError("'press' has an unknown entity.")
        entities.append({"entity": name, "value": _scalar(value)})
    certain = {"name": intent, "confidence": 1.0}
    return {"text": "", "intent": certain, "entities": entities, "intent_ranking": [certain]}


def _slots(slots: object, domain: Domain) -> dict[str, Any]:
    known = {slot.name for slot in domain.slots} - {SESSION_START_METADATA_SLOT}
    return {
        name: _scalar(value, LONGEST_MESSAGE) for name, value in _mapping(slots, "'slots'").items() if name in known
    }


def _mapping(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadTurnError(f"{what} must be an object.")
    return value


def _text(value: object, what: str, longest: int) -> str:
    if not isinstance(value, str) or not value or len(value) > longest:
        raise BadTurnError(f"{what} must be a text of 1 to {longest} characters.")
    return value


def _scalar(value: object, longest: int = LONGEST_VALUE) -> str | int | float | bool | None:
    if value is None or isinstance(value, (int, float)):
        return value
    return _text(value, "A value", longest)
