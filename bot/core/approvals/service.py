"""Use cases of approvals: make a challenge, look at an answer, and let it count (reference, section 4).

An answer takes three steps, so that no transaction is open while a signature is verified: `examine` from a snapshot,
`bot.core.signatures.verify`, and `record`, which asks everything again that may have changed.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals import repository
from bot.core.approvals.errors import (
    AlreadyApprovedError,
    CertificateNotEnrolledError,
    ChallengeExpiredError,
    ChallengeUnknownError,
    ChallengeUsedError,
    ScheduleInvalidError,
    SelfApprovalError,
    VersionSupersededError,
    WrongStateError,
)
from bot.core.approvals.kept import APPROVER
from bot.core.approvals.policies import rules_in_force
from bot.core.approvals.ports import Office, Submitted, Window
from bot.core.approvals.repository import ApprovalRow, Challenge
from bot.core.audit.chain import Fact
from bot.core.signatures import TrustStore, Verified
from bot.core.staff import accounts, enrolments
from bot.core.staff.enrolments import EnrolmentStateError, Identity
from bot.core.staff.errors import NotAuthorisedError, SamePersonError
from bot.core.staff.models import ProposalState
from bot.core.staff.roles import Holding, Role, in_force
from bot.core.statements import Approval, EnrolmentApproval, digest, read_statement
from bot.core.statements.models import Approver, Enrolment, LogHead, Policy, Subject

ONLINE = timedelta(minutes=10)
NONCE_BYTES = 24
KEEP_ENDED = timedelta(days=1)
"""So long somebody who comes late is told so, and not that there is no such challenge."""


class Purpose(StrEnum):
    """Why somebody signs; the statement names it as their role."""

    APPROVE = APPROVER
    PROVE = "holder"
    """To show that they have the key of a certificate that is not enrolled yet; counts as no approval."""


@dataclass(frozen=True, slots=True)
class Examined:
    """A challenge that may be answered, as a snapshot showed it."""

    challenge: Challenge
    statement: Approval
    trust: TrustStore

    @property
    def purpose(self) -> Purpose:
        """Return why it is signed."""
        return Purpose(self.statement.approver.role)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where a subject stands after an approval."""

    count: int
    required: int

    @property
    def is_complete(self) -> bool:
        """Tell whether enough have signed."""
        return self.count >= self.required


async def issue_challenge(
    connection: AsyncConnection,
    office: Office,
    *,
    kind: str,
    subject_id: str,
    staff_id: str,
    purpose: Purpose,
    lasts: timedelta = ONLINE,
    now: datetime,
) -> Challenge:
    """Make a statement for somebody to sign, which ends after `lasts` and counts once.

    Raises:
        NotFoundError: there is no such subject.
        NotAuthorisedError, SelfApprovalError, AlreadyApprovedError, WrongStateError, ScheduleInvalidError: they could
            not approve it now anyway.
    """
    source = office.source(kind)
    submitted = await source.load(connection, subject_id, locked=False)
    subject = submitted.subject
    policy = (await rules_in_force(connection, office)).policy(submitted.policy)
    if purpose is Purpose.APPROVE:
        await _check_approver(connection, submitted, policy, kind=kind, staff_id=staff_id, now=now)
    else:
        await _check_holder(connection, subject, staff_id=staff_id)
    head = await office.log.head(connection)
    moment = now.replace(microsecond=0)
    statement = source.statement.model_validate(
        {
            "aud": office.aud,
            "jti": secrets.token_urlsafe(NONCE_BYTES),
            "iat": moment,
            "exp": moment + lasts,
            "approver": Approver(id=staff_id, role=purpose.value),
            "policy": policy,
            "log": LogHead(size=head.size, head=head.head),
            source.statement.SUBJECT: subject,
        }
    )
    challenge = Challenge(
        jti=statement.jti,
        kind=kind,
        subject_id=subject_id,
        version=subject.version,
        staff_id=staff_id,
        statement=statement.to_bytes(),
        expires_at=statement.exp,
        used_at=None,
    )
    await repository.add_challenge(connection, challenge)
    return challenge


async def examine(
    connection: AsyncConnection, office: Office, *, kind: str, subject_id: str, jti: str, staff_id: str, now: datetime
) -> Examined:
    """Return the challenge that somebody answers, having made sure that an answer could count.

    Raises:
        ChallengeUnknownError, ChallengeUsedError, ChallengeExpiredError: not with this challenge.
        NotAuthorisedError, SelfApprovalError, AlreadyApprovedError, WrongStateError, ScheduleInvalidError: not by them,
            or not now.
        VersionSupersededError: the subject was changed, or the policy by which it is approved.
    """
    challenge = await repository.find_challenge(connection, jti)
    if (
        challenge is None
        or challenge.staff_id != staff_id
        or (challenge.kind, challenge.subject_id) != (kind, subject_id)
    ):
        raise ChallengeUnknownError
    if challenge.used_at is not None:
        raise ChallengeUsedError
    if now > challenge.expires_at:
        raise ChallengeExpiredError
    statement = read_statement(challenge.statement)
    if not isinstance(statement, Approval):
        raise ChallengeUnknownError
    rules = await rules_in_force(connection, office)
    if statement.policy != rules.policies.get(statement.policy.id):
        raise VersionSupersededError(kind=kind, subject=subject_id)
    examined = Examined(challenge, statement, rules.trust)
    await _check_unchanged(connection, office, examined, locked=False, now=now)
    return examined


