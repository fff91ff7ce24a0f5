"""How long answers are kept, and forgetting them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.requests import repository

KEEP_ANSWER = timedelta(days=1)
"""A client that lost the answer asks again within minutes."""


async def forget_old(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget the answers past their time; return how many."""
    return await repository.remove_older(connection, than=now - KEEP_ANSWER)
