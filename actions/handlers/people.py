"""A person to talk to, and people's rights over their data.

What cannot be undone, or is read by somebody else, is decided in one form of one question: it is shown what would
happen, and only a clear yes makes it happen: a press of its button or a message of words for yes (`bot.core.deciding`),
and never the message that raised the question. What is held is told, and a consent taken back, without another one.
"""

from __future__ import annotations

from collections.abc import Mapping

from actions.base import ProductAction
from actions.chat import LOST, NLU_FALLBACK, Chat, Outcome
from actions.handing import EMPTY_HANDOFF_SLOTS
from actions.handlers.eligibility import REQUESTED_SLOT
from actions.handlers.programme import answer_question
from actions.numbers import is_bare_number
from actions.questions import question_of
from actions.runtime import ActionRuntime
from bot.core.cases import offer
from bot.core.cases.offer import DECIDING, FORM, WHY, Asking
from bot.core.cases.rules import Why
from bot.core.deciding import (
    ERASING,
    TAKING_BACK,
    TELLING_STAFF,
    Meant,
    is_refused,
    meant_by,
    names_sharing,
    shares_nothing,
)
from bot.core.programme.topics import topic_button
from bot.core.programme.verdicts import PATIENCE
from bot.core.replies import ASK_AGAIN
from bot.core.rights import offer as rights
from bot.core.rights.references import reference_in

ABOUT, DECISION = "decision_about", "decision"
"""What is decided: a reason of `Why` for a person, or `ERASURE`; and what was decided."""
ERASURE = "erasure"
EMPTY_DECISION_SLOTS: Mapping[str, None] = dict.fromkeys((ABOUT, DECISION))

_NO = "no"
_NO_QUESTION = frozenset({"affirm", "deny", "dont_know", "inform", "out_of_scope", "thank", NLU_FALLBACK})
"""Messages that ask nothing of their own: in this form, what of them decides nothing has it asked again."""


class ActionOfferPerson(ProductAction):
    """Begins to ask what may be passed on to a person; the buttons of that question come here when it is closed."""

    rasa_name = "action_offer_person"

    def act(self, chat: Chat) -> Outcome:
        """Open the form; a button that brings the assistant back finds it here already."""
        if chat.entity(DECIDING) == offer.LEAVE:
            return Outcome([offer.left()])
        why = str(chat.entity(WHY) or Why.ASKED)
        return _beginning(why)


class ActionOfferErasure(ProductAction):
    """Begins to ask whether all of somebody's data is to be erased."""

    rasa_name = "action_offer_erasure"

    def act(self, chat: Chat) -> Outcome:
        """Open the form; a question about erasing is answered, with the way to do it."""
        if chat.entity(DECIDING) == rights.KEEP:
            return Outcome([rights.nothing_erased()])
        if meant_by(chat.text, ERASING) is Meant.NO:
            return Outcome([rights.nothing_erased()])
        if _only_asks(chat, self.runtime):
            return answer_question(chat, self.runtime, more=(topic_button(rights.DELETE),))
        return _beginning(ERASURE)


class ActionValidateDecisionForm(ProductAction):
    """Takes a yes or a no, and has asked again what is neither: the third time it is a no.

    Setting no slot but the requested one tells Rasa that the message was no answer.
    """

    rasa_name = "validate_decision_form"
    keeps_last = True

    def act(self, chat: Chat) -> Outcome:
        """Take it."""
        if chat.slots.get(REQUESTED_SLOT) != DECISION:
            # Just opened, or about something else now: the message that raised a question never answers it.
            return Outcome(slots={REQUESTED_SLOT: None if DECISION in chat.slots else DECISION})
        if chat.is_unread:
            return Outcome(slots={LOST: chat.slots.get(LOST), REQUESTED_SLOT: DECISION})
        decided = self._pressed(chat) if chat.entity(DECIDING) is not None else self._said(chat)
        if decided is not None:
            return Outcome(slots={DECISION: decided, REQUESTED_SLOT: None})
        if not self._is_answer(chat):
            return Outcome(slots={REQUESTED_SLOT: DECISION})
        doubts = int(chat.slots.get(LOST, 0)) + 1
        if doubts >= PATIENCE:
            return Outcome(slots={DECISION: _NO, REQUESTED_SLOT: None})
        return Outcome(slots={LOST: doubts, REQUESTED_SLOT: DECISION})

    def _pressed(self, chat: Chat) -> str | None:
        meant = _PRESSES_OF_ERASURE if _is_erasure(chat) else _PRESSES_OF_PERSON
        return meant.get((chat.intent, str(chat.entity(DECIDING))))

    def _said(self, chat: Chat) -> str | None:
        is_erasure = _is_erasure(chat)
        if not is_erasure and shares_nothing(chat.text):
            return offer.PLAIN
        match meant_by(chat.text, ERASING if is_erasure else TELLING_STAFF):
            case Meant.NO:
                return _NO
            case Meant.YES if is_erasure:
                return rights.DO
            case Meant.YES:
                return offer.SHARE if names_sharing(chat.text) else offer.PLAIN
        return None

    def _is_answer(self, chat: Chat) -> bool:
        """Tell whether a message that decides nothing is about the question all the same."""
        if not chat.text:
            return chat.intent == ASK_AGAIN.intent  # has no rule of its own here
        about_erasing = _is_erasure(chat) and chat.intent == rights.DELETE and not _only_asks(chat, self.runtime)
        return chat.intent in _NO_QUESTION or about_erasing or is_bare_number(chat.text)


