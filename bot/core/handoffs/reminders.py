"""Use cases of reminders: a citizen is written to before the free period of their name ends."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.clock import LOCAL_ZONE
from bot.core.consents import service as consents
from bot.core.consents.models import consents as consents_table
from bot.core.consents.service import Purpose
from bot.core.conversations.service import Conversation
from bot.core.handoffs import repository
from bot.core.handoffs.models import handoff_reminders, handoffs
from bot.core.handoffs.rules import HandoffState
from bot.core.handoffs.service import domain_place

DAYS_BEFORE = (60, 14)
HOUR = time(9, 0)
"""When of the day somebody is reminded, in Việt Nam."""


class Planning(StrEnum):
    """What became of a wish to be reminded."""

    PLANNED = "planned"
    REPEATED = "repeated"
    NOT_REGISTERED = "not_registered"


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that is due, for the citizen of one conversation."""

    id: int
    reference: str
    citizen_id: str
    product: str
    domain: bytes
    free_until: date
    days_before: int

    def name(self, conversation: Conversation) -> str:
        """Return the name it is about."""
        return conversation.key.open(self.domain, place=_place(self.reference)).decode()


async def plan(
    connection: AsyncConnection, conversation: Conversation, *, reference: str, years: int, consent: str, now: datetime
) -> Planning:
    """Have a citizen reminded 60 and 14 days before the free `years` of their registered name end; what is past is not.

    The years are counted from the day on which the registrar reported the registration: the real end may be some days
    earlier, never later.

    Raises:
        ConsentMissingError: `consent` is no wording of a consent to be reminded, or the citizen is a guest.
    """
    own = (handoffs.c.reference == reference, handoffs.c.citizen_id == conversation.citizen_id)
    row = await repository.find(connection, *own, lock=True)
    if row is None or row.state != HandoffState.REGISTERED or row.domain is None:
        return Planning.NOT_REGISTERED
    planned = select(handoff_reminders.c.id).where(handoff_reminders.c.reference == reference)
    if (await connection.execute(planned.limit(1))).first() is not None:
        return Planning.REPEATED
    await consents.give(connection, conversation, purpose=Purpose.REMINDER, wording=consent, about=reference, now=now)
    domain = conversation.key.open(row.domain, place=domain_place(reference))
    free_until = last_free_day(row.changed_at.astimezone(LOCAL_ZONE).date(), years)
    due = {days: datetime.combine(free_until - timedelta(days=days), HOUR, LOCAL_ZONE) for days in DAYS_BEFORE}
    rows = [
        {
            "reference": reference,
            "citizen_id": conversation.citizen_id,
            "product": row.product,
            "domain": conversation.key.seal(domain, place=_place(reference)),
            "free_until": free_until,
            "days_before": days,
            "due_at": due_at,
        }
        for days, due_at in due.items()
        if due_at > now
    ]
    if rows:
        await connection.execute(insert(handoff_reminders), rows)
    return Planning.PLANNED


async def cancel(connection: AsyncConnection, citizen_id: str, *, reference: str | None = None, now: datetime) -> int:
    """Take back a citizen's consent to be reminded, of one name or of all; return how many reminders went."""
    await consents.withdraw(connection, citizen_id, purpose=Purpose.REMINDER, about=reference, now=now)
    theirs = [handoff_reminders.c.citizen_id == citizen_id]
    if reference is not None:
        theirs.append(handoff_reminders.c.reference == reference)
    return (await connection.execute(delete(handoff_reminders).where(*theirs))).rowcount


async def count_of(connection: AsyncConnection, citizen_id: str) -> int:
    """Return how many reminders a citizen still gets."""
    query = select(handoff_reminders.c.id).where(handoff_reminders.c.citizen_id == citizen_id)
    return len((await connection.execute(query)).all())


async def list_due(connection: AsyncConnection, *, now: datetime, most: int) -> Sequence[Reminder]:
    """Return up to `most` reminders that are due and still wished for, the longest due first."""
    names = ("id", "reference", "citizen_id", "product", "domain", "free_until", "days_before")
    query = (
        select(*(handoff_reminders.c[name] for name in names))
        .where(handoff_reminders.c.due_at <= now, _is_agreed_to())
        .order_by(handoff_reminders.c.due_at, handoff_reminders.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return [Reminder(**row._mapping) for row in await connection.execute(query)]


async def drop_unwanted(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget the reminders that are due and that no standing consent asks for; return how many."""
    unwanted = (handoff_reminders.c.due_at <= now, ~_is_agreed_to())
    return (await connection.execute(delete(handoff_reminders).where(*unwanted))).rowcount


async def mark_done(connection: AsyncConnection, reminder: Reminder, *, now: datetime) -> None:
    """Forget a reminder that was given, and end the consent with the last one."""
    await connection.execute(delete(handoff_reminders).where(handoff_reminders.c.id == reminder.id))
    left = select(handoff_reminders.c.id).where(handoff_reminders.c.reference == reminder.reference).limit(1)
    if (await connection.execute(left)).first() is None:
        await consents.withdraw(
            connection, reminder.citizen_id, purpose=Purpose.REMINDER, about=reminder.reference, now=now
        )


async def forget_people(connection: AsyncConnection, citizen_ids: Collection[str]) -> None:
    """Forget the reminders of citizens who are erased."""
    await connection.execute(delete(handoff_reminders).where(handoff_reminders.c.citizen_id.in_(citizen_ids)))


def last_free_day(registered_on: date, years: int) -> date:
    """Return the last of the free years of a name registered on a day."""
    try:
        anniversary = registered_on.replace(year=registered_on.year + years)
    except ValueError:  # of the 29th of February
        anniversary = registered_on.replace(year=registered_on.year + years, day=28)
    return anniversary - timedelta(days=1)


def _is_agreed_to() -> ColumnElement[bool]:
    return (
        select(consents_table.c.id)
        .where(
            consents_table.c.citizen_id == handoff_reminders.c.citizen_id,
            consents_table.c.purpose == Purpose.REMINDER,
            consents_table.c.about == handoff_reminders.c.reference,
            consents_table.c.withdrawn_at.is_(None),
        )
        .exists()
    )


def _place(reference: str) -> str:
    return f"handoff-reminder:{reference}"
