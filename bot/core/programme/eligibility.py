"""Whether a case belongs to the group that the offer is for: what must still be asked, and the rules."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from bot.core.errors import InvalidInputError
from bot.core.programme.answers import product_asked
from bot.core.programme.cases import PLAUSIBLE_AGES, Case, FoundedAgo, Period, Slot, ages_of
from bot.core.programme.content import Citation, Product, Programme
from bot.core.programme.offers import OfferStanding, cited, distinct, offer_standing
from bot.core.replies import Source

_DAYS_IN_SPOKEN_MONTH = 30


class AgeImplausibleError(InvalidInputError):
    """Nobody whom this product serves has that age."""


class CaseIncompleteError(InvalidInputError):
    """Something must be asked before this case can be judged."""


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
    AGE_UNKNOWN = "age_unknown"
    BIRTHDAY_UNKNOWN = "birthday_unknown"
    FOREIGNER = "foreigner"
    FOUNDED_WITHIN = "founded_within"
    FOUNDED_EARLIER = "founded_earlier"
    FOUNDING_NEAR_LIMIT = "founding_near_limit"
    FOUNDING_NOT_EXACT = "founding_not_exact"
    FOUNDING_IN_FUTURE = "founding_in_future"
    FOUNDING_UNKNOWN = "founding_unknown"
    CERTIFICATE_HELD = "certificate_held"
    CERTIFICATE_MISSING = "certificate_missing"
    CERTIFICATE_UNKNOWN = "certificate_unknown"
    ORGANISATION_NOT_NAMED = "organisation_not_named"


_SETTLED_BY_DAY = frozenset({Reason.FOUNDING_NEAR_LIMIT, Reason.FOUNDING_NOT_EXACT, Reason.FOUNDING_IN_FUTURE})
_BUSINESSES = frozenset({"enterprise", "household_business"})


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


def product_of(programme: Programme, case: Case, on: date) -> Product | None:
    """Give the product a case is about: named, or implied by who asks or by the one fact told; None when open.

    A business that asks about id.vn is shown to biz.vn, unless the age of who asks may count for id.vn.
    """
    if case.product == "id.vn" and case.subject in _BUSINESSES:
        return "id.vn" if _may_count_by_age(programme, case, on) else "biz.vn"
    product = product_asked(case.product, case.subject)
    if product is not None:
        return product
    if case.subject == "foreigner":
        return "id.vn"
    if case.subject == "organisation":
        return "biz.vn"
    tells_of_person = case.age is not None or case.born is not None
    if tells_of_person and case.founding is None:
        return "id.vn"
    if case.founding is not None and not tells_of_person:
        return "biz.vn"
    return None


def missing(programme: Programme, case: Case, on: date) -> Slot | None:
    """Name what must still be asked before a verdict is worth telling; None when nothing, or nothing more is known.

    Raises:
        AgeImplausibleError: as `judge`.
    """
    product = product_of(programme, case, on)
    if product is None:
        return "product"
    wanted = _wanted(programme, case, product, on)
    return None if wanted in case.unknown else wanted


def judge(programme: Programme, case: Case, on: date) -> Verdict:
    """Judge a case as things stand on a day.

    Raises:
        CaseIncompleteError: when nothing was told of the fact that decides, nor that it is unknown.
        AgeImplausibleError: when the age decides and is none of `PLAUSIBLE_AGES`.
    """
    product = product_of(programme, case, on)
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


Judgement: TypeAlias = tuple[Group, Reason, tuple[Citation, ...]]


def _may_count_by_age(programme: Programme, case: Case, on: date) -> bool:
    ages = ages_of(case, on)
    rule = programme.eligibility.citizen
    return ages is not None and ages[0] <= rule.age_unsettled and ages[1] >= rule.age_from


def _wanted(programme: Programme, case: Case, product: Product, on: date) -> Slot | None:
    """Name the fact that would decide and is not known, whether or not the citizen can tell it."""
    if case.subject == "foreigner":
        return None
    if product == "id.vn":
        ages = ages_of(case, on)
        if ages is None:
            return "age"
        return "birthday" if _judge_ages(programme, ages)[1] is Reason.BIRTHDAY_UNKNOWN else None
    if case.subject == "household_business":
        return "certificate" if case.certificate is None else None
    if case.subject == "organisation":
        return None
    if case.founding is None:
        return "founding"
    return "founding_day" if _judge_founding(programme, case, on)[1] in _SETTLED_BY_DAY else None


def _judge_group(programme: Programme, case: Case, product: Product, on: date) -> Judgement:
    rules = programme.eligibility
    if case.subject == "foreigner":
        return Group.NOT_IN_GROUP, Reason.FOREIGNER, rules.citizen.sources
    if product == "id.vn":
        ages = ages_of(case, on)
        if ages is not None:
            return _judge_ages(programme, ages)
        _check_is_unknown(case, "age")
        return Group.UNCLEAR, Reason.AGE_UNKNOWN, rules.citizen.sources
    if case.subject == "household_business":
        return _judge_household(programme, case, on)
    if case.subject == "organisation":
        named = (*rules.enterprise.sources, *rules.household_business.sources)
        return Group.UNCLEAR, Reason.ORGANISATION_NOT_NAMED, named
    return _judge_founding(programme, case, on)


def _judge_ages(programme: Programme, ages: tuple[int, int]) -> Judgement:
    """Judge somebody who has one of these ages."""
    youngest, oldest = (_judge_age(programme, age) for age in ages)
    if youngest == oldest:
        return oldest
    return Group.UNCLEAR, Reason.BIRTHDAY_UNKNOWN, programme.eligibility.citizen.sources


def _judge_age(programme: Programme, age: int) -> Judgement:
    rule = programme.eligibility.citizen
    if age not in PLAUSIBLE_AGES:
        raise AgeImplausibleError(age=age)
    if age < rule.age_from:
        return Group.NOT_IN_GROUP, Reason.AGE_BELOW, rule.sources
    if age < rule.age_unsettled:
        return Group.IN_GROUP, Reason.AGE_WITHIN, rule.sources
    if age == rule.age_unsettled:
        return Group.UNCLEAR, Reason.AGE_UNSETTLED, rule.sources
    return Group.NOT_IN_GROUP, Reason.AGE_ABOVE, rule.sources


def _judge_household(programme: Programme, case: Case, on: date) -> Judgement:
    rule = programme.eligibility.household_business
    if case.certificate:
        return Group.IN_GROUP, Reason.CERTIFICATE_HELD, rule.sources
    told = rule.sources
    if on >= rule.certificate_from_commune_since:
        told = (*told, *rule.certificate_sources)
    if case.certificate is False:
        return Group.NOT_IN_GROUP, Reason.CERTIFICATE_MISSING, told
    _check_is_unknown(case, "certificate")
    return Group.UNCLEAR, Reason.CERTIFICATE_UNKNOWN, told


def _judge_founding(programme: Programme, case: Case, on: date) -> Judgement:
    if isinstance(case.founding, FoundedAgo):
        return _judge_founded_ago(programme, case.founding)
    if isinstance(case.founding, Period):
        return _judge_founded_in(programme, case.founding, on)
    _check_is_unknown(case, "founding")
    return Group.UNCLEAR, Reason.FOUNDING_UNKNOWN, programme.eligibility.enterprise.sources


def _judge_founded_ago(programme: Programme, founding: FoundedAgo) -> Judgement:
    rule = programme.eligibility.enterprise
    # People round: eleven to thirteen months may be either side of the limit, and only the date decides.
    past_limit = (founding.months - 12 * rule.years_since_founding) * _DAYS_IN_SPOKEN_MONTH + founding.days
    if abs(past_limit) <= _DAYS_IN_SPOKEN_MONTH:
        return Group.UNCLEAR, Reason.FOUNDING_NEAR_LIMIT, rule.sources
    if past_limit < 0:
        return Group.IN_GROUP, Reason.FOUNDED_WITHIN, rule.sources
    return Group.NOT_IN_GROUP, Reason.FOUNDED_EARLIER, (*rule.sources, *rule.older_may_pay)


def _judge_founded_in(programme: Programme, founding: Period, on: date) -> Judgement:
    rule = programme.eligibility.enterprise
    if founding.earliest > on:
        return Group.UNCLEAR, Reason.FOUNDING_IN_FUTURE, rule.sources
    if on <= last_day_within(programme, founding.earliest):
        return Group.IN_GROUP, Reason.FOUNDED_WITHIN, rule.sources
    if on > last_day_within(programme, min(founding.latest, on)):
        return Group.NOT_IN_GROUP, Reason.FOUNDED_EARLIER, (*rule.sources, *rule.older_may_pay)
    return Group.UNCLEAR, Reason.FOUNDING_NOT_EXACT, rule.sources


def _check_is_unknown(case: Case, slot: Slot) -> None:
    if slot not in case.unknown:
        raise CaseIncompleteError(slot=slot)
