"""Cases by their facts, and the table of what the rules say of them."""

from __future__ import annotations

from typing import Any

from bot.core.programme.cases import Case, FoundedAgo, Slot, parse_founding, parse_period

HOUSEHOLD = "household_business"


def firm(founding: str, **told: Any) -> Case:
    return Case(product="biz.vn", founding=parse_founding(founding), **told)


def born(day: str, **told: Any) -> Case:
    return Case(born=parse_period(day), **told)


def unknown(slot: Slot, **told: Any) -> Case:
    return Case(unknown=frozenset({slot}), **told)


GOLDEN = [
    # people, by age
    (Case(product="id.vn", age=1), "not_in_group", "age_below"),
    (Case(product="id.vn", age=17), "not_in_group", "age_below"),
    (Case(product="id.vn", age=18), "in_group", "age_within"),
    (Case(product="id.vn", age=20), "in_group", "age_within"),
    (Case(product="id.vn", age=22), "in_group", "age_within"),
    (Case(product="id.vn", age=23), "unclear", "age_unsettled"),
    (Case(product="id.vn", age=24), "not_in_group", "age_above"),
    (Case(product="id.vn", age=55), "not_in_group", "age_above"),
    (Case(product="id.vn", age=120), "not_in_group", "age_above"),
    (Case(subject="student", age=22), "in_group", "age_within"),
    (unknown("age", product="id.vn"), "unclear", "age_unknown"),
    # foreigners, whatever else they tell
    (Case(product="id.vn", subject="foreigner"), "not_in_group", "foreigner"),
    (Case(product="id.vn", subject="foreigner", age=20), "not_in_group", "foreigner"),
    (Case(subject="foreigner"), "not_in_group", "foreigner"),
    # firms, by what is said of their age
    (firm("P0D"), "in_group", "founded_within"),
    (firm("P10D"), "in_group", "founded_within"),
    (firm("P3M"), "in_group", "founded_within"),
    (firm("P10M"), "in_group", "founded_within"),
    (firm("P11M"), "unclear", "founding_near_limit"),
    (firm("P12M"), "unclear", "founding_near_limit"),
    (firm("P1Y"), "unclear", "founding_near_limit"),
    (firm("P13M"), "unclear", "founding_near_limit"),
    (firm("P14M"), "not_in_group", "founded_earlier"),
    (firm("P1Y2M"), "not_in_group", "founded_earlier"),
    (firm("P10Y"), "not_in_group", "founded_earlier"),
    (firm("P364D"), "unclear", "founding_near_limit"),
    (unknown("founding", product="biz.vn"), "unclear", "founding_unknown"),
    # household businesses: the certificate decides, and never how old the business is
    (Case(subject=HOUSEHOLD, certificate=True), "in_group", "certificate_held"),
    (Case(subject=HOUSEHOLD, certificate=False), "not_in_group", "certificate_missing"),
    (unknown("certificate", subject=HOUSEHOLD), "unclear", "certificate_unknown"),
    (firm("P3M", subject=HOUSEHOLD, certificate=True), "in_group", "certificate_held"),
    (firm("P12M", subject=HOUSEHOLD, certificate=True), "in_group", "certificate_held"),
    (firm("P10Y", subject=HOUSEHOLD, certificate=True), "in_group", "certificate_held"),
    (firm("P3M", subject=HOUSEHOLD, certificate=False), "not_in_group", "certificate_missing"),
    # a business that asks about id.vn, by the age of who asks
    (Case(product="id.vn", subject=HOUSEHOLD, age=17, certificate=True), "in_group", "certificate_held"),
    (Case(product="id.vn", subject=HOUSEHOLD, age=18), "in_group", "age_within"),
    (Case(product="id.vn", subject=HOUSEHOLD, age=23), "unclear", "age_unsettled"),
    (Case(product="id.vn", subject=HOUSEHOLD, age=24, certificate=True), "in_group", "certificate_held"),
    (Case(product="id.vn", subject=HOUSEHOLD, age=50, certificate=False), "not_in_group", "certificate_missing"),
    (Case(product="id.vn", subject="enterprise", founding=FoundedAgo(3)), "in_group", "founded_within"),
    # what the plan does not name
    (Case(subject="organisation"), "unclear", "organisation_not_named"),
    (Case(subject="organisation", founding=FoundedAgo(5)), "unclear", "organisation_not_named"),
]
