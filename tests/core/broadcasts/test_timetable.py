"""The moments of a timetable, against those of APScheduler's cron trigger."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from bot.core.broadcasts.timetable import moments, next_moment
from bot.core.clock import LOCAL_ZONE
from bot.core.statements.models import Timetable
from tests.fakes import MORNING

DAY = timedelta(days=1)


def timetable(*, begins=MORNING, ends=MORNING + 30 * DAY, times=("09:00",), weekdays=(), days_of_month=()):
    return Timetable(not_before=begins, not_after=ends, times=times, weekdays=weekdays, days_of_month=days_of_month)


def by_cron(table: Timetable, after: datetime, most: int) -> list[datetime]:
    """Ask APScheduler for the same: its weekdays count from 0, and days of both kinds are two triggers."""
    days = []
    for moment in table.times:
        hour, minute = map(int, moment.split(":"))
        given_days = {"day_of_week": ",".join(str(day - 1) for day in table.weekdays)} if table.weekdays else None
        given_dates = {"day": ",".join(map(str, table.days_of_month))} if table.days_of_month else None
        days += [
            CronTrigger(**when, hour=hour, minute=minute, timezone=LOCAL_ZONE)
            for when in (given_days, given_dates)
            if when
        ]
    trigger = OrTrigger(days)
    found, at = [], max(after + timedelta(microseconds=1), table.not_before)
    while len(found) < most:
        following = trigger.get_next_fire_time(None, at)
        if following is None or following > table.not_after:
            break
        found.append(following.astimezone(UTC))
        at = following + timedelta(microseconds=1)
    return found


def some(items, *, most):
    return st.lists(items, max_size=most, unique=True).map(lambda found: tuple(sorted(found)))


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2029, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(microsecond=0, tzinfo=UTC)
)
TIMES = some(st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59)), most=4).filter(len)


@given(
    begins=MOMENTS,
    lasts=st.timedeltas(timedelta(seconds=1), 200 * DAY),
    ahead=st.timedeltas(-40 * DAY, 220 * DAY),
    times=TIMES,
    weekdays=some(st.integers(1, 7), most=3),
    days_of_month=some(st.integers(1, 31), most=4),
)
def test_the_moments_are_those_of_a_cron_trigger(begins, lasts, ahead, times, weekdays, days_of_month):
    if not (weekdays or days_of_month):
        weekdays = (1,)
    ends = begins + timedelta(seconds=lasts // timedelta(seconds=1))
    table = timetable(begins=begins, ends=ends, times=times, weekdays=weekdays, days_of_month=days_of_month)
    after = begins + ahead
    assert list(islice(moments(table, after, ends), 12)) == by_cron(table, after, 12)


def test_both_ends_of_the_window_count_and_the_moment_after_which_is_asked_does_not():
    nine = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
    table = timetable(begins=nine, ends=nine + DAY, weekdays=(5, 6))
    assert list(moments(table, nine - DAY, nine + 9 * DAY)) == [nine, nine + DAY]
    assert next_moment(table, nine - timedelta(microseconds=1)) == nine
    assert next_moment(table, nine) == nine + DAY
    assert next_moment(table, nine + DAY) is None
    assert list(moments(table, nine - DAY, nine)) == [nine]
    assert list(moments(table, nine + DAY, nine)) == []


def test_days_are_those_of_viet_nam():
    # 17:30 on Sunday in UTC is half past midnight on Monday.
    table = timetable(times=("00:30",), weekdays=(1,))
    assert next_moment(table, MORNING) == datetime(2026, 11, 22, 17, 30, tzinfo=UTC)


def test_a_day_that_is_named_twice_has_its_moments_once():
    table = timetable(weekdays=(5,), days_of_month=(20,), ends=MORNING + DAY)
    assert list(moments(table, MORNING, MORNING + DAY)) == [datetime(2026, 11, 20, 2, 0, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (datetime(2027, 1, 31, 12, tzinfo=UTC), datetime(2027, 3, 31, 2, tzinfo=UTC)),
        (datetime(2028, 2, 28, 12, tzinfo=UTC), datetime(2028, 3, 31, 2, tzinfo=UTC)),
    ],
)
def test_a_month_without_that_day_is_passed_over(after, expected):
    table = timetable(days_of_month=(31,), ends=MORNING + 900 * DAY)
    assert next_moment(table, after) == expected


def test_an_end_beyond_the_calendar_is_no_trouble():
    last = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    table = timetable(ends=last, weekdays=(1,))
    assert next_moment(table, MORNING) == datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    assert next_moment(table, last) is None
    assert next_moment(table, last - timedelta(seconds=1)) is None
