"""Queries of misreadings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Dialect, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.misreadings.models import MisreadingState, misreadings


@dataclass(frozen=True, slots=True)
class MisreadingRow:
    """A misreading as stored; without words once it is dismissed."""

    id: int
    words: str | None
    channel: str
    intent: str
    confidence: float
    guesses: str
    why: str
    state: int
    times: int
    last_on: date
    label: str | None
    exported_at: datetime | None


_COLUMNS = [misreadings.c[field.name] for field in fields(MisreadingRow)]


async def count_again(connection: AsyncConnection, digest: str, *, on: date) -> bool:
    """Note that these words came once more; False where they were not here."""
    result = await connection.execute(
        update(misreadings).where(misreadings.c.digest == digest).values(times=misreadings.c.times + 1, last_on=on)
    )
    return result.rowcount == 1


async def add(connection: AsyncConnection, digest: str, *, on: date, **values: Any) -> None:
    """Store new words, waiting; where somebody else just did, count them."""
    statement = (
        _insert(connection.dialect)
        .values(digest=digest, first_on=on, last_on=on, **values)
        .on_conflict_do_update(
            index_elements=[misreadings.c.digest], set_={"times": misreadings.c.times + 1, "last_on": on}
        )
    )
    await connection.execute(statement)


def _insert(dialect: Dialect) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(misreadings) if dialect.name == "postgresql" else sqlite.insert(misreadings)


async def count_less(connection: AsyncConnection, digest: str) -> bool:
    """Take back one coming of these words, and them with the last; False where they are not here."""
    mine = misreadings.c.digest == digest
    removed = await connection.execute(delete(misreadings).where(mine, misreadings.c.times <= 1))
    if removed.rowcount == 1:
        return True
    lessened = await connection.execute(update(misreadings).where(mine).values(times=misreadings.c.times - 1))
    return lessened.rowcount == 1


async def count_waiting(connection: AsyncConnection) -> int:
    """Count those that nobody has decided about."""
    query = select(func.count()).where(misreadings.c.state == MisreadingState.WAITING)
    return int((await connection.execute(query)).scalar_one())


async def list_waiting(connection: AsyncConnection, *, most: int) -> Sequence[MisreadingRow]:
    """Return up to `most` that nobody has decided about, those that came most often first, then the oldest."""
    query = (
        select(*_COLUMNS)
        .where(misreadings.c.state == MisreadingState.WAITING)
        .order_by(misreadings.c.times.desc(), misreadings.c.id)
        .limit(most)
    )
    return [MisreadingRow(**row._mapping) for row in await connection.execute(query)]


async def list_labelled(connection: AsyncConnection) -> Sequence[MisreadingRow]:
    """Return all that have a label, by label, oldest first."""
    query = (
        select(*_COLUMNS)
        .where(misreadings.c.state == MisreadingState.LABELLED)
        .order_by(misreadings.c.label, misreadings.c.id)
    )
    return [MisreadingRow(**row._mapping) for row in await connection.execute(query)]


async def find_state(connection: AsyncConnection, misreading_id: int) -> MisreadingState | None:
    """Return where one stands, held until the transaction ends where that can write; None where it is gone."""
    query = select(misreadings.c.state).where(misreadings.c.id == misreading_id).with_for_update()
    state = (await connection.execute(query)).scalar_one_or_none()
    return None if state is None else MisreadingState(state)


async def save(connection: AsyncConnection, misreading_id: int, **values: Any) -> None:
    """Change one."""
    await connection.execute(update(misreadings).where(misreadings.c.id == misreading_id).values(**values))


async def mark_exported(connection: AsyncConnection, ids: Sequence[int], *, now: datetime) -> None:
    """Note when they were exported for the first time."""
    await connection.execute(
        update(misreadings)
        .where(misreadings.c.id.in_(ids), misreadings.c.exported_at.is_(None))
        .values(exported_at=now)
    )


async def count_by(connection: AsyncConnection, column: str, *, state: MisreadingState) -> Mapping[str, int]:
    """Count those of a state by what stands in a column."""
    grouped = misreadings.c[column]
    query = select(grouped, func.count()).where(misreadings.c.state == state).group_by(grouped).order_by(grouped)
    return {str(value): count for value, count in (await connection.execute(query)).all()}


async def count_states(connection: AsyncConnection) -> Mapping[MisreadingState, int]:
    """Count them by state."""
    query = select(misreadings.c.state, func.count()).group_by(misreadings.c.state)
    return {MisreadingState(state): count for state, count in (await connection.execute(query)).all()}


async def remove_old(connection: AsyncConnection, *, unlabelled_before: date, used_before: datetime) -> int:
    """Remove those without a label that came last before a day, and those used before a moment; return how many."""
    labelled = misreadings.c.state == MisreadingState.LABELLED
    used_at = func.coalesce(misreadings.c.exported_at, misreadings.c.decided_at)
    statement = delete(misreadings).where(
        or_(and_(~labelled, misreadings.c.last_on < unlabelled_before), and_(labelled, used_at < used_before))
    )
    return (await connection.execute(statement)).rowcount
