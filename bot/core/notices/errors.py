"""Why a notice is refused.

::

    NotFoundError
    └─ NoticeUnknownError    404   somebody else's, too
"""

from __future__ import annotations

from bot.core.errors import NotFoundError


class NoticeUnknownError(NotFoundError):
    """There is no such notice for this caller."""
