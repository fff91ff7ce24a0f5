from datetime import UTC, date, datetime

import pytest

from bot.core.clock import LOCAL_ZONE
from bot.core.workdays import end_of_working_days, is_working_day


def local(*parts):
    return datetime(*parts, tzinfo=LOCAL_ZONE)


@pytest.mark.parametrize(
    ("since", "end"),
    [
        # From a Monday on.
        (local(2026, 11, 16, 8), local(2026, 11, 19)),
        # The day itself does not count, however early it was or late.
        (local(2026, 11, 16, 0, 0, 1), local(2026, 11, 19)),
        (local(2026, 11, 16, 23, 59), local(2026, 11, 19)),
        # Over a week-end, and over the 24th of November behind it.
        (local(2026, 11, 19, 15), local(2026, 11, 24)),
        (local(2026, 11, 20, 15), local(2026, 11, 26)),
        # On a Saturday: from Monday on.
        (local(2026, 11, 14, 9), local(2026, 11, 18)),
        # Over Tết.
        (local(2027, 2, 4, 9), local(2027, 2, 16)),
        # Over the 30th of April, the 1st of May and what is made up for it.
        (local(2027, 4, 29, 9), local(2027, 5, 6)),
    ],
)
def test_two_working_days_are_over_with_the_second_one(programme, since, end):
    assert end_of_working_days(since.astimezone(UTC), 2, programme.days_off) == end


def test_the_day_is_that_of_viet_nam(programme):
    # 23:30 on Sunday in London is Monday there.
    assert end_of_working_days(datetime(2026, 11, 15, 23, 30, tzinfo=UTC), 2, programme.days_off) == local(2026, 11, 19)


def test_holidays_are_weekdays_in_order_and_each_year_has_the_same_number_as_the_statute_gives(programme):
    days = [holiday.day for holiday in programme.holidays]
    assert days == sorted(set(days))
    assert all(is_working_day(day, ()) and not is_working_day(day, programme.days_off) for day in days)
    # Eleven of the Labour Code, and the day of culture.
    assert [sum(day.year == year for day in days) for year in (2026, 2027)] == [12, 12]


def test_what_no_decision_settles_is_marked(programme):
    settled = {holiday.day: holiday.settled for holiday in programme.holidays}
    assert settled[date(2026, 9, 2)]
    assert not settled[date(2026, 11, 24)]
    assert not settled[date(2027, 2, 11)]
