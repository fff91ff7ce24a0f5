"""The client of the Bot API, made from the settings."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from pydantic import SecretStr
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.core.errors import InvalidInputError
from bot.gateway.telegram.failures import named_failures
from bot.settings import Settings

CONNECTIONS = 16
"""More than the sender ever uses at once, so that nothing waits for a connection."""
WANTED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
POLL_MARGIN_SECONDS = 10.0
"""How much longer than Telegram holds a request open we wait for its answer."""


class TelegramOffError(InvalidInputError):
    """Telegram was asked for and there is no token."""


class TelegramClient(Bot):
    """The Bot API, with updates as Telegram sent them."""

    def __repr__(self) -> str:
        """Name the class only: the library's own version shows the token."""
        return f"{type(self).__name__}[token=…]"

    async def fetch_updates(self, *, offset: int | None, seconds: float) -> Sequence[dict[str, Any]]:
        """Confirm the updates before `offset` and wait up to some seconds for those from there on.

        Unlike ``get_updates`` it leaves reading them to us: there one unreadable update loses the whole batch and puts
        it, with what people wrote, into the log.
        """
        parameters = {"offset": offset, "timeout": int(seconds), "allowed_updates": WANTED_UPDATES}
        given = {name: value for name, value in parameters.items() if value is not None}
        updates: Sequence[dict[str, Any]] = await self._post(
            "getUpdates", given, read_timeout=seconds + POLL_MARGIN_SECONDS
        )
        return updates


def token_of(settings: Settings) -> SecretStr:
    """Return the bot's token.

    Raises:
        TelegramOffError: there is none.
    """
    if settings.telegram_token is None:
        raise TelegramOffError
    return settings.telegram_token


def account_of(settings: Settings) -> str:
    """Return the bot's id, which every token begins with.

    Raises:
        TelegramOffError: there is no token.
    """
    return token_of(settings).get_secret_value().partition(":")[0]


@asynccontextmanager
async def open_client(
    settings: Settings, *, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[TelegramClient]:
    """Give a client during the block; nothing is asked of Telegram yet.

    Raises:
        TelegramOffError: there is no token.
    """
    # The library logs answers that it cannot read, as they are, and updates with what people wrote.
    logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)
    proxy = settings.telegram_proxy.get_secret_value() if settings.telegram_proxy is not None else None
    options: dict[str, Any] = {"trust_env": False}
    if transport is not None:
        options["transport"] = transport
    calls = HTTPXRequest(CONNECTIONS, proxy=proxy, pool_timeout=5.0, read_timeout=10.0, httpx_kwargs=options)
    polls = HTTPXRequest(1, proxy=proxy, pool_timeout=5.0, httpx_kwargs=options)
    client = TelegramClient(
        token_of(settings).get_secret_value(),
        base_url=f"{str(settings.telegram_api_url).rstrip('/')}/bot",
        request=calls,
        get_updates_request=polls,
    )
    try:
        yield client
    finally:
        await calls.shutdown()
        await polls.shutdown()


async def ask_username(client: TelegramClient) -> str:
    """Ask Telegram whose token this is; return the bot's name.

    Raises:
        SendError: Telegram cannot be reached, or does not know the token.
    """
    with named_failures():
        return (await client.get_me()).username or ""
