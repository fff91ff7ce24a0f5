"""Use cases of channels' tokens: read the pair that is kept, keep a new one, and note that one is dead.

A lease keeps two processes from using a refresh token, but one that stood still may go on after it lost the lease. So
every write names the pair that was read, by its mark, and changes nothing where there is another by now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.channel_tokens.models import channel_tokens
from bot.core.vault import Vault

RENEW_AFTER = 0.8
"""Of an access token's life."""
_ACCOUNT = "\n"
"""Stands between the access token, which is a header's value, and whom it speaks for."""


@dataclass(frozen=True, slots=True, repr=False)
class KeptPair:
    """A pair of tokens, opened. The access token is empty until the first exchange has come through.

    `mark` changes with every pair that is kept, and with nothing else. `account` is whom the pair speaks for, as far as
    the platform was asked; empty until then. `exchange_began_at` is set where an exchange began and its end was never
    noted.
    """

    access: str
    refresh: str
    mark: bytes
    account: str
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
    access, _, account = vault.open(row.access, place=f"access:{name}").decode().partition(_ACCOUNT)
    return KeptPair(
        access=access,
        refresh=vault.open(row.refresh, place=f"refresh:{name}").decode(),
        mark=row.access,
        account=account,
        expires_at=row.expires_at,
        renew_at=row.renew_at,
        seed_sha256=row.seed_sha256,
        dead_since=row.dead_since,
        exchange_began_at=row.exchange_began_at,
    )


async def begin_exchange(
    connection: AsyncConnection,
    vault: Vault,
    name: str,
    read: KeptPair | None,
    *,
    refresh: str,
    seed_sha256: str,
    now: datetime,
) -> bytes | None:
    """Note, in a transaction of its own, that a refresh token is about to be used: one that is kept, or a new one.

    Return the mark under which what comes of it is noted; None where there is another pair by now than was `read`, and
    nothing may be used. A channel that was dead, or had none, is tried with the new one from now on.
    """
    values = {"refresh": vault.seal(refresh.encode(), place=f"refresh:{name}"), "seed_sha256": seed_sha256}
    fresh = {"renew_at": now, "dead_since": None, "error": None, "exchange_began_at": now, **values}
    if read is None:
        mark = vault.seal(b"", place=f"access:{name}")
        fresh |= {"name": name, "access": mark, "expires_at": now, "stored_at": now}
        return mark if await _insert(connection, fresh) else None
    unchanged = update(channel_tokens).where(*_is(name, read.mark))
    revived = unchanged.where(channel_tokens.c.dead_since.is_not(None)).values(fresh)
    began_at = func.coalesce(channel_tokens.c.exchange_began_at, now)
    noted = unchanged.where(channel_tokens.c.dead_since.is_(None)).values(exchange_began_at=began_at, **values)
    statement = noted if read.dead_since is None else revived
    return read.mark if (await connection.execute(statement)).rowcount else None


async def call_off(connection: AsyncConnection, name: str, mark: bytes) -> None:
    """Note that an exchange surely did not happen."""
    await connection.execute(update(channel_tokens).where(*_is(name, mark)).values(exchange_began_at=None))


async def keep(
    connection: AsyncConnection,
    vault: Vault,
    name: str,
    mark: bytes | None,
    *,
    access: str,
    refresh: str,
    lasts: timedelta,
    seed_sha256: str,
    account: str = "",
    now: datetime,
) -> bool:
    """Keep a new pair in place of the one of this `mark`, or of whatever there is; a channel that was dead lives again.

    False where there is another pair by now: a newer one, which stays.
    """
    values = {
        "access": vault.seal(_with_account(access, account), place=f"access:{name}"),
        "refresh": vault.seal(refresh.encode(), place=f"refresh:{name}"),
        "expires_at": now + lasts,
        "renew_at": now + lasts * RENEW_AFTER,
        "seed_sha256": seed_sha256,
        "stored_at": now,
        "dead_since": None,
        "error": None,
        "exchange_began_at": None,
    }
    which = _is(name, mark) if mark is not None else (channel_tokens.c.name == name,)
    changed = await connection.execute(update(channel_tokens).where(*which).values(values))
    return bool(changed.rowcount) or (mark is None and await _insert(connection, {"name": name, **values}))


async def note_dead(
    connection: AsyncConnection, name: str, mark: bytes, *, error: str, is_lost: bool, now: datetime
) -> bool:
    """Note that a channel's refresh token is taken no more; `is_lost`: because an exchange before was cut off.

    False where there is another pair by now, of which that says nothing, or this one was dead already.
    """
    statement = update(channel_tokens).where(*_is(name, mark), channel_tokens.c.dead_since.is_(None))
    began_at = {} if is_lost else {"exchange_began_at": None}
    return bool((await connection.execute(statement.values(dead_since=now, error=error, **began_at))).rowcount)


async def note_account(connection: AsyncConnection, vault: Vault, name: str, read: KeptPair, account: str) -> bool:
    """Keep whom a pair speaks for, beside it; False, and to be done again, while the pair is being exchanged."""
    statement = update(channel_tokens).where(*_is(name, read.mark), channel_tokens.c.exchange_began_at.is_(None))
    sealed = vault.seal(_with_account(read.access, account), place=f"access:{name}")
    return bool((await connection.execute(statement.values(access=sealed))).rowcount)


def _is(name: str, mark: bytes) -> tuple[ColumnElement[bool], ...]:
    return channel_tokens.c.name == name, channel_tokens.c.access == mark


def _with_account(access: str, account: str) -> bytes:
    return f"{access}{_ACCOUNT}{account}".encode() if account else access.encode()


async def _insert(connection: AsyncConnection, values: Mapping[str, Any]) -> bool:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(channel_tokens).values(**values).on_conflict_do_nothing()
    return bool((await connection.execute(statement)).rowcount)
