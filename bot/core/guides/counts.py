"""How often each step of a guide was reached, done, given help for and left; of all people together, of nobody alone.

A count holds no moment and no person, so nothing of it has to be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Self

from sqlalchemy import Dialect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.guides.models import guide_counts

DOUBT = 10
"""A step counts as if this many more had passed it without trouble: one person stuck out of one proves little."""


class Tally(StrEnum):
    """What is counted at a step."""

    REACHED = "reached"
    DONE = "done"
    STUCK = "stuck"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Counted:
    """One thing that happened at one step."""

    tally: Tally
    guide: str
    step: int

    def __str__(self) -> str:
        return f"{self.tally.value}.{self.guide}.{self.step}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `__str__` wrote.

        Raises:
            ValueError: it was something else.
        """
        tally, guide, step = text.split(".")
        return cls(Tally(tally), guide, int(step))


@dataclass(frozen=True, slots=True)
class StepCounts:
    """The counts of one step."""

    guide: str
    step: int
    reached: int
    done: int
    stuck: int
    left: int

    @property
    def trouble(self) -> float:
        """How much trouble the step makes, from 0: the help and the leaving, by those who reached it and `DOUBT`."""
        return (self.stuck + self.left) / (self.reached + DOUBT)


async def add(connection: AsyncConnection, counted: Iterable[Counted]) -> None:
    """Count what happened, once each."""
    for one in counted:
        column = guide_counts.c[one.tally.value]
        statement = (
            _insert(connection.dialect)
            .values(guide=one.guide, step=one.step, **{one.tally.value: 1})
            .on_conflict_do_update(
                index_elements=[guide_counts.c.guide, guide_counts.c.step], set_={one.tally.value: column + 1}
            )
        )
        await connection.execute(statement)


async def list_worst_first(connection: AsyncConnection) -> Sequence[StepCounts]:
    """Return the counts of every step that anybody came to, those that make most trouble first."""
    rows = await connection.execute(select(*(guide_counts.c[field.name] for field in fields(StepCounts))))
    counts = [StepCounts(**row._mapping) for row in rows]
    return sorted(counts, key=lambda each: (-each.trouble, -each.reached, each.guide, each.step))


def _insert(dialect: Dialect) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(guide_counts) if dialect.name == "postgresql" else sqlite.insert(guide_counts)
