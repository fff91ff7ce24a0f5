"""Working days in Việt Nam; no I/O. Which days are holidays is content (``bot/content/holidays.yaml``)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from bot.core.clock import LOCAL_ZONE

_SATURDAY = 5


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    """Tell whether offices work on a day: from Monday to Friday, on no holiday."""
    return day.weekday() < _SATURDAY and day not in holidays


def end_of_working_days(since: datetime, count: int, holidays: Collection[date]) -> datetime:
    """Return the moment at which `count` working days after `since` are over, in UTC.

    Days count from the next one, and the last one counts to its end, in Việt Nam (Civil Code 91/2015/QH13, articles
    147 and 148).
    """
    day = since.astimezone(LOCAL_ZONE).date()
    while count > 0:
        day += timedelta(days=1)
        count -= is_working_day(day, holidays)
    return datetime.combine(day + timedelta(days=1), time(), LOCAL_ZONE).astimezone(UTC)
