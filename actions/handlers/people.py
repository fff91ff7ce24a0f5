"""A person to talk to, and people's rights over their data.

What cannot be undone, or is read by somebody else, is decided in one form of one question: it is shown what would
happen, and only a clear yes makes it happen. A yes is a press of its button or a message of words for yes. What is held
is told, and a consent taken back, without another question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from actions.base import ProductAction
from actions.chat import NLU_FALLBACK, Chat, Outcome
from actions.handing import EMPTY_HANDOFF_SLOTS
from actions.handlers.eligibility import REQUESTED_SLOT
from actions.handlers.programme import answer_question
from actions.questions import question_of
from actions.runtime import ActionRuntime
from bot.core.cases import offer
from bot.core.cases.offer import DECIDING, FORM, WHY, Asking
from bot.core.cases.rules import Why
from bot.core.programme.topics import topic_button
from bot.core.rights import offer as rights
from bot.core.rights.references import reference_in
from bot.core.text import fold

ABOUT, DECISION = "decision_about", "decision"
"""What is decided: a reason of `Why` for a person, or `ERASURE`; and what was decided."""
ERASURE = "erasure"
EMPTY_DECISION_SLOTS: Mapping[str, None] = dict.fromkeys((ABOUT, DECISION))

_NO = "no"
_NO_QUESTION = frozenset({"affirm", "deny", "dont_know", "inform", "out_of_scope", "thank", NLU_FALLBACK})
"""Messages that ask nothing of their own: in this form, whatever of them is no yes is a no."""
_YES = re.compile(
    r"(?:co|dong y|ok|oke|okie|yes|da|vang|u|uh|uk|duoc|gui|bao|xoa|chac|chac chan)"
    r"(?: (?:co|dong y|da|vang|gui|kem|bao|di|nhe|nha|nghen|a|em|toi|minh|luon|giup|gium|cho|het|xoa|chac|chan|roi))*"
)
_WITHOUT = re.compile(r"(?<!\w)(?:chi bao|(?:khong|ko|k|dung|khoi) (?:can )?(?:gui )?kem)(?!\w)")
_ERASE_AGAIN = re.compile(r"(?<!\w)xoa(?: \w+){0,2} (?:du lieu|thong tin|tin nhan)|(?<!\w)xoa (?:het|di|luon)(?!\w)")


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
        if _only_asks(chat, self.runtime):
            return answer_question(chat, self.runtime, more=(topic_button(rights.DELETE),))
        return _beginning(ERASURE)


class ActionValidateDecisionForm(ProductAction):
    """Takes a yes or a no; setting no slot but the requested one tells Rasa that the message was no answer."""

    rasa_name = "validate_decision_form"

    def act(self, chat: Chat) -> Outcome:
        """Take it."""
        decided = self._decided(chat) if chat.slots.get(REQUESTED_SLOT) == DECISION else None
        missing = DECISION if decided is None and DECISION not in chat.slots else None
        return Outcome(slots={**({} if decided is None else {DECISION: decided}), REQUESTED_SLOT: missing})

    def _decided(self, chat: Chat) -> str | None:
        pressed, words = chat.entity(DECIDING), " ".join(re.findall(r"[a-z]+", fold(chat.text)))
        is_erasure = chat.slots.get(ABOUT) == ERASURE
        if pressed is not None:
            meant = _PRESSES_OF_ERASURE if is_erasure else _PRESSES_OF_PERSON
            return meant.get((chat.intent, str(pressed)))
        if not chat.text:
            return None
        if not is_erasure and _WITHOUT.search(words):
            return offer.PLAIN
        if _YES.fullmatch(words) or (is_erasure and chat.intent == "delete_my_data" and _ERASE_AGAIN.search(words)):
            return rights.DO if is_erasure else offer.SHARE
        return _NO if chat.intent in _NO_QUESTION else None


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
        """Ask."""
        about = str(chat.slots.get(ABOUT, Why.ASKED))
        if about == ERASURE:
            return Outcome([rights.erasure_question()])
        return _outcome(offer.asking(self.runtime.programme, why=about))


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
    """Open the form. A request to a registrar that it breaks into is left, and the contact data in it forgotten."""
    return Outcome(slots={**EMPTY_HANDOFF_SLOTS, ABOUT: about, DECISION: None}, next_action=FORM)


def _outcome(asking: Asking, *, forget_everything: bool = False) -> Outcome:
    return Outcome([asking.reply], effect=asking.effect, forget_everything=forget_everything)
