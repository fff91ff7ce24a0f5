"""Use cases of sending: take what is due, and record what became of it.

States: ``pending`` → ``sending`` (leased to one sender) → ``sent``; or back to ``pending`` where nothing was sent; or
``failed``; or ``unknown`` where it may have been sent, which is never sent again unless a person says so. ``cancelled``
is what is not to be sent any more.

A leased delivery is *begun* in a transaction of its own before the platform is asked. So what a sender that died had in
hand is known to be unsent, and goes back, or may have been sent, and ends as unknown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.clock import Clock
from bot.core.conversations import groups, windows
from bot.core.conversations import service as conversations
from bot.core.conversations.names import chat_of_group
from bot.core.conversations.service import Conversation, SpeakerChangedError
from bot.core.conversations.windows import WINDOWS, Reach
from bot.core.db import DATABASE_AWAY
from bot.core.deliveries import repository, rules, service
from bot.core.deliveries.errors import RecipientMovedError, SendError, SilentTooLongError
from bot.core.deliveries.models import DeliveryState
from bot.core.deliveries.repository import Claimed, ClaimedReply
from bot.core.deliveries.rules import GiveUp, TryAgain
from bot.core.deliveries.service import Delivered
from bot.core.errors import ProductError
from bot.core.vault import Vault

log = structlog.get_logger()

LEASE_SECONDS = 30.0
ABANDONED = "abandoned"
UNREADABLE = "unreadable"
COSTS = "costs-money"
"""Why a message is not sent that the platform would bill."""


class Carrier(Protocol):
    """Brings messages to the citizens and groups of one channel."""

    @property
    def channel(self) -> str:
        """The channel whose deliveries it carries."""
        ...

    async def send(self, recipient: str, delivered: Delivered) -> str:
        """Send one message to the chat of that address; return the platform's name for it.

        Raises:
            SendError: which kind tells whether it may be tried again.
        """
        ...


class Parcel(Protocol):
    """A leased delivery."""

    @property
    def claimed(self) -> Claimed:
        """Return the lease."""
        ...

    @property
    def chat(self) -> str:
        """Return what messages to the same chat have in common, whose pace they share."""
        ...

    @property
    def in_group(self) -> bool:
        """Tell whether many read it where it goes."""
        ...


P = TypeVar("P", bound=Parcel)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent, and the platform's address of the chat it goes to."""

    recipient: str
    delivered: Delivered


@dataclass(frozen=True, slots=True)
class Held:
    """Not now: it is to be looked at again in some seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """Not at all; that has been recorded already."""


class Outbox(Protocol[P]):
    """Where messages of one sort wait to be sent."""

    async def is_any_due(self, connection: AsyncConnection, *, channel: str, closed: Collection[str]) -> bool:
        """Tell whether there is anything to send now, to a chat that is not among the `closed`."""
        ...

    async def claim(
        self, connection: AsyncConnection, *, channel: str, owner: str, most: int, closed: Collection[str]
    ) -> Sequence[P]:
        """Lease up to `most` deliveries to chats that are not `closed`, oldest first."""
        ...

    async def open(self, parcel: P) -> Letter | Held | Withdrawn:
        """Return what a parcel holds, or why it does not leave. It is awaited while no transaction is open."""
        ...

    async def record_sent(self, connection: AsyncConnection, parcel: P, *, message_id: str, now: datetime) -> bool:
        """Record that it arrived; False where the lease is gone, and the message counts as unknown."""
        ...

    async def record_failure(
        self, connection: AsyncConnection, parcel: P, failure: SendError, *, now: datetime
    ) -> TryAgain | GiveUp:
        """Record a failed attempt; return what follows."""
        ...

    async def sweep(self) -> None:
        """Do what is due without a message being sent."""
        ...


@dataclass(frozen=True, slots=True)
class Abandoned:
    """What senders that died had leased, by delivery's id: what had not been begun, and what may have been sent."""

    put_back: Sequence[int]
    unknown: Sequence[int]


