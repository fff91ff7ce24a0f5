"""The check before anything leaves: from the evidence, whatever the rows' states say (reference, section 4.9)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
from bot.core.approvals.mandates import check_mandate_stands, check_mandated
from bot.core.approvals.policies import Rules, rules_in_force
from bot.core.approvals.ports import Office, Window
from bot.core.approvals.repository import ApprovalRow
from bot.core.approvals.service import excluded
from bot.core.audit.chain import Head
from bot.core.errors import InvalidInputError
from bot.core.signatures import (
    CertificateRevokedError,
    RevocationSource,
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
    """What may leave, and the digests of the approvals' statements that say so: for the audit log.

    `seen` is where the log stood when the first of the signers was asked.
    """

    subject_sha256: str
    statements: tuple[str, ...]
    seen: Head


async def list_signers_paths(
    connection: AsyncConnection, office: Office, *, kind: str, outgoing: bytes
) -> Sequence[Sequence[bytes]]:
    """Return the paths of all who approved these bytes, for `Office.prepare`.

    Whoever is about to send awaits `prepare` for each, the snapshot closed, and calls `recheck` then: only so does a
    revocation of the last minutes count.

    Raises:
        DigestMismatchError: they are no subject's bytes, or the stored evidence was tampered with.
    """
    subject_id, version = _name(outgoing)
    rules = await rules_in_force(connection, office)
    rows = await repository.list_approvals(connection, kind=kind, subject_id=subject_id, version=version)
    return [_verify(office, rules, row, revocation=None, at=row.approved_at).path for row in rows]


async def recheck(
    connection: AsyncConnection,
    office: Office,
    *,
    kind: str,
    outgoing: bytes,
    areas: Collection[str],
    window: Window | None,
    at: datetime,
) -> Cleared:
    """Make sure that exactly these bytes were approved by enough different people, and still may leave at `at`.

    Args:
        connection: a snapshot.
        office: what approvals rest on.
        kind: of the subject.
        outgoing: the canonical bytes of the subject, computed anew from what is about to leave.
        areas: where it goes, computed anew too: whoever approved must be an admin of all of them.
        window: when it may leave, computed anew too.
        at: now.

    Raises:
        DigestMismatchError: they are not the bytes that were signed, or the stored evidence was tampered with.
        ApprovalRevokedError: an approval's certificate was revoked, or ended, since; or its signer's role was taken.
        RevocationUnavailableError: nobody can tell now whether one was.
        ApprovalsMissingError: fewer different people approved than both the signed policy and the present one want.
        ScheduleInvalidError: outside of the window.
    """
    subject_id, version = _name(outgoing)
    rows = await repository.list_approvals(connection, kind=kind, subject_id=subject_id, version=version)
    rules = await rules_in_force(connection, office)
    identities, heads = [], []
    required = 1
    for row in rows:
        statement = read_approval(office, row, outgoing)
        if statement.aud != office.aud or statement.policy not in rules.known:
            raise DigestMismatchError(kind=kind, subject=subject_id, problem="statement")
        certificate = _verify(office, rules, row, revocation=office.revocation, at=at).certificate
        identity = Identity.of(certificate)
        await check_enrolled(
            connection, office, rules.known_trust, staff_id=row.staff_id, certificate_sha256=certificate.sha256
        )
        await check_mandate_stands(connection, staff_id=row.staff_id, areas=areas, at=row.approved_at)
        await check_mandated(connection, office, rules, staff_id=row.staff_id, areas=areas, at=row.approved_at)
        present = rules.policy(statement.policy.id)
        barred = excluded(statement.subject, statement.policy) | excluded(statement.subject, present)
        if (await enrolments.owners_of(connection, identity)) & barred:
            raise DigestMismatchError(kind=kind, subject=subject_id, problem="author")
        identities.append(identity)
        heads.append(Head(statement.log.size, statement.log.head))
        required = max(required, statement.policy.required, present.required)
    if count_people(identities) < required or len({row.staff_id for row in rows}) < required:
        raise ApprovalsMissingError(kind=kind, subject=subject_id, count=len(rows), required=required)
    if window is not None and not window.not_before <= at <= window.not_after:
        raise ScheduleInvalidError(problem="outside")
    seen = min(heads, key=lambda head: head.size)
    return Cleared(digest(outgoing), tuple(digest(row.statement) for row in rows), seen)


def _name(outgoing: bytes) -> tuple[str, int]:
    try:
        value = read_json(outgoing)
    except InvalidInputError as error:
        raise DigestMismatchError(problem="unreadable") from error
    match value:
        case {"id": str(subject_id), "version": int(version)}:
            return subject_id, version
    raise DigestMismatchError(problem="unreadable")


def _verify(
    office: Office, rules: Rules, row: ApprovalRow, *, revocation: RevocationSource | None, at: datetime
) -> Verified:
    try:
        return verify(
            row.signature,
            row.statement,
            trust=rules.trust,
            revocation=revocation,
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