async def record(
    connection: AsyncConnection, office: Office, examined: Examined, verified: Verified, *, now: datetime
) -> Outcome:
    """Let a verified signature count, in one transaction; the caller rolls back what raises.

    Raises:
        CertificateNotEnrolledError: the certificate is not this person's.
        SamePersonError: this person, or this key, has approved or edited it under another account.
        ChallengeUsedError: somebody was faster with the same challenge.
        ProductError: as `examine`, for what changed meanwhile, or the subject's owner refuses it.
    """
    challenge, statement = examined.challenge, examined.statement
    submitted, holding = await _check_unchanged(connection, office, examined, locked=True, now=now)
    identity = Identity.of(verified.certificate)
    if examined.purpose is Purpose.PROVE:
        return await _record_proof(connection, office, examined, verified, now=now)
    if not await enrolments.is_enrolled(
        connection, staff_id=challenge.staff_id, certificate_sha256=verified.certificate.sha256
    ):
        raise CertificateNotEnrolledError
    # Before anybody is compared: whoever lost a race for this challenge is told so, not that they are two people.
    if not await repository.use_challenge(connection, challenge.jti, now=now):
        raise ChallengeUsedError
    others = await repository.list_approvals(
        connection, kind=challenge.kind, subject_id=challenge.subject_id, version=challenge.version
    )
    await _check_different_people(connection, statement, identity, others)
    row = ApprovalRow(
        kind=challenge.kind,
        subject_id=challenge.subject_id,
        version=challenge.version,
        staff_id=challenge.staff_id,
        person=identity.person,
        key_sha256=identity.key_sha256,
        certificate_sha256=verified.certificate.sha256,
        statement=challenge.statement,
        signature=verified.stored,
        proofs=await repository.keep_proofs(connection, verified.revocation),
        approved_at=now,
    )
    try:
        await repository.add_approval(connection, row)
    except IntegrityError as error:
        raise SamePersonError(staff=challenge.staff_id) from error
    outcome = Outcome(len(others) + 1, statement.policy.required)
    facts = _facts(examined, verified) | {"count": outcome.count, "required": outcome.required}
    if holding is not None and holding.substitute_for is not None:
        facts["substitute_for"] = holding.substitute_for
    if outcome.is_complete:
        await office.source(challenge.kind).approved(connection, submitted.subject, by=challenge.staff_id, now=now)
    # Last, as everywhere: the log's lock is held until the end, and whoever has it waits for no other.
    await office.log.append(connection, "approval.given", facts, now=now)
    return outcome


async def reject(
    connection: AsyncConnection,
    office: Office,
    *,
    kind: str,
    subject_id: str,
    staff_id: str,
    reason: str,
    now: datetime,
) -> None:
    """Put a subject away that waits for approvals. It is logged, not signed: a false one can delay, but not send.

    Raises:
        NotFoundError: there is no such subject.
        NotAuthorisedError: they are no admin of all its areas.
        WrongStateError: nobody waits for approvals of it.
    """
    source = office.source(kind)
    submitted = await source.load(connection, subject_id, locked=True)
    await _holding(connection, staff_id, submitted, now=now)
    if not submitted.is_open:
        raise WrongStateError(kind=kind, subject=subject_id)
    await source.rejected(connection, submitted.subject, by=staff_id, reason=reason, now=now)
    facts: dict[str, Fact] = {"kind": kind, "subject": subject_id, "version": submitted.subject.version}
    facts |= {"staff": staff_id, "reason_sha256": digest(reason.encode())}
    await office.log.append(connection, "approval.rejected", facts, now=now)


async def _record_proof(
    connection: AsyncConnection, office: Office, examined: Examined, verified: Verified, *, now: datetime
) -> Outcome:
    challenge, statement = examined.challenge, examined.statement
    if (
        not isinstance(statement, EnrolmentApproval)
        or verified.certificate.sha256 != statement.enrolment.certificate_sha256
    ):
        raise CertificateNotEnrolledError
    if not await repository.use_challenge(connection, challenge.jti, now=now):
        raise ChallengeUsedError
    await repository.keep_proofs(connection, verified.revocation)
    await enrolments.note_proof(
        connection, challenge.subject_id, statement=challenge.statement, signature=verified.stored
    )
    await office.log.append(connection, "enrolment.proven", _facts(examined, verified), now=now)
    return Outcome(0, statement.policy.required)


