"""The eligibility form: which facts a message brings, what is asked next, and the verdict.

Rasa runs the form (rules in ``nlu/data/rules/eligibility.yml``): it calls `ActionValidateEligibilityForm` for each
message, then either one of the asking actions or, when nothing is missing, `ActionTellVerdict`. A message that is not
about the case (another question, stopping, starting over) makes the form step aside for that message's own rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from actions.base import ProductAction
from actions.case import ANSWERING_INTENTS, EMPTY_CASE_SLOTS, Told, awaits_founding_day, known_case, read_told
from actions.chat import NLU_FALLBACK, Chat, Outcome
from actions.questions import question_of
from bot.core.programme.eligibility import (
    PATIENCE,
    Slot,
    founding_day_reply,
    missing,
    question_reply,
    verdict_reply,
)
from bot.core.programme.topics import menu_buttons
from bot.core.replies import Reply

FORM = "eligibility_form"
REQUESTED_SLOT = "requested_slot"
"""Rasa's name for the slot that the form is asking for."""

_NOT_UNDERSTOOD = frozenset({NLU_FALLBACK, "out_of_scope"})
_ABOUT_THE_CASE = ANSWERING_INTENTS | _NOT_UNDERSTOOD | {"dont_know"}
"""Messages that the form deals with itself; all others are side questions."""


class _CaseAction(ProductAction):
    """An action that reads what a message tells about the case."""

    def read(self, chat: Chat, asked: str | None) -> Told:
        """Read it, knowing which slot was asked."""
        return read_told(chat, asked=asked, programme=self.runtime.programme, on=self.runtime.today())


class ActionBeginEligibility(ProductAction):
    """Clears an older case; the facts of this very message are read when the form starts."""

    rasa_name = "action_begin_eligibility"

    def act(self, chat: Chat) -> Outcome:
        """Clear it."""
        return Outcome(slots=EMPTY_CASE_SLOTS)


class ActionValidateEligibilityForm(_CaseAction):
    """Takes the facts of a message and decides what the form asks next.

    Setting no slot but the requested one tells Rasa that the message was no answer: the form steps aside.
    """

    rasa_name = "validate_eligibility_form"

    def act(self, chat: Chat) -> Outcome:
        """Take the facts and count what could not be used."""
        if chat.intent not in _ABOUT_THE_CASE:
            return Outcome(slots={REQUESTED_SLOT: missing(known_case(chat.slots))})
        asked = chat.slots.get(REQUESTED_SLOT)
        told = self._told(chat, asked)
        wanted = missing(known_case({**chat.slots, **told.slots}))
        progress = _progress(chat, told, asked=asked, wanted=wanted)
        return Outcome(slots={**told.slots, **progress, REQUESTED_SLOT: wanted})

    def _told(self, chat: Chat, asked: str | None) -> Told:
        told = self.read(chat, asked)
        if chat.intent in ANSWERING_INTENTS:
            return told
        # Of a message that was not understood only an answer to the very question counts.
        return Told({name: value for name, value in told.slots.items() if name == asked})


class _ActionAsk(_CaseAction):
    """Asks for one slot."""

    slot: ClassVar[Slot]

    def act(self, chat: Chat) -> Outcome:
        """Ask, or ask again in the way that fits how it went so far."""
        failures = chat.slots.get("failures", 0)
        side = chat.intent not in _ABOUT_THE_CASE
        question = question_reply(
            self.runtime.programme,
            self.slot,
            failures=failures,
            unknown=not side and failures < PATIENCE and chat.slots.get("helped") == HELP_NOW,
            side=side,
        )
        implausible = None if side else self.read(chat, self.slot).implausible_age
        if self.slot == "age" and implausible is not None and failures < PATIENCE:
            return Outcome([_doubt_about_age(implausible, question)])
        return Outcome([question])


class ActionAskProduct(_ActionAsk):
    """Asks for the product."""

    rasa_name = "action_ask_eligibility_form_product"
    slot = "product"


class ActionAskAge(_ActionAsk):
    """Asks for the age."""

    rasa_name = "action_ask_eligibility_form_age"
    slot = "age"


class ActionAskFounding(_ActionAsk):
    """Asks for the founding."""

    rasa_name = "action_ask_eligibility_form_founding"
    slot = "founding"


class ActionTellVerdict(ProductAction):
    """Tells the verdict when the form is complete."""

    rasa_name = "action_tell_verdict"

    def act(self, chat: Chat) -> Outcome:
        """Tell it, and keep the facts, so that a correction can be judged again."""
        verdict = verdict_reply(self.runtime.programme, known_case(chat.slots), self.runtime.today())
        return Outcome([verdict], slots={"judged": True})


class ActionReceiveFacts(_CaseAction):
    """Deals with facts that no form asked for: they correct the last verdict, or begin a case of their own."""

    rasa_name = "action_receive_facts"

    def act(self, chat: Chat) -> Outcome:
        """Judge the case at once, or let the form ask what is missing; say so where nothing was told about any case."""
        told = self.read(chat, asked=None)
        if told == Told():
            found = self.runtime.answers.find(question_of(chat), on=self.runtime.today())
            return Outcome([found or self._nothing_told(chat)])
        if told.implausible_age is not None:
            return Outcome([_doubt_about_age(told.implausible_age)])
        corrected = bool(chat.slots.get("judged"))
        slots = {**({} if corrected else EMPTY_CASE_SLOTS), **told.slots}
        if told.needs_birthday:
            slots["age"] = None
        case = known_case({**chat.slots, **slots})
        if told.needs_birthday or missing(case) is not None:
            return Outcome(slots={**slots, "judged": None}, next_action=FORM)
        verdict = verdict_reply(self.runtime.programme, case, self.runtime.today(), corrected=corrected)
        return Outcome([verdict], slots={**slots, "judged": True})

    def _nothing_told(self, chat: Chat) -> Reply:
        if awaits_founding_day(chat.slots, self.runtime.programme, self.runtime.today()):
            return founding_day_reply(unknown=False)
        return Reply("inform", "nothing_to_confirm", buttons=menu_buttons())


HELP_NOW = "now"
HELP_GIVEN = "before"


def _progress(chat: Chat, told: Told, *, asked: str | None, wanted: Slot | None) -> Mapping[str, Any]:
    """Count the answers to one question that could not be used.

    A new question starts at none. A fact that was not asked for counts neither way. The first "không biết" is
    helped and not counted, and so is a year of birth that needs the birthday.
    """
    if wanted != asked:
        return {"failures": None, "helped": None}
    failures = chat.slots.get("failures", 0)
    helped = chat.slots.get("helped")
    if any(chat.slots.get(name) != value for name, value in told.slots.items()):
        return {"failures": failures, "helped": helped and HELP_GIVEN}
    if (chat.intent == "dont_know" or told.needs_birthday) and helped is None:
        return {"failures": failures, "helped": HELP_NOW}
    return {"failures": failures + 1, "helped": helped and HELP_GIVEN}


def _doubt_about_age(told: str, question: Reply | None = None) -> Reply:
    """Ask for an age again that nobody has; with a running question's buttons."""
    return Reply(FORM, "eligibility_invalid_age", {"value": told}, question.buttons if question else menu_buttons())
