"""How long misreadings are kept, and forgetting them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.clock import LOCAL_ZONE
from bot.core.misreadings import repository

KEEP_UNLABELLED = timedelta(days=90)
"""Since the words came last: what nobody labels within three months of weekly hours is not needed."""
KEEP_LABELLED = timedelta(days=365)
"""Since the first export, or the labelling where nobody exported: a year of trained models can be traced to it."""


async def forget_old(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget the misreadings past their time; return how many."""
    today = now.astimezone(LOCAL_ZONE).date()
    return await repository.remove_old(
        connection, unlabelled_before=today - KEEP_UNLABELLED, used_before=now - KEEP_LABELLED
    )
