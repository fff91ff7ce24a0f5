"""What follows when an edition ends, or something is refused: the states it takes along, and who is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals.errors import DigestMismatchError
from bot.core.audit.chain import Fact
from bot.core.audit.log import AuditLog
from bot.core.broadcasts import kinds, repository
from bot.core.broadcasts.kinds import Item, Kind
from bot.core.broadcasts.lateness import SENT_AGAIN
from bot.core.broadcasts.repository import MACHINE, BroadcastRow, EditionRow
from bot.core.broadcasts.states import ALLOWED, State
from bot.core.deliveries import bulk
from bot.core.deliveries.models import DeliveryState
from bot.core.errors import ProductError
from bot.core.notices import service as notices
from bot.core.staff import accounts
from bot.core.statements.values import write_moment

log = structlog.get_logger()

MISSED = "broadcast-missed"
"""It was too late to send it; `count` moments."""
REFUSED = "broadcast-refused"
"""It was stopped, since it may not be sent: `code` says why."""
NOBODY = "broadcast-nobody"
"""It was fired, and there is no destination."""
EXPIRED = "broadcast-expired"
"""It could not be sent in time to anybody."""
INCOMPLETE = "broadcast-incomplete"
"""Not everybody got it: `failed`, `unknown` and `cancelled` count."""


async def finish(
    connection: AsyncConnection, row: BroadcastRow, edition: EditionRow, state: State, *, now: datetime
) -> None:
    """End an edition that is being sent, and with it its broadcast, or its series if that was the last moment."""
    await repository.change_edition(connection, edition, state, now=now)
    if row.kind == Kind.SERIES:
        await end_series(connection, row, now=now)
    elif state in ALLOWED[row.state]:
        await repository.change_state(connection, row, state, by=MACHINE, now=now)


async def end_series(connection: AsyncConnection, row: BroadcastRow, *, now: datetime) -> None:
    """End a series that has no moment left and nothing under way."""
    if row.state is not State.SCHEDULED or row.next_fire_at is not None:
        return
    editions = await repository.editions_of(connection, row.id)
    if all(edition.finished_at is not None for edition in editions):
        await repository.change_state(connection, row, State.DONE, by=MACHINE, now=now)


async def refuse(
    connection: AsyncConnection,
    audit: AuditLog,
    row: BroadcastRow,
    refusal: ProductError,
    *,
    fire_at: datetime,
    facts: Mapping[str, Fact],
    now: datetime,
) -> None:
    """Stop a broadcast, or a series with all that is under way of it; tell its author and its areas' admins.

    `facts` are what the audit log tells beside the refusal's code.
    """
    for edition in await repository.editions_of(connection, row.id, locked=True):
        if edition.finished_at is None and State.STOPPED in ALLOWED[edition.state]:
            await repository.change_edition(connection, edition, State.STOPPED, now=now)
            await bulk.cancel_pending(connection, edition.id, error=refusal.code)
    if State.STOPPED in ALLOWED[row.state]:
        row = await repository.change_state(connection, row, State.STOPPED, by=MACHINE, reason=refusal.code, now=now)
    item = read(row)
    people = {row.drafter}
    if item is not None:
        people |= await accounts.admins_of(connection, item.audience.areas, now=now)
    await notices.tell(
        connection,
        staff_ids=people,
        kind=REFUSED,
        facts=_named(row, item, fire_at) | {"code": refusal.code},
        about=_about(row, fire_at),
        now=now,
    )
    await audit.append(connection, "broadcast.refused", {**facts, "code": refusal.code}, now=now)
    log.error("broadcast.refused", broadcast=row.id, code=refusal.code)


async def tell_author(
    connection: AsyncConnection,
    row: BroadcastRow,
    kind: str,
    *,
    item: Item | None,
    fire_at: datetime,
    now: datetime,
    **facts: int,
) -> None:
    """Tell the author what became of a moment, once more where they had something of it sent again since.

    `item` is what was to be sent, None where nobody can read that.
    """
    history = await repository.history_of(connection, row.id)
    again = sum(line.reason == SENT_AGAIN for line in history)
    await notices.tell(
        connection,
        staff_ids=(row.drafter,),
        kind=kind,
        facts=_named(row, item, fire_at) | facts,
        about=_about(row, fire_at) + (f":{again}" if again else ""),
        now=now,
    )


def counts_of(states: Mapping[DeliveryState, int]) -> dict[str, int]:
    """Return how many deliveries ended how, by what a notice calls it."""
    ends = (DeliveryState.SENT, DeliveryState.FAILED, DeliveryState.UNKNOWN, DeliveryState.CANCELLED)
    return {state.name.lower(): states.get(state, 0) for state in ends}


def read(row: BroadcastRow | EditionRow) -> Item | None:
    """Return what a broadcast or an edition says; None where its bytes were tampered with."""
    try:
        return kinds.read(row.kind, row.subject)
    except DigestMismatchError:
        return None


def _named(row: BroadcastRow, item: Item | None, fire_at: datetime) -> dict[str, str | int]:
    return {
        "kind": row.kind,
        "broadcast": row.id,
        "title": item.content.title if item is not None else row.id,
        "fire_at": write_moment(fire_at),
    }


def _about(row: BroadcastRow, fire_at: datetime) -> str:
    return f"{row.id}:{write_moment(fire_at)}"
