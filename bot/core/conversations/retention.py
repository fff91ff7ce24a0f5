"""How long conversations are kept, and forgetting them: the rows go, and the citizen's key is destroyed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.cases import retention as cases
from bot.core.citizens.models import citizens
from bot.core.consents import service as consents
from bot.core.conversations.models import conversations
from bot.core.conversations.names import group_name
from bot.core.deliveries import service as deliveries
from bot.core.guides import progress as guides
from bot.core.handoffs import reminders
from bot.core.handoffs import service as requests
from bot.core.handoffs.models import handoff_reminders, handoffs
from bot.core.handoffs.rules import OPEN
from bot.core.inbox import erased
from bot.core.inbox.models import UpdateState, inbox
from bot.core.reports import service as reports

KEEP_IDLE = timedelta(days=30)
"""A conversation nobody wrote in for this long is forgotten; the page's cookie lives as long."""
KEEP_GUEST = timedelta(days=1)
"""A guest's conversation has no owner who could come back to it."""
KEEP_RECENT = timedelta(hours=24)
"""The last turns are there for somebody who asks for a person in the middle of them."""
BATCH = 200


async def forget_idle(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget up to 200 conversations past their time, with everything in them; return how many."""
    idle = or_(
        conversations.c.last_active_at < now - KEEP_IDLE,
        and_(conversations.c.is_guest, conversations.c.last_active_at < now - KEEP_GUEST),
        conversations.c.forgotten_from <= now,
    )
    unanswered = (
        select(inbox.c.id)
        .where(inbox.c.conversation_id == conversations.c.id, inbox.c.state < UpdateState.FINISHED)
        .exists()
    )
    # What they asked for is still on its way to them.
    awaited = or_(
        *(
            select(table.c.id).where(table.c.citizen_id == conversations.c.citizen_id, *conditions).exists()
            for table, conditions in ((handoffs, [handoffs.c.state.in_(sorted(OPEN))]), (handoff_reminders, []))
        )
    )
    # Held until the end, so that nobody comes back to a conversation while it goes.
    query = (
        select(conversations.c.id, conversations.c.citizen_id)
        .where(idle, ~unanswered, ~awaited)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = (await connection.execute(query)).all()
    if not rows:
        return 0
    ids, people = [row.id for row in rows], [row.citizen_id for row in rows]
    await _forget(connection, ids)
    await requests.forget_people(connection, people, now=now)
    await reminders.forget_people(connection, people)
    await reports.forget_people(connection, people)
    await guides.forget_people(connection, people)
    await consents.forget_people(connection, people, now=now)
    await connection.execute(update(citizens).where(citizens.c.id.in_(people)).values(wrapped_key=None, erased_at=now))
    return len(ids)


async def forget_citizen(connection: AsyncConnection, citizen_id: str) -> None:
    """Forget the conversations of a citizen, whoever is just being answered in them."""
    query = select(conversations.c.id).where(conversations.c.citizen_id == citizen_id).with_for_update()
    await _forget(connection, (await connection.execute(query)).scalars().all())


async def forget_in_groups(
    connection: AsyncConnection, *, channel: str, person: str, going_on_in: int, now: datetime
) -> None:
    """Forget what somebody said in groups, by the name that the channel vouches for, and destroy the keys to it.

    The conversation that they go on in keeps the platform's names of it, so that it is not taken as new.
    """
    names = conversations.c.external_id.like(group_name("%", person))
    query = (
        select(conversations.c.id, conversations.c.citizen_id)
        .where(conversations.c.channel == channel, conversations.c.is_guest, names)
        .with_for_update()
    )
    rows = (await connection.execute(query)).all()
    if not rows:
        return
    ids, people = [row.id for row in rows], [row.citizen_id for row in rows]
    await erased.keep_names(connection, ids, under=going_on_in, now=now)
    await _forget(connection, ids)
    await connection.execute(update(citizens).where(citizens.c.id.in_(people)).values(wrapped_key=None, erased_at=now))


async def forget_recent_turns(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget the last turns of conversations that nobody wrote in for a day; return of how many."""
    old = (conversations.c.recent.is_not(None), conversations.c.last_active_at < now - KEEP_RECENT)
    return (await connection.execute(update(conversations).where(*old).values(recent=None))).rowcount


async def forget_idle_words(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget what was said in conversations that are kept longer for something on its way; return how many replies."""
    idle = select(conversations.c.id).where(conversations.c.last_active_at < now - KEEP_IDLE).scalar_subquery()
    old = now - KEEP_IDLE
    forgotten = await deliveries.forget_old(connection, idle, before=old)
    answered = (inbox.c.state >= UpdateState.FINISHED, inbox.c.received_at < old)
    await connection.execute(delete(inbox).where(inbox.c.conversation_id.in_(idle), *answered))
    left = (conversations.c.last_active_at < old, conversations.c.state.is_not(None))
    await connection.execute(update(conversations).where(*left).values(state=None))
    return forgotten


async def _forget(connection: AsyncConnection, ids: Sequence[int]) -> None:
    """Remove conversations and everything in them; what is kept under their citizens stays."""
    await deliveries.forget_conversations(connection, ids)
    await cases.forget_conversations(connection, ids)
    await connection.execute(delete(inbox).where(inbox.c.conversation_id.in_(ids)))
    await connection.execute(delete(conversations).where(conversations.c.id.in_(ids)))
