"""Queries of broadcasts, their editions, history and fire records, and the one way to change a state.

Whoever changes a broadcast and its edition takes the broadcast first, so that nobody waits for each other. Every change
compares with what was read before; who comes second is told so, and rolls back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.broadcasts.errors import RevisionStaleError
from bot.core.broadcasts.models import broadcast_areas, broadcast_history, broadcasts, editions, fires
from bot.core.broadcasts.states import State, check_transition

MACHINE = "machine"
"""Stands in the history where no member of staff did it."""
PAGE = 100
FIRED, MISSED, REFUSED = "fired", "missed", "refused"
"""What became of a moment."""


@dataclass(frozen=True, slots=True)
class BroadcastRow:
    """A broadcast as stored; what it says stands in `subject` (`kinds.read`)."""

    id: str
    kind: str
    version: int
    revision: int
    state: State
    subject: bytes
    drafter: str
    next_fire_at: datetime | None
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class EditionRow:
    """What is or was sent at one moment: the approved bytes, frozen."""

    id: str
    broadcast_id: str
    kind: str
    version: int
    subject: bytes
    fire_at: datetime
    not_after: datetime
    check_code: str
    state: State
    created_at: datetime
    fired_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """A state that a broadcast came to: by whom (a member of staff, or `MACHINE`), when, and why where it was said."""

    version: int
    state: State
    by: str
    reason: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class FireRow:
    """What became of a moment: ``fired``, ``missed`` or ``refused`` with the code of what refused it."""

    broadcast_id: str
    fire_at: datetime
    outcome: str
    edition_id: str | None
    reason: str | None
    at: datetime


async def add(connection: AsyncConnection, row: BroadcastRow, *, areas: Collection[str]) -> None:
    """Store a new broadcast with the first line of its history."""
    await connection.execute(insert(broadcasts).values(_values(row)))
    await _set_areas(connection, row.id, areas)
    await _add_history(connection, row, by=row.drafter, reason=None)


async def find(connection: AsyncConnection, broadcast_id: str, *, locked: bool = False) -> BroadcastRow | None:
    """Return a broadcast; where `locked`, nobody else changes it until the transaction ends."""
    query = select(broadcasts).where(broadcasts.c.id == broadcast_id)
    row = (await connection.execute(query.with_for_update() if locked else query)).one_or_none()
    return _broadcast(row) if row else None


async def list_newest_first(
    connection: AsyncConnection,
    *,
    areas: Collection[str] | None,
    kind: str | None = None,
    state: State | None = None,
    before: str | None = None,
    most: int = PAGE,
) -> Sequence[BroadcastRow]:
    """Return broadcasts that go to any of these areas, or to any at all where `areas` is None.

    Args:
        connection: a snapshot will do.
        areas: see above.
        kind: only of this kind.
        state: only in this state.
        before: the id of the last one on the page before; nothing comes after one that there is not.
        most: how many at most.
    """
    query = select(broadcasts).order_by(broadcasts.c.created_at.desc(), broadcasts.c.id.desc()).limit(most)
    if areas is not None:
        within = select(broadcast_areas.c.broadcast_id).where(broadcast_areas.c.area.in_(areas))
        query = query.where(broadcasts.c.id.in_(within))
    if kind is not None:
        query = query.where(broadcasts.c.kind == kind)
    if state is not None:
        query = query.where(broadcasts.c.state == state.value)
    if before is not None:
        last = broadcasts.alias("last")
        mark = select(last.c.created_at, last.c.id).where(last.c.id == before).scalar_subquery()
        query = query.where(tuple_(broadcasts.c.created_at, broadcasts.c.id) < mark)
    return [_broadcast(row) for row in await connection.execute(query)]


async def list_submitted(connection: AsyncConnection) -> Sequence[BroadcastRow]:
    """Return all broadcasts that wait for signatures, by their ids."""
    return await _list_in(connection, State.SUBMITTED)


async def list_paused(connection: AsyncConnection) -> Sequence[BroadcastRow]:
    """Return all broadcasts that are paused, by their ids."""
    return await _list_in(connection, State.PAUSED)


async def _list_in(connection: AsyncConnection, state: State) -> Sequence[BroadcastRow]:
    query = select(broadcasts).where(broadcasts.c.state == state.value).order_by(broadcasts.c.id)
    return [_broadcast(row) for row in await connection.execute(query)]


async def list_due(connection: AsyncConnection, *, now: datetime, most: int = PAGE) -> Sequence[BroadcastRow]:
    """Return the broadcasts whose moment has come, the oldest moment first."""
    query = (
        select(broadcasts)
        .where(broadcasts.c.state == State.SCHEDULED.value, broadcasts.c.next_fire_at <= now)
        .order_by(broadcasts.c.next_fire_at, broadcasts.c.id)
        .limit(most)
    )
    return [_broadcast(row) for row in await connection.execute(query)]


async def change_state(
    connection: AsyncConnection,
    row: BroadcastRow,
    state: State,
    *,
    by: str,
    reason: str | None = None,
    now: datetime,
    next_fire_at: datetime | None = None,
) -> BroadcastRow:
    """Bring a broadcast to a state, with a line of its history; return it as it then is.

    The clock has it from then on where `next_fire_at` is given, else not.

    Raises:
        TransitionRefusedError: it may not go there from where `row` says it is.
        RevisionStaleError: it was changed since `row` was read.
    """
    check_transition(row.state, state)
    changed = replace(row, state=state, revision=row.revision + 1, next_fire_at=next_fire_at, changed_at=now)
    await _store(connection, row, changed)
    await _add_history(connection, changed, by=by, reason=reason)
    return changed


async def change_next_fire(
    connection: AsyncConnection, row: BroadcastRow, next_fire_at: datetime | None, *, now: datetime
) -> BroadcastRow:
    """Set a series to its next moment, its state unchanged; return it as it then is.

    Raises:
        RevisionStaleError: it was changed since `row` was read.
    """
    changed = replace(row, revision=row.revision + 1, next_fire_at=next_fire_at, changed_at=now)
    await _store(connection, row, changed)
    return changed


async def change_version(
    connection: AsyncConnection, row: BroadcastRow, *, subject: bytes, areas: Collection[str], by: str, now: datetime
) -> BroadcastRow:
    """Make a draft of other content out of a broadcast, as its next version; return it as it then is.

    Raises:
        TransitionRefusedError: it may not be changed where it stands.
        RevisionStaleError: it was changed since `row` was read.
    """
    check_transition(row.state, State.DRAFT)
    changed = replace(
        row,
        version=row.version + 1,
        revision=row.revision + 1,
        state=State.DRAFT,
        subject=subject,
        next_fire_at=None,
        changed_at=now,
    )
    await _store(connection, row, changed)
    await connection.execute(delete(broadcast_areas).where(broadcast_areas.c.broadcast_id == row.id))
    await _set_areas(connection, row.id, areas)
    await _add_history(connection, changed, by=by, reason=None)
    return changed


async def history_of(connection: AsyncConnection, broadcast_id: str) -> Sequence[HistoryRow]:
    """Return every state a broadcast came to, the first first."""
    columns = [broadcast_history.c[field.name] for field in fields(HistoryRow)]
    query = select(*columns).where(broadcast_history.c.broadcast_id == broadcast_id).order_by(broadcast_history.c.id)
    return [HistoryRow(**{**row._mapping, "state": State(row.state)}) for row in await connection.execute(query)]


async def note(connection: AsyncConnection, row: BroadcastRow, *, by: str, reason: str, now: datetime) -> None:
    """Add a line to a broadcast's history, its state unchanged."""
    await _add_history(connection, replace(row, changed_at=now), by=by, reason=reason)


