"""How long reports are kept, and forgetting them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.reports import repository

KEEP_REPORT = timedelta(days=30)
"""A report is forgotten after this long, whether it was read or not; conversations are kept as long."""


async def forget_old(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget the reports past their time; return how many."""
    return await repository.remove_older(connection, than=now - KEEP_REPORT)
