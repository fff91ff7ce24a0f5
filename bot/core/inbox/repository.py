"""Every query of the inbox; the same statements on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Dialect, Float, and_, bindparam, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from bot.core.db import database_now
from bot.core.inbox.models import UpdateState, inbox

MOST_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class ClaimedUpdate:
    """An update leased to one worker.

    `said_at` is by the platform's own date, where it tells one; `retry_of` the parked update whose second chance it is.
    """

    id: int
    conversation_id: int
    channel: str
    account: str
    update_id: str
    payload: bytes
    attempt: int
    owner: str
    received_at: datetime
    said_at: datetime | None
    retry_of: int | None

    @property
    def place(self) -> str:
        """What the payload is bound to."""
        return payload_place(self.channel, self.account, self.update_id)


@dataclass(frozen=True, slots=True)
class WaitingUpdate:
    """An update that nobody has taken yet."""

    id: int
    channel: str
    account: str
    update_id: str
    payload: bytes

    @property
    def place(self) -> str:
        """What the payload is bound to."""
        return payload_place(self.channel, self.account, self.update_id)


@dataclass(frozen=True, slots=True)
class Abandoned:
    """An update that every worker that took it left behind, by dying."""

    id: int
    conversation_id: int
    retry_of: int | None


@dataclass(frozen=True, slots=True)
class ParkedUpdate:
    """An update that was given up; whether its message is still kept."""

    id: int
    channel: str
    error: str | None
    received_at: datetime
    parked_at: datetime
    is_kept: bool
    retry_of: int | None


@dataclass(frozen=True, slots=True)
class ParkedMessage:
    """A parked update with its sealed message, as far as that is still kept."""

    id: int
    conversation_id: int
    channel: str
    account: str
    update_id: str
    payload: bytes | None
    retry_of: int | None

    @property
    def place(self) -> str:
        """What the payload is bound to."""
        return payload_place(self.channel, self.account, self.update_id)


def payload_place(channel: str, account: str, update_id: str) -> str:
    """Return what an update's sealed payload is bound to."""
    return f"inbox:{channel}:{account}:{update_id}"


async def add_update(
    connection: AsyncConnection,
    *,
    channel: str,
    account: str,
    update_id: str,
    conversation_id: int,
    payload: bytes,
    said_at: datetime | None,
    now: datetime,
    retry_of: int | None = None,
) -> int | None:
    """Store an update; return its id, or None where this update id is stored already."""
    values = {
        "channel": channel,
        "account": account,
        "update_id": update_id,
        "conversation_id": conversation_id,
        "payload": payload,
        "said_at": said_at,
        "retry_of": retry_of,
        "received_at": now,
    }
    statement = _insert(connection.dialect).values(values).on_conflict_do_nothing().returning(inbox.c.id)
    inbox_id: int | None = (await connection.execute(statement)).scalar_one_or_none()
    return inbox_id


def _insert(dialect: Dialect) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(inbox) if dialect.name == "postgresql" else sqlite.insert(inbox)


async def find_update(
    connection: AsyncConnection, *, channel: str, account: str, update_id: str
) -> tuple[int, int] | None:
    """Return ``(id, conversation_id)`` of a stored update; None where there is none of that name."""
    query = select(inbox.c.id, inbox.c.conversation_id).where(
        inbox.c.channel == channel, inbox.c.account == account, inbox.c.update_id == update_id
    )
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else (row.id, row.conversation_id)


