"""Use cases of requests on the registrar's side: list, fetch, acknowledge, report. A registrar sees its own only."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import and_, or_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.audit.log import AuditLog
from bot.core.consents import service as consents
from bot.core.consents.service import Purpose
from bot.core.errors import ConflictError, NotFoundError
from bot.core.handoffs import repository
from bot.core.handoffs.models import handoffs
from bot.core.handoffs.news import Newsroom
from bot.core.handoffs.references import read_reference
from bot.core.handoffs.repository import HandoffRow
from bot.core.handoffs.rules import ENDED, OPEN, HandoffState, check_report
from bot.core.handoffs.service import contact_place, domain_place
from bot.core.registrars.tokens import RegistrarCaller
from bot.core.vault import Vault
from bot.core.workdays import end_of_working_days

WORKING_DAYS = 2
"""Within so many a request is to be acknowledged; after that its citizen is offered the next registrar."""
MOST_CHANGES = 30
"""Of one request: each is a message to somebody's phone."""


class HandoffNotFoundError(NotFoundError):
    """This registrar has no request of that reference."""


class HandoffChangesError(ConflictError):
    """The request was changed so often that its citizen is not told any more."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A request without anything of its citizen; `acknowledge_by` is None once it was taken up or has ended."""

    reference: str
    product: str
    state: HandoffState
    reason: str
    may_cost: bool
    handed_at: datetime
    changed_at: datetime
    acknowledge_by: datetime | None


@dataclass(frozen=True, slots=True, repr=False)
class Case:
    """A request with what its citizen agreed to pass on; `domain` and `contact` are None once that is erased."""

    summary: Summary
    domain: str | None
    contact: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """Behind which request the next page begins."""

    handed_at: datetime
    reference: str


@dataclass(frozen=True, slots=True)
class Change:
    """A request as it stands now, and the conversation that was told something new, if any."""

    summary: Summary
    told: int | None


