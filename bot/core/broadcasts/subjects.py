"""Broadcasts and series as what is approved (`bot.core.approvals.ports.Approvable`)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals import policies
from bot.core.approvals.errors import DigestMismatchError, ScheduleInvalidError, VersionSupersededError
from bot.core.approvals.ports import Submitted
from bot.core.broadcasts import decisions, kinds, repository
from bot.core.broadcasts.editions import freeze
from bot.core.broadcasts.errors import BroadcastUnknownError
from bot.core.broadcasts.kinds import Item, Kind
from bot.core.broadcasts.repository import BroadcastRow
from bot.core.broadcasts.states import State
from bot.core.statements import Approval, BroadcastApproval, SeriesApproval, Subject


class Broadcasts:
    """One of the two kinds; they differ in what follows from the last approval."""

    def __init__(self, kind: Kind, statement: type[Approval], *, late: timedelta) -> None:
        """Take how long after its moment a broadcast is still begun: approved later than that, it would never be."""
        self._kind = kind
        self._statement = statement
        self._late = late

    @property
    def kind(self) -> str:
        """Return its name."""
        return self._kind.value

    @property
    def statement(self) -> type[Approval]:
        """Return the type of statement that approves one."""
        return self._statement

    async def load(self, connection: AsyncConnection, subject_id: str, *, locked: bool) -> Submitted:
        """Return a broadcast, open while it is submitted.

        Raises:
            BroadcastUnknownError: there is none of this kind.
            DigestMismatchError: its row was tampered with.
        """
        row, item = await self._get(connection, subject_id, locked=locked)
        is_open = row.state is State.SUBMITTED
        return Submitted(item, policies.BROADCAST, is_open, item.audience.areas, kinds.window_of(item))

    async def approved(self, connection: AsyncConnection, subject: Subject, *, by: str, now: datetime) -> None:
        """Give it to the clock; what is sent once is frozen here and now.

        Raises:
            ScheduleInvalidError: its time is past.
            VersionSupersededError: it says something else by now.
            TransitionRefusedError: nobody waits for its approval.
        """
        row, item = await self._get(connection, subject.id, locked=True)
        if row.subject != subject.to_bytes():
            raise VersionSupersededError(kind=self.kind, subject=subject.id)
        moment = kinds.moment_ahead(item, now=now, late=self._late)
        if moment is None:
            raise ScheduleInvalidError(problem="past")
        row = await repository.change_state(connection, row, State.APPROVED, by=by, now=now)
        row = await repository.change_state(
            connection, row, State.SCHEDULED, by=repository.MACHINE, now=now, next_fire_at=moment
        )
        if self._kind is Kind.BROADCASTS:
            await freeze(connection, row, fire_at=moment, now=now)

    async def rejected(
        self, connection: AsyncConnection, subject: Subject, *, by: str, reason: str, now: datetime
    ) -> None:
        """Put it away for good, and tell its authors why."""
        row, item = await self._get(connection, subject.id, locked=True)
        row = await repository.change_state(connection, row, State.REJECTED, by=by, reason=reason, now=now)
        await decisions.tell_authors(connection, row, item, decisions.REJECTED, reason=reason, now=now)

    async def _get(self, connection: AsyncConnection, subject_id: str, *, locked: bool) -> tuple[BroadcastRow, Item]:
        row = await repository.find(connection, subject_id, locked=locked)
        if row is None or row.kind != self.kind:
            raise BroadcastUnknownError(broadcast=subject_id)
        item = kinds.read(row.kind, row.subject)
        if (item.id, item.version, item.drafter) != (row.id, row.version, row.drafter):
            raise DigestMismatchError(kind=self.kind, subject=subject_id, problem="row")
        return row, item


def approvable(*, late: timedelta) -> tuple[Broadcasts, Broadcasts]:
    """Return both kinds; `late` is how long after its moment a broadcast is still begun."""
    return (
        Broadcasts(Kind.BROADCASTS, BroadcastApproval, late=late),
        Broadcasts(Kind.SERIES, SeriesApproval, late=late),
    )
