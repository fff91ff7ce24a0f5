"""What the assistant does with a message while a person speaks: it notes it for them and is silent.

Three things it answers all the same, because nobody may be at the desk: the wish to have it back, words of
somebody who may want to die, and what people are free to do about their own data at any time.
"""

from __future__ import annotations

from dataclasses import replace

from bot.core.cases import offer
from bot.core.cases.distress import is_distress
from bot.core.cases.service import TEXT
from bot.core.inbox.service import Message
from bot.core.ports import DialogueState, TurnResult
from bot.core.programme import Programme
from bot.core.replies import Effect, Press, Reply
from bot.core.rights import at_once
from bot.core.rights.offer import IN_CASE

PERSON = "person"
"""What a turn is called in logs and metrics in which a person has the floor."""
PRESS, TOO_LONG, TOO_MANY, EDITED = "press", "too_long", "too_many", "edited"


def stand_aside(message: Message, programme: Programme) -> TurnResult:
    """Decide what becomes of a message in a conversation in which a person speaks."""
    press = Press.parse(message.press) if message.press is not None else None
    wants_back = offer.leaves(press) if press is not None else offer.leaves_in_words(message.text or "")
    if wants_back:
        return _turn((offer.left(),), Effect(offer.LEAVING))
    in_need = message.text is not None and is_distress(message.text)
    arguments = {"words": _words(message, press), "kind": _kind(message), "urgent": "yes" if in_need else "no"}
    hearing = Effect(offer.HEAR, arguments)
    if in_need:
        return _turn((offer.distress_while_waiting(programme.operator),), hearing)
    if press is not None:
        asking = at_once.pressed(press, programme)
        if asking is not None:
            return _turn((_with_what_works(asking.reply, programme),), asking.effect or hearing)
    wish = at_once.said(message.text, programme) if message.text is not None else None
    if wish is None:
        return _turn((), hearing)
    # Staff read the words as well: they may say more than the wish.
    used = Effect(IN_CASE, {**arguments, "right": wish.right, "about": wish.about}) if wish.right else hearing
    return _turn((_with_what_works(wish.reply, programme),), used)


def _turn(replies: tuple[Reply, ...], effect: Effect) -> TurnResult:
    return TurnResult(replies, DialogueState(), PERSON, 1.0, effect)


def _with_what_works(reply: Reply, programme: Programme) -> Reply:
    """Leave out the buttons whose press nobody but staff would see, and give the one that brings the assistant back."""
    working = [button for button in reply.buttons if at_once.pressed(button.press, programme) is not None]
    return replace(reply, buttons=(*working, offer.LEAVE_BUTTON))


def _words(message: Message, press: Press | None) -> str:
    return press.intent if press is not None else message.text or ""


def _kind(message: Message) -> str:
    if message.too_many:
        return TOO_MANY
    if message.too_long:
        return TOO_LONG
    if message.edited:
        return EDITED
    if message.press is not None or message.stale_button:
        return PRESS
    return TEXT if message.text is not None else message.unread or TEXT
