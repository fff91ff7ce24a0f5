"""What is paused until its signed end is over, ends: nobody can let it go on any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals.errors import DigestMismatchError
from bot.core.audit.chain import Fact
from bot.core.audit.log import AuditLog
from bot.core.broadcasts import decisions, kinds, repository
from bot.core.broadcasts.emission import TOO_LATE
from bot.core.broadcasts.kinds import Item
from bot.core.broadcasts.repository import MACHINE, BroadcastRow
from bot.core.broadcasts.states import State
from bot.core.db import Database
from bot.core.deliveries import bulk
from bot.core.deliveries.arrivals import count_states
from bot.core.deliveries.models import DeliveryState
from bot.core.statements import digest

ENDED = "broadcast-ended-paused"
"""Its time passed while it was paused; what was not sent by then is not sent."""


async def lapse_paused(database: Database, log: AuditLog, *, now: datetime) -> int:
    """End the paused broadcasts whose signed window is over, and tell their authors; return how many.

    One of which something was sent is done, so that it can still be called back; any other has expired. It waits for
    a sender that has a message in hand. They are looked for in a snapshot, as `decisions.lapse_unapproved` does.
    """
    async with database.reading() as connection:
        rows = await repository.list_paused(connection)
    ids = [row.id for row in rows if _read_over(row, now=now) is not None]
    if not ids:
        return 0
    async with database.unit_of_work() as connection:
        return await _lapse(connection, log, ids, now=now)


async def _lapse(connection: AsyncConnection, log: AuditLog, ids: Sequence[str], *, now: datetime) -> int:
    ended: list[BroadcastRow] = []
    for broadcast_id in ids:
        row = await repository.find(connection, broadcast_id, locked=True)
        item = _read_over(row, now=now) if row is not None else None
        if row is None or item is None:
            continue
        state = await _end_editions(connection, row, now=now)
        if state is None:
            continue
        await decisions.tell_authors(connection, row, item, ENDED, now=now)
        ended.append(await repository.change_state(connection, row, state, by=MACHINE, now=now))
    # The log's lines come last: whoever holds its lock waits for no other.
    for row in ended:
        facts: dict[str, Fact] = {"kind": row.kind, "broadcast": row.id, "version": row.version}
        facts |= {"subject_sha256": digest(row.subject), "state": row.state.value}
        await log.append(connection, "broadcast.ended", facts, now=now)
    return len(ended)


async def _end_editions(connection: AsyncConnection, row: BroadcastRow, *, now: datetime) -> State | None:
    """End what of a broadcast is not at its end; return how the broadcast ends, None while something is in hand."""
    editions = await repository.editions_of(connection, row.id, locked=True)
    unfinished = [edition for edition in editions if edition.finished_at is None]
    counts = await count_states(connection, [edition.id for edition in unfinished])
    if any(DeliveryState.SENDING in states for states in counts.values()):
        return None
    ends = {edition.state for edition in editions if edition.finished_at is not None}
    for edition in unfinished:
        await bulk.cancel_pending(connection, edition.id, error=TOO_LATE)
        left = counts.get(edition.id, {}).keys() - {DeliveryState.PENDING, DeliveryState.CANCELLED}
        end = State.DONE if left else State.EXPIRED
        await repository.change_edition(connection, edition, end, now=now)
        ends.add(end)
    return State.DONE if State.DONE in ends else State.EXPIRED


def _read_over(row: BroadcastRow, *, now: datetime) -> Item | None:
    """Return what a paused broadcast says whose signed window is over, else None."""
    if row.state is not State.PAUSED:
        return None
    try:
        item = kinds.read(row.kind, row.subject)
    except DigestMismatchError:  # it cannot go on either
        return None
    return item if now > kinds.window_of(item).not_after else None
