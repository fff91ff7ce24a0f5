"""The moments of a timetable, which is written for the clocks of Việt Nam; no I/O."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time

from bot.core.clock import LOCAL_ZONE, on_local_clocks
from bot.core.statements.models import Timetable


def moments(timetable: Timetable, after: datetime, until: datetime) -> Iterator[datetime]:
    """Yield the moments (UTC) after one and until another, the last included, in their order.

    A day counts where its weekday (ISO: 1 is Monday) or its number in the month is named. Days are gone through one by
    one, so `until` may lie far away.
    """
    first, last = max(after, timetable.not_before), min(until, timetable.not_after)
    if first > last:
        return
    times = [time.fromisoformat(each) for each in timetable.times]
    for ordinal in range(on_local_clocks(first).toordinal(), on_local_clocks(last).toordinal() + 1):
        day = date.fromordinal(ordinal)
        if day.isoweekday() not in timetable.weekdays and day.day not in timetable.days_of_month:
            continue
        for each in times:
            moment = datetime.combine(day, each, LOCAL_ZONE).astimezone(UTC)
            if moment > after and first <= moment <= last:
                yield moment


def next_moment(timetable: Timetable, after: datetime) -> datetime | None:
    """Return the first moment (UTC) after one; None where the timetable has ended."""
    return next(moments(timetable, after, timetable.not_after), None)
