"""Erasing a person: all at once, in the transaction that gives the receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.cases import retention as cases
from bot.core.citizens import service as citizens
from bot.core.clock import LOCAL_ZONE
from bot.core.consents import service as consents
from bot.core.conversations import retention
from bot.core.conversations import service as conversations
from bot.core.conversations.service import Conversation
from bot.core.deliveries import service as deliveries
from bot.core.guides import progress as guides
from bot.core.handoffs import reminders
from bot.core.handoffs import service as handoffs
from bot.core.handoffs.retention import KEEP_ENDED
from bot.core.house import House
from bot.core.inbox import erased
from bot.core.inbox import service as inbox
from bot.core.replies import Json
from bot.core.reports import service as reports
from bot.core.rights.models import erasures

DUE = timedelta(days=10)
DUE_ELSEWHERE = timedelta(days=20)
"""By when it is done at the latest: here, and where a registrar holds something too (Decree 356/2025; of what sources
say the shorter pair)."""
KEEP_RECEIPT = timedelta(days=2 * 365)
"""Proof that it was done; older backups than that are not kept either."""
SHOWN_FOR = timedelta(days=1)
"""The conversation, with nothing but the receipt in it, is forgotten after this, unless its citizen writes again."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What a receipt says."""

    receipt: str
    due_at: datetime
    told: tuple[str, ...]
    """Registrars that had a request, and whose endpoint is told to erase it."""
    untold: tuple[str, ...]
    """Registrars that had one and have no endpoint: they find it among their withdrawn ones."""

    def facts(self) -> dict[str, Json]:
        """Give the facts of the template ``rights_erased``."""
        due_on = self.due_at.astimezone(LOCAL_ZONE).date().isoformat()
        return {
            "due_on": due_on,
            "told": list(self.told),
            "untold": list(self.untold),
            "kept_days": KEEP_ENDED.days,
            "shown_hours": int(SHOWN_FOR.total_seconds() // 3600),
        }


async def erase(
    connection: AsyncConnection, house: House, conversation: Conversation, *, receipt: str, now: datetime
) -> Erasure:
    """Destroy a citizen's key and everything that was kept about them; the conversation goes on as somebody new's.

    Registrars that had a request of theirs are told to erase it, where they have an endpoint. Messages that came after
    the wish are kept for the new person, so that nothing is dropped unanswered; those before it are known for a day, so
    that none is taken as new. Whoever calls cleans the database's pages after the commit.

    Raises:
        ConversationGoneError: it was forgotten or erased meanwhile.
        sqlalchemy.exc.IntegrityError: the receipt's number is taken.
    """
    await conversations.hold(connection, conversation.id)
    successor = await conversations.start_anew(
        connection, house.vault, conversation, forgotten_from=now + SHOWN_FOR, now=now
    )
    await inbox.hand_over(connection, conversation, successor)
    await deliveries.forget_conversations(connection, [conversation.id])
    await erased.keep_names(connection, [conversation.id], under=conversation.id, now=now)
    await cases.forget_conversations(connection, [conversation.id])
    # On the platforms that have groups the name of a private conversation is its person's.
    await retention.forget_in_groups(
        connection, channel=conversation.channel, person=conversation.external_id, going_on_in=conversation.id, now=now
    )
    holders = await forget_person(connection, conversation.citizen_id, now=now)
    due_at = now + (DUE_ELSEWHERE if holders else DUE)
    await connection.execute(
        insert(erasures).values(
            receipt=receipt,
            person=house.vault.audit_digest(conversation.citizen_id),
            asked_at=now,
            due_at=due_at,
            done_at=now,
        )
    )
    brands = {house.brand_of(registrar): is_told for registrar, is_told in sorted(holders.items())}
    told = tuple(brand for brand, is_told in brands.items() if is_told)
    return Erasure(receipt, due_at, told, tuple(brand for brand in brands if brand not in told))


async def forget_person(connection: AsyncConnection, citizen_id: str, *, now: datetime) -> Mapping[str, bool]:
    """Remove what is kept under a citizen and not under a conversation, and destroy their key.

    Return the registrars that had a request of theirs, and of each whether it is told. Of a request its reference and
    where it was stay for `KEEP_ENDED`, so that a registrar which asks by itself learns what to erase.
    """
    holders = await handoffs.recall_all(connection, citizen_id, now=now)
    await handoffs.forget_people(connection, [citizen_id], now=now)
    await reminders.forget_people(connection, [citizen_id])
    await reports.forget_people(connection, [citizen_id])
    await guides.forget_people(connection, [citizen_id])
    await consents.forget_people(connection, [citizen_id], now=now)
    await citizens.destroy_key(connection, citizen_id, now=now)
    return holders


async def count_unclean(connection: AsyncConnection) -> int:
    """Count the erasures whose old pages may still lie in the database's log."""
    query = select(func.count()).select_from(erasures).where(erasures.c.cleaned_at.is_(None))
    return int((await connection.execute(query)).scalar_one())


async def mark_cleaned(connection: AsyncConnection, *, before: datetime, now: datetime) -> None:
    """Note that no old page holds anything any more of whoever was erased before a moment."""
    waiting = (erasures.c.cleaned_at.is_(None), erasures.c.done_at <= before)
    await connection.execute(update(erasures).where(*waiting).values(cleaned_at=now))
