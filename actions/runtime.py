"""What the actions of this process work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bot.core.programme import Programme


@dataclass(frozen=True, slots=True)
class ActionRuntime:
    """The facts, and the day on which they are told (a local date: `TODAY`, or the real one)."""

    programme: Programme
    today: Callable[[], date]
