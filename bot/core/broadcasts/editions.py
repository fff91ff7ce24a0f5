"""Editions: freezing the approved bytes for one moment."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.broadcasts import codes, kinds, repository, timetable
from bot.core.broadcasts.kinds import Item
from bot.core.broadcasts.repository import BroadcastRow, EditionRow
from bot.core.broadcasts.states import State
from bot.core.statements.models import Series


async def freeze(connection: AsyncConnection, row: BroadcastRow, *, fire_at: datetime, now: datetime) -> EditionRow:
    """Store the present version's bytes for a moment, scheduled, under the first code that is free.

    Raises:
        sqlalchemy.exc.IntegrityError: this version has an edition for that moment.
    """
    edition = EditionRow(
        id=f"ed-{secrets.token_hex(5)}",
        broadcast_id=row.id,
        kind=row.kind,
        version=row.version,
        subject=row.subject,
        fire_at=fire_at,
        not_after=_last_moment(kinds.read(row.kind, row.subject), fire_at),
        check_code=await _free_code(connection, row.subject, fire_at),
        state=State.SCHEDULED,
        created_at=now,
        fired_at=None,
        finished_at=None,
    )
    await repository.add_edition(connection, edition)
    return edition


def _last_moment(item: Item, fire_at: datetime) -> datetime:
    """Return until when an edition may be sent: the window's end, or when the next one of its series is due."""
    end = kinds.window_of(item).not_after
    following = timetable.next_moment(item.timetable, fire_at) if isinstance(item, Series) else None
    return end if following is None else following


async def _free_code(connection: AsyncConnection, subject: bytes, fire_at: datetime) -> str:
    found = codes.candidates(subject, fire_at)
    code = next(found)
    while await repository.find_edition_by_code(connection, code) is not None:
        code = next(found)
    return code
