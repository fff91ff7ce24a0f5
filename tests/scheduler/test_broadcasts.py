"""The clock of broadcasts: it ticks every five seconds, and a recurring one goes out by it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from structlog.testing import capture_logs

from bot.core.broadcasts.firing import Outcome
from scheduler import jobs
from scheduler.schedule import timetable_with
from tests.fakes import MORNING


class Due:
    """A firing whose broadcasts are names; one of them breaks."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def list_due(self, *, now):
        return [Row("first"), Row("broken"), Row("last")]

    async def take(self, row, *, now):
        if row.id == "broken":
            raise OSError
        self.taken.append(row.id)
        return Outcome.FIRED


class Row:
    def __init__(self, name: str) -> None:
        self.id = name


async def test_one_that_breaks_is_reported_and_holds_up_no_other(clock):
    due = Due()
    with capture_logs() as logs:
        await jobs.firing_job(due)(None, clock)
    assert due.taken == ["first", "last"]
    assert [entry["broadcast"] for entry in logs if entry["event"] == "broadcast.not_fired"] == ["broken"]


def test_what_is_due_is_looked_at_every_five_seconds_under_a_name_of_its_own():
    timetable = timetable_with(None, None, Due())
    names = [job.__name__ for _, job in timetable]
    assert len(names) == len(set(names))
    trigger = next(trigger for trigger, job in timetable if job.__name__ == "fire_due_broadcasts")
    first = trigger.get_next_fire_time(None, MORNING)
    second = trigger.get_next_fire_time(first, first + timedelta(microseconds=1))
    assert (first.astimezone(UTC), second - first) == (datetime(2026, 11, 20, 1, tzinfo=UTC), timedelta(seconds=5))
