"""Tells Telegram what it must know about the bot: its commands, and where it calls us."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import structlog
from telegram import BotCommand, BotCommandScopeAllGroupChats, BotCommandScopeAllPrivateChats
from telegram.error import TelegramError

from bot.core.rendering import LANGUAGE, Renderer
from bot.doorbell import pause
from bot.gateway.telegram import CHANNEL
from bot.gateway.telegram.client import WANTED_UPDATES, TelegramClient
from bot.gateway.telegram.updates import COMMANDS, GROUP_COMMANDS
from bot.gateway.telegram.webhook import address_for
from bot.settings import Settings

log = structlog.get_logger()

LONGEST_PAUSE_SECONDS = 60.0
LOOK_SECONDS = 60.0
"""How often it is looked whether Telegram still calls us."""
ENGLISH = "en"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TelegramSetup:
    """Registers commands and, where there is a secret for it, the webhook, which it keeps registered."""

    client: TelegramClient
    renderer: Renderer
    settings: Settings
    look_seconds: float = LOOK_SECONDS

    async def run(self, stopping: asyncio.Event) -> None:
        """Register until Telegram has taken it, and keep the webhook registered until `stopping` is set."""
        address = await _persist(self.register, stopping)
        while address is not None and not stopping.is_set():
            await pause(stopping, seconds=self.look_seconds)
            await _persist(partial(self._keep_webhook, address), stopping)

    async def register(self) -> str | None:
        """Register commands and webhook; return the address that Telegram calls, or None where it is not to.

        Raises:
            TelegramError: Telegram did not take it.
            TemplateBrokenError: a command's description is broken.
        """
        username = (await self.client.get_me()).username or ""
        places = ((BotCommandScopeAllPrivateChats(), tuple(COMMANDS)), (BotCommandScopeAllGroupChats(), GROUP_COMMANDS))
        for scope, names in places:
            for language in ("", LANGUAGE, ENGLISH):
                commands = [BotCommand(name, self._describe(name, language or LANGUAGE)) for name in names]
                await self.client.set_my_commands(commands, scope=scope, language_code=language or None)
        address = self._address_of(username)
        if address is not None:
            await self._set_webhook(address)
        log.info("telegram.set_up")
        return address

    def _address_of(self, username: str) -> str | None:
        if self.settings.telegram_webhook_secret is None:
            return None
        if not self.settings.outside_url.startswith("https:"):
            log.warning("telegram.webhook_not_registered", reason="PUBLIC_URL is not https")
            return None
        return address_for(self.settings.outside_url, username)

    async def _keep_webhook(self, address: str) -> None:
        """Set the webhook again where there is none: whoever polls with our token takes it away, and nobody tells."""
        if not (await self.client.get_webhook_info()).url:
            log.warning("telegram.webhook_gone")
            await self._set_webhook(address)

    async def _set_webhook(self, address: str) -> None:
        secret = self.settings.telegram_webhook_secret
        await self.client.set_webhook(
            address,
            secret_token=None if secret is None else secret.get_secret_value(),
            allowed_updates=WANTED_UPDATES,
            drop_pending_updates=False,
        )

    def _describe(self, command: str, language: str) -> str:
        facts = {"command": command, "language": language}
        return self.renderer.render("telegram_commands", channel=CHANNEL, facts=facts)


async def _persist(step: Callable[[], Awaitable[T]], stopping: asyncio.Event) -> T | None:
    """Do something until Telegram takes it; return what it gave, or None where `stopping` was set before."""
    seconds = 1.0
    while not stopping.is_set():
        try:
            return await step()
        except TelegramError as error:
            log.warning("telegram.setup_failed", error=type(error).__name__, seconds=seconds)
        except Exception as error:
            # A template can be broken; beside it runs what sends the answers, which must not end for this.
            log.error("telegram.setup_broken", error=type(error).__name__, seconds=seconds, exc_info=error)
        await pause(stopping, seconds=seconds)
        seconds = min(seconds * 2, LONGEST_PAUSE_SECONDS)
    return None
