"""Takes an update in: read, without secrets, stored once. Nothing is asked of Telegram here."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import metrics
from bot.core.audit.log import AuditLog
from bot.core.conversations import groups
from bot.core.conversations import service as conversations
from bot.core.conversations.service import Conversation
from bot.core.db import DATABASE_AWAY, is_refused_for_good
from bot.core.errors import ThrottledError
from bot.core.inbox import service as inbox
from bot.core.inbox.service import Message
from bot.core.rates import Limiter, Rate
from bot.core.text import TextUnreadableError
from bot.gateway import presses
from bot.gateway.reading import read_text, without_pasted_secret
from bot.gateway.telegram import CHANNEL, links
from bot.gateway.telegram.addressing import BotIdentity, is_username
from bot.gateway.telegram.membership import note_group_reach, note_moved, note_reach
from bot.gateway.telegram.updates import (
    Asked,
    Commanded,
    Edited,
    GroupReachChanged,
    Ignored,
    Incoming,
    Moved,
    Pressed,
    PressedElsewhere,
    ReachChanged,
    Said,
    read_update,
)
from bot.wiring import Runtime

log = structlog.get_logger()


@dataclass(slots=True)
class TelegramIntake:
    """Stores the updates of one bot; until it is told the bot's name, nobody can call it by that in a group."""

    runtime: Runtime
    account: str
    audit: AuditLog
    username: str | None = None
    _warnings: Limiter = field(default_factory=lambda: Limiter(Rate(1, 60)), init=False)

    def learn(self, username: str) -> None:
        """Take the bot's name, as Telegram told it; anything that can be no name is left."""
        if is_username(username):
            self.username = username

    async def take(self, payload: object) -> str | None:
        """Store an update; return the id of the press that Telegram wants answered, if it is one.

        An update that is here already is only recognised, so any of them may come again, by either way.

        One that the database will never take is passed over, or it would come again for ever.

        Raises:
            sqlalchemy.exc.SQLAlchemyError, OSError: the database is away; nothing is stored.
        """
        try:
            return await self._take(read_update(payload, BotIdentity(int(self.account), self.username)))
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
            case PressedElsewhere(query_id=query_id):
                _count("not_private")
                return query_id
            case ReachChanged():
                _count(await note_reach(self.runtime, incoming))
                return None
            case GroupReachChanged():
                _count(await note_group_reach(self.runtime, incoming))
                return None
            case Moved():
                _count(await note_moved(self.runtime, self.audit, incoming))
                return None
        await self._store(incoming)
        return incoming.query_id if isinstance(incoming, Pressed) else None

    async def _store(self, incoming: Said | Commanded | Edited | Pressed) -> None:
        asked = incoming.asked if isinstance(incoming, (Said, Commanded)) else None
        # In a private chat Telegram gives the chat the number of its person: one rate for both.
        person_id = incoming.chat_id if asked is None else asked.person_id
        too_many = self._writes_too_fast(person_id)
        if too_many and self._warnings.wait(str(person_id), now=time.monotonic()) > 0:
            _count("throttled")
            return
        now = self.runtime.clock.now()
        async with self.runtime.database.unit_of_work(fast=True) as connection:
            conversation = await self._enter(connection, incoming, asked, now=now)
            message = (
                Message(text=None, press=None, too_many=True)
                if too_many
                else await self._read(connection, conversation, incoming)
            )
            if asked is not None:
                message = replace(message, asked_as=str(asked.message_id), private_chat=self._private_chat())
            receipt = await inbox.receive(
                connection,
                conversation,
                account=self.account,
                update_id=_update_name(incoming),
                message=message,
                said_at=None if isinstance(incoming, Pressed) else incoming.sent_at,
                now=now,
            )
        _count("repeated" if receipt.repeated else "throttled" if too_many else "stored")
        if not receipt.repeated:
            self.runtime.doorbell.announce_update()

    async def _enter(
        self,
        connection: AsyncConnection,
        incoming: Said | Commanded | Edited | Pressed,
        asked: Asked | None,
        *,
        now: datetime,
    ) -> Conversation:
        vault, chat = self.runtime.vault, str(incoming.chat_id)
        if asked is None:
            return await conversations.enter(connection, vault, channel=CHANNEL, external_id=chat, now=now)
        person = str(asked.person_id)
        return await groups.enter_group(connection, vault, channel=CHANNEL, group=chat, person=person, now=now)

    def _private_chat(self) -> str | None:
        return None if self.username is None else links.private_chat(self.username)

    def _writes_too_fast(self, person_id: int) -> bool:
        limits = self.runtime.chat_limits
        try:
            if limits is not None:
                limits.count_message(f"{CHANNEL}:{person_id}", now=time.monotonic())
        except ThrottledError:
            return True
        return False

    async def _read(
        self, connection: AsyncConnection, conversation: Conversation, incoming: Said | Commanded | Edited | Pressed
    ) -> Message:
        match incoming:
            case Commanded(press=press, payload=payload):
                followed = links.read_payload(payload, self.runtime.programme, self.runtime.guides)
                return Message(text=None, press=str(followed or press))
            case Edited():
                return Message(text=None, press=None, edited=True)
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


def _update_name(incoming: Said | Commanded | Edited | Pressed) -> str:
    """Return what an update is stored under, once; all edits of one message are the same, and are answered once."""
    if isinstance(incoming, Edited):
        return f"edit:{incoming.chat_id}:{incoming.message_id}"
    return str(incoming.update_id)


def _count(outcome: str) -> None:
    metrics.UPDATES.labels(channel=CHANNEL, outcome=outcome).inc()
