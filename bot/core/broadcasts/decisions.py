"""What becomes of a submitted broadcast that is not approved: its authors are told, and one nobody signs lapses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals.errors import DigestMismatchError
from bot.core.audit.chain import Fact
from bot.core.audit.log import AuditLog
from bot.core.broadcasts import kinds, repository
from bot.core.broadcasts.kinds import Item
from bot.core.broadcasts.repository import MACHINE, BroadcastRow
from bot.core.broadcasts.states import State
from bot.core.db import Database
from bot.core.notices import service as notices
from bot.core.statements import digest

RETURNED = "broadcast-returned"
"""An admin wants it changed; `reason` says what."""
REJECTED = "broadcast-rejected"
"""An admin put it away for good; `reason` says why."""
LAPSED = "broadcast-lapsed"
"""Its time passed before enough people had signed."""


async def tell_authors(
    connection: AsyncConnection, row: BroadcastRow, item: Item, kind: str, *, now: datetime, **facts: str
) -> None:
    """Tell everybody who wrote some version of a broadcast what was decided about the present one."""
    await notices.tell(
        connection,
        staff_ids=item.authors,
        kind=kind,
        facts={"kind": row.kind, "broadcast": row.id, "title": item.content.title, **facts},
        about=f"{row.id}:{row.version}",
        now=now,
    )


async def lapse_unapproved(database: Database, log: AuditLog, *, late: timedelta, now: datetime) -> int:
    """End the submitted broadcasts that are too late to be approved, and tell their authors; return how many.

    They are looked for in a snapshot: nobody who works on one that is in time waits for this.

    Args:
        database: of this deployment; two transactions of its own.
        log: of this deployment.
        late: how long after its moment a broadcast is still begun.
        now: the present moment.
    """
    async with database.reading() as connection:
        rows = await repository.list_submitted(connection)
        ids = [row.id for row in rows if _read_too_late(row, late=late, now=now) is not None]
    if not ids:
        return 0
    async with database.unit_of_work() as connection:
        return await _lapse(connection, log, ids, late=late, now=now)


async def _lapse(
    connection: AsyncConnection, log: AuditLog, ids: Sequence[str], *, late: timedelta, now: datetime
) -> int:
    lapsed: list[BroadcastRow] = []
    for broadcast_id in ids:
        row = await repository.find(connection, broadcast_id, locked=True)
        item = _read_too_late(row, late=late, now=now) if row is not None else None
        if row is None or item is None:
            continue
        await tell_authors(connection, row, item, LAPSED, now=now)
        lapsed.append(await repository.change_state(connection, row, State.EXPIRED, by=MACHINE, now=now))
    # The log's lines come last: whoever holds its lock waits for no other.
    for row in lapsed:
        facts: dict[str, Fact] = {"kind": row.kind, "broadcast": row.id, "version": row.version}
        facts["subject_sha256"] = digest(row.subject)
        await log.append(connection, "broadcast.lapsed", facts, now=now)
    return len(lapsed)


def _read_too_late(row: BroadcastRow, *, late: timedelta, now: datetime) -> Item | None:
    """Return what a submitted broadcast says whose time is past, else None."""
    if row.state is not State.SUBMITTED:
        return None
    try:
        item = kinds.read(row.kind, row.subject)
    except DigestMismatchError:  # it cannot be approved either
        return None
    return item if kinds.moment_ahead(item, now=now, late=late) is None else None
