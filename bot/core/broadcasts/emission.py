"""Sending an edition: each message leaves only if the edition still may, and only to whom it is signed for.

`Emission` is the outbox of what goes to many. Before each message the approvals are verified anew (`Clearances`), the
destination is looked up and held against the signed audience, and the text is written from the signed bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals.ports import Office
from bot.core.audit.chain import Fact
from bot.core.broadcasts import consequences, repository
from bot.core.broadcasts.clearance import Clearances
from bot.core.broadcasts.consequences import EXPIRED, INCOMPLETE
from bot.core.broadcasts.kinds import Item
from bot.core.broadcasts.lateness import deadline
from bot.core.broadcasts.repository import EditionRow
from bot.core.broadcasts.states import State
from bot.core.broadcasts.wording import write_message
from bot.core.clock import Clock
from bot.core.conversations.names import chat_of_group
from bot.core.db import Database
from bot.core.deliveries import bulk, outbox
from bot.core.deliveries.arrivals import count_states
from bot.core.deliveries.errors import RecipientMovedError, SendError
from bot.core.deliveries.models import DeliveryState
from bot.core.deliveries.outbox import Held, Letter, Withdrawn
from bot.core.deliveries.repository import ClaimedBulk
from bot.core.deliveries.rules import GiveUp, TryAgain
from bot.core.deliveries.service import Delivered, OutboundMessage
from bot.core.destinations import service as destinations
from bot.core.destinations.repository import DestinationRow
from bot.core.errors import ProductError
from bot.core.rendering import Renderer, TemplateBrokenError
from bot.core.signatures import RevocationUnavailableError
from bot.core.statements import digest
from bot.core.statements.values import write_moment

log = structlog.get_logger()

TOPIC = "broadcast"
HELD_SECONDS = 2.0
"""So long something is left alone whose edition is paused, has ended, or is too late: a sweep sees to it."""
REVOCATION_SECONDS = 10.0
"""So long it is left alone where nobody can tell whether a certificate was revoked."""
TOO_LATE = "too-late"
ENDED = "edition-ended"
NOT_MEANT = "destination-not-meant"


@dataclass(frozen=True, slots=True)
class BulkParcel:
    """A leased delivery of an edition."""

    claimed: ClaimedBulk

    @property
    def chat(self) -> str:
        """Return the name of the destination's chat, as replies in that group have it."""
        return chat_of_group(self.claimed.address)

    @property
    def in_group(self) -> bool:
        """Tell that it goes where many read."""
        return True


