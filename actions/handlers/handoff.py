"""The hand-off form: a request to a registrar, told step by step, agreed to, and sent.

Rasa runs the form (rules in ``nlu/data/rules/registration.yml``). How the citizen is reached is asked only after their
yes, so that nobody who leaves before it has left anything behind; whoever leaves after it has the form emptied of it.
Nothing is passed on but by the last step, whose effect carries all that it passes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from actions.base import ProductAction
from actions.case import known_case
from actions.chat import Chat, Outcome
from actions.handing import (
    ANSWERING,
    CONTACT_SLOTS,
    EMPTY_HANDOFF_SLOTS,
    FAILURES,
    LEFT_SLOTS,
    QUESTION_OF,
    REFUSED,
    SLOT_OF,
    in_turn,
    known_draft,
    pressed_step,
    to_choose_from,
    told_adult,
)
from actions.handlers.eligibility import REQUESTED_SLOT
from actions.handlers.registration import Registration
from actions.handoff_answer import Answer, Slots, with_name, with_registrar
from bot.core.handoffs import offer
from bot.core.handoffs.draft import Draft, Question, judge_wish, known_product, missing
from bot.core.handoffs.fields import EMAIL, NAME, PHONE
from bot.core.handoffs.references import new_reference
from bot.core.handoffs.steps import FORM, REGISTRAR, Step
from bot.core.programme.answers import product_asked
from bot.core.programme.eligibility import Group, judge
from bot.core.programme.eligibility import missing as missing_of_case
from bot.core.programme.offers import Standing, offer_standing
from bot.core.programme.records import Product
from bot.core.replies import Effect, Reply


class _HandoffAction(ProductAction):
    """An action that knows what was told of a request."""

    def draft(self, slots: Mapping[str, Any]) -> Draft:
        """Give the request as far as it is told."""
        return known_draft(slots, self.runtime.today())

    def may_cost(self, slots: Mapping[str, Any], product: Product | None) -> bool:
        """Tell whether the citizen has to hear that it may cost money: all but who surely has an open offer."""
        return self._group(slots, product) is not Group.IN_GROUP or self._standing(product) is not Standing.OPEN

    def not_passed_on(self, slots: Mapping[str, Any], product: Product | None) -> str | None:
        """Say why no request is passed on for a product; None where one may be."""
        if product is not None and self._group(slots, product) is Group.NOT_IN_GROUP:
            return "not_in_group"
        if product is not None and self._standing(product) is Standing.CLOSED:
            return "closed"
        return None if in_turn(slots, product) else "nobody"

    def _standing(self, product: Product | None) -> Standing:
        if product is None:
            return Standing.UNSETTLED
        return offer_standing(self.runtime.programme, product, self.runtime.today()).standing

    def _group(self, slots: Mapping[str, Any], product: Product | None) -> Group | None:
        """Give the group of the case that was judged, where it is about this product."""
        programme, case, on = self.runtime.programme, known_case(slots), self.runtime.today()
        if not slots.get("judged") or missing_of_case(programme, case, on) is not None:
            return None
        verdict = judge(programme, case, on)
        return verdict.group if product in (None, verdict.product) else None


class ActionBeginHandoff(_HandoffAction):
    """Begins a request or takes up the one that was left, and does what buttons say of dialogues that are over."""

    rasa_name = "action_begin_handoff"

    def act(self, chat: Chat) -> Outcome:
        """Begin with what the message and the last verdict tell; refuse minors and who is not in the group."""
        step = pressed_step(chat)
        if step is Step.SELF:
            return Outcome([self._by_oneself(self._product(chat))], slots=LEFT_SLOTS)
        if step is not None:
            # What is not about a request that was sent is a button of a form that is closed.
            return Registration(self.runtime).deal_with(chat) or Outcome([offer.nothing_open()])
        product = self._product(chat)
        slots = self._begun(chat, product)
        draft = self.draft({**chat.slots, **slots})
        if draft.adult is False:
            return Outcome([offer.minor(self.runtime.programme)], slots=EMPTY_HANDOFF_SLOTS)
        why = self.not_passed_on(chat.slots, draft.meant)
        if why is not None:
            return Outcome([self._by_oneself(draft.meant, why=why)], slots=EMPTY_HANDOFF_SLOTS)
        return Outcome(slots=slots, next_action=FORM)

    def _begun(self, chat: Chat, product: Product | None) -> Slots:
        slots: Slots = {**CONTACT_SLOTS, FAILURES: None, REFUSED: None, SLOT_OF["adult"]: None}
        if (adult := told_adult(chat, self.runtime.today())) is not None:
            slots[SLOT_OF["adult"]] = adult
        wished, programme = chat.entity("domain_name"), self.runtime.programme
        kept = self.draft(chat.slots).meant
        if wished is None and product is not None and kept not in (None, product):
            slots[SLOT_OF["name"]] = None  # it was wished for the other product
        slots |= with_name(
            programme, {**chat.slots, **slots, SLOT_OF["product"]: product}, None if wished is None else str(wished)
        )
        if (key := chat.entity(REGISTRAR)) is not None:
            slots |= with_registrar(programme, {**chat.slots, **slots}, str(key), self.runtime.today())
        return slots

    def _product(self, chat: Chat) -> Product | None:
        """Give the product that is meant: said now, or told in the case before."""
        said = known_product(chat.entity("product")) or product_asked(None, chat.entity("subject"))
        return (
            said
            or known_product(chat.slots.get(SLOT_OF["product"]))
            or known_case(chat.slots).product
            or (product_asked(None, known_case(chat.slots).subject))
        )

    def _by_oneself(self, product: Product | None, *, why: str | None = None) -> Reply:
        return offer.by_oneself(self.runtime.programme, product, self.runtime.today(), why=why)


class ActionValidateHandoffForm(_HandoffAction):
    """Takes what a message tells of the request and decides what is asked next.

    Setting no slot but the requested one tells Rasa that the message was no answer: the form steps aside.
    """

    rasa_name = "validate_handoff_form"

    def act(self, chat: Chat) -> Outcome:
        """Take the answer, or a correction of an earlier one, and count what could not be used."""
        asked = QUESTION_OF.get(str(chat.slots.get(REQUESTED_SLOT)))
        if asked is None:  # the form was just opened
            slots = self._settled(chat.slots, {})
            return Outcome(slots={**slots, REQUESTED_SLOT: self._requested({**chat.slots, **slots})})
        aside = Registration(self.runtime).deal_with(chat)
        if aside is not None:  # a button of another request than this one
            slots = {**aside.slots, FAILURES: chat.slots.get(FAILURES), REQUESTED_SLOT: SLOT_OF[asked]}
            return replace(aside, slots=slots)
        told = Answer(self.runtime.programme, chat, asked, self.runtime.today()).read()
        if told is None:
            return Outcome(slots={REQUESTED_SLOT: SLOT_OF[asked]})
        slots = self._settled({**chat.slots, **told}, told)
        requested = self._requested({**chat.slots, **slots})
        if requested != SLOT_OF[asked]:
            slots = {FAILURES: None, **({REFUSED: None} if requested != SLOT_OF["name"] else {}), **slots}
        return Outcome(slots={**slots, REQUESTED_SLOT: requested})

    def _settled(self, known: Mapping[str, Any], told: Slots) -> Slots:
        """Add what follows from what was told: the only registrar there is; drop what does not hold any more."""
        draft, slots = self.draft(known), dict(told)
        if draft.meant is not None:
            keys = [each.key for each in to_choose_from(known, self.runtime.programme.registrars, draft.meant)]
            if draft.registrar not in keys:
                slots[SLOT_OF["registrar"]] = keys[0] if len(keys) == 1 else None
                if known.get(SLOT_OF["consent"]) is not None:
                    slots |= CONTACT_SLOTS  # it was given for another registrar
        if draft.agreed is not True and SLOT_OF["consent"] not in told:
            slots |= {slot: None for slot in CONTACT_SLOTS if known.get(slot) is not None}
        return slots

    def _requested(self, slots: Mapping[str, Any]) -> str | None:
        draft = self.draft(slots)
        if self.not_passed_on(slots, draft.meant) is not None:
            return None
        question = missing(draft)
        return question and SLOT_OF[question]


class _ActionAsk(_HandoffAction):
    """Asks what is missing under one of Rasa's slots."""

    question: Question

    def act(self, chat: Chat) -> Outcome:
        """Ask, or ask again in the way that fits how it went so far."""
        programme, draft, on = self.runtime.programme, self.draft(chat.slots), self.runtime.today()
        refused, is_side = chat.slots.get(REFUSED), chat.intent not in ANSWERING
        asking = offer.Asking(
            programme,
            draft,
            on,
            connected=in_turn(chat.slots, draft.meant),
            failures=0 if is_side else int(chat.slots.get(FAILURES, 0)),
            side=is_side,
            may_cost=self.may_cost(chat.slots, draft.meant),
        )
        verdict = judge_wish(programme.naming, str(refused), draft.product) if refused is not None else None
        return Outcome([asking.ask(self.question, refused=verdict)])


