"""Is this bulletin genuine? What anybody is told who has a check code: read from the signed bytes, verified anew.

Only what was fired is told. Whatever the rows claim, who approved it is told only where the signatures hold.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals.confirmations import Confirmed, confirm
from bot.core.approvals.errors import DigestMismatchError
from bot.core.approvals.ports import Office
from bot.core.audit.chain import Head
from bot.core.broadcasts import codes, kinds, repository
from bot.core.broadcasts.course import follow_course
from bot.core.broadcasts.kinds import Item
from bot.core.broadcasts.repository import EditionRow
from bot.core.broadcasts.states import State
from bot.core.clock import Clock
from bot.core.db import Database
from bot.core.deliveries.arrivals import Arrivals, count_arrivals
from bot.core.deliveries.models import DeliveryState
from bot.core.errors import ConflictError, InvalidInputError, NotFoundError, ProductError
from bot.core.statements import digest
from bot.core.statements.models import Audience
from bot.core.statements.values import write_moment

log = structlog.get_logger()

FRESH_FOR = timedelta(seconds=60)
"""So long what was found is told again: a village may open the page of one bulletin in one minute."""
MOST_KEPT = 200


class CheckCodeUnreadableError(InvalidInputError):
    """What was typed can be no check code."""


class BulletinUnknownError(NotFoundError):
    """Nothing was sent under this check code."""


class BulletinUnconfirmedError(ConflictError):
    """Something was sent under this check code whose signatures do not hold."""


class Reach(StrEnum):
    """How far a bulletin came in one commune on one channel."""

    ARRIVED = "arrived"
    PARTLY = "partly"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    """It may have arrived: the platform's answer was lost."""
    FAILED = "failed"
    NOWHERE = "nowhere"
    """The commune has no such channel here."""


@dataclass(frozen=True, slots=True)
class Place:
    """One commune and channel that were signed for, and how far the bulletin came there."""

    area: str
    channel: str
    reach: Reach


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A genuine bulletin: the signed words, who approved them, and what became of it."""

    code: str
    broadcast_id: str
    version: int
    title: str
    text: str
    is_training: bool
    state: State
    fired_at: datetime
    finished_at: datetime | None
    approvals: tuple[Confirmed, ...]
    places: tuple[Place, ...]
    subject_sha256: str

    @property
    def is_stopped(self) -> bool:
        """Tell whether staff, or a check before sending, stopped it or called it back, which was at `finished_at`."""
        return self.state is State.STOPPED

    @property
    def is_unsent(self) -> bool:
        """Tell whether its time passed before any message of it left: nobody can have it from here."""
        left = {Reach.ARRIVED, Reach.PARTLY, Reach.UNKNOWN}
        return self.state is State.EXPIRED and not any(place.reach in left for place in self.places)


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Something was sent under this code whose signatures do not hold: nobody should believe it."""

    code: str


Found: TypeAlias = Bulletin | Unconfirmed


class Bulletins:
    """Looks bulletins up by their check codes; one verification at a time, and each told again for a minute."""

    def __init__(self, database: Database, office: Office, clock: Clock) -> None:
        self._database = database
        self._office = office
        self._clock = clock
        self._kept: OrderedDict[str, tuple[datetime, EditionRow, Found]] = OrderedDict()
        self._verifying = asyncio.Lock()

    async def find(self, code: str) -> Found | None:
        """Return what was fired under a check code (capitals, no hyphen); None where nothing was."""
        found = await self.find_kept(code)
        if found is not None:
            return found
        edition = await self._edition(code)
        if edition is None or edition.fired_at is None:
            return None
        async with self._verifying:
            # Whoever waited here mostly waited for the same bulletin.
            found = await self.find_kept(code)
            if found is None:
                found = await self._verify(code)
                self._keep(edition, found)
        return found

    async def find_kept(self, code: str) -> Found | None:
        """Return what was found under a check code within the minute, unless its edition changed since; else None.

        It costs next to nothing: for a code that nobody asked for lately not even the database is asked.
        """
        kept = self._kept.get(code)
        if kept is None:
            return None
        at, edition, found = kept
        is_fresh = at <= self._clock.now() < at + FRESH_FOR
        return found if is_fresh and await self._edition(code) == edition else None

    async def _edition(self, code: str) -> EditionRow | None:
        async with self._database.reading() as connection:
            return await repository.find_edition_by_code(connection, code)

    def _keep(self, edition: EditionRow, found: Found) -> None:
        self._kept[found.code] = (self._clock.now(), edition, found)
        self._kept.move_to_end(found.code)
        while len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)

    async def _verify(self, code: str) -> Found:
        try:
            witnessed = self._office.log.witnessed()
            async with self._database.reading() as connection:
                return await _read(connection, self._office, code, witnessed=witnessed)
        except ProductError as error:
            log.error("bulletin.unconfirmed", check_code=code, code=error.code)
            return Unconfirmed(code)