class Emission:
    """Editions on their way to their destinations, for a sender of any channel."""

    def __init__(
        self, database: Database, office: Office, renderer: Renderer, clock: Clock, *, public_url: str, late: timedelta
    ) -> None:
        """Take how the outside reaches us, for the texts, and how long after its moment something may still leave."""
        self._database = database
        self._office = office
        self._renderer = renderer
        self._clock = clock
        self._public_url = public_url
        self._late = late
        self._clearances = Clearances(database, office)

    async def is_any_due(self, connection: AsyncConnection, *, channel: str, closed: Collection[str] = ()) -> bool:
        """Tell whether anything of an edition that is being sent may go now, to a chat that is not `closed`."""
        return await bulk.is_any_due(connection, channel=channel, closed=closed)

    async def claim(
        self, connection: AsyncConnection, *, channel: str, owner: str, most: int, closed: Collection[str] = ()
    ) -> Sequence[BulkParcel]:
        """Lease up to `most` deliveries of editions that are being sent, to chats that are not `closed`."""
        claimed = await bulk.claim(connection, channel=channel, owner=owner, most=most, closed=closed)
        return [BulkParcel(each) for each in claimed]

    async def open(self, parcel: BulkParcel) -> Letter | Held | Withdrawn:
        """Return the message and its destination's address, having verified anew that it may leave.

        What may not leave stops its edition and its broadcast; who has to know is told.
        """
        edition = await self._find_going(parcel)
        if edition is None:
            return Held(HELD_SECONDS)
        now = self._clock.now()
        try:
            item = await self._clearances.check(edition, now=now)
            # That may have taken seconds: where it goes, and whether it still goes, is looked up only now.
            async with self._database.reading() as connection:
                destination = await destinations.find(connection, parcel.claimed.destination_id)
            if destination is None or not destinations.receives(destination, item.audience, item.mode):
                return await self._withdraw(parcel)
            if not await self._clearances.leads_to(edition, destination, now=now):
                return await self._withdraw(parcel)
            if await self._find_going(parcel) is None:
                return Held(HELD_SECONDS)
            if not await self._clearances.goes_on(edition, late=self._late, now=self._clock.now()):
                return Held(HELD_SECONDS)
            return Letter(destination.address, self._write(edition, item, destination))
        except RevocationUnavailableError as error:
            log.warning("broadcast.waits_for_revocation", edition=edition.id, code=error.code)
            return Held(REVOCATION_SECONDS)
        except TemplateBrokenError:
            raise
        except ProductError as refusal:
            await self._refuse(edition.id, refusal, now=now)
            return Held(HELD_SECONDS)

    async def record_sent(
        self, connection: AsyncConnection, parcel: BulkParcel, *, message_id: str, now: datetime
    ) -> bool:
        """Record that the message stands in its group; False where the lease is gone, and it counts as unknown."""
        await destinations.note_reachable(connection, parcel.claimed.destination_id)
        return await outbox.record_sent(connection, parcel.claimed, message_id=message_id, now=now)

    async def record_failure(
        self, connection: AsyncConnection, parcel: BulkParcel, failure: SendError, *, now: datetime
    ) -> TryAgain | GiveUp:
        """Record a failed attempt; return what follows. A group that got another address is tried there."""
        if isinstance(failure, RecipientMovedError) and await self._move(connection, parcel, failure, now=now):
            await outbox.postpone(connection, parcel.claimed, seconds=0.0)
            return TryAgain(0.0)
        # Its age counts for nothing: an edition has a deadline of its own.
        step = await outbox.record_failure(connection, parcel.claimed, failure, age=timedelta())
        if isinstance(step, GiveUp) and step.unreachable:
            await destinations.note_unreachable(connection, parcel.claimed.destination_id, now=now)
        return step

    async def sweep(self) -> None:
        """End the editions that are sent or too late, and cancel what was put back of those that have ended."""
        now = self._clock.now()
        async with self._database.reading() as connection:
            going_out = await repository.list_going_out(connection)
            counts = await count_states(connection, [edition.id for edition in going_out])
            ending = [
                edition.id
                for edition in going_out
                if _is_finished(counts.get(edition.id, {})) or await self._is_late(connection, edition, now)
            ]
            has_left_over = await bulk.has_left_over(connection)
        for edition_id in ending:
            async with self._database.unit_of_work() as connection:
                await self._end(connection, edition_id, now=now)
        if has_left_over:
            async with self._database.unit_of_work() as connection:
                await bulk.cancel_left_over(connection, error=ENDED)

    async def _find_going(self, parcel: BulkParcel) -> EditionRow | None:
        """Return a parcel's edition as it stands now; None where nothing of it may leave now."""
        async with self._database.reading() as connection:
            edition = await repository.find_edition(connection, parcel.claimed.edition_id)
            if edition is None or edition.state is not State.SENDING:
                return None
            return None if await self._is_late(connection, edition, self._clock.now()) else edition

    async def _is_late(self, connection: AsyncConnection, edition: EditionRow, now: datetime) -> bool:
        history = await repository.history_of(connection, edition.broadcast_id)
        return now > deadline(edition, history, late=self._late)

    def _write(self, edition: EditionRow, item: Item, destination: DestinationRow) -> Delivered:
        text = write_message(
            self._renderer,
            item,
            code=edition.check_code,
            channel=destination.channel,
            public_url=self._public_url,
        )
        return Delivered(0, OutboundMessage(TOPIC, text), in_group=True)

    async def _withdraw(self, parcel: BulkParcel) -> Withdrawn:
        async with self._database.unit_of_work() as connection:
            await bulk.withdraw(connection, parcel.claimed, error=NOT_MEANT)
        log.error("broadcast.destination_not_meant", delivery=parcel.claimed.id)
        return Withdrawn()

    async def _move(
        self, connection: AsyncConnection, parcel: BulkParcel, failure: RecipientMovedError, *, now: datetime
    ) -> bool:
        """Follow a destination to its new address; False where that is another destination, or none of its channel."""
        try:
            async with connection.begin_nested():
                await destinations.move(
                    connection,
                    self._office.log,
                    destination_id=parcel.claimed.destination_id,
                    address=failure.address,
                    now=now,
                )
        except ProductError as error:
            log.error("broadcast.destination_not_moved", delivery=parcel.claimed.id, code=error.code)
            return False
        return True

    async def _refuse(self, edition_id: str, refusal: ProductError, *, now: datetime) -> None:
        async with self._database.unit_of_work() as connection:
            locked = await repository.lock_edition(connection, edition_id)
            if locked is None or locked[1].state is not State.SENDING:
                return
            row, edition = locked
            facts: dict[str, Fact] = {
                "kind": edition.kind,
                "broadcast": row.id,
                "version": edition.version,
                "edition": edition.id,
                "subject_sha256": digest(edition.subject),
                "fire_at": write_moment(edition.fire_at),
            }
            await consequences.refuse(
                connection, self._office.log, row, refusal, fire_at=edition.fire_at, facts=facts, now=now
            )

    async def _end(self, connection: AsyncConnection, edition_id: str, *, now: datetime) -> None:
        """End an edition of which nothing waits any more, or whose time is over; tell its author what went wrong."""
        locked = await repository.lock_edition(connection, edition_id)
        if locked is None or locked[1].state is not State.SENDING:
            return
        row, edition = locked
        if await self._is_late(connection, edition, now):
            await bulk.cancel_pending(connection, edition_id, error=TOO_LATE)
        states = (await count_states(connection, (edition_id,))).get(edition_id, {})
        if not _is_finished(states):
            return
        is_expired = set(states) == {DeliveryState.CANCELLED}
        await consequences.finish(connection, row, edition, State.EXPIRED if is_expired else State.DONE, now=now)
        if states and set(states) != {DeliveryState.SENT}:
            await consequences.tell_author(
                connection,
                row,
                EXPIRED if is_expired else INCOMPLETE,
                item=consequences.read(edition),
                fire_at=edition.fire_at,
                now=now,
                **consequences.counts_of(states),
            )


def _is_finished(states: Mapping[DeliveryState, int]) -> bool:
    return DeliveryState.PENDING not in states and DeliveryState.SENDING not in states