def _claim_statement() -> ReturningUpdate[Any]:
    head = inbox.alias("head")
    older = inbox.alias("older")
    free = and_(
        head.c.attempt < MOST_ATTEMPTS,
        or_(
            and_(head.c.state == UpdateState.WAITING, head.c.not_before <= database_now()),
            and_(head.c.state == UpdateState.WORKING, head.c.lease_until < database_now()),
        ),
    )
    blocked = (
        select(older.c.id)
        .where(
            older.c.conversation_id == head.c.conversation_id,
            older.c.id < head.c.id,
            older.c.state < UpdateState.FINISHED,
        )
        .exists()
    )
    ids = (
        select(head.c.id)
        .where(free, ~blocked)
        .order_by(head.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )
    return (
        update(inbox)
        .where(inbox.c.id.in_(ids.scalar_subquery()))
        .values(
            state=UpdateState.WORKING,
            owner=bindparam("claimer"),
            lease_until=database_now() + bindparam("lease_seconds", type_=Float),
            attempt=inbox.c.attempt + 1,
        )
        .returning(*(inbox.c[field.name] for field in fields(ClaimedUpdate)))
    )


# Built once: putting it together takes longer than SQLite takes to run it.
_CLAIM = _claim_statement()


async def claim_heads(
    connection: AsyncConnection, *, owner: str, most: int, lease_seconds: float
) -> Sequence[ClaimedUpdate]:
    """Lease the oldest unfinished update of up to `most` conversations.

    A conversation whose oldest update is leased, or waits for its next attempt, gives nothing.
    """
    rows = await connection.execute(_CLAIM, {"claimer": owner, "most": most, "lease_seconds": lease_seconds})
    return sorted((ClaimedUpdate(**row._mapping) for row in rows), key=lambda claimed: claimed.id)


async def finish(connection: AsyncConnection, claimed: ClaimedUpdate, *, now: datetime) -> bool:
    """Close a leased update and blank its payload; False where the lease has gone to somebody else."""
    result = await connection.execute(
        update(inbox)
        .where(*_still_held(claimed))
        .values(state=UpdateState.FINISHED, payload=None, owner=None, lease_until=None, finished_at=now)
    )
    return result.rowcount == 1


async def put_back(connection: AsyncConnection, claimed: ClaimedUpdate, *, error: str, wait_seconds: float) -> bool:
    """Return a leased update to the queue after a failure, to be tried again after `wait_seconds`."""
    result = await connection.execute(
        update(inbox)
        .where(*_still_held(claimed))
        .values(
            state=UpdateState.WAITING,
            owner=None,
            lease_until=None,
            not_before=database_now() + wait_seconds,
            error=error,
        )
    )
    return result.rowcount == 1


async def park(connection: AsyncConnection, claimed: ClaimedUpdate, *, error: str, now: datetime) -> bool:
    """Give up on a leased update, so that its conversation goes on; its payload is kept for a second chance."""
    result = await connection.execute(
        update(inbox)
        .where(*_still_held(claimed))
        .values(state=UpdateState.PARKED, owner=None, lease_until=None, error=error, finished_at=now)
    )
    return result.rowcount == 1


async def list_abandoned(connection: AsyncConnection) -> Sequence[Abandoned]:
    """Return what used up its attempts and was left behind by workers that died, oldest first."""
    query = select(inbox.c.id, inbox.c.conversation_id, inbox.c.retry_of).where(*_is_abandoned()).order_by(inbox.c.id)
    return [Abandoned(*row) for row in await connection.execute(query)]


async def park_abandoned(connection: AsyncConnection, inbox_id: int, *, now: datetime) -> bool:
    """Park an update that was left behind; False where it is not, or not any more."""
    result = await connection.execute(
        update(inbox)
        .where(inbox.c.id == inbox_id, *_is_abandoned())
        .values(state=UpdateState.PARKED, owner=None, lease_until=None, error="LeaseLost", finished_at=now)
    )
    return result.rowcount == 1


def _is_abandoned() -> tuple[ColumnElement[bool], ...]:
    return (
        inbox.c.attempt >= MOST_ATTEMPTS,
        or_(
            inbox.c.state == UpdateState.WAITING,
            and_(inbox.c.state == UpdateState.WORKING, inbox.c.lease_until < database_now()),
        ),
    )


async def list_parked(connection: AsyncConnection, *, after: int, most: int) -> Sequence[ParkedUpdate]:
    """Return parked updates, the oldest first, from behind the id `after`."""
    query = (
        select(
            inbox.c.id,
            inbox.c.channel,
            inbox.c.error,
            inbox.c.received_at,
            inbox.c.finished_at.label("parked_at"),
            inbox.c.payload.is_not(None).label("is_kept"),
            inbox.c.retry_of,
        )
        .where(inbox.c.state == UpdateState.PARKED, inbox.c.id > after)
        .order_by(inbox.c.id)
        .limit(most)
    )
    return [ParkedUpdate(**row._mapping) for row in await connection.execute(query)]


async def count_parked(connection: AsyncConnection) -> int:
    """Count the parked updates that nobody has seen to."""
    statement = select(func.count()).select_from(inbox).where(inbox.c.state == UpdateState.PARKED)
    return int((await connection.execute(statement)).scalar_one())


async def find_parked(connection: AsyncConnection, inbox_id: int) -> ParkedMessage | None:
    """Return a parked update; None where it is none, or not any more."""
    query = select(*(inbox.c[field.name] for field in fields(ParkedMessage))).where(
        inbox.c.id == inbox_id, inbox.c.state == UpdateState.PARKED
    )
    row = (await connection.execute(query)).one_or_none()
    return ParkedMessage(**row._mapping) if row else None


async def settle_parked(connection: AsyncConnection, inbox_id: int) -> bool:
    """Close a parked update and blank its payload; False where somebody did before."""
    result = await connection.execute(
        update(inbox)
        .where(inbox.c.id == inbox_id, inbox.c.state == UpdateState.PARKED)
        .values(state=UpdateState.FINISHED, payload=None)
    )
    return result.rowcount == 1


async def is_followed(connection: AsyncConnection, claimed: ClaimedUpdate, *, said_before: datetime) -> bool:
    """Tell whether something that was said before a moment waits behind an update in its conversation."""
    query = select(inbox.c.id).where(
        inbox.c.conversation_id == claimed.conversation_id,
        inbox.c.id > claimed.id,
        inbox.c.state < UpdateState.FINISHED,
        func.coalesce(inbox.c.said_at, inbox.c.received_at) < said_before,
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def is_only_update(connection: AsyncConnection, conversation_id: int, update_id: str) -> bool:
    """Tell whether a conversation holds this update and no other."""
    query = select(inbox.c.update_id).where(inbox.c.conversation_id == conversation_id).limit(2)
    return (await connection.execute(query)).scalars().all() == [update_id]


async def list_waiting(connection: AsyncConnection, conversation_id: int) -> Sequence[WaitingUpdate]:
    """Return the updates of a conversation that nobody has taken yet."""
    query = select(*(inbox.c[field.name] for field in fields(WaitingUpdate))).where(
        inbox.c.conversation_id == conversation_id, inbox.c.state == UpdateState.WAITING
    )
    return [WaitingUpdate(**row._mapping) for row in await connection.execute(query.with_for_update())]


async def set_payload(connection: AsyncConnection, inbox_id: int, *, payload: bytes) -> None:
    """Replace the sealed payload of an update."""
    await connection.execute(update(inbox).where(inbox.c.id == inbox_id).values(payload=payload))


async def is_finished(connection: AsyncConnection, inbox_id: int) -> bool:
    """Tell whether an update is finished or parked, or gone."""
    query = select(inbox.c.id).where(inbox.c.id == inbox_id, inbox.c.state < UpdateState.FINISHED)
    return (await connection.execute(query)).one_or_none() is None


async def count_unfinished(connection: AsyncConnection) -> int:
    """Count the updates that still wait for a worker or are with one."""
    statement = select(func.count()).select_from(inbox).where(inbox.c.state < UpdateState.FINISHED)
    return int((await connection.execute(statement)).scalar_one())


def _still_held(claimed: ClaimedUpdate) -> tuple[ColumnElement[bool], ...]:
    return (
        inbox.c.id == claimed.id,
        inbox.c.state == UpdateState.WORKING,
        inbox.c.owner == claimed.owner,
        inbox.c.attempt == claimed.attempt,
    )
