"""Names the library's failures as ours; the only place that knows both vocabularies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import httpx
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, RetryAfter, TelegramError

from bot.core.deliveries.errors import (
    ChannelClosedError,
    ChatClosedError,
    MessageRefusedError,
    NotSentError,
    OutcomeUnknownError,
    RecipientMovedError,
    RecipientUnreachableError,
    SendError,
    SlowDownError,
)

_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
"""What httpx raises before a byte of the request has left."""
_UNREACHABLE = (
    "bot was blocked by the user",
    "user is deactivated",
    "bot can't initiate conversation",
    "bot was kicked",
    "bot is not a member of",
    "group chat was deleted",
)
"""What Telegram says of somebody who takes nothing from us; any other 403 may pass."""
_SILENCED = (
    "not enough rights to send",
    "have no rights to send a message",
    "chat_write_forbidden",
    "group chat was deactivated",
    "need administrator rights in the channel chat",
    "chat_admin_required",
    "peer_id_invalid",
)
"""What it says, as a bad request, of a group or a channel that takes nothing from us."""
_UNTOLD_PAUSE_SECONDS = 5.0
"""How long to wait where Telegram asks for a pause and does not say how long."""


@contextmanager
def named_failures() -> Iterator[None]:
    """Raise what the Bot API's client raises under our names.

    Raises:
        SendError: of the kind that tells what may be done about it. It never holds the library's message, which can
            hold the token or what was sent.
    """
    try:
        yield
    except TelegramError as error:
        raise _named(error) from error


def is_broken_markup(error: BadRequest) -> bool:
    """Tell whether Telegram could not read the formatting; it sent nothing then."""
    return "can't parse entities" in error.message.lower()


def is_recipient_gone(error: BadRequest) -> bool:
    """Tell whether the chat takes nothing from us, whatever is sent to it: it is gone, or we may not write there."""
    said = error.message.lower()
    return "chat not found" in said or any(known in said for known in _SILENCED)


def retry_seconds(error: RetryAfter) -> float:
    """Return how long Telegram wants us to wait; the library changes the type in a later release."""
    given = error.retry_after
    return given.total_seconds() if isinstance(given, timedelta) else float(given)


def _named(error: TelegramError) -> SendError:
    # BadRequest and the time-outs are network errors to the library, so the order matters.
    match error:
        case ChatMigrated():
            return RecipientMovedError(address=str(error.new_chat_id))
        case RetryAfter():
            return SlowDownError(retry_after=retry_seconds(error))
        case Forbidden() if any(known in error.message.lower() for known in _UNREACHABLE):
            return RecipientUnreachableError()
        case Forbidden():
            return ChatClosedError()
        case InvalidToken():
            return ChannelClosedError()
        case BadRequest() if is_recipient_gone(error):
            return RecipientUnreachableError()
        case BadRequest():
            return MessageRefusedError()
        case NetworkError() if error.message.lower().startswith("too many requests"):
            return SlowDownError(retry_after=_UNTOLD_PAUSE_SECONDS)
    return NotSentError() if isinstance(error.__cause__, _BEFORE_SENDING) else OutcomeUnknownError()
