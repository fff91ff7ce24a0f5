"""May this leave? Asked of the signatures and the stored evidence, whatever the rows beside them say.

The bytes, the window and the moment are read from what was signed. Evidence about revocation is fetched before the
snapshot is opened, so that a certificate revoked a minute ago stops what it approved.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.approvals.errors import DigestMismatchError
from bot.core.approvals.ports import Office
from bot.core.approvals.rechecks import list_signers_paths, recheck
from bot.core.broadcasts import codes, kinds, repository
from bot.core.broadcasts.course import Course, follow_course
from bot.core.broadcasts.kinds import Item
from bot.core.broadcasts.lateness import last_moment
from bot.core.broadcasts.repository import FIRED, EditionRow
from bot.core.db import Database
from bot.core.destinations import service as destinations
from bot.core.destinations.repository import DestinationRow
from bot.core.statements.values import write_moment

CLEAR_FOR = timedelta(seconds=30)
"""So long a clearance of the same edition is not asked for again."""
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Clearance:
    """What may leave, and the digests that the audit log names: of its bytes, and of the statements that approve it.

    `course` is what that log tells of it since it was signed.
    """

    item: Item
    subject_sha256: str
    statements: tuple[str, ...]
    course: Course


async def clear(
    database: Database, office: Office, *, kind: str, outgoing: bytes, fire_at: datetime, now: datetime
) -> Clearance:
    """Make sure that exactly these bytes were approved by enough people, and may leave now for this moment of theirs.

    It opens snapshots of its own, and none while evidence is fetched; that takes seconds.

    Raises:
        DigestMismatchError: the bytes, the evidence or the moment are not what was signed.
        ApprovalRevokedError, ApprovalsMissingError, ScheduleInvalidError: as `recheck`.
        TakenBackError: it was changed, stopped or refused since.
        AuditLogBrokenError, AuditLogBehindError, AuditLogForkedError, WitnessUnreadableError: the log is not whole.
        RevocationUnavailableError: nobody can tell now whether a certificate was revoked.
    """
    item = kinds.read(kind, outgoing)
    if kinds.next_moment(item, fire_at - _INSTANT) != fire_at:
        raise DigestMismatchError(kind=kind, subject=item.id, problem="moment")
    async with database.reading() as connection:
        paths = await list_signers_paths(connection, office, kind=kind, outgoing=outgoing)
    for path in paths:
        await office.prepare(path)
    window = kinds.window_of(item)
    witnessed = office.log.witnessed()
    async with database.reading() as connection:
        areas = item.audience.areas
        cleared = await recheck(connection, office, kind=kind, outgoing=outgoing, areas=areas, window=window, at=now)
        course = await follow_course(
            connection, office.log, broadcast_id=item.id, seen=cleared.seen, witnessed=witnessed
        )
    course.check_stands()
    return Clearance(item, cleared.subject_sha256, cleared.statements, course)


class Clearances:
    """Clearances of editions that are being sent, each asked for anew after half a minute."""

    def __init__(self, database: Database, office: Office) -> None:
        self._database = database
        self._office = office
        self._kept: dict[str, tuple[EditionRow, Clearance, datetime]] = {}
        self._asking = asyncio.Lock()

    async def check(self, edition: EditionRow, *, now: datetime) -> Item:
        """Return what an edition says, having made sure that it may leave now.

        Raises:
            DigestMismatchError: the edition's row is not what was approved and fired.
            ProductError: as `clear`.
        """
        async with self._asking:
            return (await self._clear(edition, now=now)).item

    async def leads_to(self, edition: EditionRow, place: DestinationRow, *, now: datetime) -> bool:
        """Tell whether an edition left for the address that a destination has now, or for one that was moved there.

        Raises:
            ProductError: as `check`.
        """
        fire_at, written = write_moment(edition.fire_at), destinations.write_place(place)
        return await self._tells(edition, lambda course: written in course.places[fire_at], now=now)

    async def goes_on(self, edition: EditionRow, *, late: timedelta, now: datetime) -> bool:
        """Tell whether an edition is neither halted nor too late, as the log has it.

        Raises:
            ProductError: as `check`.
        """
        return await self._tells(
            edition,
            lambda course: not course.is_paused and now <= last_moment(edition, course.let_go, late=late),
            now=now,
        )

    async def _tells(self, edition: EditionRow, tells: Callable[[Course], bool], *, now: datetime) -> bool:
        async with self._asking:
            if tells((await self._clear(edition, now=now)).course):
                return True
            self._kept.pop(edition.id)  # it may have been moved, or let go on, a moment ago
            return tells((await self._clear(edition, now=now)).course)

    async def _clear(self, edition: EditionRow, *, now: datetime) -> Clearance:
        kept = self._kept.get(edition.id)
        if kept is not None and kept[0] == edition and kept[2] <= now < kept[2] + CLEAR_FOR:
            return kept[1]
        cleared = await self._check(edition, now=now)
        recent = {key: value for key, value in self._kept.items() if now < value[2] + CLEAR_FOR}
        self._kept = recent | {edition.id: (edition, cleared, now)}
        return cleared

    async def _check(self, edition: EditionRow, *, now: datetime) -> Clearance:
        cleared = await clear(
            self._database,
            self._office,
            kind=edition.kind,
            outgoing=edition.subject,
            fire_at=edition.fire_at,
            now=now,
        )
        if (cleared.item.id, cleared.item.version) != (edition.broadcast_id, edition.version):
            raise DigestMismatchError(kind=edition.kind, subject=cleared.item.id, problem="edition")
        if not codes.is_derived(edition.check_code, edition.subject, edition.fire_at):
            raise DigestMismatchError(kind=edition.kind, subject=cleared.item.id, problem="code")
        async with self._database.reading() as connection:
            fire = await repository.find_fire(connection, edition.broadcast_id, edition.fire_at)
        logged = cleared.course.fired.get(write_moment(edition.fire_at))
        if fire is None or (fire.outcome, fire.edition_id, logged) != (FIRED, edition.id, edition.id):
            raise DigestMismatchError(kind=edition.kind, subject=cleared.item.id, problem="not-fired")
        return cleared
