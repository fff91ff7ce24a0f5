"""What a message asks, as core takes questions."""

from __future__ import annotations

from actions.chat import Chat
from bot.core.programme.finding import Question

_LIKELY = 3
"""How many of the ranked intents count as what a message may have meant."""


def question_of(chat: Chat) -> Question:
    """Read what is asked; a running form's product and subject stand in where the message names none."""
    entities = {name: str(value) for name, value in chat.entities}
    if len({value for name, value in chat.entities if name == "agency"}) > 1:
        del entities["agency"]  # what several do together is found by the words
    if chat.in_form:
        known = {name: str(chat.slots[name]) for name in ("product", "subject") if name in chat.slots}
        entities = {**known, **entities}
    return Question.of(chat.intent, entities, text=chat.text, likely=chat.ranking[:_LIKELY])
