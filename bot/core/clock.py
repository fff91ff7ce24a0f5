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


def content_day(clock: Clock, fixed: date | None) -> Callable[[], date]:
    """Return what tells the local day **for content only**: `fixed` where set, else today in Việt Nam."""
    return lambda: fixed or clock.now().astimezone(LOCAL_ZONE).date()