class ActionAskName(_ActionAsk):
    """Asks for the wished name, or says what is wrong with it."""

    rasa_name = f"action_ask_{FORM}_{SLOT_OF['name']}"
    question = "name"


class ActionAskNameProduct(_ActionAsk):
    """Asks which of the two products the name is for."""

    rasa_name = f"action_ask_{FORM}_{SLOT_OF['product']}"
    question = "product"


class ActionAskAdult(_ActionAsk):
    """Asks whether the citizen is of age."""

    rasa_name = f"action_ask_{FORM}_{SLOT_OF['adult']}"
    question = "adult"


class ActionAskRegistrar(_ActionAsk):
    """Asks who gets the request."""

    rasa_name = f"action_ask_{FORM}_{SLOT_OF['registrar']}"
    question = "registrar"


class ActionAskHandoffConsent(_ActionAsk):
    """Shows what would be asked and passed on, and asks for a yes."""

    rasa_name = f"action_ask_{FORM}_{SLOT_OF['consent']}"
    question = "consent"


class ActionAskPerson(_ActionAsk):
    """Asks how the citizen is called."""

    rasa_name = f"action_ask_{FORM}_{SLOT_OF['person']}"
    question = "person"


class ActionAskContact(_ActionAsk):
    """Asks how the citizen is reached."""

    rasa_name = f"action_ask_{FORM}_{SLOT_OF['contact']}"
    question = "contact"


