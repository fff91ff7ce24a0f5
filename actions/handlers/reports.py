"""Fraud: the warning first, then the offer to tell the operator's staff, and the form that does so.

Nothing is passed on but what the citizen has read and agreed to. A yes is a press of its button or a message that
consists of words for yes; whatever is neither a yes nor a no nor a question of its own is asked again.
"""

from __future__ import annotations

from actions.base import ProductAction
from actions.chat import NLU_FALLBACK, Chat, Outcome
from actions.guiding import ASKING
from actions.handing import QUESTION_OF
from actions.handlers.eligibility import FORM as ELIGIBILITY_FORM
from actions.handlers.eligibility import REQUESTED_SLOT
from actions.numbers import is_bare_number
from actions.questions import question_of
from bot.core.deciding import REPORTING, Meant, meant_by
from bot.core.handoffs.steps import FORM as HANDOFF_FORM
from bot.core.replies import ASK_AGAIN, Effect
from bot.core.reports import offer
from bot.core.reports.rules import new_reference, read_reference, story

WORDS, CONSENT, INTERRUPTS = "report_words", "report_consent", "report_interrupts"
"""The story, the answer to it, and what the report broke into: a check of one's own case, or a request."""
EMPTY_REPORT_SLOTS = dict.fromkeys((WORDS, CONSENT, INTERRUPTS))

_WARNED_OF = frozenset({"report_scam", "ask_scam_safety"})
_ENDING = frozenset({"cancel", "goodbye", "start_over"})
"""Messages whose own rules close the form."""
_NO_STORY = frozenset({"affirm", "deny", "dont_know", "greet", "thank", "bot_challenge", "ask_capabilities"})
_NO_QUESTION = frozenset({"affirm", "deny", "dont_know", "inform", "out_of_scope", NLU_FALLBACK})
"""Messages that ask nothing of their own."""


class ActionWarnOfFraud(ProductAction):
    """Warns of fraud and says how to check, then offers to tell staff; the buttons of that offer come here too."""

    rasa_name = "action_warn_of_fraud"

    def act(self, chat: Chat) -> Outcome:
        """Warn, begin to tell staff, or take back what was told."""
        step = chat.entity(offer.REPORTING)
        if step == offer.TELL:
            # A guide keeps its place and is taken up when its person says so.
            requested = chat.slots.get(REQUESTED_SLOT)
            is_check = chat.in_form and requested != ASKING
            broken_into = HANDOFF_FORM if requested in QUESTION_OF else is_check or None
            return Outcome(slots={CONSENT: None, INTERRUPTS: broken_into}, next_action=offer.FORM)
        if step == offer.WITHDRAW:
            return self._withdraw(chat)
        if step is not None:  # a button of a form that is closed
            return Outcome([offer.not_sent()])
        warning = self.runtime.answers.answer(question_of(chat), on=self.runtime.today())
        # What was typed is what would be told, so that nobody has to type it again; a press tells nothing.
        return Outcome([offer.offering(warning)], slots={**EMPTY_REPORT_SLOTS, WORDS: story(chat.text) or None})

    def _withdraw(self, chat: Chat) -> Outcome:
        reference = read_reference(str(chat.entity("reference") or ""))
        if reference is None:
            return Outcome([offer.not_sent()])
        effect = Effect("report.withdraw", {"reference": reference})
        return Outcome([offer.withdrawal(self.runtime.programme, reference)], effect=effect)


class ActionValidateReportForm(ProductAction):
    """Takes what happened, then a yes or a no.

    Setting no slot but the requested one tells Rasa that the message was no answer: the form steps aside.
    """

    rasa_name = "validate_report_form"

    def act(self, chat: Chat) -> Outcome:
        """Take what the message tells, and decide what is asked next."""
        told = self._again(chat) or self._told(chat)
        slots = {**chat.slots, **told}
        missing = next((name for name in (WORDS, CONSENT) if slots.get(name) is None), None)
        return Outcome(slots={**told, REQUESTED_SLOT: missing})

    def _again(self, chat: Chat) -> dict[str, object]:
        """Have asked again what an unread message or a mere number cannot answer; told what is known already."""
        is_asked = chat.slots.get(REQUESTED_SLOT) in (WORDS, CONSENT)
        says_nothing = is_bare_number(chat.text) or (chat.intent == ASK_AGAIN.intent and not chat.text)
        return {WORDS: chat.slots.get(WORDS)} if is_asked and says_nothing else {}

    def _told(self, chat: Chat) -> dict[str, object]:
        asked, step = chat.slots.get(REQUESTED_SLOT), chat.entity(offer.REPORTING)
        if step == offer.KEEP:
            return {CONSENT: False, WORDS: chat.slots.get(WORDS, "")}
        if step == offer.TELL:
            # The wish to tell it otherwise, or the press that opens the form, perhaps in the middle of another one.
            return {WORDS: None} if asked in (WORDS, CONSENT) else {}
        if asked == CONSENT:
            return self._answer_to_consent(chat, step)
        if asked == WORDS:
            return self._story(chat)
        return {}

    def _answer_to_consent(self, chat: Chat, step: str | None) -> dict[str, object]:
        meant = meant_by(chat.text, REPORTING)
        if step == offer.SEND or meant is Meant.YES:
            return {CONSENT: True}
        if meant is Meant.NO:
            return {CONSENT: False}
        if chat.intent in _WARNED_OF and chat.text:
            return {WORDS: story(chat.text)}
        # Neither is asked again, as everywhere: "not sent" would be said to whoever only hesitates.
        return {WORDS: chat.slots.get(WORDS)} if chat.intent in _NO_QUESTION else {}

    def _story(self, chat: Chat) -> dict[str, object]:
        if chat.intent == "deny":
            return {CONSENT: False, WORDS: ""}
        is_story = chat.text and chat.intent not in _ENDING | _NO_STORY
        return {WORDS: story(chat.text)} if is_story else {}


class ActionAskWhatHappened(ProductAction):
    """Asks what happened."""

    rasa_name = f"action_ask_{offer.FORM}_{WORDS}"

    def act(self, chat: Chat) -> Outcome:
        """Ask."""
        return Outcome([offer.words_question()])


class ActionAskConsent(ProductAction):
    """Shows what would be passed on and asks for a yes."""

    rasa_name = f"action_ask_{offer.FORM}_{CONSENT}"

    def act(self, chat: Chat) -> Outcome:
        """Ask."""
        return Outcome([offer.consent_question(self.runtime.programme, str(chat.slots[WORDS]))])


class ActionFinishReport(ProductAction):
    """Passes the report on after a yes, and says that nothing was passed on after anything else."""

    rasa_name = "action_finish_report"

    def act(self, chat: Chat) -> Outcome:
        """Have it stored, or not."""
        words = chat.slots.get(WORDS)
        broken_into = chat.slots.get(INTERRUPTS) if chat.intent not in _ENDING else None
        after = HANDOFF_FORM if broken_into == HANDOFF_FORM else ELIGIBILITY_FORM if broken_into else None
        if chat.slots.get(CONSENT) is not True or not words:
            return Outcome([offer.not_sent()], slots=EMPTY_REPORT_SLOTS, next_action=after)
        reference = new_reference()
        effect = Effect("report.submit", {"reference": reference, "words": str(words)})
        return Outcome([offer.sent(reference)], slots=EMPTY_REPORT_SLOTS, next_action=after, effect=effect)
