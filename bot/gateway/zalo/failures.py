"""Names Zalo's error codes as ours; the only place that knows both vocabularies."""

from __future__ import annotations

from bot.core.deliveries.errors import (
    ChannelClosedError,
    FailedThereError,
    MessageRefusedError,
    OutcomeUnknownError,
    RecipientUnreachableError,
    SendError,
    SilentTooLongError,
    SlowDownError,
)

TOKEN_REFUSED = frozenset({-216, -220, -124})
"""The access token is not valid, or not any more."""
_TOO_FAST = -32
_UPLOAD_GONE = -100
_UNTOLD_PAUSE_SECONDS = 60.0
"""Zalo counts per minute and does not say how long to wait."""
_UNREACHABLE = frozenset({-213, -217, -218, -227, -244})
"""Of one person: no follower, blocked, banned, or asked for less."""
_SILENT = frozenset({-230, -232})
"""Of one person: silent for seven days, after which nothing goes."""
_GROUP_CLOSED = frozenset({-237, -238, -241, -403})
"""Of one group: switched off or run out, without its asset, or the account is not in it."""
_REFUSED = frozenset({-201, -210, -214, -233, -234, -240, -248, -249})
"""Of this message: a bad parameter, too long, a kind that is not allowed or not at this hour."""
_CLOSED = frozenset({-204, -205, -209, -212, -219, -223, -242, -14002, -14003})
"""Of the account or the app: off, or without permission."""
_LIMITED = frozenset({-211, -221, -224, -235, -320, -321})
"""Of what the account may do: not verified, or without the package, quota or money for it."""
_FAILED_THERE = -200


class TokenRefusedError(ChannelClosedError):
    """Zalo does not take the access token; a new one may help."""


class AccountLimitedError(ChannelClosedError):
    """The account may not send that; said of a group, it may still write to people."""


class UploadGoneError(MessageRefusedError):
    """An upload was forgotten by Zalo; uploading it again may help."""


def named(code: int) -> SendError:
    """Return the failure that an error code means; nothing was sent with any code that is known."""
    if code in TOKEN_REFUSED:
        return TokenRefusedError()
    if code == _TOO_FAST:
        return SlowDownError(retry_after=_UNTOLD_PAUSE_SECONDS)
    if code == _FAILED_THERE:
        return FailedThereError()
    if code == _UPLOAD_GONE:
        return UploadGoneError()
    if code in _SILENT:
        return SilentTooLongError()
    if code in _UNREACHABLE | _GROUP_CLOSED:
        return RecipientUnreachableError()
    if code in _REFUSED:
        return MessageRefusedError()
    if code in _LIMITED:
        return AccountLimitedError()
    if code in _CLOSED:
        return ChannelClosedError()
    # A code nobody has told us of: it may have been sent, and twice would be worse than never.
    return OutcomeUnknownError()