class ActionAskSending(_ActionAsk):
    """Shows what is passed on once more and asks for the last word."""

    rasa_name = f"action_ask_{FORM}_{SLOT_OF['sending']}"
    question = "sending"


class ActionFinishHandoff(_HandoffAction):
    """Has the request sent after the last yes; after anything else says that nothing was sent, and how else."""

    rasa_name = "action_finish_handoff"

    def act(self, chat: Chat) -> Outcome:
        """Have it stored with its consent, or not; either way nothing of it stays in the dialogue."""
        programme, draft, on = self.runtime.programme, self.draft(chat.slots), self.runtime.today()
        if draft.adult is False:
            return Outcome([offer.minor(programme)], slots=EMPTY_HANDOFF_SLOTS)
        if draft.is_complete:
            return self._send(chat, draft)
        why = self.not_passed_on(chat.slots, draft.meant)
        if draft.agreed is False or why is not None:
            reply = offer.by_oneself(programme, draft.meant, on, why=why, refused=why is None)
            return Outcome([reply], slots=LEFT_SLOTS)
        return Outcome([offer.not_sent(is_leaving=chat.intent == "goodbye")], slots=LEFT_SLOTS)

    def _send(self, chat: Chat, draft: Draft) -> Outcome:
        reference = new_reference()
        reached = draft.reached_by
        effect = Effect(
            "handoff.submit",
            {
                "reference": reference,
                "registrar": draft.registrar or "",
                "product": draft.meant or "",
                "domain": draft.domain or "",
                NAME: reached[NAME],
                PHONE: reached.get(PHONE, ""),
                EMAIL: reached.get(EMAIL, ""),
                "consent": str(chat.slots[SLOT_OF["consent"]]),
                "may_cost": "yes" if self.may_cost(chat.slots, draft.meant) else "no",
            },
        )
        reply = offer.submitted(self.runtime.programme, draft, reference)
        return Outcome([reply], slots=EMPTY_HANDOFF_SLOTS, effect=effect)


class ActionPutAwayHandoff(ProductAction):
    """Empties a request that is left for something else of how its citizen is reached; it says nothing."""

    rasa_name = "action_put_away_handoff"

    def act(self, chat: Chat) -> Outcome:
        """Empty it."""
        return Outcome(slots=LEFT_SLOTS)
