"""Use cases of channels' tokens: read the pair that is kept, keep a new one, and note that one is dead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.channel_tokens.models import channel_tokens
from bot.core.vault import Vault

RENEW_AFTER = 0.8
"""Of an access token's life."""


@dataclass(frozen=True, slots=True, repr=False)
class KeptPair:
    """A pair of tokens, opened. The access token is empty until the first exchange has come through.

    `exchange_began_at` is set where an exchange began and its end was never noted.
    """

    access: str
    refresh: str
    expires_at: datetime
    renew_at: datetime
    seed_sha256: str
    dead_since: datetime | None
    exchange_began_at: datetime | None

    @property
    def is_uncertain(self) -> bool:
        """Tell whether the refresh token may be used up, and what it gave be lost."""
        return self.exchange_began_at is not None


async def find(connection: AsyncConnection, vault: Vault, name: str) -> KeptPair | None:
    """Return the pair that is kept for a channel; None where there is none.

    Raises:
        SealBrokenError: it does not open.
    """
    row = (await connection.execute(select(channel_tokens).where(channel_tokens.c.name == name))).one_or_none()
    if row is None:
        return None
    return KeptPair(
        access=vault.open(row.access, place=f"access:{name}").decode(),
        refresh=vault.open(row.refresh, place=f"refresh:{name}").decode(),
        expires_at=row.expires_at,
        renew_at=row.renew_at,
        seed_sha256=row.seed_sha256,
        dead_since=row.dead_since,
        exchange_began_at=row.exchange_began_at,
    )


async def begin_exchange(
    connection: AsyncConnection, vault: Vault, name: str, *, refresh: str, seed_sha256: str, now: datetime
) -> None:
    """Note, in a transaction of its own, that a refresh token is about to be used: one that is kept, or a new one.

    A channel that was dead, or had none, is tried with the new one from now on.
    """
    mine = channel_tokens.c.name == name
    values = {
        "refresh": vault.seal(refresh.encode(), place=f"refresh:{name}"),
        "seed_sha256": seed_sha256,
    }
    fresh = {"renew_at": now, "dead_since": None, "error": None, "exchange_began_at": now, **values}
    revived = update(channel_tokens).where(mine, channel_tokens.c.dead_since.is_not(None)).values(fresh)
    if (await connection.execute(revived)).rowcount:
        return
    began_at = func.coalesce(channel_tokens.c.exchange_began_at, now)
    noted = update(channel_tokens).where(mine).values(exchange_began_at=began_at, **values)
    if not (await connection.execute(noted)).rowcount:
        access = vault.seal(b"", place=f"access:{name}")
        fresh |= {"name": name, "access": access, "expires_at": now, "stored_at": now}
        await connection.execute(insert(channel_tokens).values(fresh))


async def call_off(connection: AsyncConnection, name: str) -> None:
    """Note that an exchange surely did not happen."""
    await connection.execute(update(channel_tokens).where(channel_tokens.c.name == name).values(exchange_began_at=None))


async def keep(
    connection: AsyncConnection,
    vault: Vault,
    name: str,
    *,
    access: str,
    refresh: str,
    lasts: timedelta,
    seed_sha256: str,
    now: datetime,
) -> None:
    """Keep a new pair in place of the one before; a channel that was dead lives again."""
    values = {
        "access": vault.seal(access.encode(), place=f"access:{name}"),
        "refresh": vault.seal(refresh.encode(), place=f"refresh:{name}"),
        "expires_at": now + lasts,
        "renew_at": now + lasts * RENEW_AFTER,
        "seed_sha256": seed_sha256,
        "stored_at": now,
        "dead_since": None,
        "error": None,
        "exchange_began_at": None,
    }
    changed = await connection.execute(update(channel_tokens).where(channel_tokens.c.name == name).values(values))
    if not changed.rowcount:
        await connection.execute(insert(channel_tokens).values(name=name, **values))


async def note_dead(connection: AsyncConnection, name: str, *, error: str, is_lost: bool, now: datetime) -> None:
    """Note that a channel's refresh token is taken no more; `is_lost`: because an exchange before was cut off."""
    statement = update(channel_tokens).where(channel_tokens.c.name == name, channel_tokens.c.dead_since.is_(None))
    began_at = {} if is_lost else {"exchange_began_at": None}
    await connection.execute(statement.values(dead_since=now, error=error, **began_at))