async def _check_different_people(
    connection: AsyncConnection, statement: Approval, identity: Identity, others: Sequence[ApprovalRow]
) -> None:
    """Raise where the signer, under another account, approved the subject already or may not approve it."""
    owners = await enrolments.owners_of(connection, identity)
    if owners & excluded(statement.subject, statement.policy):
        raise SamePersonError(staff=statement.approver.id)
    if any(row.person == identity.person or row.key_sha256 == identity.key_sha256 for row in others):
        raise SamePersonError(staff=statement.approver.id)


def _facts(examined: Examined, verified: Verified) -> dict[str, Fact]:
    """Return what the log tells of a signature: digests, so that each line can be held against the evidence."""
    challenge, subject = examined.challenge, examined.statement.subject
    facts: dict[str, Fact] = {
        "kind": challenge.kind,
        "subject": subject.id,
        "version": subject.version,
        "subject_sha256": digest(subject.to_bytes()),
        "staff": challenge.staff_id,
        "statement_sha256": digest(challenge.statement),
        "cms_sha256": digest(verified.stored),
        "cert_sha256": verified.certificate.sha256,
        "alg": verified.algorithm.name,
    }
    return facts | ({"revocation": "stale"} if verified.is_revocation_stale else {})


async def forget_ended_challenges(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget the challenges that nobody answered, a day after their end; return how many."""
    return await repository.remove_challenges(connection, ended_before=now - KEEP_ENDED)


async def _check_unchanged(
    connection: AsyncConnection, office: Office, examined: Examined, *, locked: bool, now: datetime
) -> tuple[Submitted, Holding | None]:
    """Return the subject as it stands, and by what role they approve; raise unless it is what the challenge holds."""
    challenge, statement = examined.challenge, examined.statement
    submitted = await office.source(challenge.kind).load(connection, challenge.subject_id, locked=locked)
    if submitted.subject.to_bytes() != statement.subject.to_bytes():
        raise VersionSupersededError(kind=challenge.kind, subject=challenge.subject_id)
    holding = None
    if examined.purpose is Purpose.APPROVE:
        holding = await _check_approver(
            connection, submitted, statement.policy, kind=challenge.kind, staff_id=challenge.staff_id, now=now
        )
    else:
        await _check_holder(connection, submitted.subject, staff_id=challenge.staff_id)
    return submitted, holding


async def _check_approver(
    connection: AsyncConnection, submitted: Submitted, policy: Policy, *, kind: str, staff_id: str, now: datetime
) -> Holding:
    holding = await _holding(connection, staff_id, submitted, now=now)
    subject = submitted.subject
    if staff_id in excluded(subject, policy):
        raise SelfApprovalError(kind=kind, subject=subject.id)
    approved = await repository.list_approvals(connection, kind=kind, subject_id=subject.id, version=subject.version)
    if any(approval.staff_id == staff_id for approval in approved):
        raise AlreadyApprovedError(kind=kind, subject=subject.id)
    if not submitted.is_open:
        raise WrongStateError(kind=kind, subject=subject.id)
    check_not_past(submitted.window, now=now)
    return holding


async def _holding(connection: AsyncConnection, staff_id: str, submitted: Submitted, *, now: datetime) -> Holding:
    held = await accounts.holdings_of(connection, staff_id)
    holding = in_force(held, Role.ADMIN, now=now, areas=submitted.areas)
    if holding is None:
        raise NotAuthorisedError(lacks=Role.ADMIN.value)
    return holding


async def _check_holder(connection: AsyncConnection, subject: Subject, *, staff_id: str) -> None:
    if not isinstance(subject, Enrolment) or subject.person != staff_id:
        raise NotAuthorisedError(lacks=Purpose.PROVE.value)
    await accounts.get(connection, staff_id)
    if (await enrolments.get(connection, subject.id)).state != ProposalState.PROPOSED:
        raise EnrolmentStateError(enrolment=subject.id)


def excluded(subject: Subject, policy: Policy) -> frozenset[str]:
    """Return who may not approve a subject under a policy."""
    drafter = {subject.drafter} if "drafter" in policy.distinct_from else set()
    editors = set(subject.editors) if "editors" in policy.distinct_from else set()
    return frozenset(drafter | editors)


def check_not_past(window: Window | None, *, now: datetime) -> None:
    """Raise where it could happen no more.

    Raises:
        ScheduleInvalidError: the window is past.
    """
    if window is not None and now > window.not_after:
        raise ScheduleInvalidError(problem="past")
