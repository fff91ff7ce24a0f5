"""The first two admins: enrolled together, each by the other, in one sitting on the machine itself; then never again.

Nobody is there yet who could approve them, so that they approve each other: each signs that they have the key of their
own certificate, and that the other's is the other's. These four statements are ordinary ones, kept as evidence like
all later ones. Nothing is stored until all four are there, and then all of it at once.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals import repository
from bot.core.approvals.errors import (
    BootstrapClosedError,
    CertificateNotEnrolledError,
    ChallengeExpiredError,
    WrongStateError,
)
from bot.core.approvals.policies import BUILT_IN, ENROLMENT
from bot.core.approvals.ports import Office
from bot.core.approvals.repository import ApprovalRow
from bot.core.approvals.service import NONCE_BYTES, Purpose
from bot.core.audit.chain import Head
from bot.core.errors import InvalidInputError
from bot.core.signatures import CertificateFacts, Verified, facts_of, read_certificate, verify
from bot.core.staff import proposals
from bot.core.staff import repository as staff_repository
from bot.core.staff.enrolments import LONGEST_HOLDER, Identity
from bot.core.staff.errors import SamePersonError
from bot.core.staff.models import ProposalState
from bot.core.staff.proposals import EnrolmentRow
from bot.core.staff.roles import Holding, Role
from bot.core.statements import EnrolmentApproval, digest, read_statement
from bot.core.statements.models import Approver, Enrolment, LogHead

SITTING = timedelta(hours=1)
ADMINS_FOR = timedelta(days=5 * 365)
GRANT_ID = "bootstrap"


class SittingIncompleteError(InvalidInputError):
    """The papers are not the four of one sitting."""


@dataclass(frozen=True, slots=True)
class Founder:
    """One of the two: an id for their account, a name, and their certificate (PEM or DER)."""

    staff_id: str
    name: str
    certificate: bytes

    @classmethod
    def of(cls, name: str, certificate: bytes) -> Founder:
        """Return somebody with a new id."""
        return cls(f"nv-{secrets.token_hex(4)}", name, certificate)


@dataclass(frozen=True, slots=True)
class Paper:
    """A statement of the sitting: whose signature it waits for, whose certificate it is about, and its bytes."""

    signer: Founder
    holder: Founder
    statement: bytes


@dataclass(frozen=True, slots=True)
class SignedPaper:
    """A statement of the sitting and the CMS over it, DER."""

    statement: bytes
    signature: bytes


async def check_open(connection: AsyncConnection) -> None:
    """Raise where the first admins are enrolled.

    Raises:
        BootstrapClosedError: they are.
    """
    if await proposals.is_bootstrapped(connection):
        raise BootstrapClosedError


async def open_sitting(
    connection: AsyncConnection, office: Office, first: Founder, second: Founder, *, now: datetime
) -> tuple[Paper, ...]:
    """Return the four statements that two people are to sign within the hour; nothing is stored.

    Raises:
        BootstrapClosedError: the first admins are enrolled.
        CertificateUnreadableError: one of the certificates is none.
        SamePersonError: both certificates are one person's, or have one key.
    """
    await check_open(connection)
    head = await office.log.head(connection)
    facts = {founder.staff_id: facts_of(read_certificate(founder.certificate)) for founder in (first, second)}
    _check_two_people([Identity.of(one) for one in facts.values()])
    return tuple(
        Paper(signer, holder, _statement(office, head, signer, holder, facts[holder.staff_id], now=now))
        for holder in (first, second)
        for signer in (first, second)
    )


async def close_sitting(
    connection: AsyncConnection,
    office: Office,
    founders: Sequence[Founder],
    papers: Sequence[SignedPaper],
    *,
    now: datetime,
) -> None:
    """Verify the four signed statements and make both people admins; the caller rolls back what raises.

    Raises:
        BootstrapClosedError: the first admins are enrolled.
        SittingIncompleteError: these are not the four statements of one sitting.
        ChallengeExpiredError: it is more than an hour since they were made.
        WrongStateError: the audit log went on since.
        CertificateNotEnrolledError: one is signed with a certificate that is not the signer's.
        SamePersonError: both are one person, or have one key.
        SignatureRefusedError: a signature does not count.
    """
    await check_open(connection)
    head = await office.log.head(connection, locked=True)
    by_id = {founder.staff_id: founder for founder in founders}
    read = {_key(statement): (statement, paper) for statement, paper in ((_read(paper), paper) for paper in papers)}
    if len(by_id) != 2 or len(papers) != 4 or set(read) != {(s, h) for s in by_id for h in by_id}:
        raise SittingIncompleteError
    verified: dict[tuple[str, str], Verified] = {}
    for key, (statement, paper) in read.items():
        _check_statement(office, head, statement, read[key[1], key[1]][0].enrolment, now=now)
        verified[key] = verify(
            paper.signature,
            paper.statement,
            trust=office.roots,
            revocation=office.revocation,
            at=now,
            policy=office.signatures,
        )
        own = facts_of(read_certificate(by_id[key[0]].certificate))
        if verified[key].certificate.sha256 != own.sha256:
            raise CertificateNotEnrolledError
    own_papers = {staff_id: (*read[staff_id, staff_id], verified[staff_id, staff_id]) for staff_id in by_id}
    _check_two_people([Identity.of(signed.certificate) for _, _, signed in own_papers.values()])
    for staff_id, (proof, paper, signed) in own_papers.items():
        if signed.certificate.sha256 != proof.enrolment.certificate_sha256:
            raise CertificateNotEnrolledError
        await _add_admin(connection, by_id[staff_id], proof, paper, signed, now=now)
    for (signer_id, holder_id), (statement, paper) in read.items():
        if signer_id != holder_id:
            await _add_approval(connection, statement, paper, verified[signer_id, holder_id], now=now)
    first, second = sorted(by_id)
    try:
        await proposals.close_bootstrap(connection, first=first, second=second, now=now)
    except IntegrityError as error:
        raise BootstrapClosedError from error
    facts = {"first": first, "second": second, "statements_sha256": [digest(paper.statement) for paper in papers]}
    await office.log.append(connection, "staff.bootstrapped", facts, now=now)


def _statement(
    office: Office, head: Head, signer: Founder, holder: Founder, facts: CertificateFacts, *, now: datetime
) -> bytes:
    moment = now.replace(microsecond=0)
    purpose = Purpose.PROVE if signer == holder else Purpose.APPROVE
    # The same for both signers: an id from the certificate, not a random one.
    subject = Enrolment(
        id=f"enr-{facts.sha256[:10]}",
        version=1,
        drafter=holder.staff_id,
        editors=(),
        person=holder.staff_id,
        certificate_sha256=facts.sha256,
        key_sha256=facts.key_sha256,
        holder=facts.subject[:LONGEST_HOLDER],
    )
    return EnrolmentApproval(
        aud=office.aud,
        jti=secrets.token_urlsafe(NONCE_BYTES),
        iat=moment,
        exp=moment + SITTING,
        approver=Approver(id=signer.staff_id, role=purpose.value),
        policy=next(policy for policy in BUILT_IN if policy.id == ENROLMENT),
        log=LogHead(size=head.size, head=head.head),
        enrolment=subject,
    ).to_bytes()


def _read(paper: SignedPaper) -> EnrolmentApproval:
    statement = read_statement(paper.statement)
    if not isinstance(statement, EnrolmentApproval):
        raise SittingIncompleteError
    return statement


def _key(statement: EnrolmentApproval) -> tuple[str, str]:
    """Return who signs, and whose certificate it is about."""
    return statement.approver.id, statement.enrolment.person


def _check_statement(
    office: Office, head: Head, statement: EnrolmentApproval, subject: Enrolment, *, now: datetime
) -> None:
    purpose = Purpose.PROVE if statement.approver.id == subject.person else Purpose.APPROVE
    if (
        statement.aud != office.aud
        or statement.enrolment != subject
        or statement.approver.role != purpose.value
        or statement.policy not in BUILT_IN
        or statement.policy.id != ENROLMENT
        or statement.exp - statement.iat > SITTING
    ):
        raise SittingIncompleteError
    if not statement.iat <= now <= statement.exp:
        raise ChallengeExpiredError
    if (statement.log.size, statement.log.head) != (head.size, head.head):
        raise WrongStateError(problem="log")


def _check_two_people(identities: Sequence[Identity]) -> None:
    persons = {identity.person for identity in identities}
    keys = {identity.key_sha256 for identity in identities}
    if len(persons) < len(identities) or len(keys) < len(identities):
        raise SamePersonError


async def _add_admin(
    connection: AsyncConnection,
    founder: Founder,
    proof: EnrolmentApproval,
    paper: SignedPaper,
    verified: Verified,
    *,
    now: datetime,
) -> None:
    facts = verified.certificate
    identity = Identity.of(facts)
    await staff_repository.add_account(connection, staff_id=founder.staff_id, name=founder.name, now=now)
    await staff_repository.set_person(connection, founder.staff_id, identity.person)
    await proposals.keep_key(connection, key_sha256=identity.key_sha256, staff_id=founder.staff_id)
    row = EnrolmentRow(
        id=proof.enrolment.id,
        staff_id=founder.staff_id,
        state=ProposalState.APPROVED,
        subject=proof.enrolment.to_bytes(),
        certificate=facts.der,
        certificate_sha256=facts.sha256,
        key_sha256=facts.key_sha256,
        person=identity.person,
        not_after=facts.not_after,
        proof_statement=paper.statement,
        proof_signature=verified.stored,
        created_at=now,
        decided_at=now,
        ended_at=None,
    )
    await proposals.add_enrolment(connection, row)
    holding = Holding(founder.staff_id, Role.ADMIN, (), now, now + ADMINS_FOR, None)
    await staff_repository.add_holding(connection, holding, grant_id=GRANT_ID)


async def _add_approval(
    connection: AsyncConnection, statement: EnrolmentApproval, paper: SignedPaper, verified: Verified, *, now: datetime
) -> None:
    identity = Identity.of(verified.certificate)
    row = ApprovalRow(
        kind="enrolments",
        subject_id=statement.enrolment.id,
        version=1,
        staff_id=statement.approver.id,
        person=identity.person,
        key_sha256=identity.key_sha256,
        certificate_sha256=verified.certificate.sha256,
        statement=paper.statement,
        signature=verified.stored,
        proofs=await repository.keep_proofs(connection, verified.revocation),
        approved_at=now,
    )
    await repository.add_approval(connection, row)
