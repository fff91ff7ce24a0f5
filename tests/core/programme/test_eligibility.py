from datetime import date

import pytest

from bot.core.programme.cases import (
    Case,
    FoundedAgo,
    FoundingUnreadableError,
    Period,
    PeriodUnreadableError,
    birthday,
    parse_founding,
    parse_period,
)
from bot.core.programme.eligibility import (
    AgeImplausibleError,
    CaseIncompleteError,
    judge,
    last_day_within,
    missing,
    product_of,
)
from tests.core.programme.cases import GOLDEN, HOUSEHOLD, born, firm, unknown
from tests.core.programme.conftest import OPEN_DAY, UNSETTLED_DAY


@pytest.mark.parametrize(("day", "standing"), [(OPEN_DAY, "open"), (UNSETTLED_DAY, "unsettled")])
@pytest.mark.parametrize("golden", GOLDEN)
def test_the_group_never_depends_on_whether_the_offer_is_open(programme, golden, day, standing):
    case, group, reason = golden
    verdict = judge(programme, case, day)
    assert (verdict.group, verdict.reason, verdict.offer.standing) == (group, reason, standing)
    assert verdict.sources


OPEN, OVER = "2025-06-01", "2026-11-20"


@pytest.mark.parametrize(
    ("birth", "on", "group", "reason"),
    [
        # the birthday, the day before and the day after
        ("2007-06-02", OPEN, "not_in_group", "age_below"),
        ("2007-06-01", OPEN, "in_group", "age_within"),
        ("2007-05-31", OPEN, "in_group", "age_within"),
        ("2002-06-02", OPEN, "in_group", "age_within"),
        ("2002-06-01", OPEN, "unclear", "age_unsettled"),
        ("2001-06-02", OPEN, "unclear", "age_unsettled"),
        ("2001-06-01", OPEN, "not_in_group", "age_above"),
        ("2008-11-21", OVER, "not_in_group", "age_below"),
        ("2008-11-20", OVER, "in_group", "age_within"),
        ("2003-11-21", OVER, "in_group", "age_within"),
        ("2003-11-20", OVER, "unclear", "age_unsettled"),
        ("2002-11-21", OVER, "unclear", "age_unsettled"),
        ("2002-11-20", OVER, "not_in_group", "age_above"),
        # by month
        ("2007-05", OPEN, "in_group", "age_within"),
        ("2007-06", OPEN, "unclear", "birthday_unknown"),
        ("2007-07", OPEN, "not_in_group", "age_below"),
        ("2008-11", OVER, "unclear", "birthday_unknown"),
        ("2008-12", OVER, "not_in_group", "age_below"),
        # by year
        ("2008", OPEN, "not_in_group", "age_below"),
        ("2007", OPEN, "unclear", "birthday_unknown"),
        ("2006", OPEN, "in_group", "age_within"),
        ("2003", OPEN, "in_group", "age_within"),
        ("2002", OPEN, "unclear", "birthday_unknown"),
        ("2001", OPEN, "unclear", "birthday_unknown"),
        ("2000", OPEN, "not_in_group", "age_above"),
        ("2009", OVER, "not_in_group", "age_below"),
        ("2008", OVER, "unclear", "birthday_unknown"),
        ("2007", OVER, "in_group", "age_within"),
        ("2004", OVER, "in_group", "age_within"),
        ("2003", OVER, "unclear", "birthday_unknown"),
        ("2002", OVER, "unclear", "birthday_unknown"),
        ("2001", OVER, "not_in_group", "age_above"),
        # born on 29 February
        ("2008-02-29", "2026-02-28", "not_in_group", "age_below"),
        ("2008-02-29", "2026-03-01", "in_group", "age_within"),
        ("2004-02-29", OPEN, "in_group", "age_within"),
        ("2004-02-29", OVER, "in_group", "age_within"),
        ("2000-02-29", "2024-02-28", "unclear", "age_unsettled"),
        ("2000-02-29", "2024-02-29", "not_in_group", "age_above"),
        ("2004-02-29", "2027-02-28", "in_group", "age_within"),
        ("2004-02-29", "2027-03-01", "unclear", "age_unsettled"),
    ],
)
def test_a_person_belongs_to_the_birthday(programme, birth, on, group, reason):
    verdict = judge(programme, born(birth), date.fromisoformat(on))
    assert (verdict.group, verdict.reason) == (group, reason)


@pytest.mark.parametrize(
    ("day", "years", "completed"),
    [
        (date(2007, 9, 15), 18, date(2025, 9, 15)),
        (date(2008, 2, 29), 18, date(2026, 3, 1)),
        (date(2008, 2, 29), 24, date(2032, 2, 29)),
    ],
)
def test_a_birthday_is_the_day_on_which_the_age_changes(programme, day, years, completed):
    assert birthday(day, years) == completed