class RegistrarDesk:
    """Where registrars' requests are answered; each use case runs in the caller's transaction."""

    def __init__(self, vault: Vault, log: AuditLog, newsroom: Newsroom) -> None:
        self._vault = vault
        self._log = log
        self._newsroom = newsroom
        self._holidays = newsroom.programme.days_off

    async def list_summaries(
        self,
        connection: AsyncConnection,
        caller: RegistrarCaller,
        *,
        state: HandoffState | None,
        after: Cursor | None,
        most: int,
    ) -> tuple[Sequence[Summary], Cursor | None]:
        """Return up to `most` of a registrar's requests, the longest handed on first, and where the next page begins.

        The cursor is None on the last page. Among the withdrawn ones are those that went on to another registrar, so
        that whoever has no endpoint finds here all that is to be erased.
        """
        own = handoffs.c.registrar == caller.registrar
        wanted = [own if state is None else and_(own, handoffs.c.state == state)]
        if state is HandoffState.WITHDRAWN:
            wanted = [or_(*wanted, repository.was_tried(caller.registrar))]
        if after is not None:
            later = handoffs.c.handed_at > after.handed_at
            wanted.append(
                or_(later, and_(handoffs.c.handed_at == after.handed_at, handoffs.c.reference > after.reference))
            )
        rows = await repository.list_handed(connection, *wanted, most=most + 1)
        page = [self._summary_for(caller, row) for row in rows[:most]]
        return page, Cursor(page[-1].handed_at, page[-1].reference) if len(rows) > most else None

    async def fetch(
        self, connection: AsyncConnection, caller: RegistrarCaller, reference: str, *, now: datetime
    ) -> Case:
        """Return a request with what its citizen agreed to pass on; that it was looked at stands in the audit log.

        Raises:
            HandoffNotFoundError: this registrar has none of that reference, whoever else may.
        """
        row = await self._find(connection, caller.registrar, reference)
        await self._note(connection, "handoff.fetched", caller, row, now=now)
        return self.open_case(row)

    async def acknowledge(
        self, connection: AsyncConnection, caller: RegistrarCaller, reference: str, *, now: datetime
    ) -> Change:
        """Note that the registrar takes a request up; once it has, nothing changes.

        Raises:
            HandoffNotFoundError: as `fetch`.
            HandoffStateError: the request has ended.
        """
        row = await self._find(connection, caller.registrar, reference)
        if row.state not in ENDED and row.state != HandoffState.WAITING:
            return Change(self._summary(row), None)
        check_report(HandoffState(row.state), HandoffState.ACKNOWLEDGED, "")
        await repository.change(connection, row.id, state=HandoffState.ACKNOWLEDGED, changed_at=now)
        return await self._changed(connection, caller, row, now=now)

    async def report(
        self,
        connection: AsyncConnection,
        caller: RegistrarCaller,
        reference: str,
        *,
        state: HandoffState,
        reason: str,
        now: datetime,
    ) -> Change:
        """Note what became of a request, and tell its citizen; saying the same again changes nothing.

        A request that ends loses what its citizen is reached by, and the consent to it ends.

        Raises:
            HandoffNotFoundError: as `fetch`.
            HandoffStateError: this does not follow from where the request stands.
            ReasonInvalidError: the reason is not one of this status.
            HandoffChangesError: it was changed far too often.
        """
        row = await self._find(connection, caller.registrar, reference)
        if (row.state, row.reason) == (state, reason):
            return Change(self._summary(row), None)
        check_report(HandoffState(row.state), state, reason)
        if row.changes >= MOST_CHANGES and state not in ENDED:
            raise HandoffChangesError
        if state in ENDED:
            await repository.end(connection, row.id, state, reason=reason, now=now)
            await consents.withdraw(connection, row.citizen_id, purpose=Purpose.HANDOFF, about=row.reference, now=now)
        else:
            await repository.change(connection, row.id, state=state, reason=reason, changed_at=now)
        return await self._changed(connection, caller, row, now=now)

    def open_case(self, row: HandoffRow) -> Case:
        """Open what the citizen of a request agreed to pass on, for as long as the request is open."""
        if row.wrapped_key is None or row.state not in OPEN:
            return Case(self._summary(row), None, None)
        key = self._vault.open_person_key(row.citizen_id, row.wrapped_key)
        domain = row.domain and key.open(row.domain, place=domain_place(row.reference)).decode()
        contact = row.contact and json.loads(key.open(row.contact, place=contact_place(row.reference)))
        return Case(self._summary(row), domain or None, contact or None)

    async def _changed(
        self, connection: AsyncConnection, caller: RegistrarCaller, row: HandoffRow, *, now: datetime
    ) -> Change:
        changed = await self._find(connection, caller.registrar, row.reference)
        await self._note(connection, "handoff.reported", caller, changed, state=changed.state, now=now)
        told = await self._newsroom.tell(connection, self._vault, changed, now=now)
        return Change(self._summary(changed), told)

    async def _find(self, connection: AsyncConnection, registrar: str, typed: str) -> HandoffRow:
        reference = read_reference(typed)
        own = (handoffs.c.reference == (reference or ""), handoffs.c.registrar == registrar)
        row = await repository.find(connection, *own, lock=True)
        if row is None:
            raise HandoffNotFoundError
        return row

    async def _note(
        self,
        connection: AsyncConnection,
        event: str,
        caller: RegistrarCaller,
        row: HandoffRow,
        *,
        now: datetime,
        **facts: str,
    ) -> None:
        subject = self._vault.audit_digest(row.reference)
        told = {"registrar": caller.registrar, "token": caller.prefix, "subject": subject, **facts}
        await self._log.append(connection, event, told, now=now)

    def _summary_for(self, caller: RegistrarCaller, row: HandoffRow) -> Summary:
        """Give a request as a registrar sees it: of one that went on to another, no more than that it went."""
        summary = self._summary(row)
        if row.registrar == caller.registrar:
            return summary
        return replace(summary, state=HandoffState.WITHDRAWN, reason="", changed_at=row.handed_at, acknowledge_by=None)

    def _summary(self, row: HandoffRow) -> Summary:
        waits = row.state == HandoffState.WAITING
        due = end_of_working_days(row.handed_at, WORKING_DAYS, self._holidays) if waits else None
        return Summary(
            reference=row.reference,
            product=row.product,
            state=HandoffState(row.state),
            reason=row.reason,
            may_cost=row.may_cost,
            handed_at=row.handed_at,
            changed_at=row.changed_at,
            acknowledge_by=due,
        )
