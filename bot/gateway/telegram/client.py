"""The client of the Bot API, made from the settings."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx
from pydantic import SecretStr
from telegram import Bot, Message, User, WebhookInfo
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, TelegramError
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


class OddAnswerError(NetworkError):
    """What came back is no answer of the Bot API's: what became of the call is unknown."""

    def __init__(self) -> None:
        super().__init__("odd answer")


class ShutDoorError(Forbidden):
    """Something before the Bot API, such as a proxy, refused the call: nothing was done."""

    def __init__(self) -> None:
        super().__init__("refused before the Bot API")


class TelegramClient(Bot):
    """The Bot API, with updates as Telegram sent them, and failures that are all the library's `TelegramError`."""

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

    async def _do_post(self, endpoint: str, data: dict[str, Any], **options: Any) -> Any:
        """Post a call as the library does, which takes for granted that every answer is one of the Bot API's.

        Whatever else came (no result, null, another type, a page of a proxy's) would otherwise be raised as the
        `KeyError` or `AttributeError` that reading it leads to, here or in what asked.

        Raises:
            TelegramError: the call failed, or there is no usable answer to it.
        """
        try:
            result = await super()._do_post(endpoint, data, **options)
            is_usable = _is_usable(endpoint, result)
        except BadRequest as error:
            if error.__cause__ is not None:
                raise ShutDoorError from error  # no JSON, so not by Telegram, which alone could find the message bad
            raise
        except ChatMigrated as error:
            if not _is_number(error.new_chat_id):
                raise OddAnswerError from error
            raise
        except TelegramError:
            raise
        except Exception as error:
            raise OddAnswerError from error
        if not is_usable:
            raise OddAnswerError
        return result


def _is_usable(endpoint: str, result: Any) -> bool:
    """Tell whether a result is what its method gives, as far as we look at it; raise where it cannot be read."""
    match endpoint:
        case "getUpdates":
            return isinstance(result, list)
        case "getMe":
            return isinstance(User.de_json(result).username, str)
        case "getWebhookInfo":
            return isinstance(WebhookInfo.de_json(result).url, str)
        case "sendMessage" | "sendPhoto":
            sent = Message.de_json(result)
            return _is_number(sent.message_id) and all(isinstance(size.file_id, str) for size in sent.photo)
    return result is True


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


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
