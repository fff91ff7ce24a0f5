"""Shows people that an answer is on its way, where it takes longer than a moment.

It looks at the inbox beside the workers, so that no turn waits for Telegram, wherever the workers run. What fails here
is not tried again: the answer itself comes anyway.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.core.clock import Clock
from bot.core.db import DATABASE_AWAY, Database
from bot.core.inbox.awaiting import list_awaiting
from bot.doorbell import pause
from bot.gateway.telegram import CHANNEL
from bot.gateway.telegram.client import TelegramClient

log = structlog.get_logger()

AFTER = timedelta(seconds=1)
"""So long somebody waits before they are shown anything."""
GIVES_UP_AFTER = timedelta(seconds=60)
"""Whoever waits longer, waits for something that is broken."""
LOOK_SECONDS = 0.5
SHOWN_SECONDS = 4.5
"""Telegram shows it for five seconds, or until the answer comes."""
MOST_AT_ONCE = 10


@dataclass(frozen=True, slots=True)
class Typing:
    """Tells Telegram that the bot is typing to those who wait for an answer in a private chat."""

    database: Database
    client: TelegramClient
    clock: Clock
    _shown: dict[str, float] = field(default_factory=dict, init=False)
    """By chat, when it was last told, in seconds of a steady clock."""

    async def run(self, stopping: asyncio.Event) -> None:
        """Look again and again until `stopping` is set."""
        while not stopping.is_set():
            try:
                await self.show()
            except DATABASE_AWAY as error:
                log.info("telegram.typing_not_shown", error=type(error).__name__)
            except Exception as error:
                # Beside it runs what sends the answers, which must not end for this.
                log.error("telegram.typing_broken", error=type(error).__name__, exc_info=error)
            await pause(stopping, seconds=LOOK_SECONDS)

    async def show(self) -> None:
        """Show it to whoever waits now and was not just shown it."""
        now, steady = self.clock.now(), time.monotonic()
        async with self.database.reading() as connection:
            waiting = await list_awaiting(
                connection, channel=CHANNEL, after=now - GIVES_UP_AFTER, before=now - AFTER, most=MOST_AT_ONCE
            )
        for chat in [chat for chat, told_at in self._shown.items() if steady - told_at >= SHOWN_SECONDS]:
            del self._shown[chat]
        due = [chat for chat in waiting if chat not in self._shown]
        self._shown.update(dict.fromkeys(due, steady))
        await asyncio.gather(*(self._show(chat) for chat in due))

    async def _show(self, chat: str) -> None:
        try:
            await self.client.send_chat_action(int(chat), ChatAction.TYPING)
        except TelegramError as error:
            log.info("telegram.typing_not_shown", error=type(error).__name__)