@pytest.mark.parametrize(
    ("founded", "on", "group", "reason"),
    [
        # 364, 365 and 366 days before, with and without a 29 February in between
        ("2024-06-02", OPEN, "in_group", "founded_within"),
        ("2024-06-01", OPEN, "in_group", "founded_within"),
        ("2024-05-31", OPEN, "not_in_group", "founded_earlier"),
        ("2025-11-21", OVER, "in_group", "founded_within"),
        ("2025-11-20", OVER, "in_group", "founded_within"),
        ("2025-11-19", OVER, "not_in_group", "founded_earlier"),
        ("2023-06-03", "2024-06-01", "in_group", "founded_within"),
        ("2023-06-02", "2024-06-01", "in_group", "founded_within"),
        ("2023-06-01", "2024-06-01", "in_group", "founded_within"),
        ("2023-05-31", "2024-06-01", "not_in_group", "founded_earlier"),
        ("2024-02-29", "2025-02-27", "in_group", "founded_within"),
        ("2024-02-29", "2025-02-28", "in_group", "founded_within"),
        ("2024-02-29", "2025-03-01", "not_in_group", "founded_earlier"),
        ("2024-03-01", "2025-03-01", "in_group", "founded_within"),
        ("2023-02-28", "2024-02-28", "in_group", "founded_within"),
        ("2023-02-28", "2024-02-29", "not_in_group", "founded_earlier"),
        ("2023-03-01", "2024-02-29", "in_group", "founded_within"),
        # the day itself, and days to come
        ("2025-06-01", OPEN, "in_group", "founded_within"),
        ("2025-06-02", OPEN, "unclear", "founding_in_future"),
        ("2026-11-20", OVER, "in_group", "founded_within"),
        ("2026-11-21", OVER, "unclear", "founding_in_future"),
        # by month
        ("2025-06", OPEN, "in_group", "founded_within"),
        ("2024-07", OPEN, "in_group", "founded_within"),
        ("2024-06", OPEN, "in_group", "founded_within"),
        ("2024-05", OPEN, "not_in_group", "founded_earlier"),
        ("2024-06", "2025-06-02", "unclear", "founding_not_exact"),
        ("2025-07", OPEN, "unclear", "founding_in_future"),
        ("2026-11", OVER, "in_group", "founded_within"),
        ("2025-12", OVER, "in_group", "founded_within"),
        ("2025-11", OVER, "unclear", "founding_not_exact"),
        ("2025-10", OVER, "not_in_group", "founded_earlier"),
        ("2026-12", OVER, "unclear", "founding_in_future"),
        ("2024-02", "2025-02-28", "unclear", "founding_not_exact"),
        ("2024-02", "2025-03-01", "not_in_group", "founded_earlier"),
        # by year
        ("2025", OPEN, "in_group", "founded_within"),
        ("2024", OPEN, "unclear", "founding_not_exact"),
        ("2023", OPEN, "not_in_group", "founded_earlier"),
        ("2026", OPEN, "unclear", "founding_in_future"),
        ("2026", OVER, "in_group", "founded_within"),
        ("2025", OVER, "unclear", "founding_not_exact"),
        ("2024", OVER, "not_in_group", "founded_earlier"),
        ("2027", OVER, "unclear", "founding_in_future"),
        ("2025", "2026-01-02", "unclear", "founding_not_exact"),
        ("2025", "2025-12-31", "in_group", "founded_within"),
    ],
)
def test_a_firm_belongs_to_the_day(programme, founded, on, group, reason):
    verdict = judge(programme, firm(founded), date.fromisoformat(on))
    assert (verdict.group, verdict.reason) == (group, reason)


def test_a_firm_founded_on_a_leap_day_belongs_until_the_end_of_the_next_february(programme):
    assert last_day_within(programme, date(2024, 2, 29)) == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("text", "founding"),
    [
        ("P3M", FoundedAgo(3)),
        ("P1Y2M", FoundedAgo(14)),
        ("P10D", FoundedAgo(0, 10)),
        ("P1Y", FoundedAgo(12)),
        ("2026-03-15", Period(date(2026, 3, 15), date(2026, 3, 15))),
        ("2024-02", Period(date(2024, 2, 1), date(2024, 2, 29))),
        ("2026", Period(date(2026, 1, 1), date(2026, 12, 31))),
    ],
)
def test_founding_is_read_as_the_taxonomy_writes_it(text, founding):
    assert parse_founding(text) == founding


