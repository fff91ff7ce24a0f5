"""What came too late to be answered: after an outage nobody wants yesterday's questions answered one by one.

A conversation gets one apology for all of it, and a group one for all who asked there. It covers whatever was said
before it was written, so that it makes no difference in which order the platform delivers what it kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.conversations.models import conversations
from bot.core.conversations.names import group_name
from bot.core.conversations.service import Conversation
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


async def is_covered(
    connection: AsyncConnection, conversation: Conversation, claimed: ClaimedUpdate, *, now: datetime
) -> bool:
    """Tell of a late update whether its citizen gets one apology for it and others: said already, or to the last.

    The conversation must be held.
    """
    apologised_at = await _last_apology(connection, conversation)
    if apologised_at is not None and said_at(claimed) <= apologised_at:
        return True
    return await repository.is_followed(connection, claimed, said_before=now - LATE_AFTER[claimed.channel])


async def _last_apology(connection: AsyncConnection, conversation: Conversation) -> datetime | None:
    """Return when a conversation got its last apology, or whoever asked in the group that it takes place in."""
    there = conversations.c.id == conversation.id
    if conversation.group is not None:
        there = and_(
            conversations.c.channel == conversation.channel,
            conversations.c.external_id.startswith(group_name(conversation.group, ""), autoescape=True),
        )
        # All of a group's turns meet at its oldest conversation, so that one apologises and the next ones know.
        oldest = select(conversations.c.id).where(there).order_by(conversations.c.id).limit(1)
        await connection.execute(oldest.with_for_update())
    query = select(func.max(conversations.c.apologised_at)).where(there)
    apologised_at: datetime | None = (await connection.execute(query)).scalar_one()
    return apologised_at


async def note_apology(connection: AsyncConnection, conversation_id: int, *, now: datetime) -> None:
    """Note that a conversation got its apology."""
    await connection.execute(
        update(conversations).where(conversations.c.id == conversation_id).values(apologised_at=now)
    )
