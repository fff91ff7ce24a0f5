"""What a signer accepts to sign: our own statements, for the deployment and the subject that were meant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.errors import InvalidInputError
from bot.core.statements import (
    Approval,
    BroadcastApproval,
    ContentChangeApproval,
    EnrolmentApproval,
    GrantApproval,
    PolicyChangeApproval,
    SeriesApproval,
    read_statement,
)
from bot.core.statements.models import HOLDER
from bot.signing.errors import (
    StatementElsewhereError,
    StatementExpiredError,
    StatementForeignError,
    StatementUnexpectedError,
)

KINDS: Mapping[str, type[Approval]] = {
    "broadcasts": BroadcastApproval,
    "series": SeriesApproval,
    "content-changes": ContentChangeApproval,
    "policy-changes": PolicyChangeApproval,
    "enrolments": EnrolmentApproval,
    "grants": GrantApproval,
}
"""The API's names of what people sign. A checkpoint is not among them: only the audit log's own key signs one."""
CLOCK_SKEW = timedelta(minutes=5)
"""By so much the signer's clock may be behind the server's; the server itself goes by its own."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the signer asked for at the server; `proves` means signing as the holder of a certificate."""

    kind: str
    subject_id: str
    proves: bool = False


def read_approval(raw: bytes, *, now: datetime, aud: str | None = None, wanted: Wanted | None = None) -> Approval:
    """Read a statement that may be shown and signed.

    Raises:
        StatementForeignError: it is not a canonical statement of a kind that people sign.
        StatementElsewhereError: it is for another deployment than `aud`.
        StatementUnexpectedError: it is about something else than `wanted`.
        StatementExpiredError: it can be signed no more, or not yet.
    """
    try:
        statement = read_statement(raw)
    except InvalidInputError as error:
        raise StatementForeignError(problem=error.code) from error
    if not isinstance(statement, Approval):
        raise StatementForeignError(problem=statement.typ)
    if aud is not None and statement.aud != aud:
        raise StatementElsewhereError(aud=statement.aud, server=aud)
    if wanted is not None and not _is_wanted(statement, wanted):
        raise StatementUnexpectedError
    check_time(statement, now=now)
    return statement


def check_time(statement: Approval, *, now: datetime) -> None:
    """Raise unless the statement can be signed at `now`.

    Raises:
        StatementExpiredError: it cannot.
    """
    if not statement.iat - CLOCK_SKEW <= now < statement.exp:
        raise StatementExpiredError


def _is_wanted(statement: Approval, wanted: Wanted) -> bool:
    is_kind = type(statement) is KINDS.get(wanted.kind)
    is_role = (statement.approver.role == HOLDER) == wanted.proves
    return is_kind and is_role and statement.subject.id == wanted.subject_id
