"""When staff are at their desk, and what follows for an answer; pure functions of the time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bot.core.clock import LOCAL_ZONE

ANSWER_WITHIN = timedelta(hours=4)
"""Of working time: what a citizen who asks for a person is told, and after which the case is escalated."""
LONGEST_CLOSURE = timedelta(days=31)
"""No desk is closed for longer; the holidays of Tết are the longest."""


class DeskClosedError(ValueError):
    """The desk has no hours within a month."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The hours of a desk on the clocks of Việt Nam: weekdays (Monday is 1), spans of a day in order, days off."""

    weekdays: Collection[int]
    spans: tuple[tuple[time, time], ...]
    holidays: Collection[date] = frozenset()

    def is_open(self, moment: datetime) -> bool:
        """Tell whether somebody is there."""
        local = moment.astimezone(LOCAL_ZONE)
        return self._works_on(local.date()) and any(begin <= local.time() < end for begin, end in self.spans)

    def after(self, moment: datetime, work: timedelta) -> datetime:
        """Return the moment by which so much working time has passed, in UTC or whatever zone `moment` has.

        Raises:
            DeskClosedError: the desk does not open within a month.
        """
        left = work
        for begin, end in self._spans_from(moment):
            if end - begin >= left:
                return (begin + left).astimezone(moment.tzinfo)
            left -= end - begin
        raise DeskClosedError

    def _spans_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        local = moment.astimezone(LOCAL_ZONE)
        for offset in range(LONGEST_CLOSURE.days + 1):
            day = local.date() + timedelta(days=offset)
            if not self._works_on(day):
                continue
            for opens, closes in self.spans:
                begin = max(datetime.combine(day, opens, LOCAL_ZONE), local)
                end = datetime.combine(day, closes, LOCAL_ZONE)
                if begin < end:
                    yield begin, end

    def _works_on(self, day: date) -> bool:
        return day.isoweekday() in self.weekdays and day not in self.holidays
