"""What citizens were to be told unasked and have not got, as far as we know: news of a request, an answer of staff.

A reply that nobody could be given is left out: whoever asked is away, or will ask again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.conversations.service import SpeakerChangedError
from bot.core.deliveries.models import UNDELIVERED, DeliveryState, deliveries

_ABOUT = re.compile(r"later:(?:handoff|case):((?:HD|YC)(?:-[0-9A-Z]{4,5}){1,2}):")


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that did not arrive; `about` is the reference of the request or case it is about, if any."""

    id: int
    channel: str
    about: str | None
    state: DeliveryState
    error: str | None
    written_at: datetime


async def list_undelivered(connection: AsyncConnection, *, after: int, most: int) -> Sequence[Undelivered]:
    """Return what did not arrive, or may not have, the oldest first, from behind the id `after`."""
    query = (
        select(
            deliveries.c.id,
            deliveries.c.carrier,
            deliveries.c.dedupe_key,
            deliveries.c.state,
            deliveries.c.error,
            deliveries.c.created_at,
        )
        .where(
            UNDELIVERED,
            deliveries.c.carrier.is_not(None),
            deliveries.c.inbox_id.is_(None),
            deliveries.c.error.is_distinct_from(SpeakerChangedError.code),
            deliveries.c.id > after,
        )
        .order_by(deliveries.c.id)
        .limit(most)
    )
    rows = await connection.execute(query)
    return [
        Undelivered(row.id, row.carrier, _about(row.dedupe_key), DeliveryState(row.state), row.error, row.created_at)
        for row in rows
    ]


async def count_in_case(connection: AsyncConnection, case_id: int) -> int:
    """Count the messages said in a case that did not arrive, or may not have."""
    query = select(func.count()).select_from(deliveries).where(UNDELIVERED, deliveries.c.case_id == case_id)
    return int((await connection.execute(query)).scalar_one())


def _about(dedupe_key: str) -> str | None:
    match = _ABOUT.match(dedupe_key)
    return match[1] if match is not None else None
