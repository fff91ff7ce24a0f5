"""Asks Telegram for updates where it cannot call us; one process at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import structlog
from telegram.error import Conflict, RetryAfter, TelegramError

from bot.core.db import DATABASE_AWAY
from bot.doorbell import pause
from bot.gateway.telegram.client import OddAnswerError, TelegramClient
from bot.gateway.telegram.failures import retry_seconds
from bot.gateway.telegram.intake import TelegramIntake

log = structlog.get_logger()

HOLD_SECONDS = 25.0
"""How long Telegram holds a request open until there is an update."""
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
LONGEST_ASKED_SECONDS = 3600.0
"""The longest pause that Telegram may ask for: it keeps what waits for a day."""


@dataclass(frozen=True, slots=True)
class Poller:
    """Fetches updates and stores them. Telegram forgets one only when a later request confirms it.

    While a webhook is set, Telegram refuses to be asked. Whoever starts with another setting sets one, so it is taken
    away again, which drops nothing, whenever a refusal turns out to come of one.
    """

    client: TelegramClient
    intake: TelegramIntake
    first_pause: float = FIRST_PAUSE_SECONDS

    async def run(self, stopping: asyncio.Event) -> None:
        """Fetch until `stopping` is set; whatever goes wrong is logged and tried again after a growing pause."""
        answering: set[asyncio.Task[None]] = set()
        offset: int | None = None
        is_ours = False
        wait = self.first_pause
        while not stopping.is_set():
            try:
                if not is_ours:
                    await self.client.delete_webhook(drop_pending_updates=False)
                    self.intake.learn((await self.client.get_me()).username or "")
                    is_ours = True
                updates = await self._fetch(stopping, offset)
                if not updates:
                    offset = None  # all is confirmed, and after a quiet week Telegram counts from anywhere
                elif not any(map(_is_numbered, updates)):
                    raise OddAnswerError  # noqa: TRY301 - none can be confirmed, so the same would come at once
                for update in updates:
                    query_id = await self._take(update)
                    offset = _offset_behind(update, offset)
                    if query_id is not None:
                        task = asyncio.create_task(self._answer_press(query_id))
                        answering.add(task)
                        task.add_done_callback(answering.discard)
                wait = self.first_pause
            except Exception as error:  # noqa: BLE001 - reported; nothing may end the polling
                asked = retry_seconds(error) if isinstance(error, RetryAfter) else 0.0
                seconds = max(wait, min(asked, LONGEST_ASKED_SECONDS))
                if isinstance(error, Conflict):
                    is_ours = not await self._report_conflict(seconds=seconds)
                else:
                    _report(error, seconds=seconds)
                await pause(stopping, seconds=seconds)
                wait = min(wait * 2, LONGEST_PAUSE_SECONDS)
        if answering:
            await asyncio.wait(answering)

    async def _report_conflict(self, *, seconds: float) -> bool:
        """Find out why we may not ask, and report it; return whether there is, or may be, a webhook in the way."""
        try:
            address = (await self.client.get_webhook_info()).url
        except TelegramError as error:
            log.warning("telegram.polling_refused", error=type(error).__name__, seconds=seconds)
            return True
        if address:
            log.warning("telegram.webhook_in_the_way", host=_host_of(address), seconds=seconds)
            return True
        log.warning("telegram.polled_elsewhere", seconds=seconds)
        return False

    async def _fetch(self, stopping: asyncio.Event, offset: int | None) -> Sequence[dict[str, Any]]:
        """Wait for updates; none where everything stops meanwhile, and Telegram keeps what it was about to give."""
        fetching = asyncio.ensure_future(self.client.fetch_updates(offset=offset, seconds=HOLD_SECONDS))
        stopped = asyncio.ensure_future(stopping.wait())
        try:
            await asyncio.wait({fetching, stopped}, return_when=asyncio.FIRST_COMPLETED)
            return await fetching if fetching.done() else ()
        finally:
            fetching.cancel()
            stopped.cancel()
            await asyncio.gather(fetching, stopped, return_exceptions=True)

    async def _take(self, update: dict[str, Any]) -> str | None:
        """Store an update; one that can never be stored is passed over, or none behind it would ever be seen."""
        try:
            return await self.intake.take(update)
        except DATABASE_AWAY:
            raise
        except Exception as error:
            log.error("telegram.update_dropped", error=type(error).__name__, exc_info=error)
            return None

    async def _answer_press(self, query_id: str) -> None:
        """Take the waiting sign off a pressed button; if that fails, it goes by itself."""
        try:
            await self.client.answer_callback_query(query_id)
        except TelegramError as error:
            log.info("telegram.press_not_answered", error=type(error).__name__)


def _report(error: Exception, *, seconds: float) -> None:
    name = type(error).__name__
    if isinstance(error, (TelegramError, *DATABASE_AWAY)):
        log.warning("telegram.polling_failed", error=name, seconds=seconds)
    else:
        log.error("telegram.polling_broken", error=name, seconds=seconds, exc_info=error)


def _host_of(address: str) -> str | None:
    """Return where an address leads, without its path and query, which hold secrets in some installations."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _offset_behind(update: dict[str, Any], offset: int | None) -> int | None:
    """Return the offset that confirms an update; the one there was where the update has no number."""
    return update["update_id"] + 1 if _is_numbered(update) else offset


def _is_numbered(update: object) -> bool:
    """Tell whether an update can be confirmed; an offset below zero would drop what waits."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return isinstance(number, int) and not isinstance(number, bool) and number > 0
