"""Queries of reports."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.citizens.models import citizens
from bot.core.reports.models import ReportState, reports


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report as stored, with its citizen's wrapped key, which is gone once the citizen is erased."""

    reference: str
    citizen_id: str
    channel: str
    state: int
    words: bytes | None
    created_at: datetime
    wrapped_key: bytes | None

    @property
    def can_be_withdrawn(self) -> bool:
        """True as long as nobody has read it."""
        return self.state == ReportState.UNREAD


def _rows() -> Select[tuple[Any, ...]]:
    names = [field.name for field in fields(ReportRow) if field.name != "wrapped_key"]
    return select(*(reports.c[name] for name in names), citizens.c.wrapped_key).join(citizens)


async def add(
    connection: AsyncConnection,
    *,
    reference: str,
    citizen_id: str,
    channel: str,
    words: bytes,
    consent: str,
    now: datetime,
) -> None:
    """Store a new report, unread.

    Raises:
        sqlalchemy.exc.IntegrityError: the reference is taken.
    """
    await connection.execute(
        insert(reports).values(
            reference=reference,
            citizen_id=citizen_id,
            channel=channel,
            words=words,
            consent=consent,
            created_at=now,
        )
    )


async def list_newest_first(connection: AsyncConnection) -> Sequence[ReportRow]:
    """Return every report."""
    query = _rows().order_by(reports.c.created_at.desc(), reports.c.id.desc())
    return [ReportRow(**row._mapping) for row in await connection.execute(query)]


async def find(connection: AsyncConnection, reference: str) -> ReportRow | None:
    """Return the report of that reference, held until the transaction ends where that can write."""
    query = _rows().where(reports.c.reference == reference).with_for_update(of=reports)
    row = (await connection.execute(query)).one_or_none()
    return ReportRow(**row._mapping) if row else None


async def mark_read(connection: AsyncConnection, reference: str, *, now: datetime) -> None:
    """Note that somebody read it, and when for the first time."""
    await connection.execute(
        update(reports)
        .where(reports.c.reference == reference, reports.c.state == ReportState.UNREAD)
        .values(state=ReportState.READ, read_at=now)
    )


async def close(connection: AsyncConnection, reference: str, *, now: datetime) -> None:
    """Note that nothing more is to be done about it, and blank its words."""
    await connection.execute(
        update(reports)
        .where(reports.c.reference == reference)
        .values(state=ReportState.CLOSED, words=None, closed_at=now)
    )


async def remove_unread(connection: AsyncConnection, reference: str, *, citizen_id: str) -> bool:
    """Remove a citizen's own report while nobody has read it; False where there is none such."""
    result = await connection.execute(
        delete(reports).where(
            reports.c.reference == reference,
            reports.c.citizen_id == citizen_id,
            reports.c.state == ReportState.UNREAD,
        )
    )
    return result.rowcount == 1


async def is_kept(connection: AsyncConnection, reference: str, *, citizen_id: str) -> bool:
    """Tell whether a citizen's own report is still here."""
    query = select(reports.c.id).where(reports.c.reference == reference, reports.c.citizen_id == citizen_id)
    return (await connection.execute(query)).one_or_none() is not None


async def list_of(connection: AsyncConnection, citizen_id: str) -> Sequence[ReportRow]:
    """Return a citizen's own reports, oldest first."""
    query = _rows().where(reports.c.citizen_id == citizen_id).order_by(reports.c.id)
    return [ReportRow(**row._mapping) for row in await connection.execute(query)]


async def remove_of(connection: AsyncConnection, citizen_ids: Collection[str]) -> None:
    """Remove every report of citizens."""
    await connection.execute(delete(reports).where(reports.c.citizen_id.in_(citizen_ids)))


async def remove_older(connection: AsyncConnection, *, than: datetime) -> int:
    """Remove the reports that were written before a moment; return how many."""
    return (await connection.execute(delete(reports).where(reports.c.created_at < than))).rowcount
