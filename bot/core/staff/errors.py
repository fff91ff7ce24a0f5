"""What staff are refused.

::

    NotAllowedError
    ├─ TokenRefusedError            401 at the API: unknown, ended or revoked, without saying which
    └─ NotAuthorisedError           403   lacks the role, or the token lacks the scope
    NotFoundError
    ├─ StaffUnknownError, TokenUnknownError, EnrolmentUnknownError, GrantUnknownError
    ConflictError
    ├─ SamePersonError              this person or key belongs to another account
    ├─ PersonChangedError           the certificate is another person's than the account's
    └─ LastAdminError               fewer than two admins would be left
    InvalidInputError
    ├─ DeputyRefusedError           a deputy for more, or longer, than may be
    └─ TokenTooLongError            a token that would not end soon enough
"""

from __future__ import annotations

from bot.core.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError


class TokenRefusedError(NotAllowedError):
    """No token of ours that is in force."""


class NotAuthorisedError(NotAllowedError):
    """The role for this is missing, or the token has not its scope."""


class StaffUnknownError(NotFoundError):
    """There is no such account, or it was ended."""


class TokenUnknownError(NotFoundError):
    """There is no such token."""


class EnrolmentUnknownError(NotFoundError):
    """There is no such enrolment."""


class GrantUnknownError(NotFoundError):
    """There is no such grant."""


class SamePersonError(ConflictError):
    """This person, or this key, counts under another account already."""


class PersonChangedError(ConflictError):
    """The certificate names another person than the account's earlier ones."""


class LastAdminError(ConflictError):
    """Fewer than two admins would be left, and they could decide nothing any more."""


class DeputyRefusedError(InvalidInputError):
    """A deputy holds no more than whom they stand in for, and not for long."""


class TokenTooLongError(InvalidInputError):
    """A token has to end sooner."""
