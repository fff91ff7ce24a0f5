"""The eligibility form: which facts a message brings, what is asked next, and the verdict.

Rasa runs the form (rules in ``nlu/data/rules/eligibility.yml``): it calls `ActionValidateEligibilityForm` for each
message, then either one of the asking actions or, when nothing is missing, `ActionTellVerdict`. A message that is not
about the case (another question, stopping, starting over) makes the form step aside for that message's own rule.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from actions.base import ProductAction
from actions.case import (
    ANSWERING_INTENTS,
    EMPTY_CASE_SLOTS,
    SLOTS_ANSWERING,
    Told,
    continues,
    known_case,
    read_told,
    slots_of_judged,
)
from actions.chat import NLU_FALLBACK, Chat, Outcome
from actions.numbers import is_bare_number, unasked
from actions.questions import question_of
from bot.core.cases.offer import person_button
from bot.core.cases.rules import Why
from bot.core.programme.cases import Case, Slot
from bot.core.programme.eligibility import missing, product_of
from bot.core.programme.records import Product
from bot.core.programme.topics import menu_buttons
from bot.core.programme.verdicts import PATIENCE, question_reply, verdict_reply
from bot.core.replies import Reply
from bot.core.text import fold

FORM = "eligibility_form"
REQUESTED_SLOT = "requested_slot"
"""Rasa's name for the slot that the form is asking for."""

_REQUESTED: Mapping[Slot, str] = {"birthday": "age", "founding_day": "founding"}
"""Under which of Rasa's slots a finer question runs; the others have their own name."""

_ASKS_NUMBER: frozenset[Slot] = frozenset({"age", "birthday", "founding", "founding_day"})
"""Questions that a mere number may answer; elsewhere it can only mean an option."""

_NOT_UNDERSTOOD = frozenset({NLU_FALLBACK, "out_of_scope"})
_ABOUT_THE_CASE = ANSWERING_INTENTS | _NOT_UNDERSTOOD | {"dont_know"}
"""Messages that the form deals with itself; all others are side questions."""

_SAYS_WHOSE_DATE = re.compile(
    r"(?<!\w)(?:sinh|sn|de nam|tuoi|2k\d|thanh lap|khai truong|hoat dong|mo|lap|cap)(?![a-z])"
)
"""Folded words that tell a birth from a founding; a date without them is of what was judged."""


class _CaseAction(ProductAction):
    """An action that reads what a message tells about the case."""

    def read(self, chat: Chat, asked: Slot | None) -> Told:
        """Read it, knowing what was asked."""
        return read_told(chat, asked=asked, programme=self.runtime.programme, on=self.runtime.today())

    def missing(self, case: Case) -> Slot | None:
        """Name what must still be asked of a case today."""
        return missing(self.runtime.programme, case, self.runtime.today())

    def begun_anew(self, chat: Chat) -> Mapping[str, Any] | None:
        """Give the slots of a new check, where a message tells of the other product than the one judged; else None.

        A child's age says nothing of the shop that was judged. A message that changes the judged case itself over to
        the other product is a correction, and no new check.
        """
        if not chat.slots.get("judged"):
            return None
        programme, on = self.runtime.programme, self.runtime.today()
        judged = product_of(programme, known_case(chat.slots), on)
        corrected = known_case({**chat.slots, **self.read(chat, None).slots})
        alone = self.read(replace(chat, slots={}), None)
        if product_of(programme, corrected, on) != judged or not _is_surely_told(chat, alone):
            return None
        about = product_of(programme, known_case(alone.slots), on) or _product_of_paper(alone)
        return None if about in (None, judged) else {**EMPTY_CASE_SLOTS, "product": about, **alone.slots}

    def verdict(self, case: Case, *, corrected: bool, repeated: bool = False) -> Outcome:
        """Tell the verdict, and keep what a correction needs to be judged again."""
        on = self.runtime.today()
        reply = verdict_reply(self.runtime.programme, case, on, corrected=corrected, repeated=repeated)
        return Outcome([reply], slots=slots_of_judged(case, on))


