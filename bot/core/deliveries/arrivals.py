"""How far an edition has come: what became of it at each destination, for whoever sent it and whoever checks it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.deliveries.models import DeliveryState, deliveries
from bot.core.destinations.models import destinations


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How many deliveries for one area and channel stand in one state."""

    area: str
    channel: str
    state: DeliveryState
    count: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """One delivery of an edition; `error` is the code of what failed last."""

    id: int
    edition_id: str
    destination_id: str
    area: str
    channel: str
    title: str
    state: DeliveryState
    attempt: int
    error: str | None
    sent_at: datetime | None


async def count_arrivals(connection: AsyncConnection, edition_id: str) -> Sequence[Arrivals]:
    """Count an edition's deliveries by area, channel and state."""
    by = (destinations.c.area, destinations.c.channel, deliveries.c.state)
    query = (
        select(*by, func.count())
        .join_from(deliveries, destinations, deliveries.c.destination_id == destinations.c.id)
        .where(deliveries.c.edition_id == edition_id)
        .group_by(*by)
        .order_by(*by)
    )
    rows = await connection.execute(query)
    return [Arrivals(area, channel, DeliveryState(state), count) for area, channel, state, count in rows]


async def count_states(
    connection: AsyncConnection, edition_ids: Collection[str]
) -> Mapping[str, Mapping[DeliveryState, int]]:
    """Count the deliveries of editions by state; an edition without any is not among them."""
    query = (
        select(deliveries.c.edition_id, deliveries.c.state, func.count())
        .where(deliveries.c.edition_id.in_(edition_ids))
        .group_by(deliveries.c.edition_id, deliveries.c.state)
    )
    counted: dict[str, dict[DeliveryState, int]] = {}
    for edition_id, state, count in await connection.execute(query):
        counted.setdefault(edition_id, {})[DeliveryState(state)] = count
    return counted


async def list_arrivals(
    connection: AsyncConnection,
    edition_ids: Collection[str],
    *,
    state: DeliveryState | None = None,
    after: int = 0,
    most: int,
) -> Sequence[Arrival]:
    """Return deliveries of editions in the order in which they were made, from behind the id `after`."""
    query = (
        select(
            deliveries.c.id,
            deliveries.c.edition_id,
            deliveries.c.destination_id,
            destinations.c.area,
            destinations.c.channel,
            destinations.c.title,
            deliveries.c.state,
            deliveries.c.attempt,
            deliveries.c.error,
            deliveries.c.sent_at,
        )
        .join_from(deliveries, destinations, deliveries.c.destination_id == destinations.c.id)
        .where(deliveries.c.edition_id.in_(edition_ids), deliveries.c.id > after)
        .order_by(deliveries.c.id)
        .limit(most)
    )
    if state is not None:
        query = query.where(deliveries.c.state == state)
    rows = await connection.execute(query)
    return [Arrival(**{**row._mapping, "state": DeliveryState(row.state)}) for row in rows]
