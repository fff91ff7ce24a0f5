"""Takes an event in: read, without secrets, stored once. Nothing is asked of Zalo here."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import metrics
from bot.core.broadcasts.channels import ZALO_GROUP
from bot.core.conversations import groups, windows
from bot.core.conversations import service as conversations
from bot.core.conversations.service import Conversation
from bot.core.db import DATABASE_AWAY, is_refused_for_good
from bot.core.deliveries import service as deliveries
from bot.core.destinations import service as destinations
from bot.core.errors import ThrottledError
from bot.core.inbox import service as inbox
from bot.core.inbox.service import Message
from bot.core.rates import Limiter, Rate
from bot.core.replies import Press
from bot.core.rights.offer import WITHDRAWN_THERE
from bot.core.text import TextUnreadableError
from bot.gateway import presses
from bot.gateway.reading import read_text, without_pasted_secret
from bot.gateway.zalo import CHANNEL
from bot.gateway.zalo.addressing import private_chat, text_for
from bot.gateway.zalo.events import GroupEnded, Ignored, Incoming, Left, Opened, Said, Withdrew, read_event
from bot.gateway.zalo.options import chosen_number, pressed_data
from bot.wiring import Runtime

log = structlog.get_logger()

CALLED = Press("ask_capabilities")
"""What it means to call the assistant in a group and say nothing."""


@dataclass(frozen=True, slots=True)
class ZaloIntake:
    """Stores the events of one app."""

    runtime: Runtime
    _warnings: Limiter = field(default_factory=lambda: Limiter(Rate(1, 60)), init=False)

    async def take(self, event: object, raw: bytes) -> None:
        """Store an event that was proven to be Zalo's; one that is here already is only recognised.

        One that the database will never take is passed over, or it would come again for hours.

        Raises:
            sqlalchemy.exc.SQLAlchemyError, OSError: the database is away; nothing is stored.
        """
        try:
            await self._take(read_event(event, raw))
        except DATABASE_AWAY as error:
            if not is_refused_for_good(error):
                raise
            log.error("zalo.event_refused", error=type(error).__name__, exc_info=error)
            _count("refused")

    async def _take(self, incoming: Incoming) -> None:
        match incoming:
            case Ignored(reason=reason):
                _count(reason)
                if reason == "malformed":
                    log.warning("zalo.event_malformed")
            case Left(user_id=user_id):
                await self._note_left(user_id)
            case Withdrew():
                await self._store_withdrawal(incoming)
            case GroupEnded(group=group):
                await self._note_group_ended(group)
            case Said(group=str()):
                await self._store_in_group(incoming)
            case Said() | Opened():
                await self._store(incoming)

    async def _store_in_group(self, incoming: Said) -> None:
        """Store what is said to the account in a group; whatever else is said there is only an interaction."""
        word = self.runtime.settings.zalo_group_word
        said = None if incoming.text is None else text_for(incoming.text, account=incoming.account, word=word)
        if said is not None:
            await self._store(replace(incoming, text=said))
            return
        async with self.runtime.database.unit_of_work(fast=True) as connection:
            await self._note_interaction(connection, incoming)
        _count("not_meant")

    async def _store(self, incoming: Said | Opened) -> None:
        too_many = self._writes_too_fast(incoming.user_id)
        if too_many and self._warnings.wait(incoming.user_id, now=time.monotonic()) > 0:
            _count("throttled")
            return
        now = self.runtime.clock.now()
        async with self.runtime.database.unit_of_work(fast=True) as connection:
            conversation = await self._enter(connection, incoming, now=now)
            await self._note_interaction(connection, incoming)
            message = (
                Message(text=None, press=None, too_many=True)
                if too_many
                else await self._read(connection, conversation, incoming)
            )
            if conversation.group is not None:
                message = replace(message, private_chat=private_chat(incoming.account))
            receipt = await inbox.receive(
                connection,
                conversation,
                account=incoming.account,
                update_id=incoming.update_id,
                message=message,
                said_at=incoming.sent_at,
                now=now,
            )
        _count("repeated" if receipt.repeated else "throttled" if too_many else "stored")
        if not receipt.repeated:
            self.runtime.doorbell.announce_update()

    async def _enter(self, connection: AsyncConnection, incoming: Said | Opened, *, now: datetime) -> Conversation:
        vault, person = self.runtime.vault, incoming.user_id
        if isinstance(incoming, Said) and incoming.group is not None:
            return await groups.enter_group(
                connection, vault, channel=CHANNEL, group=incoming.group, person=person, now=now
            )
        return await conversations.enter(connection, vault, channel=CHANNEL, external_id=person, now=now)

    async def _note_interaction(self, connection: AsyncConnection, incoming: Said | Opened) -> None:
        """Note in somebody's private conversation, if there is one, that they did something: it counts from there."""
        now = self.runtime.clock.now()
        at = min(incoming.sent_at or now, now)
        await windows.note_interaction(connection, channel=CHANNEL, external_id=incoming.user_id, at=at)

    def _writes_too_fast(self, user_id: str) -> bool:
        limits = self.runtime.chat_limits
        try:
            if limits is not None:
                limits.count_message(f"{CHANNEL}:{user_id}", now=time.monotonic())
        except ThrottledError:
            return True
        return False

    async def _read(self, connection: AsyncConnection, conversation: Conversation, incoming: Said | Opened) -> Message:
        if isinstance(incoming, Opened):
            return Message(text=None, press=str(incoming.press))
        text, unread = incoming.text, incoming.unread
        if conversation.group is not None and not text:
            return Message(text=None, press=str(CALLED))
        if text is None:
            return Message(text=None, press=None, unread=unread)
        if unread is None:
            data = pressed_data(text)
            if data is not None:
                found = await presses.find_press(connection, self.runtime.vault, conversation, data)
                return Message(text=None, press=found, stale_button=found is None)
            chosen = await self._chosen(connection, conversation, text)
            if chosen is not None:
                return Message(text=None, press=chosen)
        try:
            message = replace(read_text(text), unread=unread)
        except TextUnreadableError:
            return Message(text="", press=None)
        return await without_pasted_secret(connection, message, conversation, self.runtime.walk)

    async def _chosen(self, connection: AsyncConnection, conversation: Conversation, text: str) -> str | None:
        """Return what the option means whose number somebody typed; None where the last message has no such option."""
        number = chosen_number(text)
        if number is None:
            return None
        shown = await deliveries.find_last_shown(connection, conversation)
        if shown is None or not 1 <= number <= len(shown.buttons):
            return None
        payload = shown.buttons[number - 1].payload
        return self.runtime.vault.read_press(f"{conversation.channel}:{conversation.name}", payload)

    async def _store_withdrawal(self, incoming: Withdrew) -> None:
        """Store the wish in somebody's conversation, so that it is done in its turn, and surely.

        With the private one goes what they said in groups; without one it is stored in each of those.
        """
        now, is_new = self.runtime.clock.now(), False
        async with self.runtime.database.unit_of_work() as connection:
            theirs = await groups.list_of_person(
                connection, self.runtime.vault, channel=CHANNEL, person=incoming.user_id
            )
            for conversation in [each for each in theirs if each.group is None] or theirs:
                receipt = await inbox.receive(
                    connection,
                    conversation,
                    account=incoming.account,
                    update_id=f"{incoming.update_id}:{conversation.id}",
                    message=Message(text=None, press=str(WITHDRAWN_THERE)),
                    now=now,
                )
                is_new = is_new or not receipt.repeated
        _count("withdrawn" if is_new else "repeated" if theirs else "unknown_person")
        if is_new:
            self.runtime.doorbell.announce_update()

    async def _note_group_ended(self, group: str) -> None:
        async with self.runtime.database.unit_of_work() as connection:
            now = self.runtime.clock.now()
            await groups.mark_group_unreachable(connection, channel=CHANNEL, group=group, now=now)
            await destinations.note_reach(
                connection, channel=ZALO_GROUP.name, address=group, is_reachable=False, now=now
            )
        _count("group_unreachable")

    async def _note_left(self, user_id: str) -> None:
        """Note that somebody cannot be reached until they write again."""
        async with self.runtime.database.unit_of_work() as connection:
            conversation = await conversations.find_by_name(connection, self.runtime.vault, CHANNEL, user_id)
            if conversation is not None:
                await conversations.mark_unreachable(connection, conversation.id, now=self.runtime.clock.now())
        _count("unreachable")


def _count(outcome: str) -> None:
    metrics.UPDATES.labels(channel=CHANNEL, outcome=outcome).inc()