class ActionBeginEligibility(_CaseAction):
    """Clears an older case, unless the message is about it; its facts are read when the form starts."""

    rasa_name = "action_begin_eligibility"

    def act(self, chat: Chat) -> Outcome:
        """Clear it or keep it."""
        if (anew := self.begun_anew(chat)) is not None:
            return Outcome(slots=anew)
        told = self.read(chat, None)
        kept = continues(chat, told, self.runtime.programme, self.runtime.today())
        return Outcome(slots={"failures": None, "helped": None} if kept else EMPTY_CASE_SLOTS)


class ActionValidateEligibilityForm(_CaseAction):
    """Takes the facts of a message and decides what the form asks next.

    Setting no slot but the requested one tells Rasa that the message was no answer: the form steps aside.
    """

    rasa_name = "validate_eligibility_form"

    def act(self, chat: Chat) -> Outcome:
        """Take the facts and count what could not be used."""
        known = known_case(chat.slots)
        asked = self.missing(known) if REQUESTED_SLOT in chat.slots else None
        if asked is not None and chat.is_unread:
            return Outcome(slots={"failures": chat.slots.get("failures"), REQUESTED_SLOT: _requested(asked)})
        is_number = is_bare_number(chat.text)  # "2 nha" reads like a goodbye
        if chat.intent not in _ABOUT_THE_CASE and not is_number:
            return Outcome(slots={REQUESTED_SLOT: _requested(self.missing(known))})
        told = self._told(chat, asked)
        wanted = self.missing(known_case({**chat.slots, **told.slots}))
        progress = _progress(chat, told, asked=asked, wanted=wanted)
        if "unknown" in progress:
            wanted = self.missing(known_case({**chat.slots, **told.slots, **progress}))
        return Outcome(slots={**told.slots, **progress, REQUESTED_SLOT: _requested(wanted)})

    def _told(self, chat: Chat, asked: Slot | None) -> Told:
        if asked not in _ASKS_NUMBER and asked is not None and is_bare_number(chat.text):
            return Told()
        told = self.read(chat, asked)
        if chat.intent in ANSWERING_INTENTS:
            return told
        # Of a message that was not understood only an answer to the very question counts.
        answering = SLOTS_ANSWERING[asked] if asked else frozenset()
        return Told({name: value for name, value in told.slots.items() if name in answering})


class _ActionAsk(_CaseAction):
    """Asks what is missing under one of Rasa's slots."""

    def act(self, chat: Chat) -> Outcome:
        """Ask, or ask again in the way that fits how it went so far."""
        case = known_case(chat.slots)
        failures = chat.slots.get("failures", 0)
        side = chat.intent not in _ABOUT_THE_CASE
        question = question_reply(
            self.runtime.programme,
            case,
            self.runtime.today(),
            failures=failures,
            unknown=not side and failures < PATIENCE and chat.slots.get("helped") == HELP_NOW,
            side=side,
        )
        asked = self.missing(case)
        implausible = None if side else self.read(chat, asked).implausible_age
        if asked == "age" and implausible is not None and failures < PATIENCE:
            return Outcome([_doubt_about_age(implausible, question)])
        if failures >= PATIENCE and not side:
            question = replace(question, buttons=(*question.buttons, person_button(Why.FAILURES)))
        return Outcome([question])


class ActionAskProduct(_ActionAsk):
    """Asks for the product."""

    rasa_name = "action_ask_eligibility_form_product"


class ActionAskAge(_ActionAsk):
    """Asks for the age, or whether this year's birthday is past."""

    rasa_name = "action_ask_eligibility_form_age"


class ActionAskFounding(_ActionAsk):
    """Asks for the founding, or for its day."""

    rasa_name = "action_ask_eligibility_form_founding"


