"""Use cases of channels' tokens: read the pair that is kept, keep a new one, and note that one is dead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.channel_tokens.models import channel_tokens
from bot.core.vault import Vault

RENEW_AFTER = 0.8
"""Of an access token's life."""


@dataclass(frozen=True, slots=True, repr=False)
class KeptPair:
    """A pair of tokens, opened."""

    access: str
    refresh: str
    expires_at: datetime
    renew_at: datetime
    seed_sha256: str
    dead_since: datetime | None


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
    )


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
    }
    changed = await connection.execute(update(channel_tokens).where(channel_tokens.c.name == name).values(values))
    if not changed.rowcount:
        await connection.execute(insert(channel_tokens).values(name=name, **values))


async def note_dead(connection: AsyncConnection, name: str, *, error: str, now: datetime) -> None:
    """Note that a channel's refresh token is taken no more."""
    statement = update(channel_tokens).where(channel_tokens.c.name == name, channel_tokens.c.dead_since.is_(None))
    await connection.execute(statement.values(dead_since=now, error=error))
