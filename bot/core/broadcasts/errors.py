"""Why a broadcast is refused.

::

    NotFoundError
    ├─ BroadcastUnknownError        404   another area's, too
    └─ DeliveryNotFoundError        404
    ConflictError
    ├─ TransitionRefusedError       409
    ├─ DeliverySettledError         409   nobody needs to say any more what became of it
    ├─ TakenBackError               409   changed, stopped or refused since it was signed
    ├─ FiredBeforeError             409   the clock came to this moment once already
    └─ RevisionStaleError           412   somebody changed it since it was read
    InvalidInputError
    ├─ AreaUnknownError             422
    ├─ ChannelUnknownError          422
    ├─ TextTooLongError             422   for a channel that it is to go to
    ├─ MediaUnsupportedError        422
    └─ RepeatUnsupportedError       422
"""

from __future__ import annotations

from bot.core.errors import ConflictError, InvalidInputError, NotFoundError


class BroadcastUnknownError(NotFoundError):
    """There is no such broadcast that this caller may see."""


class DeliveryNotFoundError(NotFoundError):
    """The broadcast has no such delivery."""


class DeliverySettledError(ConflictError):
    """It is known what became of this delivery."""


class TakenBackError(ConflictError):
    """It was changed, stopped or refused after it was approved."""


class FiredBeforeError(ConflictError):
    """What became of this moment stands in a fire record already."""


class TransitionRefusedError(ConflictError):
    """A broadcast in this state cannot become what is asked for."""


class RevisionStaleError(ConflictError):
    """It was changed since the caller read it."""


class AreaUnknownError(InvalidInputError):
    """There is no commune of that code here."""


class ChannelUnknownError(InvalidInputError):
    """Nothing is sent on a channel of that name."""


class TextTooLongError(InvalidInputError):
    """The message is longer than one of its channels takes."""


class MediaUnsupportedError(InvalidInputError):
    """Files cannot go along yet."""


class RepeatUnsupportedError(InvalidInputError):
    """A broadcast is sent once; what comes back is a series."""
