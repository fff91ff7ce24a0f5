"""Why a log cannot be believed, or written on.

::

    ConflictError
    ├─ AuditLogBrokenError          a line is missing, changed or out of its place
    ├─ AuditLogBehindError          it ends before what was told of it: cut off, or an older backup
    ├─ AuditLogForkedError          it is long enough, but another line stands where one was witnessed
    └─ WitnessUnreadableError       the file of the newest checkpoint is damaged
    NotFoundError
    └─ CheckpointUnknownError       none was made yet
"""

from __future__ import annotations

from bot.core.errors import ConflictError, NotFoundError


class AuditLogBrokenError(ConflictError):
    """A line of the audit log is missing, changed or out of its place."""


class AuditLogBehindError(ConflictError):
    """The audit log ends before what was told of it: its end was cut off, or an older backup was restored."""


class AuditLogForkedError(ConflictError):
    """Another line stands in the audit log where one was witnessed."""


class WitnessUnreadableError(ConflictError):
    """The file that keeps the newest checkpoint is damaged."""


class CheckpointUnknownError(NotFoundError):
    """No checkpoint was made yet."""
