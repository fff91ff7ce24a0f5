"""What the actions of this process work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from bot.core.broadcasts.checking import Found
from bot.core.guides import Guides
from bot.core.programme import Programme
from bot.core.programme.answers import Answers


class Bulletins(Protocol):
    """Looks bulletins up."""

    async def find(self, code: str) -> Found | None:
        """Return what was sent under a check code; None where nothing was."""
        ...


@dataclass(frozen=True, slots=True)
class ActionRuntime:
    """The facts, what is answered from them, and how they are told.

    Attributes:
        bulletins: what was sent to many, for whoever asks whether it is genuine.
        outside_url: how the outside reaches us, without a slash at its end.
        today: the day on which facts are told (`TODAY`, or the real local date).
        keeps_misread: whether people are offered to let the assistant learn from what it did not understand.
    """

    programme: Programme
    answers: Answers
    guides: Guides
    today: Callable[[], date]
    bulletins: Bulletins
    outside_url: str
    keeps_misread: bool = False
