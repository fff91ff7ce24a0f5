"""The eligibility check as it is told: its questions, and the verdict with reasons, sources and next steps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from bot.core.programme.cases import Case, Period, Slot, ages_of, birthday
from bot.core.programme.content import Product, Programme
from bot.core.programme.eligibility import (
    Group,
    Reason,
    Verdict,
    judge,
    last_day_within,
    missing,
)
from bot.core.programme.fees import fee_facts, fee_sources
from bot.core.programme.offers import Standing, cited, distinct, offer_facts
from bot.core.programme.topics import topic_button
from bot.core.replies import Button, Json, Press, Reply, Source

PATIENCE = 3
"""Unusable answers to one question before choices and a person are offered."""

_STOP = Button("cancel", Press.of("cancel"))
_START_OVER = Button("start_over", Press.of("start_over"))
_DO_NOT_KNOW = Button("dont_know", Press.of("dont_know"))
_HOUSEHOLD = Button("household_business", Press.of("inform", subject="household_business"))
_UNDER_A_YEAR = Button("founded_under_a_year", Press.of("inform", founding_age="P6M"))
_OVER_A_YEAR = Button("founded_over_a_year", Press.of("inform", founding_age="P24M"))

_CHOICES: Mapping[Slot, tuple[Button, ...]] = {
    "product": (
        Button("product_id_vn", Press.of("inform", product="id.vn")),
        Button("product_biz_vn", Press.of("inform", product="biz.vn")),
        _STOP,
    ),
    # Any age inside a band stands for it: the rules judge all of them alike.
    "age": (
        Button("age_below_18", Press.of("inform", age=17)),
        Button("age_18_to_22", Press.of("inform", age=20)),
        Button("age_23", Press.of("inform", age=23)),
        Button("age_24_and_above", Press.of("inform", age=30)),
        _DO_NOT_KNOW,
        _STOP,
    ),
    "founding": (
        _UNDER_A_YEAR,
        Button("founded_about_a_year", Press.of("inform", founding_age="P12M")),
        _OVER_A_YEAR,
        _HOUSEHOLD,
        _DO_NOT_KNOW,
        _STOP,
    ),
    "founding_day": (_UNDER_A_YEAR, _OVER_A_YEAR, _HOUSEHOLD, _DO_NOT_KNOW, _STOP),
    "certificate": (
        Button("certificate_held", Press.of("inform", certificate="yes")),
        Button("certificate_missing", Press.of("inform", certificate="no")),
        _DO_NOT_KNOW,
        _STOP,
    ),
}
"""One press answers each question, so that nobody has to type who would rather not."""

_MAY_PAY_INSTEAD = frozenset({Reason.AGE_ABOVE, Reason.FOUNDED_EARLIER})


def question_reply(
    programme: Programme,
    case: Case,
    on: date,
    *,
    failures: int = 0,
    unknown: bool = False,
    side: bool = False,
) -> Reply:
    """Ask for what is `missing` of a case, or ask again.

    Args:
        programme: its rules, and the person to turn to.
        case: what is known so far.
        on: the day.
        failures: answers to this question so far that could not be used; from `PATIENCE` on, the question
            points to its buttons and names a person to turn to.
        unknown: the citizen said that they do not know: say where the answer can be found.
        side: another question was just answered in between.

    Raises:
        ValueError: nothing is missing.
    """
    slot = missing(programme, case, on)
    if slot is None:
        raise ValueError("nothing is missing of this case")
    return Reply(
        topic="eligibility_form",
        template=f"eligibility_ask_{slot}",
        facts={
            "failures": failures,
            "as_choices": failures >= PATIENCE,
            "unknown": unknown,
            "side": side,
            "operator_contact": programme.operator.contact,
            **_particulars(programme, case, slot, on),
        },
        buttons=_choices(case, slot, on),
        sources=_sources_of_help(programme, slot, on) if unknown else (),
    )


def verdict_reply(
    programme: Programme, case: Case, on: date, *, corrected: bool = False, repeated: bool = False
) -> Reply:
    """Tell the verdict on a case.

    Args:
        programme: its rules, offers and fees.
        case: what was told.
        on: the day.
        corrected: it replaces an earlier one.
        repeated: it was told before, and nothing new was told since.

    Raises:
        CaseIncompleteError, AgeImplausibleError: as `judge`.
    """
    verdict = judge(programme, case, on)
    product = verdict.product
    tells_fees = verdict.group is Group.IN_GROUP or verdict.reason in _MAY_PAY_INSTEAD
    rules = programme.eligibility
    facts: dict[str, Json] = {
        "product": product,
        "group": verdict.group.value,
        "reason": verdict.reason.value,
        "redirected": _is_redirected(case, product),
        "offer": offer_facts(programme, [verdict.offer])[0],
        "fees": fee_facts(programme, [product], on) if tells_fees else None,
        "age_from": rules.citizen.age_from,
        "age_unsettled": rules.citizen.age_unsettled,
        "next_age_on": _next_age_on(programme, case, verdict),
        "years_since_founding": rules.enterprise.years_since_founding,
        "last_day_within": _last_day_told(programme, case, verdict),
        "certificate_from_commune_since": _commune_since(programme, on),
        "corrected": corrected,
        "repeated": repeated,
    }
    return Reply(
        topic="check_eligibility",
        template="eligibility_verdict",
        facts=facts,
        buttons=_next_steps(verdict),
        sources=distinct((*verdict.sources, *(fee_sources(programme, [product], on) if tells_fees else ()))),
    )


def _choices(case: Case, slot: Slot, on: date) -> tuple[Button, ...]:
    if slot != "birthday":
        return _CHOICES[slot]
    youngest, oldest = ages_of(case, on) or (None, None)
    told = [("birthday_past", oldest), ("birthday_to_come", youngest)]
    ages = (Button(title, Press.of("inform", age=age)) for title, age in told if age is not None)
    return (*ages, _DO_NOT_KNOW, _STOP)


def _particulars(programme: Programme, case: Case, slot: Slot, on: date) -> dict[str, Json]:
    """Give the facts that only the question for one slot tells."""
    rules = programme.eligibility
    match slot:
        case "birthday":
            return {"ages": list(ages_of(case, on) or ())}
        case "founding_day":
            return {
                "reason": judge(programme, case, on).reason.value,
                "years_since_founding": rules.enterprise.years_since_founding,
            }
        case "certificate":
            return {
                "redirected": _is_redirected(case, "biz.vn"),
                "certificate_from_commune_since": _commune_since(programme, on),
            }
        case "founding":
            return {"redirected": _is_redirected(case, "biz.vn")}
        case _:
            return {}


def _sources_of_help(programme: Programme, slot: Slot, on: date) -> tuple[Source, ...]:
    """Give the documents that say where what was asked for can be got."""
    rule = programme.eligibility.household_business
    if slot != "certificate" or on < rule.certificate_from_commune_since:
        return ()
    return tuple(cited(rule.certificate_sources))


def _is_redirected(case: Case, product: Product) -> bool:
    """Tell whether somebody named another product than the one that the case is judged for."""
    return case.product is not None and case.product != product


def _commune_since(programme: Programme, on: date) -> str | None:
    """Give the day since when communes give out the certificate, as ISO text; None before it."""
    since = programme.eligibility.household_business.certificate_from_commune_since
    return since.isoformat() if on >= since else None


def _next_age_on(programme: Programme, case: Case, verdict: Verdict) -> str | None:
    """Give the day, as ISO text, from which somebody of known birth is judged otherwise; None where it never comes."""
    rule = programme.eligibility.citizen
    ages = {Reason.AGE_BELOW: rule.age_from, Reason.AGE_UNSETTLED: rule.age_unsettled + 1}
    if verdict.reason not in ages or case.age is not None or case.born is None or not case.born.is_one_day:
        return None
    return birthday(case.born.earliest, ages[verdict.reason]).isoformat()


def _last_day_told(programme: Programme, case: Case, verdict: Verdict) -> str | None:
    """Give the last day of belonging, as ISO text, of a firm that belongs and whose exact day is known."""
    founding = case.founding
    if verdict.reason is not Reason.FOUNDED_WITHIN or not isinstance(founding, Period):
        return None
    return last_day_within(programme, founding.earliest).isoformat() if founding.is_one_day else None


def _way_to_a_registrar(verdict: Verdict) -> Button:
    """Offer to pass a request on; while nobody knows whether the offer is open, it asks on the citizen's behalf."""
    if verdict.offer.standing is Standing.CLOSED:
        return topic_button("ask_registrars")
    title = "start_registration" if verdict.offer.standing is Standing.OPEN else "handoff_ask"
    return Button(title, Press.of("start_registration", product=verdict.product))


def _next_steps(verdict: Verdict) -> tuple[Button, ...]:
    about = {"product": verdict.product}
    cost, offer = topic_button("ask_cost", **about), topic_button("ask_offer", **about)
    steps: tuple[Button, ...] = (cost, offer)
    if verdict.reason is Reason.AGE_ABOVE:
        steps = (Button("check_business", Press.of("check_eligibility", product="biz.vn")), cost)
    elif verdict.reason is Reason.FOREIGNER:
        steps = (Button("check_business", Press.of("check_eligibility", subject="enterprise")), offer)
    elif verdict.reason is Reason.FOUNDED_EARLIER:
        steps = (_HOUSEHOLD, cost)
    elif verdict.reason is Reason.CERTIFICATE_MISSING:
        steps = (topic_button("ask_support"), offer)
    elif verdict.group is Group.UNCLEAR:
        steps = (topic_button("ask_registrars"), cost)
    elif verdict.group is Group.IN_GROUP:
        steps = (_way_to_a_registrar(verdict), cost, offer)
    return (*steps, _START_OVER)