class ActionAskCertificate(_ActionAsk):
    """Asks a household business for its certificate."""

    rasa_name = "action_ask_eligibility_form_certificate"


class ActionTellVerdict(_CaseAction):
    """Tells the verdict when the form is complete."""

    rasa_name = "action_tell_verdict"

    def act(self, chat: Chat) -> Outcome:
        """Tell it; where the message was about a case judged before, as a correction or once more."""
        told_before = bool(chat.slots.get("judged"))
        told_anew = bool(self.read(chat, None).slots)
        case = known_case(chat.slots)
        return self.verdict(case, corrected=told_before and told_anew, repeated=told_before and not told_anew)


class ActionReceiveFacts(_CaseAction):
    """Deals with facts that no form asked for: they correct the last verdict, or begin a case of their own."""

    rasa_name = "action_receive_facts"

    def act(self, chat: Chat) -> Outcome:
        """Judge the case at once, or let the form ask what is missing; say so where nothing was told about any case."""
        if is_bare_number(chat.text):
            return Outcome([unasked(chat)])
        told = self.read(chat, None)
        if told == Told():
            found = self.runtime.answers.find(question_of(chat), on=self.runtime.today())
            return Outcome([found or Reply("inform", "nothing_to_confirm", buttons=menu_buttons())])
        anew = self.begun_anew(chat)
        if told.implausible_age is not None and anew is None:
            return Outcome([_doubt_about_age(told.implausible_age)])
        corrected = bool(chat.slots.get("judged")) and anew is None
        slots = anew or {**({} if corrected else EMPTY_CASE_SLOTS), **told.slots}
        case = known_case({**chat.slots, **slots})
        if self.missing(case) is not None:
            return Outcome(slots={**slots, "judged": None}, next_action=FORM)
        verdict = self.verdict(case, corrected=corrected)
        return Outcome(verdict.replies, slots={**slots, **verdict.slots})


HELP_NOW = "now"
HELP_GIVEN = "before"


def _requested(wanted: Slot | None) -> str | None:
    return wanted and _REQUESTED.get(wanted, wanted)


def _is_surely_told(chat: Chat, told: Told) -> bool:
    """Tell whether a message says of itself what its facts are of; a mere date may be a birth or a founding."""
    if told.implausible_age is not None:
        return False
    is_date = told.slots.get("birth") is not None or chat.entity("founding_date") is not None
    return not is_date or _SAYS_WHOSE_DATE.search(fold(chat.text)) is not None


def _product_of_paper(told: Told) -> Product | None:
    """Give the product that a registration certificate is for; None where none was told of."""
    return None if told.slots.get("certificate") is None else "biz.vn"


def _progress(chat: Chat, told: Told, *, asked: Slot | None, wanted: Slot | None) -> Mapping[str, Any]:
    """Count the answers to one question that could not be used.

    A new question starts at none. A fact that was not asked for counts neither way. The first "không biết" is
    helped and not counted; the second is taken for an answer, but where a choice between two products is asked.
    """
    if wanted is None or wanted != asked:
        return {"failures": None, "helped": None}
    failures = chat.slots.get("failures", 0)
    helped = chat.slots.get("helped")
    if any(chat.slots.get(name) != value for name, value in told.slots.items()):
        return {"failures": failures, "helped": helped and HELP_GIVEN}
    if chat.intent == "dont_know" and helped is None:
        return {"failures": failures, "helped": HELP_NOW}
    if chat.intent == "dont_know" and asked != "product":
        return {"failures": None, "helped": None, "unknown": f"{chat.slots.get('unknown', '')} {asked}".strip()}
    return {"failures": failures + 1, "helped": helped and HELP_GIVEN}


def _doubt_about_age(told: str, question: Reply | None = None) -> Reply:
    """Ask for an age again that nobody has; with a running question's buttons."""
    return Reply(FORM, "eligibility_invalid_age", {"value": told}, question.buttons if question else menu_buttons())
