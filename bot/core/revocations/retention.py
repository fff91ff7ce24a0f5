"""How long revocation evidence is kept; what approvals rest on was kept beside them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.revocations import repository

KEPT_AFTER_END = timedelta(days=90)
"""Longer than a list may count after its end, and than an authority takes to list whom its responder called revoked."""


async def forget_ended(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget evidence that ended long ago; return how many pieces."""
    return await repository.remove_ended(connection, before=now - KEPT_AFTER_END)
