"""The replies of the dialogue in which a citizen has a request passed on: asked, agreed to, sent, or told how else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from bot.core.handoffs.draft import Draft, Question, registrars_for
from bot.core.handoffs.retention import KEEP_OPEN
from bot.core.handoffs.steps import ANSWER, ANY_REGISTRAR, FORM, REGISTRAR, TOPIC, Step, step
from bot.core.handoffs.telling import BY_ONESELF, withdraw_button
from bot.core.programme import Programme
from bot.core.programme.fees import fee_facts, fee_sources
from bot.core.programme.naming import NameVerdict, judge_name, parse_name
from bot.core.programme.offers import cited, distinct, offer_facts, offer_standing
from bot.core.programme.points import Registrar
from bot.core.programme.records import PRODUCTS, Product
from bot.core.programme.topics import topic_button
from bot.core.replies import Button, Json, Press, Reply, Source

PATIENCE = 3
"""Unusable answers to one question before a person to turn to is named."""

_STOP = Button("cancel", Press.of("cancel"))
_BEGIN = topic_button(TOPIC)
_TRAP = "registration_bundle_not_basket"
_SHOWN_DIGITS = 3


class Asking:
    """Asks the questions of one request, each with its buttons and with how it went so far."""

    def __init__(
        self,
        programme: Programme,
        draft: Draft,
        on: date,
        *,
        connected: Collection[str],
        failures: int = 0,
        side: bool = False,
        may_cost: bool = True,
    ) -> None:
        """Prepare for one question.

        Args:
            programme: registrars, naming rules, whom to turn to.
            draft: what was told so far.
            on: the day.
            connected: keys of the registrars that can get a request.
            failures: answers to this question so far that could not be used.
            side: another question was just answered in between.
            may_cost: whether the citizen has to be told that it may cost money.
        """
        self._programme, self._draft, self._on, self._may_cost = programme, draft, on, may_cost
        self._connected = connected
        self._how: dict[str, Json] = {
            "failures": failures,
            "as_choices": failures >= PATIENCE,
            "side": side,
            "operator_contact": programme.operator.contact,
        }

    def ask(self, question: Question, *, refused: NameVerdict | None = None) -> Reply:
        """Ask; `refused` is the verdict on a name that was just wished for and may not be had."""
        match question:
            case "name":
                return self._name(refused)
            case "product":
                return self._product()
            case "adult":
                buttons = (step("handoff_of_age", Step.OF_AGE), step("handoff_minor", Step.MINOR), _STOP)
                return self._reply("handoff_adult", {}, buttons)
            case "registrar":
                return self._registrar()
            case "consent":
                return self._consent()
            case "person":
                return self._reply("handoff_person", {}, (_KEEP, _STOP))
            case "contact":
                return self._reply("handoff_contact", self._recipient(), (_KEEP, _STOP))
            case "sending":
                return self._sending()

    def _name(self, refused: NameVerdict | None) -> Reply:
        meant = self._draft.meant
        verdict = refused or judge_name(self._programme.naming, parse_name(""), meant)
        facts: dict[str, Json] = {
            "refused": None if refused is None else name_facts(self._programme, refused),
            "examples": list(verdict.suggestions),
            "begins": not self._how["failures"] and not self._how["side"],
        }
        picks = [_pick(name) for name in verdict.suggestions] if refused is not None else []
        sources = cited(verdict.sources) if refused is not None else ()
        return self._reply("handoff_name", facts, (*picks, _STOP), distinct(sources))

    def _product(self) -> Reply:
        label = parse_name(self._draft.wish or "").label
        products = (
            Button("product_id_vn", Press.of("inform", product="id.vn")),
            Button("product_biz_vn", Press.of("inform", product="biz.vn")),
        )
        return self._reply("handoff_product", {"label": label}, (*products, _STOP))

    def _registrar(self) -> Reply:
        product = self._draft.meant or PRODUCTS[0]
        registrars = self._to_choose_from(product)
        facts: dict[str, Json] = {
            "domain": self._draft.domain,
            "product": product,
            "registrars": [_registrar_facts(registrar) for registrar in registrars],
        }
        choose = [
            Button(f"handoff_pick|{registrar.brand}", Press.of(TOPIC, **{REGISTRAR: registrar.key}))
            for registrar in registrars
        ]
        any_of_them = Button("handoff_any", Press.of(TOPIC, **{REGISTRAR: ANY_REGISTRAR}))
        sources = cited(source for registrar in registrars for source in registrar.sources[:1])
        return self._reply("handoff_registrar", facts, (any_of_them, *choose, _STOP), distinct(sources))

    def _consent(self) -> Reply:
        domain, product = self._draft.domain, self._draft.meant
        verdict = judge_name(self._programme.naming, parse_name(domain or ""), product)
        several = product is not None and len(self._to_choose_from(product)) > 1
        facts: dict[str, Json] = {
            **self._recipient(),
            "domain": domain,
            "product": product,
            "may_cost": self._may_cost,
            "protected_as": verdict.protected_as,
            "operator_name": self._programme.operator.name,
            "kept_days": KEEP_OPEN.days,
        }
        buttons = (
            step("handoff_agree", Step.AGREE, **{ANSWER: self._draft.deal}),
            step("handoff_refuse", Step.REFUSE),
            step("handoff_other_name", Step.OTHER_NAME),
            *([step("handoff_other_registrar", Step.OTHER_REGISTRAR)] if several else []),
        )
        return self._reply("handoff_consent", facts, buttons)

    def _to_choose_from(self, product: Product) -> list[Registrar]:
        taking_part = registrars_for(self._programme.registrars, product)
        return [registrar for registrar in taking_part if registrar.key in self._connected]

    def _sending(self) -> Reply:
        contact = self._draft.contact or ""
        is_phone = "@" not in contact
        facts: dict[str, Json] = {
            **self._recipient(),
            "domain": self._draft.domain,
            "is_phone": is_phone,
            # Enough to notice a slip, too little to be contact data wherever this message is kept.
            "ends_with": contact[-_SHOWN_DIGITS:] if is_phone else contact.rpartition("@")[2],
        }
        buttons = (
            step("handoff_send", Step.SEND, **{ANSWER: self._draft.deal}),
            step("handoff_other_contact", Step.OTHER_CONTACT),
            step("handoff_other_person", Step.OTHER_PERSON),
            step("handoff_other_name", Step.OTHER_NAME),
            _KEEP,
        )
        return self._reply("handoff_sending", facts, buttons)

    def _recipient(self) -> dict[str, Json]:
        known = (each for each in self._programme.registrars if each.key == self._draft.registrar)
        registrar = next(known, None)
        brand, site = (registrar.brand, registrar.site) if registrar else (None, None)
        return {"brand": brand, "site": site}

    def _reply(
        self, template: str, facts: dict[str, Json], buttons: Sequence[Button], sources: Sequence[Source] = ()
    ) -> Reply:
        return Reply(FORM, template, {**self._how, **facts}, tuple(buttons), tuple(sources))


_KEEP = step("handoff_keep", Step.KEEP)


def submitted(programme: Programme, draft: Draft, reference: str) -> Reply:
    """Give the reference and say what happens next; the effect that submits adds the fact ``submission``."""
    registrar = next(each for each in programme.registrars if each.key == draft.registrar)
    facts: dict[str, Json] = {
        "reference": reference,
        "brand": registrar.brand,
        "domain": draft.domain,
        "operator_contact": programme.operator.contact,
    }
    status = Button("handoff_status", Press.of("check_registration_status", reference=reference))
    return Reply(
        TOPIC, "handoff_submitted", facts, (status, withdraw_button(reference), topic_button("ask_scam_safety"))
    )


def not_sent(*, is_leaving: bool) -> Reply:
    """Say that nothing was sent and that what was told is forgotten; the way back and the way alone stand open."""
    return Reply(TOPIC, "handoff_not_sent", {"is_leaving": is_leaving}, () if is_leaving else (_BEGIN, BY_ONESELF))


def minor(programme: Programme) -> Reply:
    """Say that nothing is taken of who is not of age, and what they can do."""
    rule = programme.eligibility.citizen
    facts: dict[str, Json] = {"age_from": rule.age_from, "operator_contact": programme.operator.contact}
    buttons = (topic_button("ask_eligibility"), topic_button("ask_support"))
    return Reply(TOPIC, "handoff_minor", facts, buttons, distinct(cited(rule.sources)))


def by_oneself(
    programme: Programme, product: Product | None, on: date, *, why: str | None = None, refused: bool = False
) -> Reply:
    """Tell how to register without us: where, the steps, and the trap of the ordinary basket.

    Args:
        programme: registrars and what is known of their baskets.
        product: what it is for; None: either.
        on: the day.
        why: why nothing is passed on: ``not_in_group``, ``closed``, ``nobody`` (can get it); None where the citizen
            wants it so.
        refused: the consent was just refused, so that it is said that nothing was sent.
    """
    products = PRODUCTS if product is None else (product,)
    registrars = [
        registrar
        for registrar in programme.registrars
        if registrar.participation and set(products) & set(registrar.participation.products)
    ]
    trap = next(point for point in programme.points if point.key == _TRAP)
    offers = [offer_standing(programme, each, on) for each in products]
    facts: dict[str, Json] = {
        "offers": offer_facts(programme, offers),
        "registrars": [_registrar_facts(registrar) for registrar in registrars],
        "trap": trap.says,
        "why": why,
        "refused": refused,
        "products": list(products),
        "fees": fee_facts(programme, products, on) if why else None,
    }
    sources = [source for offer in offers for source in offer.sources]
    sources += cited(source for registrar in registrars for source in registrar.sources[:1])
    sources += [*cited(trap.sources), *(fee_sources(programme, products, on) if why else ())]
    done = step("handoff_done", Step.DONE, **({} if product is None else {"product": product}))
    buttons = (done, topic_button("ask_documents"), topic_button("ask_scam_safety"))
    return Reply(TOPIC, "handoff_by_oneself", facts, buttons, distinct(sources))


def withdrawal(programme: Programme, reference: str | None) -> Reply:
    """Say what became of the wish to take a request back, the last one where `reference` is None.

    The effect that does it adds the facts ``withdrawal`` and ``reference``.
    """
    facts: dict[str, Json] = {"reference": reference, "operator_contact": programme.operator.contact}
    return Reply(TOPIC, "handoff_withdrawal", facts, (_BEGIN, topic_button("ask_privacy")))


def passed_on(programme: Programme, reference: str, registrar: Registrar) -> Reply:
    """Say what became of the wish to try the next registrar; the effect that does it adds the fact ``passing``."""
    facts: dict[str, Json] = {
        "reference": reference,
        "brand": registrar.brand,
        "operator_contact": programme.operator.contact,
    }
    status = Button("handoff_status", Press.of("check_registration_status", reference=reference))
    return Reply(TOPIC, "handoff_passed", facts, (status, topic_button("ask_scam_safety")))


def nothing_open() -> Reply:
    """Answer a button of a dialogue that is over."""
    return Reply(TOPIC, "handoff_nothing_open", buttons=(_BEGIN, topic_button("check_registration_status")))


def name_facts(programme: Programme, verdict: NameVerdict) -> dict[str, Json]:
    """Give what templates tell of a wished name that breaks a rule."""
    naming = programme.naming
    return {
        "name": _shown(str(verdict.name)) or None,
        "registrable": _shown(verdict.name.registrable),
        "problems": [problem.value for problem in verdict.problems],
        "protected_as": verdict.protected_as,
        "longest_label": naming.longest_label,
        "auctioned_up_to": naming.auctioned_up_to,
        "suggestions": list(verdict.suggestions),
        "derived": verdict.derived,
    }


def _registrar_facts(registrar: Registrar) -> dict[str, Json]:
    participation = registrar.participation
    return {
        "brand": registrar.brand,
        "site": registrar.site,
        "evidence": participation.evidence if participation else None,
        "products": list(participation.products) if participation else [],
    }


def _pick(name: str) -> Button:
    return Button(f"handoff_name|{name}", Press.of(TOPIC, domain_name=name))


def _shown(name: str) -> str:
    return name if len(name) <= _LONGEST_SHOWN else name[:_LONGEST_SHOWN] + "…"


_LONGEST_SHOWN = 40