@dataclass(frozen=True, slots=True)
class ReplyParcel:
    """A leased reply, opened, and the conversation it goes to."""

    claimed: ClaimedReply
    conversation: Conversation
    delivered: Delivered

    @property
    def chat(self) -> str:
        """Return the name of the chat, which several conversations in a group have in common."""
        group = self.conversation.group
        return self.conversation.address if group is None else chat_of_group(group)

    @property
    def in_group(self) -> bool:
        """Tell whether many read it where it goes."""
        return self.delivered.in_group


class Replies:
    """The replies to citizens; a conversation's leave in their order.

    None goes to somebody whom their platform lets nobody write to any more, by the clock; nor, where not
    `sends_billed`, one that would be billed.
    """

    def __init__(self, vault: Vault, clock: Clock, *, sends_billed: bool = True) -> None:
        self._vault = vault
        self._clock = clock
        self._sends_billed = sends_billed

    async def is_any_due(self, connection: AsyncConnection, *, channel: str, closed: Collection[str] = ()) -> bool:
        """Tell whether there is anything to send now, to a chat that is not among the `closed`."""
        return await repository.is_any_due(connection, ClaimedReply, channel=channel, closed=closed)

    async def claim(
        self,
        connection: AsyncConnection,
        *,
        channel: str,
        owner: str,
        most: int,
        closed: Collection[str] = (),
        lease_seconds: float = LEASE_SECONDS,
    ) -> Sequence[ReplyParcel]:
        """Lease the oldest unsent reply of up to `most` chats that are not `closed`, oldest first.

        One that cannot be opened any more ends as failed, so that it holds up nobody.

        Raises:
            sqlalchemy.exc.SQLAlchemyError, OSError: the database is away; nothing is leased.
        """
        heads = await repository.claim(
            connection,
            ClaimedReply,
            channel=channel,
            owner=owner,
            most=most,
            lease_seconds=lease_seconds,
            closed=closed,
        )
        parcels = []
        for claimed in heads:
            try:
                conversation = await conversations.load(connection, self._vault, claimed.conversation_id)
                floor = await conversations.find_floor(connection, conversation.id)
                if not floor.lets_speak(case_id=claimed.case_id, position=claimed.position):
                    await repository.finish(
                        connection, claimed, state=DeliveryState.CANCELLED, error=SpeakerChangedError.code
                    )
                    continue
                refusal = await self._refusal(connection, conversation)
                if refusal is not None:
                    await repository.finish(connection, claimed, state=DeliveryState.FAILED, error=refusal)
                    continue
                message = service.open_message(conversation, payload=claimed.payload, dedupe_key=claimed.dedupe_key)
            except DATABASE_AWAY:
                raise
            except Exception as error:
                log.error("delivery.unreadable", delivery=claimed.id, error=type(error).__name__, exc_info=error)
                code = error.code if isinstance(error, ProductError) else UNREADABLE
                await repository.finish(connection, claimed, state=DeliveryState.FAILED, error=code)
                continue
            if claimed.message_id is not None:
                message = replace(message, picture=None)
            delivered = Delivered(claimed.position, message, in_group=conversation.group is not None)
            parcels.append(ReplyParcel(claimed, conversation, delivered))
        return parcels

    async def _refusal(self, connection: AsyncConnection, conversation: Conversation) -> str | None:
        """Return the code of why nothing may be sent in a conversation, if so."""
        if conversation.channel not in WINDOWS:
            return None
        match await windows.find_reach(connection, conversation.id, now=self._clock.now()):
            case Reach.SILENT:
                return SilentTooLongError.code
            case Reach.BILLED if not self._sends_billed:
                return COSTS
        return None

    async def open(self, parcel: ReplyParcel) -> Letter:
        """Return the reply."""
        return Letter(parcel.conversation.address, parcel.delivered)

    async def record_sent(
        self, connection: AsyncConnection, parcel: ReplyParcel, *, message_id: str, now: datetime
    ) -> bool:
        """Record that the citizen has the message; False where the lease is gone, and the message counts as unknown."""
        return await record_sent(connection, parcel.claimed, message_id=message_id, now=now)

    async def record_failure(
        self, connection: AsyncConnection, parcel: ReplyParcel, failure: SendError, *, now: datetime
    ) -> TryAgain | GiveUp:
        """Record a failed attempt; return what follows. In a group that got another address it is tried there.

        Where the citizen cannot be reached, what they were still to get is cancelled.
        """
        claimed = parcel.claimed
        if isinstance(failure, RecipientMovedError) and await self._follow(connection, parcel, failure):
            await postpone(connection, claimed, seconds=0.0)
            return TryAgain(0.0)
        step = await record_failure(connection, claimed, failure, age=now - claimed.created_at)
        if isinstance(step, GiveUp) and step.unreachable:
            await _note_unreachable(connection, parcel.conversation, failure, now=now)
            await repository.cancel_pending(connection, claimed.conversation_id, error=failure.code)
        return step

    async def _follow(self, connection: AsyncConnection, parcel: ReplyParcel, failure: RecipientMovedError) -> bool:
        """Follow a group to its new address; tell whether this conversation has another one than was tried."""
        conversation, tried = parcel.conversation, parcel.conversation.group
        if tried is None:
            return False
        await groups.move_group(connection, channel=conversation.channel, group=tried, moved_to=failure.address)
        current = await conversations.find(connection, self._vault, conversation.id)
        return current is not None and current.group != tried

    async def sweep(self) -> None:
        """Do nothing: a reply waits for nothing but its turn."""


