"""Use cases of consents: give one, take it back, tell which stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.consents.models import consents
from bot.core.conversations.service import Conversation
from bot.core.errors import InvalidInputError

KEEP_WITHDRAWN = timedelta(days=2 * 365)
"""How long a consent that ended is kept as proof; it names nobody once the citizen's key is gone."""
LONGEST_WORDING = 32


class Purpose(StrEnum):
    """What a citizen may agree to."""

    HANDOFF = "handoff"
    """A registrar gets their name and how to reach them, for one request."""
    REMINDER = "reminder"
    """They are written to before the free period of a name ends."""
    PERSON = "person"
    """Staff read the last messages of their conversation."""


class ConsentMissingError(InvalidInputError):
    """Something needs a citizen's consent, and none in a known wording was given."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent as it was given; `withdrawn_at` is None while it stands."""

    purpose: str
    wording: str
    about: str
    channel: str
    given_at: datetime
    withdrawn_at: datetime | None


async def give(
    connection: AsyncConnection,
    conversation: Conversation,
    *,
    purpose: Purpose,
    wording: str,
    about: str = "",
    now: datetime,
) -> None:
    """Note that the citizen agreed to `purpose` in this wording, about one thing where `about` names it.

    Raises:
        ConsentMissingError: the wording is none, so that nobody could prove what was agreed to; or a guest agreed, who
            has no conversation to come back to.
    """
    if not wording.startswith(f"{purpose}-") or len(wording) > LONGEST_WORDING or conversation.is_guest:
        raise ConsentMissingError(purpose=purpose.value)
    await connection.execute(
        insert(consents).values(
            citizen_id=conversation.citizen_id,
            purpose=purpose,
            wording=wording,
            about=about,
            channel=conversation.channel,
            given_at=now,
        )
    )


async def withdraw(
    connection: AsyncConnection, citizen_id: str, *, purpose: Purpose, about: str | None = None, now: datetime
) -> int:
    """Take back a citizen's consents for a purpose, or only those about one thing; return how many stood."""
    theirs = [consents.c.citizen_id == citizen_id, consents.c.purpose == purpose, consents.c.withdrawn_at.is_(None)]
    if about is not None:
        theirs.append(consents.c.about == about)
    return (await connection.execute(update(consents).where(*theirs).values(withdrawn_at=now))).rowcount


async def list_of(connection: AsyncConnection, citizen_id: str) -> Sequence[Consent]:
    """Return every consent that a citizen gave, oldest first, withdrawn ones included."""
    query = (
        select(*(consents.c[field.name] for field in fields(Consent)))
        .where(consents.c.citizen_id == citizen_id)
        .order_by(consents.c.id)
    )
    return [Consent(**row._mapping) for row in await connection.execute(query)]


async def forget_people(connection: AsyncConnection, citizen_ids: Collection[str], *, now: datetime) -> None:
    """End the consents of citizens who are erased: as proof only purpose, wording and moment stay."""
    theirs = consents.c.citizen_id.in_(citizen_ids)
    await connection.execute(update(consents).where(theirs).values(about=""))
    await connection.execute(update(consents).where(theirs, consents.c.withdrawn_at.is_(None)).values(withdrawn_at=now))


async def forget_old(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget the consents that ended so long ago that nobody asks for a proof; return how many."""
    old = consents.c.withdrawn_at < now - KEEP_WITHDRAWN
    return (await connection.execute(delete(consents).where(old))).rowcount
