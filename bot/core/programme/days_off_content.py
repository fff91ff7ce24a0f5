"""Public holidays, as they stand in ``bot/content/holidays.yaml``."""

from __future__ import annotations

from bot.core.programme.records import Day, Record, Text


class Holiday(Record):
    """A day on which offices are closed; `settled` False: it rests on a decision or a law that was not read."""

    day: Day
    name: Text
    settled: bool
    source: Text
