"""What the database of a product tells about its bulletins, read from outside while the product runs or lies dead."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.core.approvals.models import approvals
from bot.core.broadcasts.models import broadcasts, editions, fires
from bot.core.db import Database
from bot.core.deliveries.models import DeliveryState, deliveries
from bot.core.destinations.models import destinations


@dataclass(frozen=True)
class Progress:
    """How far the newest bulletin is; `ended` and `in_hand` count its deliveries."""

    state: str | None = None
    approved: int = 0
    fired: int = 0
    in_hand: int = 0
    ended: int = 0


class Ledger:
    """Reads one database; every look is a snapshot of its own."""

    def __init__(self, database: Database, runner: asyncio.Runner) -> None:
        self._database = database
        self._runner = runner

    def count_bulletins(self) -> int:
        return self._runner.run(self._count_bulletins())

    def progress(self, number: int) -> Progress:
        """Return how far the bulletin of that number is, the first being 1."""
        return self._runner.run(self._progress(number))

    def outcomes(self, bulletin: str) -> Mapping[str, list[DeliveryState]]:
        """Return what became of a bulletin's deliveries, by the destination's address."""
        return self._runner.run(self._outcomes(bulletin))

    async def _count_bulletins(self) -> int:
        async with self._database.reading() as connection:
            return int((await connection.execute(select(func.count()).select_from(broadcasts))).scalar_one())

    async def _progress(self, number: int) -> Progress:
        async with self._database.reading() as connection:
            nth = select(broadcasts).order_by(broadcasts.c.created_at).offset(number - 1).limit(1)
            row = (await connection.execute(nth)).one_or_none()
            if row is None:
                return Progress()
            given = select(func.count()).select_from(approvals).where(approvals.c.subject_id == row.id)
            fired = select(func.count()).select_from(fires).where(fires.c.broadcast_id == row.id)
            mine = select(editions.c.id).where(editions.c.broadcast_id == row.id)
            states = (
                await connection.execute(select(deliveries.c.state).where(deliveries.c.edition_id.in_(mine)))
            ).scalars()
            sent = list(states)
            return Progress(
                state=row.state,
                approved=(await connection.execute(given)).scalar_one(),
                fired=(await connection.execute(fired)).scalar_one(),
                in_hand=sum(state == DeliveryState.SENDING for state in sent),
                ended=sum(state > DeliveryState.SENDING for state in sent),
            )

    async def _outcomes(self, bulletin: str) -> Mapping[str, list[DeliveryState]]:
        query = (
            select(destinations.c.address, deliveries.c.state)
            .join(deliveries, deliveries.c.destination_id == destinations.c.id)
            .join(editions, editions.c.id == deliveries.c.edition_id)
            .where(editions.c.broadcast_id == bulletin)
        )
        found: dict[str, list[DeliveryState]] = {}
        async with self._database.reading() as connection:
            for row in await connection.execute(query):
                found.setdefault(row.address, []).append(DeliveryState(row.state))
        return found


@contextmanager
def opened_ledger(url: str) -> Iterator[Ledger]:
    """Give a ledger; `url` names the asynchronous driver."""
    database = Database(url)
    with asyncio.Runner() as runner:
        try:
            yield Ledger(database, runner)
        finally:
            runner.run(database.close())
