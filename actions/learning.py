"""The last message, held until the next one so that its writer may let the assistant learn from it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actions.chat import HEARD, Chat
from actions.runtime import ActionRuntime
from bot.core.misreadings.models import Why
from bot.core.misreadings.offer import Heard


def hear(chat: Chat, runtime: ActionRuntime, why: Why) -> Heard | None:
    """Take down what was typed; None where nothing may be kept of it, and inside a form, where it is an answer."""
    if not runtime.keeps_misread or chat.in_form or not chat.text:
        return None
    return Heard.of(
        chat.text,
        turn=chat.reference,
        intent=chat.intent,
        confidence=chat.confidence,
        guesses=chat.ranking,
        why=why,
    )


def last_heard(chat: Chat, runtime: ActionRuntime) -> Heard | None:
    """Give the message before this one, where it was taken down."""
    return Heard.from_text(chat.slots.get(HEARD)) if runtime.keeps_misread else None


def holding(heard: Heard | None) -> Mapping[str, Any]:
    """Give the slot that holds a message until the next one."""
    return {} if heard is None else {HEARD: heard.to_text()}
