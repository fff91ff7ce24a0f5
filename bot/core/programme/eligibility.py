"""Whether one case belongs to the group: what must be asked, the rules, and the verdict as it is told."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, TypeAlias

from bot.core.errors import InvalidInputError
from bot.core.programme.answers import product_asked
from bot.core.programme.content import Citation, Product, Programme
from bot.core.programme.fees import fee_facts, fee_sources
from bot.core.programme.offers import OfferStanding, cited, distinct, offer_facts, offer_standing
from bot.core.programme.topics import topic_button
from bot.core.replies import Button, Json, Press, Reply, Source

Slot: TypeAlias = Literal["product", "age", "founding"]

PLAUSIBLE_AGES = range(1, 121)
"""Ages in full years that are worth judging; anything else is a slip of the finger."""

PATIENCE = 3
"""Unusable answers to one question before choices and a person are offered."""

_STOP = Button("cancel", Press.of("cancel"))
_START_OVER = Button("start_over", Press.of("start_over"))
_DO_NOT_KNOW = Button("dont_know", Press.of("dont_know"))
_HOUSEHOLD = Button("household_business", Press.of("inform", subject="household_business"))

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
        Button("founded_under_a_year", Press.of("inform", founding_age="P6M")),
        Button("founded_about_a_year", Press.of("inform", founding_age="P12M")),
        Button("founded_over_a_year", Press.of("inform", founding_age="P24M")),
        _HOUSEHOLD,
        _DO_NOT_KNOW,
        _STOP,
    ),
}
"""One press answers each question, so that nobody has to type who would rather not."""

_DURATION = re.compile(r"P(?=\d)(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?", re.ASCII)
_DAY = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)

_DAYS_IN_SPOKEN_MONTH = 30


class FoundingUnreadableError(InvalidInputError):
    """A founding date or age is not of the form of the taxonomy."""


class AgeImplausibleError(InvalidInputError):
    """Nobody whom this product serves has that age."""


class CaseIncompleteError(InvalidInputError):
    """Something must be asked before this case can be judged."""


@dataclass(frozen=True, slots=True)
class FoundedAgo:
    """A firm's age as somebody says it, and so only roughly true."""

    months: int
    days: int = 0


@dataclass(frozen=True, slots=True)
class FoundedBetween:
    """The days on which a firm may have been founded, both included; one and the same day when it is exact."""

    earliest: date
    latest: date


Founding: TypeAlias = FoundedAgo | FoundedBetween


@dataclass(frozen=True, slots=True)
class Case:
    """What somebody told about their case; None is not told yet. `subject` is a value of the taxonomy."""

    product: Product | None = None
    subject: str | None = None
    age: int | None = None
    founding: Founding | None = None


class Group(StrEnum):
    """Whether a case belongs to the group that the offer is for."""

    IN_GROUP = "in_group"
    NOT_IN_GROUP = "not_in_group"
    UNCLEAR = "unclear"


class Reason(StrEnum):
    """Why a case belongs or not; the template ``eligibility_verdict`` has a sentence for each."""

    AGE_WITHIN = "age_within"
    AGE_BELOW = "age_below"
    AGE_UNSETTLED = "age_unsettled"
    AGE_ABOVE = "age_above"
    FOREIGNER = "foreigner"
    FOUNDED_WITHIN = "founded_within"
    FOUNDED_EARLIER = "founded_earlier"
    FOUNDING_NEAR_LIMIT = "founding_near_limit"
    FOUNDING_NOT_EXACT = "founding_not_exact"
    FOUNDING_IN_FUTURE = "founding_in_future"
    CERTIFICATE_NEEDED = "certificate_needed"
    ORGANISATION_NOT_NAMED = "organisation_not_named"


_MAY_PAY_INSTEAD = frozenset({Reason.AGE_ABOVE, Reason.FOUNDED_EARLIER})
_DAY_WANTED = frozenset({Reason.FOUNDING_NEAR_LIMIT, Reason.FOUNDING_NOT_EXACT, Reason.FOUNDING_IN_FUTURE})


@dataclass(frozen=True, slots=True)
class Verdict:
    """Two answers, never mixed: whether the case belongs to the group, and where the offer stands on the day.

    `reason` explains the group, the sources cover both.
    """

    product: Product
    group: Group
    reason: Reason
    offer: OfferStanding
    sources: tuple[Source, ...]

    @property
    def asks_for_date(self) -> bool:
        """Whether the citizen is asked for the exact day of founding, which would settle what is unclear."""
        return self.reason in _DAY_WANTED


def parse_founding(text: str) -> Founding:
    """Read the taxonomy's `founding_age` (``P3M``, ``P1Y2M``, ``P10D``) or `founding_date` (day, month or year).

    Raises:
        FoundingUnreadableError: when it is neither.
    """
    if duration := _DURATION.fullmatch(text):
        years, months, days = (int(part or 0) for part in duration.groups())
        return FoundedAgo(12 * years + months, days)
    if day := _DAY.fullmatch(text):
        try:
            return _founded_between(*(int(part or 0) for part in day.groups()))
        except ValueError as error:
            raise FoundingUnreadableError(text=text) from error
    raise FoundingUnreadableError(text=text)