@pytest.mark.parametrize(
    "text",
    ["", "P", "PM", "P3", "3M", "P3M ", "P-3M", "2026-13", "2026-02-30", "0000", "26", "15/3/2026", "2026-3", "²026"],
)
def test_anything_else_is_not_a_founding(text):
    with pytest.raises(FoundingUnreadableError):
        parse_founding(text)


def test_a_duration_is_no_birth():
    with pytest.raises(PeriodUnreadableError):
        parse_period("P20Y")


@pytest.mark.parametrize(
    ("case", "slot"),
    [
        (Case(), "product"),
        (Case(age=20, founding=FoundedAgo(3)), "product"),
        (Case(subject="citizen", unknown=frozenset({"founding"})), "age"),
        (Case(product="id.vn"), "age"),
        (Case(product="id.vn", founding=FoundedAgo(3)), "age"),
        (Case(product="biz.vn"), "founding"),
        (Case(product="biz.vn", age=20), "founding"),
        (Case(subject="student"), "age"),
        (Case(subject="citizen"), "age"),
        (Case(subject="enterprise"), "founding"),
        (Case(product="id.vn", subject="enterprise"), "founding"),
        (Case(subject=HOUSEHOLD), "certificate"),
        (Case(subject=HOUSEHOLD, founding=FoundedAgo(120)), "certificate"),
        (Case(product="id.vn", subject=HOUSEHOLD), "certificate"),
        (Case(product="id.vn", subject=HOUSEHOLD, age=20), None),
        (Case(product="id.vn", subject=HOUSEHOLD, age=50), "certificate"),
        (Case(subject=HOUSEHOLD, certificate=True), None),
        (Case(subject=HOUSEHOLD, certificate=False), None),
        (Case(subject="foreigner"), None),
        (Case(subject="organisation"), None),
        (Case(age=20), None),
        (born("2008-11-20"), None),
        (born("2008"), "birthday"),
        (born("2005"), None),
        (Case(founding=FoundedAgo(3)), None),
        (Case(founding=FoundedAgo(11)), "founding_day"),
        (Case(founding=FoundedAgo(12)), "founding_day"),
        (Case(founding=FoundedAgo(13)), "founding_day"),
        (firm("2025-11"), "founding_day"),
        (firm("2025"), "founding_day"),
        (firm("2027"), "founding_day"),
        (firm("2026"), None),
        (Case(product="id.vn", age=20), None),
        (Case(product="biz.vn", founding=FoundedAgo(3)), None),
        # what the citizen cannot tell is not asked again
        (unknown("age", product="id.vn"), None),
        (unknown("birthday", born=parse_period("2008")), None),
        (unknown("founding", product="biz.vn"), None),
        (unknown("founding_day", product="biz.vn", founding=FoundedAgo(12)), None),
        (unknown("certificate", subject=HOUSEHOLD), None),
    ],
)
def test_only_what_decides_is_asked(programme, case, slot):
    assert missing(programme, case, UNSETTLED_DAY) == slot


@pytest.mark.parametrize(
    ("told", "product"),
    [
        ({}, None),
        ({"product": "id.vn", "subject": HOUSEHOLD}, "biz.vn"),
        ({"product": "id.vn", "subject": HOUSEHOLD, "age": 50}, "biz.vn"),
        ({"product": "id.vn", "subject": HOUSEHOLD, "age": 20}, "id.vn"),
        ({"product": "id.vn", "subject": "enterprise"}, "biz.vn"),
        ({"product": "biz.vn", "subject": "student"}, "biz.vn"),
        ({"age": 20}, "id.vn"),
        ({"born": parse_period("2006")}, "id.vn"),
    ],
)
def test_a_business_that_asks_about_id_vn_is_shown_to_biz_vn(programme, told, product):
    assert product_of(programme, Case(**told), UNSETTLED_DAY) == product


@pytest.mark.parametrize(
    ("told", "slot"),
    [
        ({}, "product"),
        ({"product": "biz.vn"}, "founding"),
        ({"product": "id.vn", "founding": FoundedAgo(3)}, "age"),
        ({"subject": HOUSEHOLD}, "certificate"),
        ({"subject": HOUSEHOLD, "founding": FoundedAgo(3)}, "certificate"),
    ],
)
def test_a_case_with_a_gap_is_not_judged(programme, told, slot):
    with pytest.raises(CaseIncompleteError) as caught:
        judge(programme, Case(**told), OPEN_DAY)
    assert caught.value.facts == {"slot": slot}


@pytest.mark.parametrize("age", [-1, 0, 121, 2006])
def test_an_age_that_nobody_has_is_not_judged(programme, age):
    with pytest.raises(AgeImplausibleError):
        judge(programme, Case(product="id.vn", age=age), OPEN_DAY)
