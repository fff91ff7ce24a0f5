"""Which topics can be offered as buttons, and in which order."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.replies import Button, Press

MENU: tuple[str, ...] = (
    "check_eligibility",
    "ask_offer",
    "ask_cost",
    "ask_eligibility",
    "ask_duration",
    "ask_programme",
)
"""Every topic that has an answer, the most wanted first. Each is an intent and the key of a button's title."""

MOST_SUGGESTED = 2

_HELD_AS_DIALOGUE = "check_eligibility"
"""The one topic that is a form with questions of its own; every other is answered in one reply."""


def topic_button(intent: str, **entities: str) -> Button:
    """Give the button of a topic; the entities narrow what pressing it asks."""
    return Button(intent, Press.of(intent, **entities))


def menu_buttons() -> tuple[Button, ...]:
    """Give the main menu."""
    return tuple(topic_button(intent) for intent in MENU)


def answered_buttons() -> tuple[Button, ...]:
    """Give the topics that content alone answers, for when nobody can hold a dialogue."""
    return tuple(topic_button(intent) for intent in MENU if intent != _HELD_AS_DIALOGUE)


def nearest(intents: Sequence[str]) -> tuple[Button, ...]:
    """Give buttons for the first two topics with an answer among the intents, which come likeliest first."""
    offered = [intent for intent in dict.fromkeys(intents) if intent in MENU]
    return tuple(topic_button(intent) for intent in offered[:MOST_SUGGESTED])
