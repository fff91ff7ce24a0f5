"""Why nothing was approved, or nothing may leave. The codes are those of the reference, section 5.

::

    NotFoundError
    ├─ SubjectUnknownError          404
    └─ ChallengeUnknownError        404   another's, or another subject's, too
    NotAllowedError
    ├─ SelfApprovalError            403
    └─ CertificateNotEnrolledError  403
    ConflictError
    ├─ AlreadyApprovedError         409
    ├─ ChallengeUsedError           409
    ├─ ChallengeExpiredError        410
    ├─ VersionSupersededError       409
    ├─ WrongStateError              409
    ├─ ApprovalsMissingError        409   before sending
    ├─ DigestMismatchError          409   before sending
    ├─ ApprovalRevokedError         409   before sending
    └─ BootstrapClosedError         409
    InvalidInputError
    ├─ ScheduleInvalidError         422
    └─ PolicyRefusedError           422
"""

from __future__ import annotations

from bot.core.errors import ConflictError, InvalidInputError, NotAllowedError, NotFoundError


class SubjectUnknownError(NotFoundError):
    """There is no such thing to approve."""


class ChallengeUnknownError(NotFoundError):
    """There is no such challenge of this person for this subject."""


class SelfApprovalError(NotAllowedError):
    """Whoever drafted or edited something, or gains by it, may not approve it."""


class CertificateNotEnrolledError(NotAllowedError):
    """The certificate does not count as this person's."""


class AlreadyApprovedError(ConflictError):
    """This person has approved this version."""


class ChallengeUsedError(ConflictError):
    """The challenge was answered already."""


class ChallengeExpiredError(ConflictError):
    """The challenge has ended."""


class VersionSupersededError(ConflictError):
    """The subject was changed since the challenge was made."""


class WrongStateError(ConflictError):
    """Nobody waits for approvals of the subject: it is a draft still, or decided, or done."""


class ApprovalsMissingError(ConflictError):
    """Fewer different people have approved than must."""


class DigestMismatchError(ConflictError):
    """What is about to leave is not what was approved."""


class ApprovalRevokedError(ConflictError):
    """The certificate of an approval was revoked, or counts no more."""


class BootstrapClosedError(ConflictError):
    """The first admins are enrolled already."""


class ScheduleInvalidError(InvalidInputError):
    """The time for it is past, or has not come."""


class PolicyRefusedError(InvalidInputError):
    """The policies would let somebody decide alone, or leave something undecidable."""
