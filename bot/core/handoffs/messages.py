"""What a registrar's own endpoint is told: written with the change it tells, claimed and recorded by who sends it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.db import database_now
from bot.core.handoffs.models import handoff_messages
from bot.core.registrars import endpoints

LEASE_SECONDS = 90.0
DELAYS = (5, 30, 120, 600, 1800, 7200, 18000, 36000, 50400)
"""Seconds before each next try, about 32 hours in all; with the first try, ten tries."""


class MessageKind(StrEnum):
    """What is told."""

    CREATED = "created"
    """A request came, with all that the citizen agreed to pass on."""
    WITHDRAWN = "withdrawn"
    """It is no longer theirs: taken back, passed on or expired. What they keep of it is to be erased."""


class MessageState(IntEnum):
    """Where a message stands."""

    PENDING = 0
    SENDING = 1
    SENT = 2
    FAILED = 3
    CANCELLED = 4


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message that one sender holds for a while."""

    id: int
    name: str
    handoff_id: int
    registrar: str
    kind: str
    attempt: int
    owner: str


async def announce(
    connection: AsyncConnection, handoff_id: int, *, registrar: str, kind: MessageKind, now: datetime
) -> None:
    """Have a registrar told, where it has an endpoint; otherwise it asks by itself."""
    if await endpoints.has_one(connection, registrar):
        await connection.execute(
            insert(handoff_messages).values(
                name=f"msg_{secrets.token_urlsafe(18)}",
                handoff_id=handoff_id,
                registrar=registrar,
                kind=kind,
                created_at=now,
            )
        )


async def is_any_due(connection: AsyncConnection) -> bool:
    """Tell whether there is a message to take."""
    return (await connection.execute(select(handoff_messages.c.id).where(_is_due()).limit(1))).first() is not None


async def claim(connection: AsyncConnection, *, owner: str, most: int) -> Sequence[ClaimedMessage]:
    """Take up to `most` messages that are due, or whose sender has died, for 90 seconds."""
    chosen = (
        select(handoff_messages.c.id)
        .where(_is_due())
        .order_by(handoff_messages.c.not_before, handoff_messages.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    ids = (await connection.execute(chosen)).scalars().all()
    if not ids:
        return []
    taken = await connection.execute(
        update(handoff_messages)
        .where(handoff_messages.c.id.in_(ids))
        .values(
            state=MessageState.SENDING,
            attempt=handoff_messages.c.attempt + 1,
            owner=owner,
            lease_until=database_now() + LEASE_SECONDS,
        )
        .returning(
            *(
                handoff_messages.c[name]
                for name in ("id", "name", "handoff_id", "registrar", "kind", "attempt", "owner")
            )
        )
    )
    return sorted((ClaimedMessage(**row._mapping) for row in taken), key=lambda message: message.id)


async def record_sent(connection: AsyncConnection, message: ClaimedMessage, *, now: datetime) -> None:
    """Record that the endpoint took it."""
    await _record(connection, message, state=MessageState.SENT, error=None, sent_at=now)


async def record_cancelled(connection: AsyncConnection, message: ClaimedMessage) -> None:
    """Record that there is nothing to tell any more."""
    await _record(connection, message, state=MessageState.CANCELLED, error=None)


async def record_failed(connection: AsyncConnection, message: ClaimedMessage, *, error: str, wait: float = 0.0) -> bool:
    """Record a failure; True where it is tried again, after the usual delay and at least `wait` seconds."""
    if message.attempt > len(DELAYS):
        await _record(connection, message, state=MessageState.FAILED, error=error)
        return False
    delay = max(float(DELAYS[message.attempt - 1]), wait)
    await _record(connection, message, state=MessageState.PENDING, error=error, not_before=database_now() + delay)
    return True


async def forget_ended(connection: AsyncConnection, *, than: datetime) -> int:
    """Forget the messages from before a moment that were sent, given up or dropped; return how many."""
    ended = handoff_messages.c.state >= MessageState.SENT
    return (
        await connection.execute(delete(handoff_messages).where(ended, handoff_messages.c.created_at < than))
    ).rowcount


def _is_due() -> ColumnElement[bool]:
    return or_(
        and_(handoff_messages.c.state == MessageState.PENDING, handoff_messages.c.not_before <= database_now()),
        and_(handoff_messages.c.state == MessageState.SENDING, handoff_messages.c.lease_until <= database_now()),
    )


async def _record(connection: AsyncConnection, message: ClaimedMessage, **values: object) -> None:
    # Whoever lost the lease records nothing: another sender has the message now.
    held = (handoff_messages.c.id == message.id, handoff_messages.c.attempt == message.attempt)
    await connection.execute(
        update(handoff_messages)
        .where(*held, handoff_messages.c.state == MessageState.SENDING)
        .values(owner=None, lease_until=None, **values)
    )
