"""What the actions of this process work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from bot.core.guides import Guides
from bot.core.programme import Programme
from bot.core.programme.answers import Answers


@dataclass(frozen=True, slots=True)
class ActionRuntime:
    """The facts, what is answered from them, and how they are told.

    Attributes:
        today: the day on which facts are told (`TODAY`, or the real local date).
        keeps_misread: whether people are offered to let the assistant learn from what it did not understand.
    """

    programme: Programme
    answers: Answers
    guides: Guides
    today: Callable[[], date]
    keeps_misread: bool = False
