"""Use cases of registrars' tokens: give one, revoke it, know whose it is."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.audit.log import AuditLog
from bot.core.errors import InvalidInputError, NotFoundError
from bot.core.registrars.models import registrar_endpoints, registrar_tokens
from bot.core.staff.errors import TokenRefusedError

LONGEST = timedelta(days=366)
MARK = "hdr_"
_BYTES = 32
_SHOWN = len(MARK) + 8
TOKEN_LENGTH = len(MARK) + 43


class RegistrarScope(StrEnum):
    """What a registrar's token is for."""

    READ = "read"
    """See their own requests."""
    REPORT = "report"
    """Acknowledge them and report what became of them."""


class RegistrarTokenUnknownError(NotFoundError):
    """There is no such token that could be revoked."""


class RegistrarTokenTooLongError(InvalidInputError):
    """A token may not open anything for that long, or for no time at all, or for nothing."""


@dataclass(frozen=True, slots=True)
class RegistrarCaller:
    """Who calls: a registrar by its key, by which token, and what that token is for."""

    registrar: str
    prefix: str
    scopes: frozenset[RegistrarScope]


@dataclass(frozen=True, slots=True)
class KeptToken:
    """A token as it is listed: by its beginning, which opens nothing."""

    prefix: str
    registrar: str
    scopes: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


async def issue(
    connection: AsyncConnection,
    log: AuditLog,
    *,
    registrar: str,
    scopes: Collection[RegistrarScope],
    lasts: timedelta,
    by: str,
    now: datetime,
) -> tuple[str, KeptToken]:
    """Give a registrar a token of 256 random bits; return its text, the only time it is at hand, and what is kept.

    Raises:
        RegistrarTokenTooLongError: it would last more than a year, or not at all, or open nothing.
    """
    if not timedelta() < lasts <= LONGEST or not scopes:
        raise RegistrarTokenTooLongError
    text = MARK + secrets.token_urlsafe(_BYTES)
    kept = KeptToken(text[:_SHOWN], registrar, " ".join(sorted(set(scopes))), now, now + lasts, None)
    await connection.execute(
        insert(registrar_tokens).values(
            prefix=kept.prefix,
            registrar=registrar,
            digest=_digest(text),
            scopes=kept.scopes,
            created_at=now,
            expires_at=kept.expires_at,
        )
    )
    facts = {"registrar": registrar, "token": kept.prefix, "scopes": kept.scopes.split(), "by": by}
    await log.append(connection, "registrar-token.issued", facts, now=now)
    return text, kept


async def revoke(connection: AsyncConnection, log: AuditLog, prefix: str, *, by: str, now: datetime) -> str:
    """Revoke a token at once; return whose it was.

    Raises:
        RegistrarTokenUnknownError: none that stands begins like this.
    """
    ended = (
        update(registrar_tokens)
        .where(registrar_tokens.c.prefix == prefix, registrar_tokens.c.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(registrar_tokens.c.registrar)
    )
    registrar: str | None = (await connection.execute(ended)).scalar_one_or_none()
    if registrar is None:
        raise RegistrarTokenUnknownError
    facts = {"registrar": registrar, "token": prefix, "by": by}
    await log.append(connection, "registrar-token.revoked", facts, now=now)
    return registrar


async def identify(connection: AsyncConnection, text: str, *, now: datetime) -> RegistrarCaller:
    """Return whose token this is.

    The digest is looked up, not the text: how long that takes tells nothing about tokens that exist.

    Raises:
        TokenRefusedError: nobody's, or it has ended or was revoked.
    """
    query = select(registrar_tokens).where(
        registrar_tokens.c.digest == _digest(text),
        registrar_tokens.c.revoked_at.is_(None),
        registrar_tokens.c.expires_at > now,
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise TokenRefusedError
    return RegistrarCaller(row.registrar, row.prefix, frozenset(map(RegistrarScope, row.scopes.split())))


async def list_all(connection: AsyncConnection) -> Sequence[KeptToken]:
    """Return every token that was ever given, by registrar."""
    names = ("prefix", "registrar", "scopes", "created_at", "expires_at", "revoked_at")
    query = select(*(registrar_tokens.c[name] for name in names)).order_by(
        registrar_tokens.c.registrar, registrar_tokens.c.created_at
    )
    return [KeptToken(**row._mapping) for row in await connection.execute(query)]


async def list_connected(connection: AsyncConnection, *, now: datetime) -> frozenset[str]:
    """Return the registrars that can get a request: they hold a token that opens something, or have an endpoint."""
    holders = select(registrar_tokens.c.registrar).where(
        registrar_tokens.c.revoked_at.is_(None), registrar_tokens.c.expires_at > now
    )
    receivers = select(registrar_endpoints.c.registrar)
    return frozenset((await connection.execute(holders.union(receivers))).scalars())


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