async def _read(connection: AsyncConnection, office: Office, code: str, *, witnessed: Head | None) -> Bulletin:
    """Return a bulletin from the evidence, in one snapshot.

    Raises:
        DigestMismatchError, ApprovalRevokedError, ApprovalsMissingError: as `confirm`; or the row is not what was
            signed, or the audit log does not tell that it was fired.
        AuditLogBrokenError, AuditLogBehindError, AuditLogForkedError: the log is not whole.
    """
    edition = await repository.find_edition_by_code(connection, code)
    if edition is None or edition.fired_at is None:
        raise DigestMismatchError(problem="gone")
    item = _item(edition, edition.fired_at)
    fire = await repository.find_fire(connection, edition.broadcast_id, edition.fire_at)
    if fire is None or (fire.outcome, fire.edition_id) != (repository.FIRED, edition.id):
        raise DigestMismatchError(kind=edition.kind, subject=item.id, problem="not-fired")
    approvals = await confirm(
        connection,
        office,
        kind=edition.kind,
        subject=item,
        areas=item.audience.areas,
        left_at=edition.fired_at,
    )
    seen = min((each.seen for each in approvals), key=lambda head: head.size)
    course = await follow_course(connection, office.log, broadcast_id=item.id, seen=seen, witnessed=witnessed)
    fire_at = write_moment(edition.fire_at)
    if course.fired.get(fire_at) != edition.id:
        raise DigestMismatchError(kind=edition.kind, subject=item.id, problem="not-fired")
    # The rows could unsay that it was stopped; the log cannot.
    stopped_at = course.stopped_at or course.refused_at.get(fire_at)
    return Bulletin(
        code=code,
        broadcast_id=item.id,
        version=item.version,
        title=item.content.title,
        text=item.content.text,
        is_training=item.mode == "training",
        state=State.STOPPED if stopped_at is not None else edition.state,
        fired_at=edition.fired_at,
        finished_at=stopped_at or edition.finished_at,
        approvals=tuple(approvals),
        places=tuple(_places(item.audience, await count_arrivals(connection, edition.id))),
        subject_sha256=digest(edition.subject),
    )


def _item(edition: EditionRow, fired_at: datetime) -> Item:
    """Return what an edition's bytes say, having made sure that the row beside them claims nothing else."""
    item = kinds.read(edition.kind, edition.subject)
    window = kinds.window_of(item)
    if (
        (item.id, item.version) != (edition.broadcast_id, edition.version)
        or not window.not_before <= fired_at <= window.not_after
        or not codes.is_derived(edition.check_code, edition.subject, edition.fire_at)
    ):
        raise DigestMismatchError(kind=edition.kind, subject=item.id, problem="edition")
    return item


def _places(audience: Audience, arrivals: Sequence[Arrivals]) -> Iterable[Place]:
    """Give every place that was signed for; a delivery anywhere else is not told."""
    for area in audience.areas:
        for channel in audience.channels:
            states = {each.state for each in arrivals if (each.area, each.channel) == (area, channel)}
            yield Place(area, channel, reach_of(states))


def reach_of(states: set[DeliveryState]) -> Reach:
    """Return how far a bulletin came, by the states of its deliveries for one place."""
    if states == {DeliveryState.SENT}:
        return Reach.ARRIVED
    if DeliveryState.SENT in states:
        return Reach.PARTLY
    if states & {DeliveryState.PENDING, DeliveryState.SENDING}:
        return Reach.WAITING
    if DeliveryState.UNKNOWN in states:
        return Reach.UNKNOWN
    return Reach.FAILED if states else Reach.NOWHERE
