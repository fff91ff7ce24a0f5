"""Takes an event in: read, without secrets, stored once. Nothing is asked of Zalo here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.broadcasts.channels import ZALO_GROUP
from bot.core.conversations import groups, windows
from bot.core.conversations import service as conversations
from bot.core.conversations.service import Conversation
from bot.core.deliveries import service as deliveries
from bot.core.destinations import service as destinations
from bot.core.inbox import service as inbox
from bot.core.inbox.service import Message
from bot.core.option_numbers import chosen_number
from bot.core.replies import Press
from bot.core.rights.offer import WITHDRAWN_THERE
from bot.gateway import presses
from bot.gateway.intake import Arrival, Intake, Outcome
from bot.gateway.reading import read_words
from bot.gateway.zalo import CHANNEL
from bot.gateway.zalo.addressing import private_chat, text_for
from bot.gateway.zalo.events import GroupEnded, Ignored, Incoming, Interacted, Left, Opened, Said, Withdrew, read_event
from bot.gateway.zalo.options import chosen_option, pressed_data
from bot.wiring import Runtime

log = structlog.get_logger()

CALLED = Press("ask_capabilities")
"""What it means to call the assistant in a group and say nothing."""


@dataclass(slots=True)
class ZaloIntake:
    """Stores the events of one app."""

    runtime: Runtime
    _intake: Intake = field(init=False)

    def __post_init__(self) -> None:
        self._intake = Intake(self.runtime, CHANNEL)

    async def take(self, event: object, raw: bytes) -> None:
        """Store an event that was proven to be Zalo's; one that is here already is only recognised.

        One that the database will never take is passed over, or it would come again for hours.

        Raises:
            sqlalchemy.exc.SQLAlchemyError, OSError: the database is away; nothing is stored.
        """
        with self._intake.passing_over_refused("zalo.event_refused"):
            await self._take(read_event(event, raw))

    async def _take(self, incoming: Incoming) -> None:
        match incoming:
            case Ignored(reason=reason):
                self._intake.count(reason)
                if reason == "malformed":
                    log.warning("zalo.event_malformed")
            case Interacted():
                async with self.runtime.database.unit_of_work(fast=True) as connection:
                    await self._note_interaction(connection, incoming)
                self._intake.count("interaction")
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
        self._intake.count("not_meant")

    async def _store(self, incoming: Said | Opened) -> None:
        now = self.runtime.clock.now()
        arrival = Arrival(
            account=incoming.account,
            update_id=incoming.update_id,
            person=incoming.user_id,
            group=incoming.group if isinstance(incoming, Said) else None,
            said_at=incoming.sent_at,
        )
        async with self.runtime.database.unit_of_work(fast=True) as connection:
            conversation = await self._intake.enter(connection, arrival, now=now)
            await self._note_interaction(connection, incoming)
            if isinstance(incoming, Opened) and _is_under_way(conversation):
                outcome = Outcome.NEEDLESS
            else:
                message = await self._read(connection, conversation, incoming)
                if conversation.group is not None:
                    message = replace(
                        message,
                        private_chat=private_chat(incoming.account),
                        call_word=self.runtime.settings.zalo_group_word or None,
                    )
                outcome = await self._intake.store(connection, conversation, arrival, message, now=now)
        self._intake.tell(outcome)

    async def _note_interaction(self, connection: AsyncConnection, incoming: Said | Opened | Interacted) -> None:
        """Note in somebody's private conversation, if there is one, that they did something: it counts from there."""
        now = self.runtime.clock.now()
        at = min(incoming.sent_at or now, now)
        await windows.note_interaction(connection, channel=CHANNEL, external_id=incoming.user_id, at=at)

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
                return await presses.read_press(connection, self.runtime.vault, conversation, data)
            chosen = await self._chosen(connection, conversation, text, at=incoming.sent_at)
            if chosen is not None:
                return chosen
        return await read_words(connection, conversation, text, unread=unread, walk=self.runtime.walk)

    async def _chosen(
        self, connection: AsyncConnection, conversation: Conversation, text: str, *, at: datetime | None
    ) -> Message | None:
        """Read a typed number, or an option's very words, as that option of the message that they saw, if it has it.

        However late it comes: what was written after it is not what it answers. Where nobody can tell which message
        they see, it is like a button that is not known any more: what one number chooses may not be undone. To a person
        who speaks with them a number is an answer.
        """
        if conversation.case_id is not None:
            return None
        shown = await deliveries.find_last_shown(connection, conversation, at=at or self.runtime.clock.now())
        surely = None if shown.surely is None else chosen_option(text, shown.surely.buttons)
        perhaps = [chosen_option(text, each.buttons) for each in shown.perhaps]
        if surely is None and not any(perhaps):
            return None
        if surely is None or shown.perhaps:
            # Words still say what they say.
            is_number = chosen_number(text) is not None
            return Message(text=None, press=None, stale_button=True) if is_number else None
        press = self.runtime.vault.read_press(f"{conversation.channel}:{conversation.name}", surely.payload)
        return None if press is None else Message(text=None, press=press)

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
        self._intake.count("withdrawn" if is_new else "repeated" if theirs else "unknown_person")
        if is_new:
            self.runtime.doorbell.announce_update()

    async def _note_group_ended(self, group: str) -> None:
        async with self.runtime.database.unit_of_work() as connection:
            now = self.runtime.clock.now()
            await groups.mark_group_unreachable(connection, channel=CHANNEL, group=group, now=now)
            await destinations.note_reach(
                connection, channel=ZALO_GROUP.name, address=group, is_reachable=False, now=now
            )
        self._intake.count("group_unreachable")

    async def _note_left(self, user_id: str) -> None:
        """Note that somebody cannot be reached until they write again."""
        async with self.runtime.database.unit_of_work() as connection:
            conversation = await conversations.find_by_name(connection, self.runtime.vault, CHANNEL, user_id)
            if conversation is not None:
                await conversations.mark_unreachable(connection, conversation.id, now=self.runtime.clock.now())
        self._intake.count("unreachable")


def _is_under_way(conversation: Conversation) -> bool:
    """Tell whether something goes on in a conversation that a greeting would end, or interrupt."""
    return conversation.case_id is not None or conversation.state.active_loop is not None
