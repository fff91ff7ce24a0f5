"""Tells Telegram, once at the start, what it must know about the bot: its commands, and where it calls us."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

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
ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class TelegramSetup:
    """Registers commands and, where there is a secret for it, the webhook."""

    client: TelegramClient
    renderer: Renderer
    settings: Settings

    async def run(self, stopping: asyncio.Event) -> None:
        """Register until Telegram has taken it or `stopping` is set."""
        seconds = 1.0
        while not stopping.is_set():
            try:
                await self._register()
            except TelegramError as error:
                log.warning("telegram.setup_failed", error=type(error).__name__, seconds=seconds)
                await pause(stopping, seconds=seconds)
                seconds = min(seconds * 2, LONGEST_PAUSE_SECONDS)
            else:
                log.info("telegram.set_up")
                return

    async def _register(self) -> None:
        username = (await self.client.get_me()).username or ""
        places = ((BotCommandScopeAllPrivateChats(), tuple(COMMANDS)), (BotCommandScopeAllGroupChats(), GROUP_COMMANDS))
        for scope, names in places:
            for language in ("", LANGUAGE, ENGLISH):
                commands = [BotCommand(name, self._describe(name, language or LANGUAGE)) for name in names]
                await self.client.set_my_commands(commands, scope=scope, language_code=language or None)
        secret = self.settings.telegram_webhook_secret
        if secret is None:
            return
        if not self.settings.outside_url.startswith("https:"):
            log.warning("telegram.webhook_not_registered", reason="PUBLIC_URL is not https")
            return
        await self.client.set_webhook(
            address_for(self.settings.outside_url, username),
            secret_token=secret.get_secret_value(),
            allowed_updates=WANTED_UPDATES,
            drop_pending_updates=False,
        )

    def _describe(self, command: str, language: str) -> str:
        facts = {"command": command, "language": language}
        return self.renderer.render("telegram_commands", channel=CHANNEL, facts=facts)