async def add_edition(connection: AsyncConnection, row: EditionRow) -> None:
    """Store an edition.

    Raises:
        sqlalchemy.exc.IntegrityError: this version has one for that moment, or the code was taken just now.
    """
    await connection.execute(insert(editions).values(_values(row)))


async def find_edition(connection: AsyncConnection, edition_id: str, *, locked: bool = False) -> EditionRow | None:
    """Return an edition; where `locked`, nobody else changes it until the transaction ends."""
    query = select(editions).where(editions.c.id == edition_id)
    row = (await connection.execute(query.with_for_update() if locked else query)).one_or_none()
    return _edition(row) if row else None


async def lock_edition(connection: AsyncConnection, edition_id: str) -> tuple[BroadcastRow, EditionRow] | None:
    """Return an edition and its broadcast, held until the transaction ends: the broadcast first, as everywhere."""
    edition = await find_edition(connection, edition_id)
    row = await find(connection, edition.broadcast_id, locked=True) if edition is not None else None
    edition = await find_edition(connection, edition_id, locked=True)
    return (row, edition) if row is not None and edition is not None else None


async def find_edition_for(
    connection: AsyncConnection, broadcast_id: str, *, version: int, fire_at: datetime
) -> EditionRow | None:
    """Return the edition of a version for a moment."""
    query = select(editions).where(
        editions.c.broadcast_id == broadcast_id, editions.c.version == version, editions.c.fire_at == fire_at
    )
    row = (await connection.execute(query)).one_or_none()
    return _edition(row) if row else None


