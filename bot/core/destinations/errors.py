"""Why something about a destination is refused.

::

    NotFoundError
    └─ DestinationUnknownError    404   another area's, too
    ConflictError
    └─ DestinationTakenError      409
    InvalidInputError
    └─ AddressInvalidError        422
"""

from __future__ import annotations

from bot.core.errors import ConflictError, InvalidInputError, NotFoundError


class DestinationUnknownError(NotFoundError):
    """There is no such destination that this caller may see."""


class DestinationTakenError(ConflictError):
    """This address is another destination in use."""


class AddressInvalidError(InvalidInputError):
    """A destination of this channel has no such address."""
