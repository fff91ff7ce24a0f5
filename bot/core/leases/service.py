"""Use cases of leases: take one, keep it, give it up."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.db import database_now
from bot.core.leases.models import leases


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease that was taken; it may have ended since."""

    name: str
    owner: str
    fence: int


async def take(connection: AsyncConnection, *, name: str, owner: str, seconds: float) -> Lease | None:
    """Take the lease `name` for some seconds; None while somebody else holds it."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    until = database_now() + seconds
    statement = dialect.insert(leases).values(name=name, owner=owner, fence=1, until=until)
    statement = statement.on_conflict_do_update(
        index_elements=[leases.c.name],
        set_={"owner": owner, "fence": leases.c.fence + 1, "until": until},
        where=leases.c.until < database_now(),
    )
    fence = (await connection.execute(statement.returning(leases.c.fence))).scalar_one_or_none()
    return None if fence is None else Lease(name, owner, fence)


async def keep(connection: AsyncConnection, lease: Lease, *, seconds: float) -> bool:
    """Prolong a lease from now on; False where somebody else has it."""
    statement = update(leases).where(*_held(lease)).values(until=database_now() + seconds)
    return (await connection.execute(statement)).rowcount == 1


async def give_up(connection: AsyncConnection, lease: Lease) -> None:
    """End a lease, so that the next one need not wait; nothing happens where somebody else has it."""
    await connection.execute(update(leases).where(*_held(lease)).values(until=0.0))


async def end(connection: AsyncConnection, *, name: str) -> None:
    """End the lease `name`, whoever has it: for where its holder is known to live no more."""
    await connection.execute(update(leases).where(leases.c.name == name).values(until=0.0))


def _held(lease: Lease) -> tuple[ColumnElement[bool], ...]:
    return leases.c.name == lease.name, leases.c.owner == lease.owner, leases.c.fence == lease.fence