def product_of(case: Case) -> Product | None:
    """Give the product a case is about: named, or implied by who asks or by the one fact told; None when open."""
    product = product_asked(case.product, case.subject)
    if product is not None:
        return product
    if case.subject == "foreigner":
        return "id.vn"
    if case.subject == "organisation":
        return "biz.vn"
    if case.age is not None and case.founding is None:
        return "id.vn"
    if case.founding is not None and case.age is None:
        return "biz.vn"
    return None


def missing(case: Case) -> Slot | None:
    """Name what must still be asked before `judge` can say anything; None when nothing."""
    product = product_of(case)
    if product is None:
        return "product"
    if case.subject == "foreigner":
        return None
    if product == "id.vn":
        return "age" if case.age is None else None
    if case.subject in ("household_business", "organisation"):
        return None
    return "founding" if case.founding is None else None


def judge(programme: Programme, case: Case, on: date) -> Verdict:
    """Judge a case as things stand on a day.

    Raises:
        CaseIncompleteError: when something is still `missing`.
        AgeImplausibleError: when the age decides and is none of `PLAUSIBLE_AGES`.
    """
    product = product_of(case)
    if product is None:
        raise CaseIncompleteError(slot="product")
    group, reason, citations = _judge_group(programme, case, product, on)
    offer = offer_standing(programme, product, on)
    return Verdict(product, group, reason, offer, distinct((*cited(citations), *offer.sources)))


def last_day_within(programme: Programme, founded_on: date) -> date:
    """Give the last day on which a firm founded on a day may register a name on the offer.

    That is the same day of a later year; for 29 February, when that year has none, the last day of the month.
    """
    year = founded_on.year + programme.eligibility.enterprise.years_since_founding
    day = min(founded_on.day, calendar.monthrange(year, founded_on.month)[1])
    return date(year, founded_on.month, day)


def verdict_reply(programme: Programme, case: Case, on: date, *, corrected: bool = False) -> Reply:
    """Tell the verdict on a case; `corrected` when it replaces an earlier one.

    Raises:
        CaseIncompleteError, AgeImplausibleError: as `judge`.
    """
    verdict = judge(programme, case, on)
    product = verdict.product
    tells_fees = verdict.group is Group.IN_GROUP or verdict.reason in _MAY_PAY_INSTEAD
    rules = programme.eligibility
    since = rules.household_business.certificate_from_commune_since
    facts: dict[str, Json] = {
        "product": product,
        "group": verdict.group.value,
        "reason": verdict.reason.value,
        "asks_for_date": verdict.asks_for_date,
        "offer": offer_facts(programme, [verdict.offer])[0],
        "fees": fee_facts(programme, [product], on) if tells_fees else None,
        "age_from": rules.citizen.age_from,
        "age_unsettled": rules.citizen.age_unsettled,
        "years_since_founding": rules.enterprise.years_since_founding,
        "last_day_within": _last_day_told(programme, case, verdict),
        "certificate_from_commune_since": since.isoformat() if on >= since else None,
        "corrected": corrected,
    }
    return Reply(
        topic="check_eligibility",
        template="eligibility_verdict",
        facts=facts,
        buttons=_next_steps(verdict),
        sources=distinct((*verdict.sources, *(fee_sources(programme, [product], on) if tells_fees else ()))),
    )


def question_reply(
    programme: Programme, slot: Slot, *, failures: int, unknown: bool = False, side: bool = False
) -> Reply:
    """Ask for a slot of the form, or ask again.

    Args:
        programme: names the person to turn to.
        slot: what is asked.
        failures: answers to this question so far that could not be used; from `PATIENCE` on, the question
            points to its buttons and names a person to turn to.
        unknown: the citizen said that they do not know: say where the answer can be found.
        side: another question was just answered in between.
    """
    return Reply(
        topic="eligibility_form",
        template=f"eligibility_ask_{slot}",
        facts={
            "failures": failures,
            "as_choices": failures >= PATIENCE,
            "unknown": unknown,
            "side": side,
            "operator_contact": programme.operator.contact,
        },
        buttons=_CHOICES[slot],
    )


def founding_day_reply(*, unknown: bool) -> Reply:
    """Say where the day of founding that a verdict asked for can be found.

    Args:
        unknown: the citizen said that they do not know it; otherwise they said something that is no day.
    """
    return Reply(
        topic="eligibility_form",
        template="eligibility_founding_day",
        facts={"unknown": unknown},
        buttons=(_HOUSEHOLD, topic_button("ask_eligibility", product="biz.vn"), _START_OVER),
    )