async def find_edition_by_code(connection: AsyncConnection, check_code: str) -> EditionRow | None:
    """Return the edition of a code as `codes.read` gives it, whether it was sent or not."""
    row = (await connection.execute(select(editions).where(editions.c.check_code == check_code))).one_or_none()
    return _edition(row) if row else None


async def editions_of(connection: AsyncConnection, broadcast_id: str, *, locked: bool = False) -> Sequence[EditionRow]:
    """Return a broadcast's editions, the earliest moment first."""
    query = select(editions).where(editions.c.broadcast_id == broadcast_id).order_by(editions.c.fire_at, editions.c.id)
    return [_edition(row) for row in await connection.execute(query.with_for_update() if locked else query)]


async def list_going_out(connection: AsyncConnection) -> Sequence[EditionRow]:
    """Return the editions that are being sent, the earliest moment first."""
    query = select(editions).where(editions.c.state == State.SENDING.value)
    return [_edition(row) for row in await connection.execute(query.order_by(editions.c.fire_at, editions.c.id))]


async def change_edition(connection: AsyncConnection, row: EditionRow, state: State, *, now: datetime) -> EditionRow:
    """Bring an edition to a state; return it as it then is.

    It is fired when it is first sent, and finished when it is done, stopped or expired.

    Raises:
        TransitionRefusedError: it may not go there from where `row` says it is.
        RevisionStaleError: it is elsewhere by now.
    """
    check_transition(row.state, state)
    fired_at = row.fired_at or now if state is State.SENDING else row.fired_at
    finished_at = now if state in {State.DONE, State.STOPPED, State.EXPIRED} else None
    changed = replace(row, state=state, fired_at=fired_at, finished_at=finished_at)
    result = await connection.execute(
        update(editions)
        .where(editions.c.id == row.id, editions.c.state == row.state.value)
        .values(state=state.value, fired_at=fired_at, finished_at=finished_at)
    )
    if result.rowcount != 1:
        raise RevisionStaleError(edition=row.id, state=row.state.value)
    return changed


async def add_fire(connection: AsyncConnection, row: FireRow) -> None:
    """Note what became of a moment.

    Raises:
        sqlalchemy.exc.IntegrityError: somebody else came to it first.
    """
    await connection.execute(insert(fires).values(_values(row)))


async def find_fire(connection: AsyncConnection, broadcast_id: str, fire_at: datetime) -> FireRow | None:
    """Return what became of a moment; None where the clock has not come to it."""
    query = select(fires).where(fires.c.broadcast_id == broadcast_id, fires.c.fire_at == fire_at)
    row = (await connection.execute(query)).one_or_none()
    return FireRow(**row._mapping) if row else None


async def list_fires(connection: AsyncConnection, broadcast_id: str) -> Sequence[FireRow]:
    """Return what became of a broadcast's moments, the earliest first."""
    query = select(fires).where(fires.c.broadcast_id == broadcast_id).order_by(fires.c.fire_at)
    return [FireRow(**row._mapping) for row in await connection.execute(query)]


async def _store(connection: AsyncConnection, row: BroadcastRow, changed: BroadcastRow) -> None:
    result = await connection.execute(
        update(broadcasts)
        .where(broadcasts.c.id == row.id, broadcasts.c.revision == row.revision)
        .values(_values(changed))
    )
    if result.rowcount != 1:
        raise RevisionStaleError(broadcast=row.id, revision=row.revision)


async def _set_areas(connection: AsyncConnection, broadcast_id: str, areas: Collection[str]) -> None:
    await connection.execute(
        insert(broadcast_areas), [{"broadcast_id": broadcast_id, "area": area} for area in sorted(areas)]
    )


async def _add_history(connection: AsyncConnection, row: BroadcastRow, *, by: str, reason: str | None) -> None:
    await connection.execute(
        insert(broadcast_history).values(
            broadcast_id=row.id, version=row.version, state=row.state.value, by=by, reason=reason, at=row.changed_at
        )
    )


def _values(row: BroadcastRow | EditionRow | FireRow) -> dict[str, Any]:
    values = {field.name: getattr(row, field.name) for field in fields(row)}
    return {name: value.value if isinstance(value, State) else value for name, value in values.items()}


def _broadcast(row: Row[Any]) -> BroadcastRow:
    return BroadcastRow(**{**row._mapping, "state": State(row.state)})


def _edition(row: Row[Any]) -> EditionRow:
    return EditionRow(**{**row._mapping, "state": State(row.state)})
