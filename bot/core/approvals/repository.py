"""Queries of challenges, approvals and policy changes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals.models import approval_challenges, approval_proofs, approvals, policy_changes
from bot.core.signatures import RevocationProof
from bot.core.staff.models import ProposalState


@dataclass(frozen=True, slots=True)
class Challenge:
    """A statement that waits to be signed."""

    jti: str
    kind: str
    subject_id: str
    version: int
    staff_id: str
    statement: bytes
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """One person's signed approval of one version."""

    kind: str
    subject_id: str
    version: int
    staff_id: str
    person: str
    key_sha256: str
    certificate_sha256: str
    statement: bytes
    signature: bytes
    proofs: tuple[str, ...]
    approved_at: datetime


@dataclass(frozen=True, slots=True)
class PolicyChangeRow:
    """Policies and roots that were proposed; the newest approved one counts."""

    id: str
    version: int
    state: int
    subject: bytes
    roots: bytes
    created_at: datetime
    decided_at: datetime | None


async def add_challenge(connection: AsyncConnection, challenge: Challenge) -> None:
    """Store a challenge."""
    values = {field.name: getattr(challenge, field.name) for field in fields(Challenge)}
    await connection.execute(insert(approval_challenges).values(values))


async def find_challenge(connection: AsyncConnection, jti: str) -> Challenge | None:
    """Return a challenge, also one that was used or has ended."""
    row = (await connection.execute(select(approval_challenges).where(approval_challenges.c.jti == jti))).one_or_none()
    return Challenge(**row._mapping) if row else None


async def use_challenge(connection: AsyncConnection, jti: str, *, now: datetime) -> bool:
    """Use a challenge up; False where it was used already."""
    statement = (
        update(approval_challenges)
        .where(approval_challenges.c.jti == jti, approval_challenges.c.used_at.is_(None))
        .values(used_at=now)
    )
    return (await connection.execute(statement)).rowcount == 1


async def remove_challenges(connection: AsyncConnection, *, ended_before: datetime) -> int:
    """Remove the challenges that nobody answered and that ended before a moment; return how many."""
    statement = delete(approval_challenges).where(
        approval_challenges.c.used_at.is_(None), approval_challenges.c.expires_at < ended_before
    )
    return (await connection.execute(statement)).rowcount


async def add_approval(connection: AsyncConnection, row: ApprovalRow) -> None:
    """Store an approval.

    Raises:
        sqlalchemy.exc.IntegrityError: this account, identity or key approved this version already.
    """
    values = {field.name: getattr(row, field.name) for field in fields(ApprovalRow)}
    await connection.execute(insert(approvals).values(values | {"proofs": " ".join(row.proofs)}))


async def list_approvals(
    connection: AsyncConnection, *, kind: str, subject_id: str, version: int
) -> Sequence[ApprovalRow]:
    """Return the approvals of one version, the oldest first."""
    query = select(*(approvals.c[field.name] for field in fields(ApprovalRow))).where(
        approvals.c.kind == kind, approvals.c.subject_id == subject_id, approvals.c.version == version
    )
    rows = await connection.execute(query.order_by(approvals.c.id))
    return [ApprovalRow(**{**row._mapping, "proofs": tuple(row.proofs.split())}) for row in rows]


async def list_statements(connection: AsyncConnection) -> Sequence[bytes]:
    """Return every statement that was ever approved."""
    return list((await connection.execute(select(approvals.c.statement).order_by(approvals.c.id))).scalars())


async def keep_proofs(connection: AsyncConnection, proofs: Collection[RevocationProof]) -> tuple[str, ...]:
    """Keep revocation evidence, each piece once; return the digests."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    digests = []
    for proof in proofs:
        digests.append(hashlib.sha256(proof.der).hexdigest())
        values = {"sha256": digests[-1], "kind": proof.kind, "der": proof.der}
        await connection.execute(dialect.insert(approval_proofs).values(values).on_conflict_do_nothing())
    return tuple(dict.fromkeys(digests))


async def find_proofs(connection: AsyncConnection, digests: Collection[str]) -> Mapping[str, tuple[str, bytes]]:
    """Return the kind and the bytes of revocation evidence, by digest."""
    query = select(approval_proofs).where(approval_proofs.c.sha256.in_(digests))
    return {row.sha256: (row.kind, row.der) for row in await connection.execute(query)}


async def add_policy_change(connection: AsyncConnection, row: PolicyChangeRow) -> None:
    """Store a proposal of policies and roots."""
    values = {field.name: getattr(row, field.name) for field in fields(PolicyChangeRow)}
    await connection.execute(insert(policy_changes).values(values))


async def find_policy_change(
    connection: AsyncConnection, change_id: str, *, locked: bool = False
) -> PolicyChangeRow | None:
    """Return a proposal; where `locked`, held until the transaction ends."""
    query = select(policy_changes).where(policy_changes.c.id == change_id)
    row = (await connection.execute(query.with_for_update() if locked else query)).one_or_none()
    return PolicyChangeRow(**row._mapping) if row else None


async def list_policy_changes(connection: AsyncConnection) -> Sequence[PolicyChangeRow]:
    """Return all proposals, the oldest first."""
    rows = await connection.execute(select(policy_changes).order_by(policy_changes.c.created_at, policy_changes.c.id))
    return [PolicyChangeRow(**row._mapping) for row in rows]


async def list_approved_policy_changes(connection: AsyncConnection) -> Sequence[PolicyChangeRow]:
    """Return what was approved, the oldest version first."""
    query = select(policy_changes).where(policy_changes.c.state == ProposalState.APPROVED)
    rows = await connection.execute(query.order_by(policy_changes.c.version))
    return [PolicyChangeRow(**row._mapping) for row in rows]


async def decide_policy_change(
    connection: AsyncConnection, change_id: str, *, state: ProposalState, now: datetime
) -> None:
    """Decide a proposal."""
    await connection.execute(
        update(policy_changes).where(policy_changes.c.id == change_id).values(state=state, decided_at=now)
    )
