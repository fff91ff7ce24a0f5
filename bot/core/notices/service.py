"""Use cases of notices: tell somebody once, and let them read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.notices import repository
from bot.core.notices.errors import NoticeUnknownError
from bot.core.notices.repository import Facts, NoticeRow

PAGE = 100


async def tell(
    connection: AsyncConnection, *, staff_ids: Iterable[str], kind: str, facts: Facts, about: str, now: datetime
) -> int:
    """Tell people something, each once; return how many did not know it yet.

    Args:
        connection: in the transaction of what happened.
        staff_ids: whom.
        kind: names the sentence in the templates.
        facts: that the sentence names: ids, codes, moments as texts. No secrets, nothing about citizens.
        about: names what happened, at most 80 signs (``bc-1:2026-11-20T01:00:00Z``): of a kind it is told once.
        now: the present moment.
    """
    told = [
        await repository.add(
            connection, staff_id=staff_id, kind=kind, facts=facts, dedupe_key=f"{kind}:{about}:{staff_id}", now=now
        )
        for staff_id in sorted(set(staff_ids))
    ]
    return sum(told)


async def list_of(
    connection: AsyncConnection, staff_id: str, *, only_unread: bool = False, most: int = PAGE
) -> Sequence[NoticeRow]:
    """Return somebody's notices, the newest first."""
    return await repository.list_newest_first(connection, staff_id, only_unread=only_unread, most=most)


async def read(connection: AsyncConnection, staff_id: str, notice_id: int, *, now: datetime) -> None:
    """Note that somebody read a notice; the first time counts.

    Raises:
        NoticeUnknownError: they have none of that number.
    """
    if not await repository.mark_read(connection, staff_id, notice_id, now=now):
        raise NoticeUnknownError(notice=notice_id)
