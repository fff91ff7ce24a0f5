"""One short function per job: open a unit of work, call one core use case, log one line."""

from __future__ import annotations

import structlog

from bot.core.clock import Clock
from bot.core.conversations import retention
from bot.core.db import Database

log = structlog.get_logger()


async def forget_idle_conversations(database: Database, clock: Clock) -> None:
    """Forget the conversations that nobody came back to, a batch a transaction, until none is left."""
    total = 0
    while True:
        async with database.unit_of_work() as connection:
            forgotten = await retention.forget_idle(connection, now=clock.now())
        total += forgotten
        if not forgotten:
            break
    if total:
        await database.drop_old_pages()
    log.info("conversations.forgotten", count=total)
