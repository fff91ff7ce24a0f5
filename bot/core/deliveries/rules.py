"""What becomes of a message that could not be sent: pure functions over the failure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.core.deliveries.errors import (
    ChannelClosedError,
    ChatClosedError,
    FailedThereError,
    MessageRefusedError,
    NotSentError,
    RecipientMovedError,
    RecipientUnreachableError,
    SendError,
    SlowDownError,
)
from bot.core.deliveries.models import DeliveryState

LONGEST_BACKOFF_SECONDS = 60.0
LONGEST_WAIT_SECONDS = 3600.0
"""A platform that asks for more gets asked again after this."""
MOST_TRIES_THERE = 2
"""What fails on the platform's side holds up its conversation no longer than for this many attempts."""
KEEP_TRYING = timedelta(hours=24)
"""An answer older than that helps nobody any more."""


@dataclass(frozen=True, slots=True)
class TryAgain:
    """Nothing was sent: the same message again after some seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """The message ends in this state; `unreachable` tells that nothing else will reach its citizen either."""

    state: DeliveryState
    unreachable: bool = False


def after(failure: SendError, *, attempt: int, age: timedelta) -> TryAgain | GiveUp:
    """Decide what follows a failed attempt, the first being 1, at a message of this age.

    Only a failure that proves that nothing was sent is tried again.
    """
    match failure:
        case RecipientUnreachableError():
            return GiveUp(DeliveryState.FAILED, unreachable=True)
        case MessageRefusedError() | RecipientMovedError():
            return GiveUp(DeliveryState.FAILED)
        case SlowDownError(retry_after=asked):
            seconds = min(max(asked, 1.0), LONGEST_WAIT_SECONDS)
        case ChannelClosedError() | ChatClosedError():
            seconds = LONGEST_BACKOFF_SECONDS
        case FailedThereError() if attempt >= MOST_TRIES_THERE:
            return GiveUp(DeliveryState.FAILED)
        case NotSentError() | FailedThereError():
            seconds = min(2.0 ** min(attempt - 1, 10), LONGEST_BACKOFF_SECONDS)
        case _:
            return GiveUp(DeliveryState.UNKNOWN)
    return TryAgain(seconds) if age <= KEEP_TRYING else GiveUp(DeliveryState.FAILED)
