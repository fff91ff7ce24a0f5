"""Use cases of registrars' own endpoints: where they are and what deliveries to them are signed with."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.audit.log import AuditLog
from bot.core.registrars.models import registrar_endpoints
from bot.core.vault import Vault

SECRET_MARK = "whsec_"  # noqa: S105 - the beginning that Standard Webhooks gives every secret
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True, repr=False)
class Endpoint:
    """Where a registrar takes deliveries, and the key that they are signed with."""

    registrar: str
    url: str
    secret: bytes


async def set_up(
    connection: AsyncConnection, vault: Vault, log: AuditLog, *, registrar: str, url: str, by: str, now: datetime
) -> str:
    """Give a registrar an endpoint in place of the one it had; return the new secret, which is not shown again.

    Whether the address may be reached is for the caller to find out before, and for the sender each time.
    """
    secret = secrets.token_bytes(SECRET_BYTES)
    key, wrapped = vault.new_person_key(owner_of(registrar))
    await _delete(connection, registrar)
    await connection.execute(
        insert(registrar_endpoints).values(
            registrar=registrar,
            url=url,
            wrapped_key=wrapped,
            secret=key.seal(secret, place=owner_of(registrar)),
            created_at=now,
        )
    )
    facts = {"registrar": registrar, "host": urlsplit(url).hostname or "", "by": by}
    await log.append(connection, "registrar-endpoint.set", facts, now=now)
    return SECRET_MARK + b64encode(secret).decode()


async def remove(connection: AsyncConnection, log: AuditLog, *, registrar: str, by: str, now: datetime) -> bool:
    """Take a registrar's endpoint away; False where it had none."""
    if not await _delete(connection, registrar):
        return False
    await log.append(connection, "registrar-endpoint.removed", {"registrar": registrar, "by": by}, now=now)
    return True


async def has_one(connection: AsyncConnection, registrar: str) -> bool:
    """Tell whether a registrar has an endpoint."""
    query = select(registrar_endpoints.c.registrar).where(registrar_endpoints.c.registrar == registrar)
    return (await connection.execute(query)).one_or_none() is not None


async def find(connection: AsyncConnection, vault: Vault, registrar: str) -> Endpoint | None:
    """Return a registrar's endpoint, opened."""
    query = select(registrar_endpoints).where(registrar_endpoints.c.registrar == registrar)
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        return None
    key = vault.open_person_key(owner_of(registrar), row.wrapped_key)
    return Endpoint(registrar, row.url, key.open(row.secret, place=owner_of(registrar)))


async def list_addresses(connection: AsyncConnection) -> Sequence[tuple[str, str]]:
    """Return every registrar that has an endpoint, and its address."""
    query = select(registrar_endpoints.c.registrar, registrar_endpoints.c.url).order_by(registrar_endpoints.c.registrar)
    return [(row.registrar, row.url) for row in await connection.execute(query)]


async def _delete(connection: AsyncConnection, registrar: str) -> bool:
    gone = delete(registrar_endpoints).where(registrar_endpoints.c.registrar == registrar)
    return (await connection.execute(gone)).rowcount == 1


def owner_of(registrar: str) -> str:
    """Return whom the vault keeps an endpoint's key for."""
    return f"registrar:{registrar}"
