"""The check before anything leaves: from the evidence, whatever the rows' states say (reference, section 4.9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals import repository
from bot.core.approvals.errors import (
    ApprovalRevokedError,
    ApprovalsMissingError,
    DigestMismatchError,
    ScheduleInvalidError,
)
from bot.core.approvals.kept import check_enrolled, count_people, read_approval
from bot.core.approvals.policies import Rules, rules_in_force
from bot.core.approvals.ports import Office, Window
from bot.core.approvals.repository import ApprovalRow
from bot.core.approvals.service import excluded
from bot.core.errors import InvalidInputError
from bot.core.signatures import (
    CertificateRevokedError,
    RevocationUnavailableError,
    SignatureRefusedError,
    Verified,
    verify,
)
from bot.core.staff import enrolments
from bot.core.staff.enrolments import Identity
from bot.core.statements import digest, read_json


@dataclass(frozen=True, slots=True)
class Cleared:
    """What may leave, and the digests of the approvals' statements that say so: for the audit log."""

    subject_sha256: str
    statements: tuple[str, ...]


async def recheck(
    connection: AsyncConnection,
    office: Office,
    *,
    kind: str,
    outgoing: bytes,
    window: Window | None,
    at: datetime,
) -> Cleared:
    """Make sure that exactly these bytes were approved by enough different people, and still may leave at `at`.

    Args:
        connection: a snapshot.
        office: what approvals rest on.
        kind: of the subject.
        outgoing: the canonical bytes of the subject, computed anew from what is about to leave.
        window: when it may leave, computed anew too.
        at: now.

    Raises:
        DigestMismatchError: they are not the bytes that were signed, or the stored evidence was tampered with.
        ApprovalRevokedError: an approval's certificate was revoked, or ended, since.
        RevocationUnavailableError: nobody can tell now whether one was.
        ApprovalsMissingError: fewer different people approved than both the signed policy and the present one want.
        ScheduleInvalidError: outside of the window.
    """
    subject_id, version = _name(outgoing)
    rows = await repository.list_approvals(connection, kind=kind, subject_id=subject_id, version=version)
    rules = await rules_in_force(connection, office)
    identities = []
    required = 1
    for row in rows:
        statement = read_approval(office, row, outgoing)
        if statement.aud != office.aud or statement.policy not in rules.known:
            raise DigestMismatchError(kind=kind, subject=subject_id, problem="statement")
        identity = Identity.of((await _verify(connection, office, rules, row, at=at)).certificate)
        if (await enrolments.owners_of(connection, identity)) & excluded(statement.subject, statement.policy):
            raise DigestMismatchError(kind=kind, subject=subject_id, problem="author")
        identities.append(identity)
        present = rules.policies.get(statement.policy.id, statement.policy)
        required = max(required, statement.policy.required, present.required)
    if count_people(identities) < required or len({row.staff_id for row in rows}) < required:
        raise ApprovalsMissingError(kind=kind, subject=subject_id, count=len(rows), required=required)
    if window is not None and not window.not_before <= at <= window.not_after:
        raise ScheduleInvalidError(problem="outside")
    return Cleared(digest(outgoing), tuple(digest(row.statement) for row in rows))


def _name(outgoing: bytes) -> tuple[str, int]:
    try:
        value = read_json(outgoing)
    except InvalidInputError as error:
        raise DigestMismatchError(problem="unreadable") from error
    match value:
        case {"id": str(subject_id), "version": int(version)}:
            return subject_id, version
    raise DigestMismatchError(problem="unreadable")


async def _verify(
    connection: AsyncConnection, office: Office, rules: Rules, row: ApprovalRow, *, at: datetime
) -> Verified:
    try:
        verified = verify(
            row.signature,
            row.statement,
            trust=rules.trust,
            revocation=office.revocation,
            at=row.approved_at,
            revocation_at=at,
            policy=office.signatures,
        )
    except CertificateRevokedError as error:
        raise ApprovalRevokedError(kind=row.kind, subject=row.subject_id) from error
    except RevocationUnavailableError:
        raise
    except SignatureRefusedError as error:
        raise DigestMismatchError(kind=row.kind, subject=row.subject_id, problem=error.code) from error
    await check_enrolled(
        connection,
        office,
        rules.known_trust,
        staff_id=row.staff_id,
        certificate_sha256=verified.certificate.sha256,
    )
    return verified
