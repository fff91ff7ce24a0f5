"""Why a message could not be sent. A carrier only tells which of these it was; `rules` decides what follows.

::

    SendError
    ├─ NotSentError               nothing left this machine
    ├─ FailedThereError           the platform tried and failed
    ├─ SlowDownError              the platform asks for a pause
    ├─ ChatClosedError            it refuses us in this chat, and does not say that this is for ever
    ├─ ChannelClosedError         the platform refuses us, not this citizen: our token, mostly
    ├─ RecipientUnreachableError  it takes nothing for this citizen, or this group
    │  └─ SilentTooLongError      not before they have written again
    ├─ RecipientMovedError        it knows this group by another name now; nothing was sent
    ├─ MessageRefusedError        it will never take this message
    └─ OutcomeUnknownError        it may have been sent
"""

from __future__ import annotations

from bot.core.errors import ProductError


class SendError(ProductError):
    """A message was not sent, or may not have been."""

    picture_id: str | None = None
    """The platform's name of the picture that went ahead of it, or may have; then it must not go again."""


class NotSentError(SendError):
    """Nothing was sent: the platform could not be reached."""


class SlowDownError(SendError):
    """The platform takes no more for a while; nothing was sent."""

    def __init__(self, *, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(retry_after=retry_after)


class FailedThereError(SendError):
    """The platform took the message and could not deliver it; nothing was sent."""


class ChatClosedError(SendError):
    """The platform refuses us in this chat, for a reason that may pass; nothing was sent."""


class ChannelClosedError(SendError):
    """The platform refuses us, whoever the message is for; nothing was sent."""


class RecipientUnreachableError(SendError):
    """The citizen blocked us or is gone; or we are not in the group, or may not write there."""


class SilentTooLongError(RecipientUnreachableError):
    """The citizen was silent for longer than the platform lets us write to them."""


class RecipientMovedError(SendError):
    """The platform gave the group another name; nothing was sent."""

    def __init__(self, *, address: str) -> None:
        self.address = address
        super().__init__(address=address)


class MessageRefusedError(SendError):
    """The platform will never take this message."""


class OutcomeUnknownError(SendError):
    """The request was sent and its answer got lost: the citizen may have the message."""
