"""Why bytes are not a statement.

::

    InvalidInputError
    ├─ JsonInvalidError         400   the request itself is unreadable
    ├─ PayloadTooLargeError     413
    └─ TextNotNormalisedError   422   readable, but not what a person would see
"""

from __future__ import annotations

from bot.core.errors import InvalidInputError


class JsonInvalidError(InvalidInputError):
    """The bytes are not JSON in the form that is agreed."""


class PayloadTooLargeError(InvalidInputError):
    """There are more bytes than anything of ours has."""


class TextNotNormalisedError(InvalidInputError):
    """A text is not NFC, or holds characters that nobody sees."""
