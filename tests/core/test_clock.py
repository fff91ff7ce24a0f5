from datetime import UTC, date, datetime

from bot.core.clock import SystemClock, content_day, on_local_clocks
from tests.fakes import FixedClock


def test_the_system_clock_tells_aware_utc():
    before = datetime.now(UTC)
    told = SystemClock().now()
    assert told.tzinfo is UTC
    assert before <= told <= datetime.now(UTC)


def test_content_s_day_is_the_local_one_in_viet_nam():
    late_evening_utc = FixedClock(datetime(2026, 11, 20, 18, 0, tzinfo=UTC))
    assert content_day(late_evening_utc, None)() == date(2026, 11, 21)


def test_a_fixed_day_is_for_content_whatever_the_clock_says():
    assert content_day(FixedClock(), date(2025, 6, 1))() == date(2025, 6, 1)


def test_a_moment_at_the_end_of_the_calendar_is_told_as_the_last_one():
    assert f"{on_local_clocks(datetime(2026, 11, 20, 18, 0, tzinfo=UTC)):%d/%m/%Y %H:%M}" == "21/11/2026 01:00"
    assert f"{on_local_clocks(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)):%d/%m/%Y %H:%M}" == "31/12/9999 23:59"