def _is_erasure(chat: Chat) -> bool:
    return chat.slots.get(ABOUT) == ERASURE


_PRESSES_OF_PERSON = {
    (offer.TOPIC, offer.SHARE): offer.SHARE,
    (offer.TOPIC, offer.PLAIN): offer.PLAIN,
    (offer.TOPIC, offer.DROP): _NO,
}
_PRESSES_OF_ERASURE = {(rights.DELETE, rights.DO): rights.DO, (rights.DELETE, rights.KEEP): _NO}


class ActionAskDecision(ProductAction):
    """Shows what would happen and asks for a yes."""

    rasa_name = f"action_ask_{FORM}_{DECISION}"

    def act(self, chat: Chat) -> Outcome:
        """Ask; once more in few words where the question stands above already."""
        about, doubts = str(chat.slots.get(ABOUT, Why.ASKED)), chat.slots.get(LOST)
        begins = chat.intent == (rights.DELETE if about == ERASURE else offer.TOPIC)
        if begins and doubts is None:
            return (
                Outcome([rights.erasure_question()])
                if about == ERASURE
                else _outcome(offer.asking(self.runtime.programme, why=about))
            )
        # No preview again: the turn may have an effect already, and what was shown has not changed inside the form.
        unclear = doubts is not None and not chat.is_unread
        again = (
            rights.erasure_again(unclear=unclear) if about == ERASURE else offer.asking_again(about, unclear=unclear)
        )
        return Outcome([again], slots={LOST: doubts})


class ActionFinishDecision(ProductAction):
    """Does what was decided after a yes, and says that nothing happened after anything else."""

    rasa_name = "action_finish_decision"

    def act(self, chat: Chat) -> Outcome:
        """Do it; afterwards nothing of the dialogue is remembered, since somebody else goes on with it."""
        about, decided = str(chat.slots.get(ABOUT, Why.ASKED)), chat.slots.get(DECISION)
        if about == ERASURE:
            if decided != rights.DO:
                return Outcome([rights.nothing_erased()], slots=EMPTY_DECISION_SLOTS)
            return _outcome(rights.erasing(self.runtime.programme.operator), forget_everything=True)
        if decided not in (offer.SHARE, offer.PLAIN):
            return Outcome([offer.not_opened()], slots=EMPTY_DECISION_SLOTS)
        opening = offer.opening(self.runtime.programme, share=decided == offer.SHARE, why=about)
        return _outcome(opening, forget_everything=True)


class ActionTellRights(ProductAction):
    """Tells what is held about whoever asks, and takes consents back; other questions about privacy are answered."""

    rasa_name = "action_tell_rights"

    def act(self, chat: Chat) -> Outcome:
        """Tell, take back, or answer."""
        operator = self.runtime.programme.operator
        reference = reference_in(chat.text)
        if chat.intent == rights.WITHDRAWAL and is_refused(chat.text, TAKING_BACK):
            return Outcome([rights.nothing_withdrawn()])
        if chat.intent == rights.WITHDRAWAL and (reference or not _only_asks(chat, self.runtime)):
            return _outcome(rights.withdrawing(operator, reference or ""))
        if chat.entity(DECIDING) == rights.TELL or rights.asks_what_is_held(chat.text):
            return _outcome(rights.telling_held(operator))
        return answer_question(chat, self.runtime, more=(rights.HELD_BUTTON,))


def _only_asks(chat: Chat, runtime: ActionRuntime) -> bool:
    """Tell whether what reads like a wish asks how long it takes, or is about the Digital Transformation Day."""
    about_the_day = runtime.answers.about_the_day(question_of(chat), on=runtime.today()) if chat.text else None
    return rights.asks_how_long(chat.text) or about_the_day is not None


def _beginning(about: str) -> Outcome:
    """Open the form. A request to a registrar that it breaks into is left, and the contact data in it forgotten.

    Where the form is open about something else, nothing is requested yet: Rasa has this message validated once more.
    """
    slots = {**EMPTY_HANDOFF_SLOTS, ABOUT: about, DECISION: None, REQUESTED_SLOT: None}
    return Outcome(slots=slots, next_action=FORM)


def _outcome(asking: Asking, *, forget_everything: bool = False) -> Outcome:
    return Outcome([asking.reply], effect=asking.effect, forget_everything=forget_everything)