async def _note_unreachable(
    connection: AsyncConnection, conversation: Conversation, failure: SendError, *, now: datetime
) -> None:
    if conversation.group is not None:
        await groups.mark_group_unreachable(connection, channel=conversation.channel, group=conversation.group, now=now)
    elif isinstance(failure, SilentTooLongError):
        await windows.close(connection, conversation.id, now=now)
    else:
        await conversations.mark_unreachable(connection, conversation.id, now=now)


async def begin(connection: AsyncConnection, claimed: Claimed, *, lease_seconds: float = LEASE_SECONDS) -> bool:
    """Note that a leased delivery is about to be sent, in a transaction of its own; its lease starts anew.

    False where it must not be sent any more: the lease is gone, or its edition was paused or stopped.
    """
    return await repository.begin(connection, claimed, lease_seconds=lease_seconds)


async def record_sent(connection: AsyncConnection, claimed: Claimed, *, message_id: str, now: datetime) -> bool:
    """Record that a message arrived; False where the lease is gone, and the message counts as unknown."""
    return await repository.finish(connection, claimed, state=DeliveryState.SENT, message_id=message_id, sent_at=now)


async def record_failure(
    connection: AsyncConnection, claimed: Claimed, failure: SendError, *, age: timedelta
) -> TryAgain | GiveUp:
    """Record a failed attempt at a message of this age; return what follows."""
    step = rules.after(failure, attempt=claimed.attempt, age=age)
    match step:
        case TryAgain(seconds=seconds):
            await repository.put_back(
                connection,
                claimed,
                seconds=seconds,
                attempt=claimed.attempt,
                error=failure.code,
                picture_id=failure.picture_id,
            )
        case GiveUp(state=state):
            await repository.finish(connection, claimed, state=state, error=failure.code)
    return step


async def postpone(connection: AsyncConnection, claimed: Claimed, *, seconds: float) -> None:
    """Put back a delivery that was not tried, because its turn comes only in some seconds."""
    await repository.put_back(connection, claimed, seconds=seconds, attempt=claimed.attempt - 1, error=None)


async def settle_abandoned(connection: AsyncConnection, *, channel: str, alive: str | None = None) -> Abandoned:
    """Settle what senders that died had leased: what they had not begun is sent later, the rest may have been sent.

    Where `alive` is given, only owners whose names begin so can be alive, and nobody waits for the others' leases.
    """
    put_back = await repository.put_back_abandoned(connection, channel=channel, alive=alive)
    unknown = await repository.end_abandoned(connection, channel=channel, alive=alive, error=ABANDONED)
    return Abandoned(put_back, unknown)
