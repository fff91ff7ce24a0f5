"""The clock comes to a broadcast's moment: it is fired, or was missed, or is refused; each moment once.

Who is told of what happened is told in the transaction in which it happens.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals.errors import DigestMismatchError
from bot.core.approvals.ports import Office
from bot.core.audit.chain import Fact
from bot.core.broadcasts import consequences, decisions, kinds, lapsing, repository
from bot.core.broadcasts.channels import find_channel
from bot.core.broadcasts.clearance import Clearance, clear
from bot.core.broadcasts.consequences import MISSED, NOBODY
from bot.core.broadcasts.editions import freeze
from bot.core.broadcasts.errors import FiredBeforeError, RevisionStaleError
from bot.core.broadcasts.kinds import Kind
from bot.core.broadcasts.repository import MACHINE, BroadcastRow, EditionRow, FireRow
from bot.core.broadcasts.states import State
from bot.core.db import Database
from bot.core.deliveries import bulk
from bot.core.destinations import service as destinations
from bot.core.destinations.repository import DestinationRow
from bot.core.errors import ProductError
from bot.core.signatures import RevocationUnavailableError
from bot.core.statements import digest
from bot.core.statements.models import Series
from bot.core.statements.values import write_moment

log = structlog.get_logger()

MOST_MISSED = 500
"""Moments of one series that are noted as missed in one transaction; after a long standstill the rest comes next."""


class Outcome(StrEnum):
    """What came of looking at a broadcast that is due."""

    FIRED = repository.FIRED
    MISSED = repository.MISSED
    REFUSED = repository.REFUSED
    SKIPPED = "skipped"
    """A series came to this moment before, and its clock was set back since; it goes on with the next one."""
    WAITING = "waiting"
    """Nobody can tell now whether a certificate was revoked; it stays due until it is too late."""
    ELSEWHERE = "elsewhere"
    """Somebody else came to it first, or changed it."""


class Firing:
    """Fires what is due, for any number of processes at the same time."""

    def __init__(self, database: Database, office: Office, *, late: timedelta) -> None:
        """Take how long after its moment something is still begun."""
        self._database = database
        self._office = office
        self._late = late

    async def list_due(self, *, now: datetime) -> Sequence[BroadcastRow]:
        """Return the broadcasts whose moment has come."""
        async with self._database.reading() as connection:
            return await repository.list_due(connection, now=now)

    async def take(self, row: BroadcastRow, *, now: datetime) -> Outcome:
        """Fire a broadcast that is due, or note why it is not.

        Raises:
            ProductError, sqlalchemy.exc.SQLAlchemyError, OSError: the audit log or the database takes nothing now; it
                stays due.
        """
        fire_at = row.next_fire_at
        if fire_at is None:
            return Outcome.ELSEWHERE
        if self._is_missed(row, fire_at, now=now):
            return await self._miss(row, fire_at, now=now)
        try:
            clearance = await clear(
                self._database, self._office, kind=row.kind, outgoing=row.subject, fire_at=fire_at, now=now
            )
            return await self._fire(row, fire_at, clearance, now=now)
        except RevocationUnavailableError as error:
            log.warning("broadcast.waits_for_revocation", broadcast=row.id, code=error.code)
            return Outcome.WAITING
        except (IntegrityError, RevisionStaleError) as error:
            log.warning("broadcast.fired_elsewhere", broadcast=row.id, error=type(error).__name__)
            return Outcome.ELSEWHERE
        except ProductError as refusal:
            return await self._refuse(row, fire_at, refusal, now=now)

    async def lapse(self, *, now: datetime) -> int:
        """End what can be approved or let go on no more, its time being past; return how many that were."""
        unapproved = await decisions.lapse_unapproved(self._database, self._office.log, late=self._late, now=now)
        return unapproved + await lapsing.lapse_paused(self._database, self._office.log, now=now)

    def _is_missed(self, row: BroadcastRow, fire_at: datetime, *, now: datetime) -> bool:
        try:
            item = kinds.read(row.kind, row.subject)
        except DigestMismatchError:
            return False  # it is refused, whatever the time is
        return now > min(fire_at + self._late, kinds.window_of(item).not_after)

    async def _fire(self, row: BroadcastRow, fire_at: datetime, clearance: Clearance, *, now: datetime) -> Outcome:
        item = clearance.item
        async with self._database.unit_of_work() as connection:
            if not await _is_as_read(connection, row):
                return Outcome.ELSEWHERE
            if clearance.course.is_paused:
                raise DigestMismatchError(kind=row.kind, subject=row.id, problem="paused")
            is_noted = await repository.find_fire(connection, row.id, fire_at) is not None
            if is_noted and isinstance(item, Series):
                return await _skip(connection, row, item, fire_at, now=now)
            if is_noted or write_moment(fire_at) in clearance.course.fired:
                raise FiredBeforeError(broadcast=row.id)
            edition = await _edition_for(connection, row, fire_at, now=now)
            places = await destinations.resolve(connection, item.audience, item.mode)
            await repository.add_fire(
                connection, FireRow(row.id, fire_at, repository.FIRED, edition.id, reason=None, at=now)
            )
            edition = await repository.change_edition(connection, edition, State.SENDING, now=now)
            await _write_deliveries(connection, edition, places, now=now)
            next_fire_at = kinds.next_moment(item, fire_at) if isinstance(item, Series) else None
            if row.kind == Kind.SERIES:
                row = await repository.change_next_fire(connection, row, next_fire_at, now=now)
            else:
                row = await repository.change_state(connection, row, State.SENDING, by=MACHINE, now=now)
            if not places:
                await consequences.tell_author(connection, row, NOBODY, item=item, fire_at=fire_at, now=now)
                await consequences.finish(connection, row, edition, State.DONE, now=now)
            facts = _facts(row, fire_at) | {
                "edition": edition.id,
                "code": edition.check_code,
                "statements": clearance.statements,
                "destinations": len(places),
                "destinations_sha256": destinations.digest_of(places),
                "places": sorted(destinations.write_place(place) for place in places),
            }
            await self._office.log.append(connection, "broadcast.fired", facts, now=now)
        return Outcome.FIRED

    async def _miss(self, row: BroadcastRow, fire_at: datetime, *, now: datetime) -> Outcome:
        async with self._database.unit_of_work() as connection:
            if not await _is_as_read(connection, row):
                return Outcome.ELSEWHERE
            item = kinds.read(row.kind, row.subject)
            missed = self._missed_moments(item, fire_at, now=now)
            for moment in missed:
                fire = FireRow(row.id, moment, repository.MISSED, edition_id=None, reason=None, at=now)
                if await repository.find_fire(connection, row.id, moment) is None:
                    await repository.add_fire(connection, fire)
            if isinstance(item, Series):
                next_fire_at = kinds.next_moment(item, missed[-1])
                row = await repository.change_next_fire(connection, row, next_fire_at, now=now)
                await consequences.end_series(connection, row, now=now)
            else:
                edition = await repository.find_edition_for(connection, row.id, version=row.version, fire_at=fire_at)
                if edition is not None and edition.state is State.SCHEDULED:
                    await repository.change_edition(connection, edition, State.EXPIRED, now=now)
                row = await repository.change_state(connection, row, State.EXPIRED, by=MACHINE, now=now)
            await consequences.tell_author(
                connection, row, MISSED, item=item, fire_at=fire_at, count=len(missed), now=now
            )
            facts = _facts(row, fire_at) | {"moments": len(missed)}
            await self._office.log.append(connection, "broadcast.missed", facts, now=now)
        log.warning("broadcast.missed", broadcast=row.id, moments=len(missed))
        return Outcome.MISSED

    def _missed_moments(self, item: kinds.Item, fire_at: datetime, *, now: datetime) -> list[datetime]:
        """Return the moment that was missed and, of a series, those after it that are too late as well."""
        moments = [fire_at]
        while isinstance(item, Series) and len(moments) < MOST_MISSED:
            following = kinds.next_moment(item, moments[-1])
            if following is None or following + self._late >= now:
                break
            moments.append(following)
        return moments

    async def _refuse(self, row: BroadcastRow, fire_at: datetime, refusal: ProductError, *, now: datetime) -> Outcome:
        async with self._database.unit_of_work() as connection:
            if not await _is_as_read(connection, row):
                return Outcome.ELSEWHERE
            if await repository.find_fire(connection, row.id, fire_at) is None:
                fire = FireRow(row.id, fire_at, repository.REFUSED, edition_id=None, reason=refusal.code, at=now)
                await repository.add_fire(connection, fire)
            facts = _facts(row, fire_at)
            await consequences.refuse(connection, self._office.log, row, refusal, fire_at=fire_at, facts=facts, now=now)
        return Outcome.REFUSED


async def _is_as_read(connection: AsyncConnection, row: BroadcastRow) -> bool:
    """Tell whether a broadcast is still what was looked at; from here on it stays so until the transaction ends."""
    return await repository.find(connection, row.id, locked=True) == row


async def _edition_for(
    connection: AsyncConnection, row: BroadcastRow, fire_at: datetime, *, now: datetime
) -> EditionRow:
    """Return the edition of a moment: frozen when a broadcast was approved, or now, as for each moment of a series.

    Raises:
        DigestMismatchError: it is not what was approved.
    """
    edition = await repository.find_edition_for(connection, row.id, version=row.version, fire_at=fire_at)
    if edition is None:
        return await freeze(connection, row, fire_at=fire_at, now=now)
    if (edition.subject, edition.kind, edition.state) != (row.subject, row.kind, State.SCHEDULED):
        raise DigestMismatchError(kind=row.kind, subject=row.id, problem="edition")
    return edition


async def _skip(
    connection: AsyncConnection, row: BroadcastRow, item: Series, fire_at: datetime, *, now: datetime
) -> Outcome:
    row = await repository.change_next_fire(connection, row, kinds.next_moment(item, fire_at), now=now)
    await consequences.end_series(connection, row, now=now)
    log.warning("broadcast.skipped", broadcast=row.id, fire_at=write_moment(fire_at))
    return Outcome.SKIPPED


async def _write_deliveries(
    connection: AsyncConnection, edition: EditionRow, places: Sequence[DestinationRow], *, now: datetime
) -> None:
    carriers = {place.id: find_channel(place.channel).carrier for place in places}
    for carrier in sorted(set(carriers.values())):
        ids = [place for place, by in carriers.items() if by == carrier]
        await bulk.write(connection, edition_id=edition.id, channel=carrier, destination_ids=ids, now=now)


def _facts(row: BroadcastRow, fire_at: datetime) -> dict[str, Fact]:
    return {
        "kind": row.kind,
        "broadcast": row.id,
        "version": row.version,
        "subject_sha256": digest(row.subject),
        "fire_at": write_moment(fire_at),
    }
