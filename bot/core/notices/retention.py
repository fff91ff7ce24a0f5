"""How long notices are kept, and forgetting them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.notices import repository

KEEP_NOTICE = timedelta(days=90)
"""Read or not: what happened stands in the history and in the audit log for good."""


async def forget_old(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget the notices past their time; return how many."""
    return await repository.remove_older(connection, than=now - KEEP_NOTICE)
