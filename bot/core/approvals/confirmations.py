"""Who approved what has left already, told from the evidence that was kept: for whoever asks later whether it is true.

Unlike `rechecks` it asks how things stood then. A certificate that has ended or was revoked since took nothing back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import NameOID
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals import repository
from bot.core.approvals.errors import ApprovalsMissingError, DigestMismatchError
from bot.core.approvals.kept import check_enrolled, count_people, read_approval, verify_kept
from bot.core.approvals.mandates import check_mandated
from bot.core.approvals.policies import rules_in_force
from bot.core.approvals.ports import Office
from bot.core.approvals.service import excluded
from bot.core.audit.chain import Head
from bot.core.signatures import CertificateFacts
from bot.core.staff import enrolments
from bot.core.staff.enrolments import Identity
from bot.core.statements import digest
from bot.core.statements.models import Subject
from bot.core.text import nfc


@dataclass(frozen=True, slots=True)
class Confirmed:
    """One person's approval, as the signature and its certificate tell it.

    `name` and `authority` are the common names of the certificate's holder and issuer: no number of anybody's.
    `seen` is where the log stood when they were asked, which they signed too.
    """

    name: str
    authority: str
    approved_at: datetime
    statement_sha256: str
    seen: Head


async def confirm(
    connection: AsyncConnection,
    office: Office,
    *,
    kind: str,
    subject: Subject,
    areas: Collection[str],
    left_at: datetime,
) -> Sequence[Confirmed]:
    """Return who approved exactly this, each signature verified anew, the earliest first.

    Args:
        connection: a snapshot.
        office: what approvals rest on.
        kind: of the subject.
        subject: what left, read from the bytes that left.
        areas: where it went: whoever approved had to be an admin of all of them.
        left_at: when it did; nobody's approval counts that came later, or whose certificate was ended before.

    Raises:
        DigestMismatchError: some evidence is not what was signed.
        ApprovalRevokedError: somebody's certificate did not count as theirs then.
        ApprovalsMissingError: fewer different people approved than the policy that they signed wants, or that of then.
    """
    rules = await rules_in_force(connection, office, at=left_at)
    outgoing = subject.to_bytes()
    rows = await repository.list_approvals(connection, kind=kind, subject_id=subject.id, version=subject.version)
    confirmed, identities, required = [], [], 1
    for row in rows:
        statement = read_approval(office, row, outgoing)
        # Not compared with the address of today, which may have changed: `seen` binds it to this deployment's log.
        if statement.policy not in rules.known or row.approved_at > left_at:
            raise DigestMismatchError(kind=kind, subject=subject.id, problem="statement")
        certificate = (await verify_kept(connection, office, row, rules.known_trust)).certificate
        await check_enrolled(
            connection,
            office,
            rules.known_trust,
            staff_id=row.staff_id,
            certificate_sha256=certificate.sha256,
            or_ended_after=left_at,
        )
        await check_mandated(connection, office, rules, staff_id=row.staff_id, areas=areas, at=row.approved_at)
        identity = Identity.of(certificate)
        if (await enrolments.owners_of(connection, identity)) & excluded(subject, statement.policy):
            raise DigestMismatchError(kind=kind, subject=subject.id, problem="author")
        identities.append(identity)
        required = max(required, statement.policy.required, rules.policy(statement.policy.id).required)
        confirmed.append(
            Confirmed(
                *_names(certificate),
                approved_at=row.approved_at,
                statement_sha256=digest(row.statement),
                seen=Head(statement.log.size, statement.log.head),
            )
        )
    if count_people(identities) < required or len({row.staff_id for row in rows}) < required:
        raise ApprovalsMissingError(kind=kind, subject=subject.id, count=len(rows), required=required)
    return sorted(confirmed, key=lambda each: each.approved_at)


def _names(certificate: CertificateFacts) -> tuple[str, str]:
    read = x509.load_der_x509_certificate(certificate.der)
    return _common_name(read.subject), _common_name(read.issuer)


def _common_name(name: x509.Name) -> str:
    """Return the common name; "" where there is none, since what else stands in a name may be somebody's number."""
    values = [attribute.value for attribute in name.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return nfc(next((value for value in values if isinstance(value, str)), ""))
