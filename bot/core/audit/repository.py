"""Queries of the audit log."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.audit.chain import Entry, Head
from bot.core.audit.models import audit_checkpoints, audit_entries, audit_head


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A signed checkpoint: the statement's bytes and the CMS over them."""

    size: int
    head: str
    at: datetime
    statement: bytes
    signature: bytes


async def find_head(connection: AsyncConnection, *, locked: bool = False) -> Head | None:
    """Return what the row of the head says; where `locked`, nobody else appends until the transaction ends."""
    query = select(audit_head.c.size, audit_head.c.head).where(audit_head.c.id == 1)
    row = (await connection.execute(query.with_for_update() if locked else query)).one_or_none()
    return Head(row.size, row.head) if row else None


async def count_entries(connection: AsyncConnection) -> int:
    """Return the greatest number of a line, 0 where there is none."""
    greatest: int | None = (await connection.execute(select(func.max(audit_entries.c.seq)))).scalar_one()
    return greatest or 0


async def list_digests(connection: AsyncConnection, seqs: Collection[int]) -> Mapping[int, str]:
    """Return the digests of the lines with these numbers, as far as they exist."""
    query = select(audit_entries.c.seq, audit_entries.c.digest).where(audit_entries.c.seq.in_(seqs))
    return {row.seq: row.digest for row in await connection.execute(query)}


async def list_lines(connection: AsyncConnection, *, after: int, most: int) -> Sequence[Entry]:
    """Return up to `most` lines behind a number, in order."""
    query = select(audit_entries.c.seq, audit_entries.c.line).where(audit_entries.c.seq > after)
    rows = await connection.execute(query.order_by(audit_entries.c.seq).limit(most))
    return [Entry(row.seq, row.line) for row in rows]


async def add(connection: AsyncConnection, entry: Entry) -> None:
    """Store a line, and move the head on to it."""
    head = entry.head
    await connection.execute(insert(audit_entries).values(seq=entry.seq, line=entry.line, digest=head.head))
    await connection.execute(update(audit_head).where(audit_head.c.id == 1).values(size=head.size, head=head.head))


async def add_checkpoint(connection: AsyncConnection, checkpoint: StoredCheckpoint) -> None:
    """Store a checkpoint."""
    await connection.execute(
        insert(audit_checkpoints).values(
            size=checkpoint.size,
            head=checkpoint.head,
            at=checkpoint.at,
            statement=checkpoint.statement,
            signature=checkpoint.signature,
        )
    )


async def find_newest_checkpoint(connection: AsyncConnection) -> StoredCheckpoint | None:
    """Return the checkpoint of the longest log, the latest of several."""
    columns = audit_checkpoints.c
    query = select(columns.size, columns.head, columns.at, columns.statement, columns.signature)
    row = (await connection.execute(query.order_by(columns.size.desc(), columns.id.desc()).limit(1))).one_or_none()
    return StoredCheckpoint(**row._mapping) if row else None


async def list_checkpoint_heads(connection: AsyncConnection) -> Sequence[Head]:
    """Return what all checkpoints tell of the log."""
    query = select(audit_checkpoints.c.size, audit_checkpoints.c.head)
    return [Head(row.size, row.head) for row in await connection.execute(query)]
