"""The sender: takes what is due on one channel, has it carried, records what became of it.

Replies go first: what is sent to many gets the room that they leave, but for its one message in a group, whose members
may ask without end. A chat to which nothing may go now (`paces`) is not looked at, so that it takes no room from
others. No transaction is open while something is sent.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import metrics
from bot.core.clock import Clock
from bot.core.db import DATABASE_AWAY, Database
from bot.core.deliveries import outbox
from bot.core.deliveries.errors import OutcomeUnknownError, SendError
from bot.core.deliveries.outbox import (
    LEASE_SECONDS,
    Carrier,
    Held,
    Letter,
    Outbox,
    Parcel,
    Replies,
    Withdrawn,
)
from bot.core.deliveries.repository import Claimed
from bot.core.deliveries.rules import GiveUp, TryAgain
from bot.core.rates import Rate
from bot.doorbell import OUTBOX_BELL, Doorbell, either, pause
from bot.gateway.paces import Paces

log = structlog.get_logger()

T = TypeVar("T")

MOST_AT_ONCE = 8
"""Messages under way at the same time: what a crash makes unknown at the most."""
MOST_BULK_AT_ONCE = 6
"""Of these, messages to many: a slow platform must leave room for replies."""
SEND_SECONDS = LEASE_SECONDS * 3 / 5
"""A message is sent within this, or its outcome is unknown."""
START_SECONDS = LEASE_SECONDS / 5
"""A message whose turn did not come within this, on a slow rate or a paused machine, goes back."""
RECORD_SECONDS = LEASE_SECONDS - 1
"""An outcome is written again and again within this from the claim, or from the beginning, which starts the lease
anew; later the lease may be over, and what was begun counts as unknown."""
RECORD_PAUSE_SECONDS = 0.5
QUIET_POLL_SECONDS = 1.0
SHARED_POLL_SECONDS = 0.2
"""How often the deliveries are looked at without a ring: seldom where only this process writes them."""
SWEEP_SECONDS = 2.0
_PROCESS = f"sender-{secrets.token_hex(6)}-"
"""How the names of this process's senders begin."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Where messages of one sort wait, and how many of them may be under way at once."""

    outbox: Outbox[Any]
    most: int


def reply_lane(replies: Replies) -> Lane:
    """Return the lane of the replies to citizens."""
    return Lane(replies, MOST_AT_ONCE)


def bulk_lane(outbox: Outbox[Any]) -> Lane:
    """Return the lane of what goes to many."""
    return Lane(outbox, MOST_BULK_AT_ONCE)


