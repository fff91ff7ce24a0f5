"""Use cases of sending: take what is due, and record what became of it.

States: ``pending`` → ``sending`` (leased to one sender) → ``sent``; or back to ``pending`` where nothing was sent; or
``failed``; or ``unknown`` where it may have been sent, which is never sent again. ``cancelled`` is what a citizen was
still to get who cannot be reached any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.conversations import service as conversations
from bot.core.conversations.service import Conversation, SpeakerChangedError
from bot.core.db import DATABASE_AWAY
from bot.core.deliveries import repository, rules, service
from bot.core.deliveries.errors import RecipientUnreachableError, SendError
from bot.core.deliveries.models import DeliveryState
from bot.core.deliveries.repository import ClaimedDelivery
from bot.core.deliveries.rules import GiveUp, TryAgain
from bot.core.deliveries.service import Delivered
from bot.core.errors import ProductError
from bot.core.vault import Vault

log = structlog.get_logger()

LEASE_SECONDS = 30.0
ABANDONED = "abandoned"
UNREADABLE = "unreadable"


class Carrier(Protocol):
    """Brings messages to the citizens of one channel."""

    @property
    def channel(self) -> str:
        """The channel whose deliveries it carries."""
        ...

    async def send(self, recipient: str, delivered: Delivered) -> str:
        """Send one message to the citizen of that external id; return the platform's name for it.

        Raises:
            SendError: which kind tells whether it may be tried again.
        """
        ...


@dataclass(frozen=True, slots=True)
class Parcel:
    """A leased delivery, opened, and the conversation it goes to."""

    claimed: ClaimedDelivery
    conversation: Conversation
    delivered: Delivered


async def is_any_due(connection: AsyncConnection, *, channel: str) -> bool:
    """Tell whether there is anything to send now."""
    return await repository.is_any_due(connection, channel=channel)


async def claim(
    connection: AsyncConnection,
    vault: Vault,
    *,
    channel: str,
    owner: str,
    most: int,
    lease_seconds: float = LEASE_SECONDS,
) -> Sequence[Parcel]:
    """Lease the oldest unsent delivery of up to `most` conversations, oldest first.

    One that cannot be opened any more ends as failed, so that it holds up nobody.

    Raises:
        sqlalchemy.exc.SQLAlchemyError, OSError: the database is away; nothing is leased.
    """
    heads = await repository.claim_heads(
        connection, channel=channel, owner=owner, most=most, lease_seconds=lease_seconds
    )
    parcels = []
    for claimed in heads:
        try:
            conversation = await conversations.load(connection, vault, claimed.conversation_id)
            floor = await conversations.find_floor(connection, conversation.id)
            if not floor.lets_speak(case_id=claimed.case_id, position=claimed.position):
                await repository.finish(
                    connection, claimed, state=DeliveryState.CANCELLED, error=SpeakerChangedError.code
                )
                continue
            message = service.open_message(conversation, payload=claimed.payload, dedupe_key=claimed.dedupe_key)
        except DATABASE_AWAY:
            raise
        except Exception as error:
            log.error("delivery.unreadable", delivery=claimed.id, error=type(error).__name__, exc_info=error)
            code = error.code if isinstance(error, ProductError) else UNREADABLE
            await repository.finish(connection, claimed, state=DeliveryState.FAILED, error=code)
            continue
        parcels.append(Parcel(claimed, conversation, Delivered(claimed.position, message)))
    return parcels


async def record_sent(connection: AsyncConnection, claimed: ClaimedDelivery, *, message_id: str, now: datetime) -> bool:
    """Record that the citizen has the message; False where the lease is gone, and the message counts as unknown."""
    return await repository.finish(connection, claimed, state=DeliveryState.SENT, message_id=message_id, sent_at=now)


async def record_failure(
    connection: AsyncConnection, claimed: ClaimedDelivery, failure: SendError, *, now: datetime
) -> TryAgain | GiveUp:
    """Record a failed attempt; return what follows."""
    step = rules.after(failure, attempt=claimed.attempt, age=now - claimed.created_at)
    match step:
        case TryAgain(seconds=seconds):
            attempt = claimed.attempt
            await repository.put_back(connection, claimed, seconds=seconds, attempt=attempt, error=failure.code)
        case GiveUp(state=state, unreachable=unreachable):
            await repository.finish(connection, claimed, state=state, error=failure.code)
            if unreachable:
                await _close(connection, claimed.conversation_id, now=now)
    return step


async def postpone(connection: AsyncConnection, claimed: ClaimedDelivery, *, seconds: float) -> None:
    """Put back a delivery that was not tried, because its turn comes only in some seconds."""
    await repository.put_back(connection, claimed, seconds=seconds, attempt=claimed.attempt - 1, error=None)


async def _close(connection: AsyncConnection, conversation_id: int, *, now: datetime) -> None:
    """Note that a citizen cannot be reached, and cancel what they were still to get."""
    await conversations.mark_unreachable(connection, conversation_id, now=now)
    await repository.cancel_pending(connection, conversation_id, error=RecipientUnreachableError.code)


async def end_abandoned(connection: AsyncConnection, *, channel: str) -> Sequence[int]:
    """End as unknown what senders that died had in hand, since it may have been sent; return the deliveries' ids."""
    return await repository.end_abandoned(connection, channel=channel, error=ABANDONED)
