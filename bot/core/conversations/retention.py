"""How long conversations are kept, and forgetting them: the rows go, and the citizen's key is destroyed."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.citizens.models import citizens
from bot.core.conversations.models import conversations
from bot.core.deliveries.models import deliveries
from bot.core.guides import progress as guides
from bot.core.inbox.models import UpdateState, inbox

KEEP_IDLE = timedelta(days=30)
"""A conversation nobody wrote in for this long is forgotten; the page's cookie lives as long."""
KEEP_GUEST = timedelta(days=1)
"""A guest's conversation has no owner who could come back to it."""
BATCH = 200


async def forget_idle(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget up to 200 conversations past their time, with everything in them; return how many."""
    idle = or_(
        conversations.c.last_active_at < now - KEEP_IDLE,
        and_(conversations.c.is_guest, conversations.c.last_active_at < now - KEEP_GUEST),
    )
    unanswered = (
        select(inbox.c.id)
        .where(inbox.c.conversation_id == conversations.c.id, inbox.c.state < UpdateState.FINISHED)
        .exists()
    )
    # Held until the end, so that nobody comes back to a conversation while it goes.
    query = (
        select(conversations.c.id, conversations.c.citizen_id)
        .where(idle, ~unanswered)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = (await connection.execute(query)).all()
    if not rows:
        return 0
    ids = [row.id for row in rows]
    await connection.execute(delete(deliveries).where(deliveries.c.conversation_id.in_(ids)))
    await connection.execute(delete(inbox).where(inbox.c.conversation_id.in_(ids)))
    await connection.execute(delete(conversations).where(conversations.c.id.in_(ids)))
    people = [row.citizen_id for row in rows]
    await guides.forget_people(connection, people)
    await connection.execute(update(citizens).where(citizens.c.id.in_(people)).values(wrapped_key=None, erased_at=now))
    return len(ids)