class Sender:
    """Sends on one channel until it is told to stop, then finishes what is under way."""

    def __init__(
        self,
        *,
        database: Database,
        lanes: Sequence[Lane],
        carrier: Carrier,
        clock: Clock,
        doorbell: Doorbell,
        rate: Rate | None,
        group_rate: Rate | None = None,
    ) -> None:
        """Prepare to send; earlier lanes overtake later ones.

        `rate` bounds all chats together, evenly spread, and `group_rate` each group, whatever lane is sent there.
        """
        self._database = database
        self._lanes = lanes
        self._carrier = carrier
        self._clock = clock
        self._doorbell = doorbell
        self._owner = f"{_PROCESS}{secrets.token_hex(6)}"
        # On SQLite there is no other process: what one before this had leased need not be waited for.
        self._alive = _PROCESS if database.on_sqlite else None
        self._paces = Paces(rate, group_rate=group_rate)
        self._under_way: dict[asyncio.Task[None], tuple[Lane, Parcel]] = {}
        self._swept_at = -SWEEP_SECONDS

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until `stopping` is set; return when what is under way has been recorded."""
        poll_seconds = QUIET_POLL_SECONDS if self._database.on_sqlite else SHARED_POLL_SECONDS
        while not stopping.is_set():
            with self._doorbell.expecting(OUTBOX_BELL) as bell:
                try:
                    await self._sweep()
                    if not await self._begin_due(stopping):
                        opening = self._paces.next_opening(now=time.monotonic())
                        await either(bell, seconds=poll_seconds if opening is None else min(opening, poll_seconds))
                except DATABASE_AWAY as error:
                    log.error("sender.database_away", error=type(error).__name__)
                    await either(bell, seconds=SWEEP_SECONDS)
                except Exception as error:
                    log.error("sender.failed", error=type(error).__name__, exc_info=error)
                    await either(bell, seconds=SWEEP_SECONDS)
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _sweep(self) -> None:
        """Settle what a sender that died had in hand, and whatever is due without a message."""
        if time.monotonic() < self._swept_at + SWEEP_SECONDS:
            return
        async with self._database.unit_of_work() as connection:
            abandoned = await outbox.settle_abandoned(connection, channel=self._carrier.channel, alive=self._alive)
        self._swept_at = time.monotonic()
        if abandoned.put_back:
            log.warning("deliveries.put_back", deliveries=list(abandoned.put_back))
        if abandoned.unknown:
            log.error("deliveries.abandoned", deliveries=list(abandoned.unknown))
            self._count("unknown", len(abandoned.unknown))
        for lane in self._lanes:
            try:
                await lane.outbox.sweep()
            except DATABASE_AWAY:
                raise
            except Exception as error:
                # What is wrong with one sort of messages holds up no other.
                log.error("sender.sweep_failed", error=type(error).__name__, exc_info=error)

    async def _begin_due(self, stopping: asyncio.Event) -> bool:
        """Begin what is due, and tell whether anything was begun; whatever was not, however this ends, goes back."""
        claimed_at = time.monotonic()
        recorded_by = claimed_at + RECORD_SECONDS
        waiting: deque[tuple[Lane, Parcel]] = deque()
        back_in, has_begun = 0.0, False
        try:
            for lane in self._lanes:
                waiting.extend((lane, parcel) for parcel in await self._claim(lane, taken=len(waiting)))
            waiting = self._in_turn(waiting)
            while waiting:
                back_in = await self._wait_for_turn(stopping, begun_by=claimed_at + START_SECONDS)
                if back_in > 0 or stopping.is_set():
                    break
                for earlier in self._lanes[: self._lanes.index(waiting[0][0])]:
                    # Looked at again: what goes to many may have waited for its turn for seconds.
                    awaited = {parcel.chat for _, parcel in waiting if parcel.in_group}
                    came = await self._claim(earlier, taken=len(waiting), passing_over=awaited)
                    waiting.extendleft((earlier, parcel) for parcel in reversed(came))
                lane, parcel = waiting.popleft()
                wait = self._paces.wait_in(parcel.chat, in_group=parcel.in_group, now=time.monotonic())
                if wait > 0:
                    await self._put_back(parcel.claimed, seconds=wait, by=recorded_by)
                    continue
                task = asyncio.create_task(self._carry(lane, parcel, claimed_at=claimed_at))
                has_begun = True
                self._under_way[task] = lane, parcel
                task.add_done_callback(self._arrived)
        finally:
            for _, parcel in waiting:
                await self._put_back(parcel.claimed, seconds=back_in, by=recorded_by)
        return has_begun

    def _in_turn(self, waiting: deque[tuple[Lane, Parcel]]) -> deque[tuple[Lane, Parcel]]:
        """Put what goes to a group as one of many before the replies there, with which it shares the group's pace.

        It is one message, and chatter could hold it up until it is too late.
        """
        replies = self._lanes[0]
        awaited = {parcel.chat for lane, parcel in waiting if lane is not replies and parcel.in_group}
        return deque(sorted(waiting, key=lambda each: each[0] is replies and each[1].chat in awaited))

    async def _put_back(self, claimed: Claimed, *, seconds: float, by: float) -> None:
        await self._record(claimed, lambda connection: outbox.postpone(connection, claimed, seconds=seconds), by=by)
        self._look_again(seconds)

    async def _claim(self, lane: Lane, *, taken: int = 0, passing_over: Collection[str] = ()) -> Sequence[Parcel]:
        """Lease what is due on a lane, for which there is room beside `taken` others that were just leased."""
        of_lane = sum(under_way is lane for under_way, _ in self._under_way.values())
        room = min(MOST_AT_ONCE - len(self._under_way) - taken, lane.most - of_lane)
        now = time.monotonic()
        if room <= 0 or self._paces.paused(now=now) > 0:
            return ()
        # What goes to one chat keeps its order, and a refusal there is known before the next is tried.
        busy = {parcel.chat for _, parcel in self._under_way.values()}
        channel, closed = self._carrier.channel, busy.union(self._paces.closed(now=now), passing_over)
        # Asked of a reader first, so that looking in vain does not take the one writer.
        async with self._database.reading() as connection:
            if not await lane.outbox.is_any_due(connection, channel=channel, closed=closed):
                return ()
        async with self._database.unit_of_work() as connection:
            claimed: Sequence[Parcel] = await lane.outbox.claim(
                connection, channel=channel, owner=self._owner, most=room, closed=closed
            )
            return claimed

    async def _wait_for_turn(self, stopping: asyncio.Event, *, begun_by: float) -> float:
        """Wait until the channel's pace lets a message go; return in how many seconds to look again, or 0."""
        while (wait := self._paces.wait(now=time.monotonic())) > 0:
            if stopping.is_set() or time.monotonic() + wait > begun_by:
                return wait
            await pause(stopping, seconds=wait)
        now = time.monotonic()
        paused = self._paces.paused(now=now)
        return max(paused, QUIET_POLL_SECONDS) if paused > 0 or now > begun_by else 0.0

    def _look_again(self, seconds: float) -> None:
        """Look at the deliveries when one that was put back is due, rather than at the next poll."""
        asyncio.get_running_loop().call_later(seconds + 0.05, self._doorbell.ring, OUTBOX_BELL)

    def _arrived(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        self._doorbell.ring(OUTBOX_BELL)

    async def _carry(self, lane: Lane, parcel: Parcel, *, claimed_at: float) -> None:
        letter = await self._open(lane, parcel, by=claimed_at + RECORD_SECONDS)
        if letter is None:
            return
        recorded_by = time.monotonic() + RECORD_SECONDS
        if not await self._begin(parcel.claimed, by=claimed_at + RECORD_SECONDS):
            # Its lease may be another's by now, and then this changes nothing.
            await self._put_back(parcel.claimed, seconds=0.0, by=recorded_by)
            return
        try:
            message_id = await self._send(parcel.claimed, letter)
        except SendError as failure:
            await self._record_failure(lane, parcel, failure, recorded_by=recorded_by)
            return
        self._paces.note_arrived()
        now = self._clock.now()
        is_recorded = await self._record(
            parcel.claimed,
            lambda connection: lane.outbox.record_sent(connection, parcel, message_id=message_id, now=now),
            by=recorded_by,
            fast=True,
        )
        if is_recorded is False:
            log.error("delivery.lease_gone", delivery=parcel.claimed.id)
        if is_recorded is not None:
            self._count("sent" if is_recorded else "unknown")

    async def _open(self, lane: Lane, parcel: Parcel, *, by: float) -> Letter | None:
        """Return what is to be sent; None where it is not, or not now, and that is recorded."""
        opened: Letter | Held | Withdrawn
        try:
            opened = await lane.outbox.open(parcel)
        except Exception as error:
            log.error("delivery.not_opened", delivery=parcel.claimed.id, error=type(error).__name__, exc_info=error)
            opened = Held(SWEEP_SECONDS)
        if isinstance(opened, Held):
            await self._put_back(parcel.claimed, seconds=opened.seconds, by=by)
        return opened if isinstance(opened, Letter) else None

    async def _begin(self, claimed: Claimed, *, by: float) -> bool:
        """Note that a message may be sent from now on; False where it must not be, or that could not be noted."""
        begun = await self._record(claimed, lambda connection: outbox.begin(connection, claimed), by=by)
        return begun is True

    async def _send(self, claimed: Claimed, letter: Letter) -> str:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return await self._carrier.send(letter.recipient, letter.delivered)
        except SendError:
            raise
        except TimeoutError as error:
            raise OutcomeUnknownError from error
        except Exception as error:
            log.error("delivery.broken", delivery=claimed.id, error=type(error).__name__, exc_info=error)
            raise OutcomeUnknownError from error

    async def _record(
        self, claimed: Claimed, write: Callable[[AsyncConnection], Awaitable[T]], *, by: float, fast: bool = False
    ) -> T | None:
        """Write what became of a delivery, trying until `by` where the database is away.

        Where that fails, None: it stays leased, and ends as unknown if it was begun, which keeps it from being sent
        again. The outcome of what was begun is `fast`: until it is written, a crash makes it unknown.
        """
        while True:
            try:
                async with self._database.unit_of_work(fast=fast) as connection:
                    return await write(connection)
            except DATABASE_AWAY as error:
                failure: Exception = error
            except Exception as error:
                log.error("delivery.not_recorded", delivery=claimed.id, error=type(error).__name__, exc_info=error)
                return None
            if time.monotonic() + RECORD_PAUSE_SECONDS > by:
                log.error("delivery.not_recorded", delivery=claimed.id, error=type(failure).__name__)
                return None
            await asyncio.sleep(RECORD_PAUSE_SECONDS)

    async def _record_failure(self, lane: Lane, parcel: Parcel, failure: SendError, *, recorded_by: float) -> None:
        claimed = parcel.claimed
        self._paces.note_refused(parcel.chat, failure, channel=self._carrier.channel, now=time.monotonic())
        now = self._clock.now()
        step: TryAgain | GiveUp | None = await self._record(
            claimed,
            lambda connection: lane.outbox.record_failure(connection, parcel, failure, now=now),
            by=recorded_by,
            fast=True,
        )
        if step is None:
            return
        if isinstance(step, TryAgain):
            self._look_again(step.seconds)
        outcome = step.state.name.lower() if isinstance(step, GiveUp) else "put_back"
        # What is given up for another reason than whom it was for is ours to mend, or to look after.
        is_ours = isinstance(step, GiveUp) and not step.unreachable
        write = log.error if is_ours else log.warning
        write("delivery.failed", delivery=claimed.id, reason=failure.code, attempt=claimed.attempt, then=outcome)
        self._count(outcome)

    def _count(self, outcome: str, number: int = 1) -> None:
        metrics.DELIVERIES.labels(channel=self._carrier.channel, outcome=outcome).inc(number)
