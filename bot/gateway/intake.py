"""What is the same about taking updates in from every platform: each is stored once, and what became of it counted."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import metrics
from bot.core.conversations import groups
from bot.core.conversations import service as conversations
from bot.core.conversations.service import Conversation
from bot.core.db import DATABASE_AWAY, is_refused_for_good
from bot.core.errors import ThrottledError
from bot.core.inbox import service as inbox
from bot.core.inbox.service import Message
from bot.core.rates import Limiter, Rate
from bot.gateway.urgency import bears_no_dropping
from bot.wiring import Runtime

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a platform tells of a message beside what was said: its own name of it, whose it is, and where and when."""

    account: str
    update_id: str
    person: str
    group: str | None = None
    said_at: datetime | None = None


class Outcome(StrEnum):
    """What became of a message."""

    STORED = "stored"
    REPEATED = "repeated"
    WARNED = "warned"
    """Dropped; in its place it is stored that its writer is to be told to write slower."""
    THROTTLED = "throttled"
    """Dropped, shortly after such a warning."""
    NEEDLESS = "needless"
    """It asks for nothing that is not there already."""


class Intake:
    """Stores the messages of one platform; remembers only who was warned. `steady` tells seconds that only go on."""

    def __init__(self, runtime: Runtime, channel: str, *, steady: Callable[[], float] = time.monotonic) -> None:
        self._runtime = runtime
        self._channel = channel
        self._steady = steady
        self._warnings = Limiter(Rate(1, 60))

    async def enter(self, connection: AsyncConnection, arrival: Arrival, *, now: datetime) -> Conversation:
        """Return the conversation that a message belongs to, held until the transaction ends."""
        vault, channel, person = self._runtime.vault, self._channel, arrival.person
        if arrival.group is None:
            return await conversations.enter(connection, vault, channel=channel, external_id=person, now=now)
        return await groups.enter_group(connection, vault, channel=channel, group=arrival.group, person=person, now=now)

    async def store(
        self,
        connection: AsyncConnection,
        conversation: Conversation,
        arrival: Arrival,
        message: Message,
        *,
        now: datetime,
    ) -> Outcome:
        """Store a message in the conversation that was entered, unless it is known or its writer writes too fast.

        What is known does not count towards that; what staff read, or a life may depend on, is stored in any case.
        """
        outcome = Outcome.STORED
        name = {"account": arrival.account, "update_id": arrival.update_id}
        if await inbox.is_known(connection, channel=self._channel, **name):
            return Outcome.REPEATED
        if self._comes_too_fast(arrival, now=now) and not bears_no_dropping(conversation, message):
            if self._warnings.wait(arrival.person, now=self._steady()) > 0:
                return Outcome.THROTTLED
            outcome, message = Outcome.WARNED, message.in_place_of_it()
        await inbox.receive(connection, conversation, **name, message=message, said_at=arrival.said_at, now=now)
        return outcome

    def tell(self, outcome: Outcome) -> None:
        """Count what became of a message, once that is committed, and wake a worker for what it is to answer."""
        self.count(outcome)
        if outcome in {Outcome.STORED, Outcome.WARNED}:
            self._runtime.doorbell.announce_update()

    def count(self, outcome: str) -> None:
        """Count an update, by one of a few words."""
        metrics.UPDATES.labels(channel=self._channel, outcome=outcome).inc()

    @contextmanager
    def passing_over_refused(self, event: str) -> Iterator[None]:
        """Report, as `event`, an update that the database will never take, and go on: or it would come again for ever.

        Raises:
            sqlalchemy.exc.SQLAlchemyError, OSError: the database is away.
        """
        try:
            yield
        except DATABASE_AWAY as error:
            if not is_refused_for_good(error):
                raise
            log.error(event, error=type(error).__name__, exc_info=error)
            self.count("refused")

    def _comes_too_fast(self, arrival: Arrival, *, now: datetime) -> bool:
        limits, said_at = self._runtime.chat_limits, arrival.said_at
        if limits is None:
            return False
        writer = f"{self._channel}:{arrival.person}"
        try:
            if said_at is not None and limits.is_late((now - said_at).total_seconds()):
                limits.count_late_message(writer, said_at=said_at.timestamp())
            else:
                limits.count_message(writer, now=self._steady())
        except ThrottledError:
            return True
        return False
