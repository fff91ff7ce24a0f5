"""How long requests are kept, and forgetting them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.handoffs import messages, repository
from bot.core.handoffs.models import handoffs
from bot.core.handoffs.rules import ENDED, OPEN

KEEP_OPEN = timedelta(days=30)
"""A request of which nothing was heard for this long expires: what its citizen is reached by is erased."""
KEEP_ENDED = timedelta(days=30)
"""Where an ended request stood can be asked for this long; then the row goes, with the wished name in it."""
KEEP_MESSAGES = timedelta(days=7)
"""What registrars' endpoints were told, which holds nothing of a citizen; kept for finding out what went wrong."""
BATCH = 200


async def list_stale(connection: AsyncConnection, *, now: datetime) -> list[int]:
    """Return up to 200 open requests of which nothing was heard for 30 days."""
    rows = await repository.list_rows(
        connection, handoffs.c.state.in_(sorted(OPEN)), handoffs.c.changed_at <= now - KEEP_OPEN, most=BATCH
    )
    return [row.id for row in rows]


async def forget_old(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget up to 200 requests that ended long ago, and old messages; return how many requests."""
    await messages.forget_ended(connection, than=now - KEEP_MESSAGES)
    old = (handoffs.c.state.in_(sorted(ENDED)), handoffs.c.changed_at <= now - KEEP_ENDED)
    ids = [row.id for row in await repository.list_rows(connection, *old, most=BATCH)]
    if ids:
        await repository.remove(connection, ids)
    return len(ids)
