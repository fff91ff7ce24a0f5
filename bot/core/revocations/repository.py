"""Queries of revocation evidence."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.revocations.models import revocation_evidence
from bot.core.signatures.evidence import Kind

_COLUMNS = revocation_evidence.c


@dataclass(frozen=True, slots=True)
class Note:
    """A piece of evidence without its bytes; `sha256` is theirs."""

    kind: Kind
    about: str
    source: str
    sha256: str
    this_update: datetime
    next_update: datetime
    fetched_at: datetime


async def keep(connection: AsyncConnection, note: Note, der: bytes) -> None:
    """Keep a piece of evidence in place of what its source gave before, unless that is newer."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    values = {name: getattr(note, name) for name in Note.__slots__} | {"der": der}
    statement = dialect.insert(revocation_evidence).values(values)
    changed = ("sha256", "der", "this_update", "next_update", "fetched_at")
    statement = statement.on_conflict_do_update(
        index_elements=[_COLUMNS.kind, _COLUMNS.about, _COLUMNS.source],
        set_={name: statement.excluded[name] for name in changed},
        where=_COLUMNS.this_update <= statement.excluded.this_update,
    )
    await connection.execute(statement)


async def list_notes(connection: AsyncConnection, *, about: Collection[str] | None = None) -> Sequence[Note]:
    """Return what is kept, the newest first: all of it, or what is about some issuers and certificates."""
    query = select(*(_COLUMNS[name] for name in Note.__slots__)).order_by(_COLUMNS.this_update.desc(), _COLUMNS.source)
    if about is not None:
        query = query.where(_COLUMNS.about.in_(about))
    return [Note(**row._mapping) for row in await connection.execute(query)]


async def find_bytes(connection: AsyncConnection, digests: Collection[str]) -> Mapping[str, bytes]:
    """Return the bytes of evidence by their SHA-256."""
    if not digests:
        return {}
    query = select(_COLUMNS.sha256, _COLUMNS.der).where(_COLUMNS.sha256.in_(digests))
    return {row.sha256: row.der for row in await connection.execute(query)}


async def remove_ended(connection: AsyncConnection, *, before: datetime) -> int:
    """Remove evidence that ended before a moment; return how many pieces."""
    return (await connection.execute(delete(revocation_evidence).where(_COLUMNS.next_update < before))).rowcount
