"""Queries of answered requests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.requests.models import answered_requests


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: as it went out, to be given again."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def find(connection: AsyncConnection, *, staff_id: str, key: str) -> tuple[str, Answer] | None:
    """Return what somebody was answered under a key, and the digest of what they had asked."""
    query = select(answered_requests).where(answered_requests.c.staff_id == staff_id, answered_requests.c.key == key)
    row = (await connection.execute(query)).one_or_none()
    return (row.request_sha256, Answer(row.status, json.loads(row.headers), row.body)) if row else None


async def add(
    connection: AsyncConnection, *, staff_id: str, key: str, request_sha256: str, answer: Answer, now: datetime
) -> None:
    """Keep an answer.

    Raises:
        sqlalchemy.exc.IntegrityError: the key has one.
    """
    await connection.execute(
        insert(answered_requests).values(
            staff_id=staff_id,
            key=key,
            request_sha256=request_sha256,
            status=answer.status,
            headers=json.dumps(dict(answer.headers)),
            body=answer.body,
            created_at=now,
        )
    )


async def remove_older(connection: AsyncConnection, *, than: datetime) -> int:
    """Remove the answers that were given before a moment; return how many."""
    return (await connection.execute(delete(answered_requests).where(answered_requests.c.created_at < than))).rowcount
