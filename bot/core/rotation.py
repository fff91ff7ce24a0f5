"""Wrapping every data key anew by the newest master secret, while the product runs.

A key is read, wrapped anew and written back only where it still is as it was read: a citizen who was erased meanwhile
stays erased. What a key has sealed is not touched, so that it makes no difference when a reader comes. Stopped at any
moment, it goes on from there the next time, because what is done shows in the keys themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, LargeBinary, Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.citizens.models import citizens
from bot.core.registrars.endpoints import owner_of
from bot.core.registrars.models import registrar_endpoints
from bot.core.vault import KEY_NAME_BYTES, SealBrokenError, Vault

BATCH = 200
"""Keys of one transaction: some milliseconds, in which others wait where there is one writer."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """A table that keeps data keys, what its rows are known by, and whom a row's key is wrapped for."""

    table: Table
    name: Column[str]
    owner: Callable[[str], str]


KEEPINGS = (
    Keeping(citizens, citizens.c.id, str),
    Keeping(registrar_endpoints, registrar_endpoints.c.registrar, owner_of),
)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one batch did: up to which row it came, how many keys it wrapped anew and how many nothing opens."""

    last: str
    rewrapped: int
    unreadable: int


async def count_left(connection: AsyncConnection, vault: Vault) -> int:
    """Count the data keys that an older master secret wraps."""
    counts = []
    for keeping in KEEPINGS:
        query = select(func.count()).select_from(keeping.table).where(_is_older(keeping, vault))
        counts.append((await connection.execute(query)).scalar_one())
    return sum(counts)


async def rewrap_batch(connection: AsyncConnection, vault: Vault, keeping: Keeping, *, after: str) -> Batch | None:
    """Wrap up to 200 keys of a table anew, behind the row `after`; None where no older key is left behind it.

    A key that no master secret at hand opens stays as it is.
    """
    key = keeping.table.c.wrapped_key
    query = (
        select(keeping.name, key)
        .where(_is_older(keeping, vault), keeping.name > after)
        .order_by(keeping.name)
        .limit(BATCH)
    )
    rows: Sequence[tuple[str, bytes]] = [(row[0], row[1]) for row in await connection.execute(query)]
    if not rows:
        return None
    rewrapped = unreadable = 0
    for name, wrapped in rows:
        try:
            anew = vault.rewrap_person_key(keeping.owner(name), wrapped)
        except SealBrokenError:
            unreadable += 1
            continue
        same = update(keeping.table).where(keeping.name == name, key == wrapped).values(wrapped_key=anew)
        rewrapped += (await connection.execute(same)).rowcount
    return Batch(rows[-1][0], rewrapped, unreadable)


def _is_older(keeping: Keeping, vault: Vault) -> ColumnElement[bool]:
    key = keeping.table.c.wrapped_key
    return func.substr(key, 1, KEY_NAME_BYTES, type_=LargeBinary()) != vault.newest_name
