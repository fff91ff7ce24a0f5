"""What came too late to be answered: after an outage nobody wants yesterday's questions answered one by one.

A conversation gets one apology for all of it. It covers whatever was said before it was written, so that it makes no
difference in which order the platform delivers what it kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.conversations.models import conversations
from bot.core.inbox import repository
from bot.core.inbox.repository import ClaimedUpdate

LATE_AFTER: Mapping[str, timedelta] = {"telegram": timedelta(hours=24), "zalo": timedelta(hours=2)}
"""How long an update may be on its way, there and here. Web pages ask anew by themselves."""


def is_late(claimed: ClaimedUpdate, *, now: datetime) -> bool:
    """Tell whether an update is too old to be answered; one that staff gave a second chance never is."""
    limit = LATE_AFTER.get(claimed.channel)
    return limit is not None and claimed.retry_of is None and now - said_at(claimed) > limit


def said_at(claimed: ClaimedUpdate) -> datetime:
    """Return when an update was written, by the platform's own date; where it tells none, when it came."""
    return claimed.said_at or claimed.received_at


async def is_covered(connection: AsyncConnection, claimed: ClaimedUpdate, *, now: datetime) -> bool:
    """Tell of a late update whether its citizen gets one apology for it and others: said already, or to the last.

    The conversation must be held.
    """
    query = select(conversations.c.apologised_at).where(conversations.c.id == claimed.conversation_id)
    apologised_at = (await connection.execute(query)).scalar_one_or_none()
    if apologised_at is not None and said_at(claimed) <= apologised_at:
        return True
    return await repository.is_followed(connection, claimed, said_before=now - LATE_AFTER[claimed.channel])


async def note_apology(connection: AsyncConnection, conversation_id: int, *, now: datetime) -> None:
    """Note that a conversation got its apology."""
    await connection.execute(
        update(conversations).where(conversations.c.id == conversation_id).values(apologised_at=now)
    )
