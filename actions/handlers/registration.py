"""A request that was sent: where it stands, taking it back, the next registrar; and what follows a registration."""

from __future__ import annotations

from dataclasses import dataclass

from actions.base import ProductAction
from actions.case import known_case
from actions.chat import Chat, Outcome
from actions.handing import pressed_step
from actions.questions import question_of
from actions.runtime import ActionRuntime
from bot.core.handoffs import after, offer, telling
from bot.core.handoffs.draft import known_product
from bot.core.handoffs.references import read_reference
from bot.core.handoffs.steps import ANSWER, REGISTRAR, Step
from bot.core.handoffs.survey import QUESTIONS
from bot.core.programme.answers import product_asked
from bot.core.programme.consents_content import current_wording
from bot.core.programme.finding import Question
from bot.core.programme.offers import offer_standing
from bot.core.programme.records import PRODUCTS, Product
from bot.core.replies import Effect


@dataclass(frozen=True, slots=True)
class Registration:
    """Does what buttons under later messages say, in whatever form they are pressed."""

    runtime: ActionRuntime

    def deal_with(self, chat: Chat) -> Outcome | None:
        """Do it; None where the message is no such button."""
        reference = read_reference(str(chat.entity("reference") or ""))
        match pressed_step(chat):
            case Step.WITHDRAW:
                effect = Effect("handoff.withdraw", {"reference": reference or ""})
                return Outcome([offer.withdrawal(self.runtime.programme, reference)], effect=effect)
            case Step.NEXT if reference is not None:
                return self._next(reference, str(chat.entity(REGISTRAR)))
            case Step.DONE:
                return self._done(chat, reference)
            case Step.SURVEY:
                return self._answered(chat, reference)
            case Step.REMIND if reference is not None:
                return self._remind(reference)
            case Step.FORGET_REMINDER if reference is not None:
                effect = Effect("handoff.forget_reminder", {"reference": reference})
                return Outcome([after.reminder_planned(reference)], effect=effect)
            case Step.NO_REMINDER:
                return Outcome([after.thanks()])
        return None

    def _next(self, reference: str, key: str) -> Outcome:
        registrars = self.runtime.programme.registrars
        registrar = next((each for each in registrars if each.key == key and each.participation is not None), None)
        if registrar is None:  # content has dropped it since
            return Outcome([offer.nothing_open()])
        arguments = {"reference": reference, "registrar": key, "consent": self._wording("handoff_next")}
        reply = offer.passed_on(self.runtime.programme, reference, registrar)
        return Outcome([reply], effect=Effect("handoff.pass_on", arguments))

    def _done(self, chat: Chat, reference: str | None) -> Outcome:
        product = self._product(chat)
        question = Question("ask_use_services", product=product)
        about = {} if reference is None else {"reference": reference}
        about |= {} if product is None else {"product": product}
        use = self.runtime.answers.answer(question, on=self.runtime.today())
        return Outcome([use, after.survey_question(next(iter(QUESTIONS)), about)])

    def _answered(self, chat: Chat, reference: str | None) -> Outcome:
        read = after.read_answer(str(chat.entity(ANSWER)))
        if read is None:
            return Outcome([offer.nothing_open()])
        question, answer = read
        effect = Effect("handoff.survey", {"question": question, "answer": answer})
        product, following = self._product(chat), after.following(question)
        if following is not None:
            about = {name: str(chat.entity(name)) for name in ("reference", "product") if chat.entity(name) is not None}
            return Outcome([after.survey_question(following, about)], effect=effect)
        if reference is not None:
            reply = after.reminder_offer(self.runtime.programme, reference, product, self.runtime.today())
            return Outcome([reply], effect=effect)
        later = self.runtime.answers.answer(Question("ask_renewal", product=product), on=self.runtime.today())
        return Outcome([after.thanks(), later], effect=effect)

    def _remind(self, reference: str) -> Outcome:
        on, programme = self.runtime.today(), self.runtime.programme
        years = max(offer_standing(programme, product, on).waiver.years for product in PRODUCTS)
        arguments = {"reference": reference, "years": str(years), "consent": self._wording("reminder_consent")}
        return Outcome([after.reminder_planned(reference)], effect=Effect("handoff.remind", arguments))

    def _wording(self, template: str) -> str:
        return current_wording(self.runtime.programme.consents, template).version

    def _product(self, chat: Chat) -> Product | None:
        case = known_case(chat.slots)
        return known_product(chat.entity("product")) or product_asked(case.product, case.subject)


class ActionTellStatus(ProductAction):
    """Tells where a request stands: the one of the reference in the message, or the citizen's last one."""

    rasa_name = "action_tell_status"

    def act(self, chat: Chat) -> Outcome:
        """Have it looked up; what else the message asks is answered beside it."""
        told = chat.entity("reference")
        reference = None if told is None else read_reference(str(told))
        is_unreadable = told is not None and reference is None
        reply = telling.asked_for_status(self.runtime.programme, reference=reference, unreadable=is_unreadable)
        if is_unreadable:
            return Outcome([reply])
        found = self.runtime.answers.find(question_of(chat), on=self.runtime.today()) if chat.text else None
        effect = Effect("handoff.status", {"reference": reference or ""})
        return Outcome([reply, found] if found else [reply], effect=effect)
