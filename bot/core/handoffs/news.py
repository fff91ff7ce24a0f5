"""Tells citizens what became of their requests, outside their turns."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.composing import Composer
from bot.core.conversations import service as conversations
from bot.core.conversations.service import Conversation
from bot.core.handoffs import repository, telling
from bot.core.handoffs.reminders import Reminder
from bot.core.handoffs.repository import HandoffRow
from bot.core.handoffs.rotation import in_turn
from bot.core.handoffs.service import status_of
from bot.core.notifying import notify
from bot.core.programme import Programme
from bot.core.programme.records import PRODUCTS
from bot.core.registrars import tokens
from bot.core.replies import Reply
from bot.core.vault import Vault


class Newsroom:
    """Says what happened, once for each change, to the one whose request it is.

    Every method returns the id of the conversation that was told something, for the caller to ring after the commit;
    None where nobody could be told: the conversation is forgotten, or it was said before.
    """

    def __init__(self, programme: Programme, composer: Composer) -> None:
        self.programme = programme
        self._composer = composer

    async def tell(self, connection: AsyncConnection, vault: Vault, row: HandoffRow, *, now: datetime) -> int | None:
        """Tell where a request stands after a change of it."""
        conversation = await self._conversation(connection, vault, row.citizen_id)
        if conversation is None:
            return None
        reply = telling.news(self.programme, status_of(conversation, row))
        return await self._say(connection, conversation, reply, key=f"{row.reference}:{row.changes}", now=now)

    async def offer_next(
        self, connection: AsyncConnection, vault: Vault, row: HandoffRow, *, now: datetime
    ) -> int | None:
        """Offer the next registrar for a request that nobody took up, or tell that none is left."""
        conversation = await self._conversation(connection, vault, row.citizen_id)
        if conversation is None:
            return None
        status, registrars = status_of(conversation, row), self.programme.registrars
        following = in_turn(
            registrars,
            await repository.count_by_registrar(connection, row.product),
            product=row.product,
            connected=await tokens.list_connected(connection, now=now),
            without=(*status.tried, status.registrar),
        )
        registrar = next((registrar for registrar in registrars if registrar.key in following[:1]), None)
        reply = (
            telling.none_left(self.programme, status)
            if registrar is None
            else telling.next_offered(self.programme, status, registrar)
        )
        return await self._say(connection, conversation, reply, key=f"{row.reference}:next:{row.changes}", now=now)

    async def remind(
        self, connection: AsyncConnection, vault: Vault, reminder: Reminder, *, today: date, now: datetime
    ) -> int | None:
        """Remind of the end of a free period."""
        conversation = await self._conversation(connection, vault, reminder.citizen_id)
        product = next((product for product in PRODUCTS if product == reminder.product), None)
        if conversation is None or product is None:
            return None
        reply = telling.reminder(
            self.programme,
            product=product,
            domain=reminder.name(conversation),
            free_until=reminder.free_until,
            days=(reminder.free_until - today).days,
            on=today,
        )
        key = f"{reminder.reference}:reminder:{reminder.days_before}"
        return await self._say(connection, conversation, reply, key=key, now=now)

    async def _say(
        self, connection: AsyncConnection, conversation: Conversation, reply: Reply, *, key: str, now: datetime
    ) -> int | None:
        is_said = await notify(connection, self._composer, conversation, [reply], key=f"handoff:{key}", now=now)
        return conversation.id if is_said else None

    async def _conversation(self, connection: AsyncConnection, vault: Vault, citizen_id: str) -> Conversation | None:
        conversation_id = await repository.find_conversation(connection, citizen_id)
        return None if conversation_id is None else await conversations.find(connection, vault, conversation_id)
