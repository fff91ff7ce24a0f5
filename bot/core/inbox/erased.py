"""What is left of the updates of somebody who was erased: the names that the platform has for them, for a day.

A platform may deliver an update again for as long as that (Telegram 24 hours, Zalo two), although it was answered.
Without its name it would be new, and what was erased would be stored and answered once more. The names are counters
and digests; when an update came, what it said and whose it was is gone.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.inbox.models import UpdateState, inbox

KEEP_NAMES = timedelta(hours=25)
"""Unless the conversation that goes on is forgotten before: a day after the erasure, when none can come any more."""
_DELIVERING_AGAIN = ("telegram", "zalo")
"""The channels whose updates come again; a web page names its own, and knows what was answered."""


async def keep_names(
    connection: AsyncConnection, conversation_ids: Collection[int], *, under: int, now: datetime
) -> None:
    """Leave of the answered updates of conversations their names, under the conversation that goes on.

    No delivery that is to stay may name them. Where the platform delivers nothing again, nothing is left of them.
    """
    answered = (
        inbox.c.conversation_id.in_(conversation_ids),
        inbox.c.state.in_([UpdateState.FINISHED, UpdateState.PARKED]),
    )
    await connection.execute(delete(inbox).where(*answered, inbox.c.channel.not_in(_DELIVERING_AGAIN)))
    blank = {"payload": None, "said_at": None, "error": None, "retry_of": None, "attempt": 0}
    await connection.execute(
        update(inbox)
        .where(*answered)
        .values(conversation_id=under, state=UpdateState.ERASED, received_at=now, finished_at=now, **blank)
    )


async def forget_old(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget the names of updates whose citizens were erased long ago; return how many."""
    old = (inbox.c.state == UpdateState.ERASED, inbox.c.finished_at < now - KEEP_NAMES)
    return (await connection.execute(delete(inbox).where(*old))).rowcount
