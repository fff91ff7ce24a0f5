"""The clock that is passed in, so that no rule reads the time by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

LOCAL_ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the current moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the current moment, aware, in UTC."""
        return datetime.now(UTC)


def on_local_clocks(moment: datetime) -> datetime:
    """Return a moment on the clocks of Việt Nam; their last one where the calendar ends first.

    A certificate without an end names the last second of the year 9999 (RFC 5280, 4.1.2.5).
    """
    try:
        return moment.astimezone(LOCAL_ZONE)
    except OverflowError:
        return datetime.max.replace(tzinfo=LOCAL_ZONE)


def content_day(clock: Clock, fixed: date | None) -> Callable[[], date]:
    """Return what tells the local day **for content only**: `fixed` where set, else today in Việt Nam."""
    return lambda: fixed or clock.now().astimezone(LOCAL_ZONE).date()
