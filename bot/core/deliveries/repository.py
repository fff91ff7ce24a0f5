"""Every query about sending; the same statements on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Float, and_, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from bot.core.db import database_now
from bot.core.deliveries.models import DeliveryState, deliveries


@dataclass(frozen=True, slots=True)
class ClaimedDelivery:
    """A delivery leased to one sender."""

    id: int
    conversation_id: int
    position: int
    dedupe_key: str
    payload: bytes
    attempt: int
    owner: str
    case_id: int | None
    created_at: datetime


def _is_free(head: Any) -> ColumnElement[bool]:
    """Tell of a row of `head` that it may be sent now: it is due, and the citizen has all that was said before."""
    older = deliveries.alias("older")
    blocked = (
        select(older.c.id)
        .where(
            older.c.carrier == head.c.carrier,
            older.c.conversation_id == head.c.conversation_id,
            older.c.position < head.c.position,
            older.c.state < DeliveryState.SENT,
        )
        .exists()
    )
    return and_(
        head.c.carrier == bindparam("channel"),
        head.c.state == DeliveryState.PENDING,
        head.c.state < DeliveryState.SENT,  # as the partial index says it
        head.c.not_before <= database_now(),
        ~blocked,
    )


def _claim_statement() -> ReturningUpdate[Any]:
    head = deliveries.alias("head")
    ids = (
        select(head.c.id)
        .where(_is_free(head))
        .order_by(head.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )
    return (
        update(deliveries)
        .where(deliveries.c.id.in_(ids.scalar_subquery()))
        .values(
            state=DeliveryState.SENDING,
            owner=bindparam("claimer"),
            lease_until=database_now() + bindparam("lease_seconds", type_=Float),
            attempt=deliveries.c.attempt + 1,
        )
        .returning(*(deliveries.c[field.name] for field in fields(ClaimedDelivery)))
    )


# Built once: putting them together takes longer than SQLite takes to run them.
_CLAIM = _claim_statement()
_DUE = select(deliveries.c.id).where(_is_free(deliveries)).limit(1)


async def is_any_due(connection: AsyncConnection, *, channel: str) -> bool:
    """Tell whether a claim would give anything."""
    return (await connection.execute(_DUE, {"channel": channel})).first() is not None


async def claim_heads(
    connection: AsyncConnection, *, channel: str, owner: str, most: int, lease_seconds: float
) -> Sequence[ClaimedDelivery]:
    """Lease the oldest unsent delivery of up to `most` conversations, oldest first."""
    parameters = {"channel": channel, "claimer": owner, "most": most, "lease_seconds": lease_seconds}
    rows = await connection.execute(_CLAIM, parameters)
    return sorted((ClaimedDelivery(**row._mapping) for row in rows), key=lambda claimed: claimed.id)


async def finish(
    connection: AsyncConnection,
    claimed: ClaimedDelivery,
    *,
    state: DeliveryState,
    message_id: str | None = None,
    error: str | None = None,
    sent_at: datetime | None = None,
) -> bool:
    """End a leased delivery in `state`; False where the lease is gone."""
    return await _change(connection, claimed, state=state, message_id=message_id, error=error, sent_at=sent_at)


async def put_back(
    connection: AsyncConnection, claimed: ClaimedDelivery, *, seconds: float, attempt: int, error: str | None
) -> bool:
    """Return a leased delivery to be claimed again after some seconds; False where the lease is gone."""
    not_before = database_now() + seconds
    state = DeliveryState.PENDING
    return await _change(connection, claimed, state=state, not_before=not_before, attempt=attempt, error=error)


async def cancel_pending(connection: AsyncConnection, conversation_id: int, *, error: str) -> None:
    """Cancel what a conversation's citizen was still to be sent."""
    statement = (
        update(deliveries)
        .where(
            deliveries.c.conversation_id == conversation_id,
            deliveries.c.carrier.is_not(None),
            deliveries.c.state == DeliveryState.PENDING,
        )
        .values(state=DeliveryState.CANCELLED, error=error)
    )
    await connection.execute(statement)


async def end_abandoned(connection: AsyncConnection, *, channel: str, error: str) -> Sequence[int]:
    """End as unknown what senders that died had in hand; return the ids."""
    statement = (
        update(deliveries)
        .where(
            deliveries.c.carrier == channel,
            deliveries.c.state == DeliveryState.SENDING,
            deliveries.c.state < DeliveryState.SENT,
            deliveries.c.lease_until < database_now(),
        )
        .values(state=DeliveryState.UNKNOWN, owner=None, lease_until=None, error=error)
        .returning(deliveries.c.id)
    )
    return [row.id for row in await connection.execute(statement)]


async def _change(connection: AsyncConnection, claimed: ClaimedDelivery, **values: object) -> bool:
    statement = (
        update(deliveries)
        .where(
            deliveries.c.id == claimed.id,
            deliveries.c.state == DeliveryState.SENDING,
            deliveries.c.owner == claimed.owner,
            deliveries.c.attempt == claimed.attempt,
        )
        .values(owner=None, lease_until=None, **values)
    )
    return (await connection.execute(statement)).rowcount == 1