Judgement: TypeAlias = tuple[Group, Reason, tuple[Citation, ...]]


def _judge_group(programme: Programme, case: Case, product: Product, on: date) -> Judgement:
    rules = programme.eligibility
    if case.subject == "foreigner":
        return Group.NOT_IN_GROUP, Reason.FOREIGNER, rules.citizen.sources
    if product == "id.vn":
        return _judge_age(programme, case.age)
    if case.subject == "household_business":
        household = rules.household_business
        told = household.sources
        if on >= household.certificate_from_commune_since:
            told = (*told, *household.certificate_sources)
        return Group.UNCLEAR, Reason.CERTIFICATE_NEEDED, told
    if case.subject == "organisation":
        named = (*rules.enterprise.sources, *rules.household_business.sources)
        return Group.UNCLEAR, Reason.ORGANISATION_NOT_NAMED, named
    if isinstance(case.founding, FoundedAgo):
        return _judge_founded_ago(programme, case.founding)
    if isinstance(case.founding, FoundedBetween):
        return _judge_founded_between(programme, case.founding, on)
    raise CaseIncompleteError(slot="founding")


def _judge_age(programme: Programme, age: int | None) -> Judgement:
    rule = programme.eligibility.citizen
    if age is None:
        raise CaseIncompleteError(slot="age")
    if age not in PLAUSIBLE_AGES:
        raise AgeImplausibleError(age=age)
    if age < rule.age_from:
        return Group.NOT_IN_GROUP, Reason.AGE_BELOW, rule.sources
    if age < rule.age_unsettled:
        return Group.IN_GROUP, Reason.AGE_WITHIN, rule.sources
    if age == rule.age_unsettled:
        return Group.UNCLEAR, Reason.AGE_UNSETTLED, rule.sources
    return Group.NOT_IN_GROUP, Reason.AGE_ABOVE, rule.sources


def _judge_founded_ago(programme: Programme, founding: FoundedAgo) -> Judgement:
    rule = programme.eligibility.enterprise
    # People round: eleven to thirteen months may be either side of the limit, and only the date decides.
    past_limit = (founding.months - 12 * rule.years_since_founding) * _DAYS_IN_SPOKEN_MONTH + founding.days
    if abs(past_limit) <= _DAYS_IN_SPOKEN_MONTH:
        return Group.UNCLEAR, Reason.FOUNDING_NEAR_LIMIT, rule.sources
    if past_limit < 0:
        return Group.IN_GROUP, Reason.FOUNDED_WITHIN, rule.sources
    return Group.NOT_IN_GROUP, Reason.FOUNDED_EARLIER, (*rule.sources, *rule.older_may_pay)


def _judge_founded_between(programme: Programme, founding: FoundedBetween, on: date) -> Judgement:
    rule = programme.eligibility.enterprise
    if founding.earliest > on:
        return Group.UNCLEAR, Reason.FOUNDING_IN_FUTURE, rule.sources
    if on <= last_day_within(programme, founding.earliest):
        return Group.IN_GROUP, Reason.FOUNDED_WITHIN, rule.sources
    if on > last_day_within(programme, min(founding.latest, on)):
        return Group.NOT_IN_GROUP, Reason.FOUNDED_EARLIER, (*rule.sources, *rule.older_may_pay)
    return Group.UNCLEAR, Reason.FOUNDING_NOT_EXACT, rule.sources


def _last_day_told(programme: Programme, case: Case, verdict: Verdict) -> str | None:
    """Give the last day of belonging, as ISO text, of a firm that belongs and whose exact day is known."""
    founding = case.founding
    if verdict.reason is not Reason.FOUNDED_WITHIN or not isinstance(founding, FoundedBetween):
        return None
    exact = founding.earliest == founding.latest
    return last_day_within(programme, founding.earliest).isoformat() if exact else None


def _next_steps(verdict: Verdict) -> tuple[Button, ...]:
    about = {"product": verdict.product}
    steps: tuple[Button, ...] = (topic_button("ask_cost", **about), topic_button("ask_offer", **about))
    if verdict.reason is Reason.AGE_ABOVE:
        steps = (Button("check_business", Press.of("check_eligibility", product="biz.vn")), steps[0])
    elif verdict.reason is Reason.FOREIGNER:
        steps = (Button("check_business", Press.of("check_eligibility", subject="enterprise")), steps[1])
    elif verdict.group is Group.UNCLEAR:
        steps = (topic_button("ask_eligibility", **about), steps[0])
    return (*steps, _START_OVER)


def _founded_between(year: int, month: int, day: int) -> FoundedBetween:
    """Give the days that a date stands for; a month or day of 0 was not told."""
    first_month, last_month = (month, month) if month else (1, 12)
    earliest = date(year, first_month, day or 1)
    latest = date(year, last_month, day or calendar.monthrange(year, last_month)[1])
    return FoundedBetween(earliest, latest)
