"""Who waits for an answer right now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.conversations.models import conversations
from bot.core.inbox.models import UpdateState, inbox


async def list_awaiting(
    connection: AsyncConnection, *, channel: str, after: datetime, before: datetime, most: int
) -> Sequence[str]:
    """Return the names of private conversations whose messages came between two moments and are not answered yet.

    Where staff speak nobody is waited for: they answer when they can.
    """
    query = (
        select(conversations.c.external_id)
        .join_from(inbox, conversations, inbox.c.conversation_id == conversations.c.id)
        .where(
            inbox.c.state < UpdateState.FINISHED,
            inbox.c.channel == channel,
            inbox.c.received_at > after,
            inbox.c.received_at <= before,
            conversations.c.case_id.is_(None),
            conversations.c.unreachable_since.is_(None),
            ~conversations.c.is_guest,
        )
        .distinct()
        .limit(most)
    )
    return (await connection.execute(query)).scalars().all()
