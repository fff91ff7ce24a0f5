"""Use cases of certificates: propose one's own, show that one has its key, have it counted, and end it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.audit.log import AuditLog
from bot.core.errors import ConflictError
from bot.core.signatures import (
    CertificateExpiredError,
    CertificateFacts,
    facts_of,
    read_certificate,
)
from bot.core.staff import accounts, proposals, repository
from bot.core.staff.errors import EnrolmentUnknownError, PersonChangedError, SamePersonError
from bot.core.staff.models import ProposalState
from bot.core.staff.proposals import EnrolmentRow
from bot.core.statements.models import Enrolment

LONGEST_HOLDER = 300


class EnrolmentStateError(ConflictError):
    """The enrolment is not where this can happen to it."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a certificate says its holder is, and its key: digests by which people are told apart."""

    person: str
    key_sha256: str

    @classmethod
    def of(cls, facts: CertificateFacts) -> Identity:
        """Return a certificate's. Its subject may hold an identity number, so that a digest stands for it."""
        return cls(hashlib.sha256(facts.subject_id.encode()).hexdigest(), facts.key_sha256)


async def propose(
    connection: AsyncConnection, log: AuditLog, *, staff_id: str, certificate: bytes, now: datetime
) -> EnrolmentRow:
    """Take a certificate (PEM or DER) that somebody says is theirs; nothing counts yet.

    Raises:
        StaffUnknownError: there is no such account.
        CertificateUnreadableError: it is no certificate.
        CertificateExpiredError: it has ended.
        SamePersonError: another account is this person, or has this key.
        PersonChangedError: the account's earlier certificates name another person.
    """
    account = await accounts.get(connection, staff_id)
    facts = facts_of(read_certificate(certificate))
    if facts.not_after < now:
        raise CertificateExpiredError
    identity = Identity.of(facts)
    await _check_owner(connection, staff_id, identity)
    if account.person not in {None, identity.person}:
        raise PersonChangedError(staff=staff_id)
    subject = Enrolment(
        id=f"enr-{secrets.token_hex(5)}",
        version=1,
        drafter=staff_id,
        editors=(),
        person=staff_id,
        certificate_sha256=facts.sha256,
        key_sha256=facts.key_sha256,
        holder=facts.subject[:LONGEST_HOLDER],
    )
    row = EnrolmentRow(
        id=subject.id,
        staff_id=staff_id,
        state=ProposalState.PROPOSED,
        subject=subject.to_bytes(),
        certificate=facts.der,
        certificate_sha256=facts.sha256,
        key_sha256=facts.key_sha256,
        person=identity.person,
        not_after=facts.not_after,
        proof_statement=None,
        proof_signature=None,
        created_at=now,
        decided_at=None,
        ended_at=None,
    )
    await proposals.add_enrolment(connection, row)
    told = {"enrolment": row.id, "staff": staff_id, "cert_sha256": row.certificate_sha256}
    await log.append(connection, "enrolment.proposed", told, now=now)
    return row


async def get(connection: AsyncConnection, enrolment_id: str, *, locked: bool = False) -> EnrolmentRow:
    """Return an enrolment.

    Raises:
        EnrolmentUnknownError: there is none.
    """
    row = await proposals.find_enrolment(connection, enrolment_id, locked=locked)
    if row is None:
        raise EnrolmentUnknownError(enrolment=enrolment_id)
    return row


async def note_proof(connection: AsyncConnection, enrolment_id: str, *, statement: bytes, signature: bytes) -> None:
    """Keep what shows that the holder has the key; from now on another admin may sign.

    Raises:
        EnrolmentUnknownError, EnrolmentStateError: nobody waits for it.
    """
    row = await get(connection, enrolment_id, locked=True)
    if row.state != ProposalState.PROPOSED:
        raise EnrolmentStateError(enrolment=enrolment_id)
    await proposals.change_enrolment(
        connection,
        enrolment_id,
        state=ProposalState.PROVEN,
        proof_statement=statement,
        proof_signature=signature,
    )


async def enrol(connection: AsyncConnection, enrolment_id: str, *, now: datetime) -> None:
    """Let a certificate count, whose proof and approval were verified.

    Raises:
        EnrolmentUnknownError, EnrolmentStateError: it was not proven, or decided already.
        SamePersonError, PersonChangedError: the person or the key went to another account meanwhile.
        sqlalchemy.exc.IntegrityError: they are going to one just now.
    """
    row = await get(connection, enrolment_id, locked=True)
    if row.state != ProposalState.PROVEN:
        raise EnrolmentStateError(enrolment=enrolment_id)
    account = await accounts.get(connection, row.staff_id)
    await _check_owner(connection, row.staff_id, Identity(row.person, row.key_sha256))
    if account.person is None:
        await repository.set_person(connection, row.staff_id, row.person)
    elif account.person != row.person:
        raise PersonChangedError(staff=row.staff_id)
    await proposals.keep_key(connection, key_sha256=row.key_sha256, staff_id=row.staff_id)
    await proposals.change_enrolment(connection, enrolment_id, state=ProposalState.APPROVED, decided_at=now)


async def end(connection: AsyncConnection, log: AuditLog, enrolment_id: str, *, by: str, now: datetime) -> None:
    """Let a certificate count no more, at once; what it approved and is not yet sent is void.

    Raises:
        EnrolmentUnknownError: there is none.
    """
    row = await get(connection, enrolment_id, locked=True)
    if row.state in {ProposalState.ENDED, ProposalState.REJECTED}:
        return
    await proposals.change_enrolment(connection, enrolment_id, state=ProposalState.ENDED, ended_at=now)
    told = {"enrolment": row.id, "staff": row.staff_id, "cert_sha256": row.certificate_sha256, "by": by}
    await log.append(connection, "enrolment.ended", told, now=now)


async def is_enrolled(connection: AsyncConnection, *, staff_id: str, certificate_sha256: str) -> bool:
    """Tell whether a certificate counts as this person's now."""
    rows = await proposals.list_enrolments(connection, staff_ids=(staff_id,), certificate_sha256=certificate_sha256)
    return any(row.state == ProposalState.APPROVED for row in rows)


async def owners_of(connection: AsyncConnection, identity: Identity) -> frozenset[str]:
    """Return the accounts that were ever enrolled as this person or with this key."""
    return await proposals.find_owners(connection, person=identity.person, key_sha256=identity.key_sha256)


async def _check_owner(connection: AsyncConnection, staff_id: str, identity: Identity) -> None:
    if await owners_of(connection, identity) - {staff_id}:
        raise SamePersonError(staff=staff_id)
