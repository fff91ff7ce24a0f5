"""Queries of notices."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.notices.models import notices

Facts: TypeAlias = Mapping[str, str | int]


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """Something that a member of staff is to know; `kind` names the sentence, `facts` fill it."""

    id: int
    kind: str
    facts: Facts
    created_at: datetime
    read_at: datetime | None


async def add(
    connection: AsyncConnection, *, staff_id: str, kind: str, facts: Facts, dedupe_key: str, now: datetime
) -> bool:
    """Store a notice; tell whether it is new under its key."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = (
        dialect.insert(notices)
        .values(
            staff_id=staff_id,
            kind=kind,
            facts=json.dumps(facts, ensure_ascii=False, sort_keys=True),
            dedupe_key=dedupe_key,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=[notices.c.dedupe_key])
    )
    return (await connection.execute(statement)).rowcount == 1


async def list_newest_first(
    connection: AsyncConnection, staff_id: str, *, only_unread: bool, most: int
) -> Sequence[NoticeRow]:
    """Return somebody's notices."""
    query = (
        select(notices.c.id, notices.c.kind, notices.c.facts, notices.c.created_at, notices.c.read_at)
        .where(notices.c.staff_id == staff_id)
        .order_by(notices.c.created_at.desc(), notices.c.id.desc())
        .limit(most)
    )
    if only_unread:
        query = query.where(notices.c.read_at.is_(None))
    return [
        NoticeRow(row.id, row.kind, json.loads(row.facts), row.created_at, row.read_at)
        for row in await connection.execute(query)
    ]


async def count_unread(connection: AsyncConnection, staff_id: str) -> int:
    """Return how many notices somebody has not read."""
    query = select(func.count()).select_from(notices).where(notices.c.staff_id == staff_id, notices.c.read_at.is_(None))
    return int((await connection.execute(query)).scalar_one())


async def mark_read(connection: AsyncConnection, staff_id: str, notice_id: int, *, now: datetime) -> bool:
    """Note that somebody read a notice of theirs, the first time only; tell whether there is one."""
    own = (notices.c.id == notice_id, notices.c.staff_id == staff_id)
    await connection.execute(update(notices).where(*own, notices.c.read_at.is_(None)).values(read_at=now))
    return (await connection.execute(select(notices.c.id).where(*own))).one_or_none() is not None


async def remove_older(connection: AsyncConnection, *, than: datetime) -> int:
    """Remove the notices that were made before a moment, read or not; return how many."""
    return (await connection.execute(delete(notices).where(notices.c.created_at < than))).rowcount
