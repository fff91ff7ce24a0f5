"""Earlier signatures, verified again from what was kept of them: who is enrolled, and which policies are in force.

The moment and the revocation evidence are those of the approval, so that it counts years later as it did then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from cryptography import x509
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals import repository
from bot.core.approvals.errors import ApprovalRevokedError, DigestMismatchError
from bot.core.approvals.ports import Office
from bot.core.approvals.repository import ApprovalRow
from bot.core.errors import InvalidInputError
from bot.core.signatures import (
    OcspAnswer,
    RevocationEvidence,
    SignatureRefusedError,
    TrustStore,
    Verified,
    verify,
)
from bot.core.staff import proposals
from bot.core.staff.enrolments import Identity
from bot.core.staff.models import ProposalState
from bot.core.staff.proposals import EnrolmentRow
from bot.core.statements import Approval, read_statement

APPROVER = "admin"
"""The role that an approver's statement names."""


class KeptProofs:
    """A `RevocationSource` of what was kept beside one approval."""

    def __init__(self, proofs: Mapping[str, tuple[str, bytes]]) -> None:
        crls = tuple(der for kind, der in proofs.values() if kind == "crl")
        answers = tuple(OcspAnswer(der) for kind, der in proofs.values() if kind == "ocsp")
        self._evidence = RevocationEvidence(crls, answers)

    def evidence_for(self, certificate: x509.Certificate, issuer: x509.Certificate) -> RevocationEvidence:
        """Return all of it."""
        return self._evidence


def read_approval(office: Office, row: ApprovalRow, subject: bytes) -> Approval:
    """Return the statement of an approval, which is about `subject`, by whom and from when the row says.

    For which deployment it was is left to the caller: an address may have changed since.

    Raises:
        DigestMismatchError: it is not.
    """
    try:
        statement = read_statement(row.statement)
    except InvalidInputError as error:
        raise DigestMismatchError(kind=row.kind, subject=row.subject_id, problem="statement") from error
    if (
        not isinstance(statement, office.source(row.kind).statement)
        or statement.subject.to_bytes() != subject
        or (statement.approver.id, statement.approver.role) != (row.staff_id, APPROVER)
        or not statement.iat <= row.approved_at <= statement.exp
    ):
        raise DigestMismatchError(kind=row.kind, subject=row.subject_id, problem="statement")
    return statement


async def verify_kept(connection: AsyncConnection, office: Office, row: ApprovalRow, trust: TrustStore) -> Verified:
    """Verify an approval's signature as it was verified then.

    Raises:
        DigestMismatchError: it does not count, so that it cannot have counted then.
    """
    source = KeptProofs(await repository.find_proofs(connection, row.proofs))
    try:
        return verify(
            row.signature,
            row.statement,
            trust=trust,
            revocation=source,
            at=row.approved_at,
            policy=office.signatures,
        )
    except SignatureRefusedError as error:
        raise DigestMismatchError(kind=row.kind, subject=row.subject_id, problem=error.code) from error


def count_people(identities: Sequence[Identity]) -> int:
    """Return how many different people these are at least: nobody twice, and no key twice."""
    return min(len({identity.person for identity in identities}), len({identity.key_sha256 for identity in identities}))


async def check_enrolled(
    connection: AsyncConnection,
    office: Office,
    trust: TrustStore,
    *,
    staff_id: str,
    certificate_sha256: str,
    or_ended_after: datetime | None = None,
) -> None:
    """Make sure that a certificate counts as somebody's, back to the first two admins, signature by signature.

    Args:
        connection: a snapshot.
        office: what approvals rest on.
        trust: the roots of all versions there ever were.
        staff_id: whose it is said to be.
        certificate_sha256: which certificate.
        or_ended_after: where what it signed left already, one that was ended since counts too.

    Raises:
        ApprovalRevokedError: it is not enrolled, or was ended.
        DigestMismatchError: somebody enrolled it without the signatures that this takes.
    """
    allowed = {ProposalState.APPROVED}
    seen: set[tuple[str, str]] = set()
    waiting = [(staff_id, certificate_sha256)]
    founders = await proposals.list_founders(connection)
    while waiting:
        person, certificate = waiting.pop()
        if (person, certificate) in seen:
            continue
        seen.add((person, certificate))
        rows = await proposals.list_enrolments(connection, staff_ids=(person,), certificate_sha256=certificate)
        enrolled = next((row for row in rows if row.state in allowed or _ended_after(row, or_ended_after)), None)
        if enrolled is None:
            raise ApprovalRevokedError(staff=person)
        # Whoever enrolled somebody may have a new certificate since.
        allowed = {ProposalState.APPROVED, ProposalState.ENDED}
        approvals = await repository.list_approvals(connection, kind="enrolments", subject_id=enrolled.id, version=1)
        signers = [
            (row.staff_id, (await verify_kept(connection, office, row, trust)).certificate.sha256)
            for row in approvals
            if read_approval(office, row, enrolled.subject)
        ]
        if not signers:
            raise DigestMismatchError(kind="enrolments", subject=enrolled.id, problem="unsigned")
        waiting += signers
    # Each of the first two signed for the other, so that every true chain ends in both of them.
    if not founders or not founders <= {person for person, _ in seen}:
        raise DigestMismatchError(kind="enrolments", problem="unfounded")


def _ended_after(row: EnrolmentRow, moment: datetime | None) -> bool:
    if moment is None or row.state != ProposalState.ENDED or row.ended_at is None:
        return False
    return row.ended_at >= moment
