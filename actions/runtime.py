"""What the actions of this process work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bot.core.programme import Programme
from bot.core.programme.answers import Answers


@dataclass(frozen=True, slots=True)
class ActionRuntime:
    """The facts, what is answered from them, and the day on which they are told (`TODAY`, or the real local date)."""

    programme: Programme
    answers: Answers
    today: Callable[[], date]
