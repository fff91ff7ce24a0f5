"""Takes an update in: read, without secrets, stored once. Nothing is asked of Telegram here."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.audit.log import AuditLog
from bot.core.conversations.service import Conversation
from bot.core.inbox.service import Message
from bot.gateway import presses
from bot.gateway.intake import Arrival, Intake
from bot.gateway.reading import read_words
from bot.gateway.telegram import CHANNEL, links
from bot.gateway.telegram.addressing import BotIdentity, is_username
from bot.gateway.telegram.membership import note_group_reach, note_moved, note_reach
from bot.gateway.telegram.updates import (
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
    _intake: Intake = field(init=False)

    def __post_init__(self) -> None:
        self._intake = Intake(self.runtime, CHANNEL)

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
        with self._intake.passing_over_refused("telegram.update_refused"):
            return await self._take(read_update(payload, BotIdentity(int(self.account), self.username)))
        return None

    async def _take(self, incoming: Incoming) -> str | None:
        match incoming:
            case Ignored(reason=reason):
                self._intake.count(reason)
                if reason == "malformed":
                    log.warning("telegram.update_malformed")
                return None
            case PressedElsewhere(query_id=query_id):
                self._intake.count("not_private")
                return query_id
            case ReachChanged():
                self._intake.count(await note_reach(self.runtime, incoming))
                return None
            case GroupReachChanged():
                self._intake.count(await note_group_reach(self.runtime, incoming))
                return None
            case Moved():
                self._intake.count(await note_moved(self.runtime, self.audit, incoming))
                return None
        await self._store(incoming)
        return incoming.query_id if isinstance(incoming, Pressed) else None

    async def _store(self, incoming: Said | Commanded | Edited | Pressed) -> None:
        asked = incoming.asked if isinstance(incoming, (Said, Commanded)) else None
        chat, now = str(incoming.chat_id), self.runtime.clock.now()
        arrival = Arrival(
            account=self.account,
            update_id=_update_name(incoming),
            # A private chat has the number of its person.
            person=chat if asked is None else str(asked.person_id),
            group=None if asked is None else chat,
            said_at=None if isinstance(incoming, Pressed) else incoming.sent_at,
        )
        async with self.runtime.database.unit_of_work(fast=True) as connection:
            conversation = await self._intake.enter(connection, arrival, now=now)
            message = await self._read(connection, conversation, incoming)
            if asked is not None:
                message = replace(message, asked_as=str(asked.message_id), private_chat=self._private_chat())
            outcome = await self._intake.store(connection, conversation, arrival, message, now=now)
        self._intake.tell(outcome)

    def _private_chat(self) -> str | None:
        return None if self.username is None else links.private_chat(self.username)

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
                return await presses.read_press(connection, self.runtime.vault, conversation, data)
            case Said(text=None, unread=unread):
                return Message(text=None, press=None, unread=unread)
        return await read_words(
            connection, conversation, incoming.text or "", unread=incoming.unread, walk=self.runtime.walk
        )


def _update_name(incoming: Said | Commanded | Edited | Pressed) -> str:
    """Return what an update is stored under, once.

    All edits of one message are the same and answered once, as are all the pictures of one album that say nothing.
    """
    match incoming:
        case Edited(chat_id=chat_id, message_id=message_id):
            return f"edit:{_digest(f'{chat_id}:{message_id}')}"
        case Said(text=None, chat_id=chat_id, album=str(album)):
            return f"album:{_digest(f'{chat_id}:{album}')}"
    return str(incoming.update_id)


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode(errors="surrogatepass")).hexdigest()
