"""Queries of destinations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.destinations.models import destinations


@dataclass(frozen=True, slots=True)
class DestinationRow:
    """Where bulletins of an area go on a channel; out of use once it has ended."""

    id: str
    area: str
    channel: str
    address: str
    title: str
    is_training: bool
    added_by: str
    added_at: datetime
    ended_at: datetime | None
    unreachable_since: datetime | None


async def add(connection: AsyncConnection, row: DestinationRow) -> None:
    """Store a destination.

    Raises:
        sqlalchemy.exc.IntegrityError: another one in use has its address.
    """
    await connection.execute(
        insert(destinations).values({field.name: getattr(row, field.name) for field in fields(row)})
    )


async def find(connection: AsyncConnection, destination_id: str, *, locked: bool = False) -> DestinationRow | None:
    """Return a destination, also one that has ended; where `locked`, held until the transaction ends."""
    query = select(destinations).where(destinations.c.id == destination_id)
    row = (await connection.execute(query.with_for_update() if locked else query)).one_or_none()
    return DestinationRow(**row._mapping) if row else None


async def find_in_use(connection: AsyncConnection, *, channel: str, address: str) -> DestinationRow | None:
    """Return the destination in use that has an address."""
    query = select(destinations).where(
        destinations.c.channel == channel, destinations.c.address == address, destinations.c.ended_at.is_(None)
    )
    row = (await connection.execute(query)).one_or_none()
    return DestinationRow(**row._mapping) if row else None


async def list_oldest_first(
    connection: AsyncConnection, *, areas: Collection[str] | None, with_ended: bool = False
) -> Sequence[DestinationRow]:
    """Return the destinations of some areas, or of all where `areas` is None."""
    query = select(destinations).order_by(destinations.c.added_at, destinations.c.id)
    if areas is not None:
        query = query.where(destinations.c.area.in_(areas))
    if not with_ended:
        query = query.where(destinations.c.ended_at.is_(None))
    return [DestinationRow(**row._mapping) for row in await connection.execute(query)]


async def list_in_use(
    connection: AsyncConnection, *, areas: Collection[str], channels: Collection[str], is_training: bool
) -> Sequence[DestinationRow]:
    """Return the destinations in use of these areas and channels, for training or not, by their ids."""
    query = (
        select(destinations)
        .where(
            destinations.c.area.in_(areas),
            destinations.c.channel.in_(channels),
            destinations.c.is_training == is_training,
            destinations.c.ended_at.is_(None),
        )
        .order_by(destinations.c.id)
    )
    return [DestinationRow(**row._mapping) for row in await connection.execute(query)]


async def end(connection: AsyncConnection, destination_id: str, *, now: datetime) -> None:
    """Note that nothing goes there any more."""
    await connection.execute(update(destinations).where(destinations.c.id == destination_id).values(ended_at=now))


async def set_address(connection: AsyncConnection, destination_id: str, address: str) -> None:
    """Note that the platform names it otherwise now; so it is there again.

    Raises:
        sqlalchemy.exc.IntegrityError: another one in use has the address.
    """
    await connection.execute(
        update(destinations).where(destinations.c.id == destination_id).values(address=address, unreachable_since=None)
    )


async def set_unreachable(connection: AsyncConnection, destination_id: str, since: datetime | None) -> None:
    """Note since when the platform takes no message for it; None: it does."""
    await connection.execute(
        update(destinations)
        .where(destinations.c.id == destination_id, destinations.c.unreachable_since.is_distinct_from(since))
        .values(unreachable_since=since)
    )
