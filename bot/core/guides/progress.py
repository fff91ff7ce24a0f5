"""Where people are in a guide, between two messages and on whatever channel they write next.

The table is the one truth: a turn's dialogue state gets its slots from here, and an effect writes them back. A row
holds a random id and codes of steps: nothing that the person typed. It goes when the guide is finished, when its person
is erased, and after `KEEP_PROGRESS` without a word.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Dialect, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.guides import counts
from bot.core.guides.counts import Counted, Tally
from bot.core.guides.models import guide_progress
from bot.core.ports import DialogueState

PLACE, LANGUAGE = "guide_place", "guide_language"
"""The dialogue's slots that a turn gets from here."""
KEEP_PROGRESS = timedelta(days=30)
"""A place is kept for this long without a word about it; conversations are kept as long."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The step that somebody is at, with the way back as `Walk.encode` wrote it, and the language that they want."""

    guide: str
    step: int
    place: str
    language: str


async def find(connection: AsyncConnection, citizen_id: str) -> Progress | None:
    """Return where a citizen is."""
    names = [field.name for field in fields(Progress)]
    query = select(*(guide_progress.c[name] for name in names)).where(guide_progress.c.citizen_id == citizen_id)
    row = (await connection.execute(query)).one_or_none()
    return Progress(**row._mapping) if row else None


def joined(state: DialogueState, progress: Progress | None) -> DialogueState:
    """Give the dialogue state with the place that is kept, and without one that is not kept any more."""
    others = {name: value for name, value in state.slots.items() if name != PLACE}
    if progress is None:
        return state if len(others) == len(state.slots) else replace(state, slots=others)
    return replace(state, slots={**others, PLACE: progress.place, LANGUAGE: progress.language})


async def keep(
    connection: AsyncConnection, citizen_id: str, progress: Progress, *, counted: Collection[Counted], now: datetime
) -> None:
    """Keep where a citizen is now, and count what brought them there."""
    has_left = any(one.tally is Tally.LEFT for one in counted)
    kept = {**asdict(progress), "has_left": has_left, "updated_at": now}
    statement = (
        _insert(connection.dialect)
        .values(citizen_id=citizen_id, **kept)
        .on_conflict_do_update(index_elements=[guide_progress.c.citizen_id], set_=kept)
    )
    await connection.execute(statement)
    await counts.add(connection, counted)


async def end(connection: AsyncConnection, citizen_id: str, *, counted: Collection[Counted]) -> None:
    """Forget where a citizen was, whose guide is over, and count how it ended."""
    await connection.execute(delete(guide_progress).where(guide_progress.c.citizen_id == citizen_id))
    await counts.add(connection, counted)


async def forget_people(connection: AsyncConnection, citizen_ids: Collection[str]) -> None:
    """Forget where citizens were who are erased; whoever had not said so is counted as having left."""
    await _forget(connection, guide_progress.c.citizen_id.in_(citizen_ids))


async def forget_old(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget the places that nobody came back to, counted as left; return how many."""
    return await _forget(connection, guide_progress.c.updated_at < now - KEEP_PROGRESS)


async def _forget(connection: AsyncConnection, which: ColumnElement[bool]) -> int:
    gone = guide_progress.c
    rows = (
        await connection.execute(delete(guide_progress).where(which).returning(gone.guide, gone.step, gone.has_left))
    ).all()
    await counts.add(connection, [Counted(Tally.LEFT, row.guide, row.step) for row in rows if not row.has_left])
    return len(rows)


def _insert(dialect: Dialect) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(guide_progress) if dialect.name == "postgresql" else sqlite.insert(guide_progress)
