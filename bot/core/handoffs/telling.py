"""What a citizen is told about a request once it is sent: asked for, or outside a turn."""

from __future__ import annotations

from datetime import date

from bot.core.clock import on_local_clocks
from bot.core.handoffs.retention import KEEP_OPEN
from bot.core.handoffs.rules import HandoffState
from bot.core.handoffs.service import Status
from bot.core.handoffs.steps import REGISTRAR, TOPIC, Step, step
from bot.core.programme import Programme
from bot.core.programme.fees import fee_facts, fee_sources
from bot.core.programme.offers import offer_standing
from bot.core.programme.points import Registrar
from bot.core.programme.records import Product
from bot.core.programme.topics import topic_button
from bot.core.replies import Button, Json, Reply

STATUS_TOPIC = "check_registration_status"
BY_ONESELF = step("handoff_self", Step.SELF)
_ANOTHER = topic_button(TOPIC)


def news(programme: Programme, status: Status) -> Reply:
    """Tell what a registrar reported, or that a request ended by itself."""
    template = "handoff_registered" if status.state is HandoffState.REGISTERED else "handoff_status"
    facts = {**status_facts(status), **_registrars(programme), "found": True, "is_news": True, "unreadable": False}
    return Reply(STATUS_TOPIC, template, facts, _next_steps(status))


def next_offered(programme: Programme, status: Status, registrar: Registrar) -> Reply:
    """Offer another registrar where the first has not taken the request up; who accepts agrees to these words."""
    facts: dict[str, Json] = {
        **status_facts(status),
        **_registrars(programme),
        "next": registrar.brand,
        "next_site": registrar.site,
        "operator_name": programme.operator.name,
        "kept_days": KEEP_OPEN.days,
    }
    accept = step("handoff_next", Step.NEXT, reference=status.reference, **{REGISTRAR: registrar.key})
    return Reply(TOPIC, "handoff_next", facts, (accept, BY_ONESELF, withdraw_button(status.reference)))


def none_left(programme: Programme, status: Status) -> Reply:
    """Tell that nobody took a request up and that there is nobody else to ask."""
    facts = {**status_facts(status), **_registrars(programme)}
    return Reply(TOPIC, "handoff_none_left", facts, (BY_ONESELF, withdraw_button(status.reference)))


def asked_for_status(programme: Programme, *, reference: str | None, unreadable: bool = False) -> Reply:
    """Tell where a request stands; the effect that looks it up adds `status_facts` and the fact ``found``.

    Args:
        programme: its registrars.
        reference: the request that was asked for; None: the last one.
        unreadable: a reference was given in which a sign is wrong.
    """
    facts = {**_registrars(programme), "is_news": False, "found": False, "unreadable": unreadable}
    last = () if unreadable else (withdraw_button(reference),)
    buttons = (*last, topic_button("ask_registrars"), topic_button("ask_scam_safety"), topic_button("ask_support"))
    return Reply(STATUS_TOPIC, "handoff_status", facts, buttons)


def reminder(programme: Programme, *, product: Product, domain: str, free_until: date, days: int, on: date) -> Reply:
    """Remind that the free period of a name ends in so many days, with what it costs afterwards."""
    facts: dict[str, Json] = {
        "domain": domain,
        "product": product,
        "free_until": free_until.isoformat(),
        "days": days,
        "years": offer_standing(programme, product, on).waiver.years,
        "fees": fee_facts(programme, [product], on),
    }
    buttons = (topic_button("ask_renewal", product=product), topic_button("ask_registrars", product=product))
    return Reply("ask_renewal", "handoff_reminder", facts, buttons, fee_sources(programme, [product], on))


def status_facts(status: Status) -> dict[str, Json]:
    """Give what templates tell of a request; ``registrar`` is its key."""
    return {
        "reference": status.reference,
        "registrar": status.registrar,
        "product": status.product,
        "domain": status.domain,
        "state": status.state.value,
        "reason": status.reason,
        "may_cost": status.may_cost,
        "changed_on": on_local_clocks(status.changed_at).date().isoformat(),
    }


def withdraw_button(reference: str | None) -> Button:
    """Give the button that takes a request back; without a reference, the last one."""
    return step("handoff_withdraw", Step.WITHDRAW, **({} if reference is None else {"reference": reference}))


def _next_steps(status: Status) -> tuple[Button, ...]:
    match status.state:
        case HandoffState.REGISTERED:
            after = step("handoff_after", Step.DONE, reference=status.reference)
            return (after, topic_button("ask_use_services", product=status.product))
        case HandoffState.DECLINED | HandoffState.WITHDRAWN | HandoffState.EXPIRED:
            return (_ANOTHER, BY_ONESELF)
        case _:
            return (withdraw_button(status.reference), topic_button("ask_scam_safety"))


def _registrars(programme: Programme) -> dict[str, Json]:
    return {
        "brands": {registrar.key: registrar.brand for registrar in programme.registrars},
        "sites": {registrar.key: registrar.site for registrar in programme.registrars},
        "operator_contact": programme.operator.contact,
    }
