"""Why a request that may come twice is refused.

::

    ConflictError
    ├─ RequestUnderwayError          409   the same one is being answered
    └─ IdempotencyKeyReusedError     422   with another request
    InvalidInputError
    └─ IdempotencyKeyInvalidError    422
"""

from __future__ import annotations

from bot.core.errors import ConflictError, InvalidInputError


class RequestUnderwayError(ConflictError):
    """The same request is being answered now."""


class IdempotencyKeyReusedError(ConflictError):
    """The key was used for another request."""


class IdempotencyKeyInvalidError(InvalidInputError):
    """A key has 1 to 128 visible ASCII characters."""
