"""Deliveries of editions: one row per destination, made when an edition is fired."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.broadcasts.models import editions
from bot.core.broadcasts.states import State
from bot.core.deliveries import repository
from bot.core.deliveries.models import DeliveryState, deliveries
from bot.core.deliveries.outbox import LEASE_SECONDS
from bot.core.deliveries.repository import ClaimedBulk

_UNDER_WAY = select(editions.c.id).where(editions.c.state.in_((State.SCHEDULED, State.SENDING, State.PAUSED)))
_LEFT_OVER = (
    deliveries.c.edition_id.not_in(_UNDER_WAY.scalar_subquery()),  # few, unlike those that have ended
    deliveries.c.edition_id.is_not(None),
    deliveries.c.state == DeliveryState.PENDING,
    deliveries.c.state < DeliveryState.SENT,  # with the line before last, as the partial index says it
)


@dataclass(frozen=True, slots=True)
class BulkRow:
    """A delivery of an edition."""

    id: int
    edition_id: str
    destination_id: str
    state: DeliveryState


async def write(
    connection: AsyncConnection, *, edition_id: str, channel: str, destination_ids: Collection[str], now: datetime
) -> None:
    """Write one delivery per destination, carried by a channel's sender.

    Raises:
        sqlalchemy.exc.IntegrityError: the edition has one for a destination already.
    """
    rows = [
        {
            "edition_id": edition_id,
            "destination_id": destination_id,
            "dedupe_key": f"{edition_id}:{destination_id}",
            "carrier": repository.bulk_carrier(channel),
            "created_at": now,
        }
        for destination_id in destination_ids
    ]
    if rows:
        await connection.execute(insert(deliveries), rows)


async def is_any_due(connection: AsyncConnection, *, channel: str, closed: Collection[str] = ()) -> bool:
    """Tell whether anything of an edition that is being sent may go now, to a chat that is not `closed`."""
    return await repository.is_any_due(connection, ClaimedBulk, channel=channel, closed=closed)


async def claim(
    connection: AsyncConnection,
    *,
    channel: str,
    owner: str,
    most: int,
    closed: Collection[str] = (),
    lease_seconds: float = LEASE_SECONDS,
) -> Sequence[ClaimedBulk]:
    """Lease up to `most` deliveries of editions that are being sent, to chats that are not `closed`, oldest first."""
    return await repository.claim(
        connection,
        ClaimedBulk,
        channel=channel,
        owner=owner,
        most=most,
        lease_seconds=lease_seconds,
        closed=closed,
    )


async def withdraw(connection: AsyncConnection, claimed: ClaimedBulk, *, error: str) -> bool:
    """End a leased delivery that is not to be sent; False where the lease is gone."""
    return await repository.finish(connection, claimed, state=DeliveryState.CANCELLED, error=error)


async def cancel_pending(connection: AsyncConnection, edition_id: str, *, error: str) -> int:
    """Cancel what of an edition no sender has in hand; return how many."""
    statement = (
        update(deliveries)
        .where(deliveries.c.edition_id == edition_id, deliveries.c.state == DeliveryState.PENDING)
        .values(state=DeliveryState.CANCELLED, error=error)
    )
    return (await connection.execute(statement)).rowcount


async def has_left_over(connection: AsyncConnection) -> bool:
    """Tell whether an edition that has ended still has deliveries that wait: a sender put them back."""
    return (await connection.execute(select(deliveries.c.id).where(*_LEFT_OVER).limit(1))).first() is not None


async def cancel_left_over(connection: AsyncConnection, *, error: str) -> int:
    """Cancel what still waits of editions that have ended; return how many."""
    statement = update(deliveries).where(*_LEFT_OVER).values(state=DeliveryState.CANCELLED, error=error)
    return (await connection.execute(statement)).rowcount


async def find(connection: AsyncConnection, delivery_id: int) -> BulkRow | None:
    """Return a delivery of an edition, held until the transaction ends."""
    columns = (deliveries.c.id, deliveries.c.edition_id, deliveries.c.destination_id, deliveries.c.state)
    query = select(*columns).where(deliveries.c.id == delivery_id, deliveries.c.edition_id.is_not(None))
    row = (await connection.execute(query.with_for_update())).one_or_none()
    return BulkRow(row.id, row.edition_id, row.destination_id, DeliveryState(row.state)) if row else None


async def settle(connection: AsyncConnection, delivery_id: int, *, arrived: bool, now: datetime) -> bool:
    """Settle a delivery of which nobody knew whether it arrived: it did, or it is to be sent again.

    False where it is not unknown any more.
    """
    values: dict[str, object] = {"state": DeliveryState.SENT, "sent_at": now}
    if not arrived:
        values = {"state": DeliveryState.PENDING, "begun_at": None, "not_before": 0.0, "error": None}
    statement = (
        update(deliveries)
        .where(deliveries.c.id == delivery_id, deliveries.c.state == DeliveryState.UNKNOWN)
        .values(values)
    )
    return (await connection.execute(statement)).rowcount == 1
