"""Queries of requests."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.citizens.models import citizens
from bot.core.conversations.models import conversations
from bot.core.handoffs.models import handoff_messages, handoffs
from bot.core.handoffs.rules import OPEN, HandoffState


@dataclass(frozen=True, slots=True)
class HandoffRow:
    """A request as stored, with its citizen's wrapped key, which is gone once the citizen is erased."""

    id: int
    reference: str
    citizen_id: str
    channel: str
    registrar: str
    tried: str
    product: str
    state: str
    reason: str
    may_cost: bool
    domain: bytes | None
    contact: bytes | None
    created_at: datetime
    handed_at: datetime
    changed_at: datetime
    changes: int
    offered_next_at: datetime | None
    wrapped_key: bytes | None


def _rows() -> Select[tuple[Any, ...]]:
    names = [field.name for field in fields(HandoffRow) if field.name != "wrapped_key"]
    return select(*(handoffs.c[name] for name in names), citizens.c.wrapped_key).join(citizens)


async def add(connection: AsyncConnection, **values: Any) -> int:
    """Store a new request; return its id.

    Raises:
        sqlalchemy.exc.IntegrityError: the reference is taken.
    """
    statement = insert(handoffs).values(**values).returning(handoffs.c.id)
    return int((await connection.execute(statement)).scalar_one())


async def find(connection: AsyncConnection, *wanted: ColumnElement[bool], lock: bool = False) -> HandoffRow | None:
    """Return the only request of that kind, held until the transaction ends where `lock` is set."""
    query = _rows().where(*wanted)
    row = (await connection.execute(query.with_for_update(of=handoffs) if lock else query)).one_or_none()
    return HandoffRow(**row._mapping) if row else None


async def find_last_of(connection: AsyncConnection, citizen_id: str) -> HandoffRow | None:
    """Return the newest request of a citizen."""
    query = _rows().where(handoffs.c.citizen_id == citizen_id).order_by(handoffs.c.id.desc()).limit(1)
    row = (await connection.execute(query)).one_or_none()
    return HandoffRow(**row._mapping) if row else None


async def list_rows(connection: AsyncConnection, *wanted: ColumnElement[bool], most: int) -> Sequence[HandoffRow]:
    """Return up to `most` requests of that kind, in the order in which they came."""
    query = _rows().where(*wanted).order_by(handoffs.c.id).limit(most)
    return [HandoffRow(**row._mapping) for row in await connection.execute(query)]


async def list_handed(connection: AsyncConnection, *wanted: ColumnElement[bool], most: int) -> Sequence[HandoffRow]:
    """Return up to `most` requests of that kind, the longest handed on first."""
    query = _rows().where(*wanted).order_by(handoffs.c.handed_at, handoffs.c.reference).limit(most)
    return [HandoffRow(**row._mapping) for row in await connection.execute(query)]


async def count(connection: AsyncConnection, *wanted: ColumnElement[bool]) -> int:
    """Count the requests of that kind."""
    return int((await connection.execute(select(func.count()).select_from(handoffs).where(*wanted))).scalar_one())


async def count_by_registrar(connection: AsyncConnection, product: str) -> Mapping[str, int]:
    """Count the requests that are kept, by who has them."""
    query = (
        select(handoffs.c.registrar, func.count()).where(handoffs.c.product == product).group_by(handoffs.c.registrar)
    )
    return {row[0]: row[1] for row in await connection.execute(query)}


async def change(connection: AsyncConnection, handoff_id: int, **values: Any) -> None:
    """Change a request, and count the change."""
    await connection.execute(
        update(handoffs).where(handoffs.c.id == handoff_id).values(changes=handoffs.c.changes + 1, **values)
    )


async def end(
    connection: AsyncConnection, handoff_id: int, state: HandoffState, *, reason: str = "", now: datetime
) -> None:
    """End a request: what its citizen is reached by goes with it."""
    await change(connection, handoff_id, state=state, reason=reason, contact=None, changed_at=now)


async def mark_offered(connection: AsyncConnection, handoff_id: int, *, now: datetime) -> None:
    """Note that the citizen was offered another registrar."""
    await connection.execute(update(handoffs).where(handoffs.c.id == handoff_id).values(offered_next_at=now))


async def blank(connection: AsyncConnection, *wanted: ColumnElement[bool]) -> None:
    """Remove all that was said by citizens from requests; that they were there stays."""
    await connection.execute(update(handoffs).where(*wanted).values(domain=None, contact=None))


async def remove(connection: AsyncConnection, ids: Collection[int]) -> None:
    """Remove requests, and what was to be told about them."""
    await connection.execute(delete(handoff_messages).where(handoff_messages.c.handoff_id.in_(ids)))
    await connection.execute(delete(handoffs).where(handoffs.c.id.in_(ids)))


async def find_conversation(connection: AsyncConnection, citizen_id: str) -> int | None:
    """Return the id of a citizen's conversation, if it is still there."""
    query = select(conversations.c.id).where(conversations.c.citizen_id == citizen_id)
    return (await connection.execute(query)).scalar_one_or_none()


def was_tried(registrar: str) -> ColumnElement[bool]:
    """Return the condition of requests that a registrar had before another got them."""
    tried = literal(" ").concat(handoffs.c.tried).concat(" ")
    return and_(tried.contains(f" {registrar} ", autoescape=True), handoffs.c.registrar != registrar)


def is_open() -> ColumnElement[bool]:
    """Return the condition of requests that nothing has ended."""
    return handoffs.c.state.in_(sorted(OPEN))
