"""Use cases of staff: draft, edit, submit and return a broadcast, and pause, resume or stop it.

Every function takes the revision that the caller has read, and refuses a stale one. The log's line comes last.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals.errors import ScheduleInvalidError
from bot.core.audit.chain import Fact
from bot.core.audit.log import AuditLog
from bot.core.broadcasts import decisions, kinds, repository, visibility
from bot.core.broadcasts.bodies import DraftBody, Limits, check_ahead, make_subject
from bot.core.broadcasts.errors import BroadcastUnknownError, RevisionStaleError, TransitionRefusedError
from bot.core.broadcasts.kinds import Item, Kind
from bot.core.broadcasts.repository import BroadcastRow, EditionRow
from bot.core.broadcasts.states import State, check_transition
from bot.core.deliveries import bulk
from bot.core.staff.accounts import Caller
from bot.core.staff.roles import Role
from bot.core.statements import digest

_ID_PREFIX = {Kind.BROADCASTS: "bc", Kind.SERIES: "sr"}


async def draft(
    connection: AsyncConnection, log: AuditLog, *, body: DraftBody, by: Caller, limits: Limits, now: datetime
) -> BroadcastRow:
    """Store a new draft, version 1 at revision 1, of the kind that `body` is.

    Raises:
        NotAuthorisedError: the caller is no officer of all its areas.
        ProductError: as `make_subject`.
    """
    item = make_subject(
        body,
        item_id=f"{_ID_PREFIX[body.kind]}-{secrets.token_hex(5)}",
        version=1,
        drafter=by.staff_id,
        editors=(),
        limits=limits,
        now=now,
    )
    visibility.check_may(by, Role.OFFICER, areas=item.audience.areas, now=now)
    row = BroadcastRow(
        id=item.id,
        kind=body.kind,
        version=1,
        revision=1,
        state=State.DRAFT,
        subject=item.to_bytes(),
        drafter=by.staff_id,
        next_fire_at=None,
        created_at=now,
        changed_at=now,
    )
    await repository.add(connection, row, areas=item.audience.areas)
    await _log(connection, log, "broadcast.drafted", row, by=by, now=now)
    return row


async def edit(
    connection: AsyncConnection,
    log: AuditLog,
    *,
    broadcast_id: str,
    revision: int,
    body: DraftBody,
    by: Caller,
    limits: Limits,
    now: datetime,
) -> BroadcastRow:
    """Replace what a broadcast says by another version, a draft again; approvals of the former one count no more.

    Raises:
        BroadcastUnknownError: there is none that the caller may see, or `body` is of the other kind.
        NotAuthorisedError: the caller is no officer of all its areas, of before or of now.
        RevisionStaleError: it was changed since the caller read it.
        TransitionRefusedError: it is being sent, or decided for good.
        ProductError: as `make_subject`.
    """
    before = await _open(connection, broadcast_id, revision, by, (Role.OFFICER,), now=now)
    row = before.row
    if row.kind != body.kind:
        raise BroadcastUnknownError(broadcast=broadcast_id)
    check_transition(row.state, State.DRAFT)
    if any(edition.fired_at is not None for edition in before.unfinished):
        raise TransitionRefusedError(state=State.SENDING.value, wanted=State.DRAFT.value)
    item = make_subject(
        body,
        item_id=row.id,
        version=row.version + 1,
        drafter=before.item.drafter,
        editors=(*before.item.editors, by.staff_id),
        limits=limits,
        now=now,
    )
    visibility.check_may(by, Role.OFFICER, areas=item.audience.areas, now=now)
    for edition in before.unfinished:
        await repository.change_edition(connection, edition, State.STOPPED, now=now)
    changed = await repository.change_version(
        connection, row, subject=item.to_bytes(), areas=item.audience.areas, by=by.staff_id, now=now
    )
    await _log(connection, log, "broadcast.edited", changed, by=by, now=now)
    return changed


async def submit(
    connection: AsyncConnection, log: AuditLog, *, broadcast_id: str, revision: int, by: Caller, now: datetime
) -> BroadcastRow:
    """Ask for signatures of a draft.

    Raises:
        BroadcastUnknownError, NotAuthorisedError, RevisionStaleError: as `edit`.
        TransitionRefusedError: it is no draft.
        ScheduleInvalidError: its time is past.
    """
    found = await _open(connection, broadcast_id, revision, by, (Role.OFFICER,), now=now)
    check_transition(found.row.state, State.SUBMITTED)
    check_ahead(found.item, now=now)
    changed = await repository.change_state(connection, found.row, State.SUBMITTED, by=by.staff_id, now=now)
    await _log(connection, log, "broadcast.submitted", changed, by=by, now=now)
    return changed


async def return_(
    connection: AsyncConnection,
    log: AuditLog,
    *,
    broadcast_id: str,
    revision: int,
    by: Caller,
    reason: str,
    now: datetime,
) -> BroadcastRow:
    """Give a submitted one back to its authors, to be changed; an admin of all its areas does.

    Raises:
        BroadcastUnknownError, NotAuthorisedError, RevisionStaleError: as `edit`.
        TransitionRefusedError: nobody waits for its approval.
    """
    found = await _open(connection, broadcast_id, revision, by, (Role.ADMIN,), now=now)
    changed = await repository.change_state(
        connection, found.row, State.RETURNED, by=by.staff_id, reason=reason, now=now
    )
    await decisions.tell_authors(connection, changed, found.item, decisions.RETURNED, reason=reason, now=now)
    await _log(connection, log, "broadcast.returned", changed, by=by, reason=reason, now=now)
    return changed


async def pause(
    connection: AsyncConnection,
    log: AuditLog,
    *,
    broadcast_id: str,
    revision: int,
    by: Caller,
    reason: str | None = None,
    now: datetime,
) -> BroadcastRow:
    """Halt a broadcast: the clock has it no more, and no sender takes up another message of it.

    Raises:
        BroadcastUnknownError, RevisionStaleError: as `edit`.
        NotAuthorisedError: the caller is neither an officer nor an admin of all its areas.
        TransitionRefusedError: there is nothing to halt.
    """
    found = await _open(connection, broadcast_id, revision, by, (Role.OFFICER, Role.ADMIN), now=now)
    changed = await repository.change_state(connection, found.row, State.PAUSED, by=by.staff_id, reason=reason, now=now)
    for edition in found.unfinished:
        await repository.change_edition(connection, edition, State.PAUSED, now=now)
    await _log(connection, log, "broadcast.paused", changed, by=by, reason=reason, now=now)
    return changed


async def resume(
    connection: AsyncConnection,
    log: AuditLog,
    *,
    broadcast_id: str,
    revision: int,
    by: Caller,
    late: timedelta,
    now: datetime,
) -> BroadcastRow:
    """Let a paused one go on: what was being sent is sent on, what was scheduled waits for its moment again.

    A series goes on with its first moment after now.

    Args:
        connection: in the caller's transaction.
        log: of this deployment.
        broadcast_id: which.
        revision: that the caller has read.
        by: who.
        late: how long after its moment a broadcast is still begun.
        now: the present moment.

    Raises:
        BroadcastUnknownError, RevisionStaleError, NotAuthorisedError: as `pause`.
        TransitionRefusedError: it is not paused.
        ScheduleInvalidError: its time passed meanwhile; it can be edited, or stopped.
    """
    found = await _open(connection, broadcast_id, revision, by, (Role.OFFICER, Role.ADMIN), now=now)
    row = found.row
    if row.state is not State.PAUSED:
        raise TransitionRefusedError(state=row.state.value, wanted=State.SCHEDULED.value)
    is_sending = any(edition.fired_at is not None and edition.not_after >= now for edition in found.unfinished)
    once_sent = row.kind == Kind.BROADCASTS and is_sending
    next_fire_at = None if once_sent else kinds.moment_ahead(found.item, now=now, late=late)
    if next_fire_at is None and not is_sending:
        raise ScheduleInvalidError(problem="past")
    state = State.SENDING if once_sent else State.SCHEDULED
    changed = await repository.change_state(connection, row, state, by=by.staff_id, now=now, next_fire_at=next_fire_at)
    for edition in found.unfinished:
        goes_on = State.SENDING if edition.fired_at is not None else State.SCHEDULED
        await repository.change_edition(connection, edition, goes_on, now=now)
    await _log(connection, log, "broadcast.resumed", changed, by=by, now=now)
    return changed


async def stop(
    connection: AsyncConnection,
    log: AuditLog,
    *,
    broadcast_id: str,
    revision: int,
    by: Caller,
    reason: str | None = None,
    now: datetime,
) -> BroadcastRow:
    """End a broadcast for good: what is not sent yet is not sent any more, and what was sent is called back.

    Whoever checks a bulletin of it is told so from then on, of a series each that was sent.

    Raises:
        BroadcastUnknownError, RevisionStaleError, NotAuthorisedError: as `pause`.
        TransitionRefusedError: it was stopped or rejected already, or its time passed unsent.
    """
    found = await _open(connection, broadcast_id, revision, by, (Role.OFFICER, Role.ADMIN), now=now)
    changed = await repository.change_state(
        connection, found.row, State.STOPPED, by=by.staff_id, reason=reason, now=now
    )
    for edition in (*found.unfinished, *found.done):
        await repository.change_edition(connection, edition, State.STOPPED, now=now)
        await bulk.cancel_pending(connection, edition.id, error=State.STOPPED.value)
    await _log(connection, log, "broadcast.stopped", changed, by=by, reason=reason, now=now)
    return changed


@dataclass(frozen=True, slots=True)
class _Opened:
    """A broadcast to work on, held until the transaction ends.

    `unfinished` are its editions that are not at their end, `done` those that were sent to their end.
    """

    row: BroadcastRow
    item: Item
    unfinished: Sequence[EditionRow]
    done: Sequence[EditionRow]


async def _open(
    connection: AsyncConnection, broadcast_id: str, revision: int, by: Caller, roles: Sequence[Role], *, now: datetime
) -> _Opened:
    row = await visibility.get(connection, broadcast_id, by=by, now=now, locked=True)
    item = kinds.read(row.kind, row.subject)
    visibility.check_may(by, *roles, areas=item.audience.areas, now=now)
    if row.revision != revision:
        raise RevisionStaleError(broadcast=broadcast_id, revision=row.revision)
    found = await repository.editions_of(connection, broadcast_id, locked=True)
    unfinished = [edition for edition in found if edition.finished_at is None]
    done = [edition for edition in found if edition.state is State.DONE]
    return _Opened(row, item, unfinished, done)


async def _log(
    connection: AsyncConnection,
    log: AuditLog,
    event: str,
    row: BroadcastRow,
    *,
    by: Caller,
    reason: str | None = None,
    now: datetime,
) -> None:
    facts: dict[str, Fact] = {
        "kind": row.kind,
        "broadcast": row.id,
        "version": row.version,
        "subject_sha256": digest(row.subject),
        "by": by.staff_id,
    }
    if reason is not None:
        facts["reason_sha256"] = digest(reason.encode())
    await log.append(connection, event, facts, now=now)
