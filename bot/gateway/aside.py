"""What the assistant does with a message while a person speaks: it notes it for them and is silent.

Two things it answers all the same: the button that brings it back, and words of somebody who may want to die, because
nobody may be at the desk to read them.
"""

from __future__ import annotations

from bot.core.cases import offer
from bot.core.cases.distress import is_distress
from bot.core.cases.service import TEXT
from bot.core.inbox.service import Message
from bot.core.ports import DialogueState, TurnResult
from bot.core.programme.content import Operator
from bot.core.replies import Effect, Press

PERSON = "person"
"""What a turn is called in logs and metrics in which a person has the floor."""
PRESS, TOO_LONG, TOO_MANY = "press", "too_long", "too_many"


def stand_aside(message: Message, operator: Operator) -> TurnResult:
    """Decide what becomes of a message in a conversation in which a person speaks."""
    press = Press.parse(message.press) if message.press is not None else None
    if press is not None and offer.leaves(press):
        return TurnResult((offer.left(),), DialogueState(), PERSON, 1.0, Effect(offer.LEAVING))
    in_need = message.text is not None and is_distress(message.text)
    arguments = {"words": _words(message, press), "kind": _kind(message), "urgent": "yes" if in_need else "no"}
    replies = (offer.distress_while_waiting(operator),) if in_need else ()
    return TurnResult(replies, DialogueState(), PERSON, 1.0, Effect(offer.HEAR, arguments))


def _words(message: Message, press: Press | None) -> str:
    return press.intent if press is not None else message.text or ""


def _kind(message: Message) -> str:
    if message.too_many:
        return TOO_MANY
    if message.too_long:
        return TOO_LONG
    if message.press is not None or message.stale_button:
        return PRESS
    return TEXT if message.text is not None else message.unread or TEXT
