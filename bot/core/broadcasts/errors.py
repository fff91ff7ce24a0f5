"""Why a broadcast is refused.

::

    NotFoundError
    └─ BroadcastUnknownError        404   another area's, too
    ConflictError
    ├─ TransitionRefusedError       409
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
