"""Takes an update in: read, without secrets, stored once. Nothing is asked of Telegram here."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import metrics
from bot.core.broadcasts.channels import TELEGRAM_GROUP
from bot.core.conversations import service as conversations
from bot.core.conversations.service import Conversation
from bot.core.db import DATABASE_AWAY, is_refused_for_good
from bot.core.destinations import service as destinations
from bot.core.errors import ThrottledError
from bot.core.inbox import service as inbox
from bot.core.inbox.service import Message
from bot.core.rates import Limiter, Rate
from bot.core.text import TextUnreadableError
from bot.gateway import presses
from bot.gateway.reading import read_text, without_pasted_secret
from bot.gateway.telegram import CHANNEL
from bot.gateway.telegram.updates import (
    Commanded,
    GroupReachChanged,
    Ignored,
    Incoming,
    Pressed,
    ReachChanged,
    Said,
    read_update,
)
from bot.wiring import Runtime

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TelegramIntake:
    """Stores the updates of one bot."""

    runtime: Runtime
    account: str
    _warnings: Limiter = field(default_factory=lambda: Limiter(Rate(1, 60)), init=False)

    async def take(self, payload: object) -> str | None:
        """Store an update; return the id of the press that Telegram wants answered, if it is one.

        An update that is here already is only recognised, so any of them may come again, by either way.

        One that the database will never take is passed over, or it would come again for ever.

        Raises:
            sqlalchemy.exc.SQLAlchemyError, OSError: the database is away; nothing is stored.
        """
        try:
            return await self._take(read_update(payload))
        except DATABASE_AWAY as error:
            if not is_refused_for_good(error):
                raise
            log.error("telegram.update_refused", error=type(error).__name__, exc_info=error)
            _count("refused")
            return None

    async def _take(self, incoming: Incoming) -> str | None:
        match incoming:
            case Ignored(reason=reason):
                _count(reason)
                if reason == "malformed":
                    log.warning("telegram.update_malformed")
                return None
            case ReachChanged():
                await self._note_reach(incoming)
                return None
            case GroupReachChanged():
                await self._note_group_reach(incoming)
                return None
        await self._store(incoming)
        return incoming.query_id if isinstance(incoming, Pressed) else None

    async def _store(self, incoming: Said | Commanded | Pressed) -> None:
        too_many = self._writes_too_fast(incoming.chat_id)
        if too_many and self._warnings.wait(str(incoming.chat_id), now=time.monotonic()) > 0:
            _count("throttled")
            return
        now = self.runtime.clock.now()
        async with self.runtime.database.unit_of_work() as connection:
            conversation = await conversations.enter(
                connection, self.runtime.vault, channel=CHANNEL, external_id=str(incoming.chat_id), now=now
            )
            message = (
                Message(text=None, press=None, too_many=True)
                if too_many
                else await self._read(connection, conversation, incoming)
            )
            receipt = await inbox.receive(
                connection,
                conversation,
                account=self.account,
                update_id=str(incoming.update_id),
                message=message,
                now=now,
            )
        _count("repeated" if receipt.repeated else "throttled" if too_many else "stored")
        if not receipt.repeated:
            self.runtime.doorbell.announce_update()

    def _writes_too_fast(self, chat_id: int) -> bool:
        limits = self.runtime.chat_limits
        try:
            if limits is not None:
                limits.count_message(f"{CHANNEL}:{chat_id}", now=time.monotonic())
        except ThrottledError:
            return True
        return False

    async def _read(
        self, connection: AsyncConnection, conversation: Conversation, incoming: Said | Commanded | Pressed
    ) -> Message:
        match incoming:
            case Commanded(press=press):
                return Message(text=None, press=str(press))
            case Pressed(data=data):
                found = await presses.find_press(connection, self.runtime.vault, conversation, data)
                return Message(text=None, press=found, stale_button=found is None)
            case Said(text=None, unread=unread):
                return Message(text=None, press=None, unread=unread)
        try:
            message = replace(read_text(incoming.text or ""), unread=incoming.unread)
        except TextUnreadableError:
            return Message(text="", press=None)
        return await without_pasted_secret(connection, message, conversation, self.runtime.walk)

    async def _note_reach(self, change: ReachChanged) -> None:
        """Note in the conversation, if there is one, whether its citizen can be reached.

        What they were still to get stays: this news may be old, and a refusal to send cancels it soon enough.
        """
        async with self.runtime.database.unit_of_work() as connection:
            conversation = await conversations.find_by_name(
                connection, self.runtime.vault, CHANNEL, str(change.chat_id)
            )
            if conversation is not None and change.is_reachable:
                await conversations.mark_reachable(connection, conversation.id)
            elif conversation is not None:
                await conversations.mark_unreachable(connection, conversation.id, now=self.runtime.clock.now())
        _count("reachable" if change.is_reachable else "unreachable")

    async def _note_group_reach(self, change: GroupReachChanged) -> None:
        """Note at the destination, if the group is one, whether messages reach it."""
        async with self.runtime.database.unit_of_work() as connection:
            is_known = await destinations.note_reach(
                connection,
                channel=TELEGRAM_GROUP.name,
                address=str(change.chat_id),
                is_reachable=change.is_reachable,
                now=self.runtime.clock.now(),
            )
        _count(("group_reachable" if change.is_reachable else "group_unreachable") if is_known else "group_unknown")


def _count(outcome: str) -> None:
    metrics.UPDATES.labels(channel=CHANNEL, outcome=outcome).inc()
