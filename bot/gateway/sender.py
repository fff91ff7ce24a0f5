"""The sender: takes what is due on one channel, has it carried, records what became of it; a conversation's in order.

No transaction is open while something is sent. Paces are kept in this process, so only one sends on a channel.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import metrics
from bot.core.clock import Clock
from bot.core.db import DATABASE_AWAY, Database
from bot.core.deliveries import outbox
from bot.core.deliveries.errors import ChannelClosedError, OutcomeUnknownError, SendError, SlowDownError
from bot.core.deliveries.outbox import LEASE_SECONDS, Carrier, Parcel
from bot.core.deliveries.rules import LONGEST_BACKOFF_SECONDS, LONGEST_WAIT_SECONDS, GiveUp, TryAgain
from bot.core.rates import Limiter, Rate
from bot.core.vault import Vault
from bot.doorbell import OUTBOX_BELL, Doorbell, either, pause

log = structlog.get_logger()

T = TypeVar("T")

MOST_AT_ONCE = 8
"""Messages under way at the same time: what a crash makes unknown at the most."""
CHAT_RATE = Rate(3, 3)
"""One message a second to one citizen, three at once after a pause."""
SEND_SECONDS = LEASE_SECONDS * 3 / 5
"""A message is sent within this, or its outcome is unknown."""
START_SECONDS = LEASE_SECONDS / 5
"""A message that could not be begun within this, on a slow rate or a paused machine, goes back. The rest of its lease
is for recording it, so that a lease need not be renewed."""
RECORD_SECONDS = LEASE_SECONDS - 1
"""An outcome is written again and again within this; later its lease may be over, and it counts as unknown."""
RECORD_PAUSE_SECONDS = 0.5
QUIET_POLL_SECONDS = 1.0
SHARED_POLL_SECONDS = 0.2
"""How often the deliveries are looked at without a ring: seldom where only this process writes them."""
SWEEP_SECONDS = 2.0


class Sender:
    """Sends on one channel until it is told to stop, then finishes what is under way."""

    def __init__(
        self,
        *,
        database: Database,
        vault: Vault,
        carrier: Carrier,
        clock: Clock,
        doorbell: Doorbell,
        rate: Rate | None,
    ) -> None:
        """Prepare to send; `rate` bounds all citizens together, evenly spread."""
        self._database = database
        self._vault = vault
        self._carrier = carrier
        self._clock = clock
        self._doorbell = doorbell
        self._owner = f"sender-{secrets.token_hex(6)}"
        self._pace = Limiter(Rate(1, rate.interval)) if rate else None
        self._chat_paces = Limiter(CHAT_RATE)
        self._paused_until = 0.0
        self._slowed_down = False
        self._under_way: set[asyncio.Task[None]] = set()
        self._swept_at = -SWEEP_SECONDS

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until `stopping` is set; return when what is under way has been recorded."""
        poll_seconds = QUIET_POLL_SECONDS if self._database.on_sqlite else SHARED_POLL_SECONDS
        while not stopping.is_set():
            with self._doorbell.expecting(OUTBOX_BELL) as bell:
                try:
                    await self._sweep()
                    await self._begin_due(stopping)
                    await either(bell, seconds=poll_seconds)
                except DATABASE_AWAY as error:
                    log.error("sender.database_away", error=type(error).__name__)
                    await either(bell, seconds=SWEEP_SECONDS)
                except Exception as error:
                    log.error("sender.failed", error=type(error).__name__, exc_info=error)
                    await either(bell, seconds=SWEEP_SECONDS)
        if self._under_way:
            await asyncio.wait(self._under_way)

    async def _sweep(self) -> None:
        """End as unknown what a sender that died had in hand."""
        if time.monotonic() < self._swept_at + SWEEP_SECONDS:
            return
        async with self._database.unit_of_work() as connection:
            abandoned = await outbox.end_abandoned(connection, channel=self._carrier.channel)
        self._swept_at = time.monotonic()
        if abandoned:
            log.error("deliveries.abandoned", deliveries=list(abandoned))
            metrics.DELIVERIES.labels(channel=self._carrier.channel, outcome="unknown").inc(len(abandoned))

    async def _begin_due(self, stopping: asyncio.Event) -> None:
        """Begin what is due; whatever of it was not begun, however this ends, goes back."""
        claimed_at = time.monotonic()
        recorded_by = claimed_at + RECORD_SECONDS
        waiting = deque(await self._claim())
        try:
            while waiting:
                wait = await self._wait_for(waiting[0], stopping, begun_by=claimed_at + START_SECONDS)
                if stopping.is_set():
                    break
                parcel = waiting.popleft()
                if wait > 0:
                    await self._put_back(parcel, seconds=wait, recorded_by=recorded_by)
                    continue
                task = asyncio.create_task(self._carry(parcel, recorded_by=recorded_by))
                self._under_way.add(task)
                task.add_done_callback(self._arrived)
        finally:
            for parcel in waiting:
                await self._put_back(parcel, seconds=0.0, recorded_by=recorded_by)

    async def _put_back(self, parcel: Parcel, *, seconds: float, recorded_by: float) -> None:
        await self._record(
            parcel, lambda connection: outbox.postpone(connection, parcel.claimed, seconds=seconds), by=recorded_by
        )
        self._look_again(seconds)

    async def _claim(self) -> Sequence[Parcel]:
        channel, room = self._carrier.channel, MOST_AT_ONCE - len(self._under_way)
        if room <= 0 or time.monotonic() < self._paused_until:
            return ()
        # Asked of a reader first, so that looking in vain does not take the one writer.
        async with self._database.reading() as connection:
            if not await outbox.is_any_due(connection, channel=channel):
                return ()
        async with self._database.unit_of_work() as connection:
            return await outbox.claim(
                connection,
                self._vault,
                channel=channel,
                owner=self._owner,
                most=room,
            )

    async def _wait_for(self, parcel: Parcel, stopping: asyncio.Event, *, begun_by: float) -> float:
        """Wait until the channel's pace lets a message go; return for how many seconds it must be put back, or 0."""
        while self._pace is not None and (wait := self._pace.wait("", now=time.monotonic())) > 0:
            if stopping.is_set() or time.monotonic() + wait > begun_by:
                return wait
            await pause(stopping, seconds=wait)
        paused = self._paused_until - time.monotonic()
        if paused > 0 or time.monotonic() > begun_by:
            return max(paused, QUIET_POLL_SECONDS)
        # Last, so that a message that goes back has not spent what its chat may be sent.
        return self._chat_paces.wait(str(parcel.conversation.id), now=time.monotonic())

    def _look_again(self, seconds: float) -> None:
        """Look at the deliveries when one that was put back is due, rather than at the next poll."""
        asyncio.get_running_loop().call_later(seconds + 0.05, self._doorbell.ring, OUTBOX_BELL)

    def _arrived(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._doorbell.ring(OUTBOX_BELL)

    async def _carry(self, parcel: Parcel, *, recorded_by: float) -> None:
        claimed = parcel.claimed
        try:
            message_id = await self._send(parcel)
        except SendError as failure:
            await self._record_failure(parcel, failure, recorded_by=recorded_by)
            return
        self._slowed_down = False
        now = self._clock.now()
        await self._record(
            parcel,
            lambda connection: outbox.record_sent(connection, claimed, message_id=message_id, now=now),
            by=recorded_by,
        )
        metrics.DELIVERIES.labels(channel=self._carrier.channel, outcome="sent").inc()

    async def _send(self, parcel: Parcel) -> str:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                return await self._carrier.send(parcel.conversation.external_id, parcel.delivered)
        except SendError:
            raise
        except TimeoutError as error:
            raise OutcomeUnknownError from error
        except Exception as error:
            log.error("delivery.broken", delivery=parcel.claimed.id, error=type(error).__name__, exc_info=error)
            raise OutcomeUnknownError from error

    async def _record(self, parcel: Parcel, write: Callable[[AsyncConnection], Awaitable[T]], *, by: float) -> T | None:
        """Write what became of a parcel, trying until `by` where the database is away.

        Where that fails, None: the delivery stays leased and ends as unknown, which keeps it from being sent again.
        """
        while True:
            try:
                async with self._database.unit_of_work() as connection:
                    return await write(connection)
            except DATABASE_AWAY as error:
                failure: Exception = error
            except Exception as error:
                log.error(
                    "delivery.not_recorded", delivery=parcel.claimed.id, error=type(error).__name__, exc_info=error
                )
                return None
            if time.monotonic() + RECORD_PAUSE_SECONDS > by:
                log.error("delivery.not_recorded", delivery=parcel.claimed.id, error=type(failure).__name__)
                return None
            await asyncio.sleep(RECORD_PAUSE_SECONDS)

    async def _record_failure(self, parcel: Parcel, failure: SendError, *, recorded_by: float) -> None:
        claimed = parcel.claimed
        self._hold_back(failure)
        now = self._clock.now()
        step = await self._record(
            parcel, lambda connection: outbox.record_failure(connection, claimed, failure, now=now), by=recorded_by
        )
        if step is None:
            return
        if isinstance(step, TryAgain):
            self._look_again(step.seconds)
        outcome = step.state.name.lower() if isinstance(step, GiveUp) else "put_back"
        log.warning("delivery.failed", delivery=claimed.id, reason=failure.code, attempt=claimed.attempt, then=outcome)
        metrics.DELIVERIES.labels(channel=self._carrier.channel, outcome=outcome).inc()

    def _hold_back(self, failure: SendError) -> None:
        """Pause everybody's messages where the platform refuses us, or asks again and again for a pause."""
        seconds = 0.0
        if isinstance(failure, ChannelClosedError):
            seconds = LONGEST_BACKOFF_SECONDS
            log.error("sender.channel_closed", channel=self._carrier.channel)
        elif isinstance(failure, SlowDownError):
            seconds = min(failure.retry_after, LONGEST_WAIT_SECONDS) if self._slowed_down else 0.0
            self._slowed_down = True
        self._paused_until = max(self._paused_until, time.monotonic() + seconds)
