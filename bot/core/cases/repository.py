"""Queries of cases."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.cases.models import Author, CaseState, case_messages, cases


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case as stored."""

    id: int
    reference: str
    conversation_id: int
    citizen_id: str
    area: str
    why: str
    state: int
    urgent: bool
    consent: str
    opened_at: datetime
    due_at: datetime
    escalated_at: datetime | None
    last_word_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message of a case as stored."""

    id: int
    author: int
    staff_id: str | None
    body: bytes
    created_at: datetime


_COLUMNS = [cases.c[field.name] for field in fields(CaseRow)]


def _as_case(row: Row[Any]) -> CaseRow:
    return CaseRow(**row._mapping)


async def add(connection: AsyncConnection, **values: Any) -> int:
    """Store a new case; return its id.

    Raises:
        sqlalchemy.exc.IntegrityError: the reference is taken.
    """
    return int((await connection.execute(insert(cases).values(**values).returning(cases.c.id))).scalar_one())


async def find(connection: AsyncConnection, *wanted: ColumnElement[bool], lock: bool = False) -> CaseRow | None:
    """Return the only case for which all of `wanted` holds, held until the transaction ends where `lock` is set."""
    query = select(*_COLUMNS).where(*wanted)
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    return None if row is None else _as_case(row)


async def list_rows(connection: AsyncConnection, *wanted: ColumnElement[bool], most: int) -> Sequence[CaseRow]:
    """Return up to `most` cases for which all of `wanted` holds: urgent ones first, then by when they are due."""
    query = select(*_COLUMNS).where(*wanted).order_by(cases.c.urgent.desc(), cases.c.due_at, cases.c.id).limit(most)
    return [_as_case(row) for row in await connection.execute(query)]


async def change(connection: AsyncConnection, case_id: int, **values: Any) -> None:
    """Change a case."""
    await connection.execute(update(cases).where(cases.c.id == case_id).values(**values))


async def add_message(
    connection: AsyncConnection,
    case_id: int,
    *,
    author: Author,
    body: bytes,
    now: datetime,
    staff_id: str | None = None,
) -> None:
    """Store a message of a case."""
    values = {"case_id": case_id, "author": author, "staff_id": staff_id, "body": body, "created_at": now}
    await connection.execute(insert(case_messages).values(values))


async def list_messages(connection: AsyncConnection, case_id: int) -> Sequence[MessageRow]:
    """Return all that was said in a case, in order."""
    query = (
        select(*(case_messages.c[field.name] for field in fields(MessageRow)))
        .where(case_messages.c.case_id == case_id)
        .order_by(case_messages.c.id)
    )
    return [MessageRow(**row._mapping) for row in await connection.execute(query)]


async def remove_shared(connection: AsyncConnection, case_id: int) -> None:
    """Remove what was passed on from before a case."""
    shared = case_messages.c.author.in_((Author.SHARED_BY_CITIZEN, Author.SHARED_ANSWER))
    await connection.execute(delete(case_messages).where(case_messages.c.case_id == case_id, shared))


async def remove(connection: AsyncConnection, *wanted: ColumnElement[bool]) -> int:
    """Remove the cases for which all of `wanted` holds, with all that was said in them; return how many."""
    ids = select(cases.c.id).where(*wanted)
    await connection.execute(delete(case_messages).where(case_messages.c.case_id.in_(ids.scalar_subquery())))
    return (await connection.execute(delete(cases).where(*wanted))).rowcount


def is_open() -> ColumnElement[bool]:
    """Tell of a case that it can be answered."""
    return cases.c.state < CaseState.CLOSED


def is_of(conversation_ids: Collection[int]) -> ColumnElement[bool]:
    """Tell of a case that it belongs to one of these conversations."""
    return cases.c.conversation_id.in_(conversation_ids)
