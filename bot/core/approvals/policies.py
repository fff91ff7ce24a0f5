"""Policies: how many must sign what, and who may not; and the roots that certificates must come from.

Version 1 of both is the product's and the operator's setting. Each later version is a proposal that the quorum of the
version before has signed, and its number is one more.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives import hashes
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals import repository
from bot.core.approvals.errors import (
    DigestMismatchError,
    PolicyRefusedError,
    SubjectUnknownError,
    VersionSupersededError,
)
from bot.core.approvals.kept import count_people, read_approval, verify_kept
from bot.core.approvals.ports import Office, Submitted
from bot.core.approvals.repository import PolicyChangeRow
from bot.core.audit.bundle import pem
from bot.core.audit.chain import Fact
from bot.core.signatures import TrustStore
from bot.core.staff.enrolments import Identity
from bot.core.staff.models import ProposalState
from bot.core.statements import (
    BroadcastApproval,
    EnrolmentApproval,
    GrantApproval,
    PolicyChangeApproval,
    Subject,
    digest,
)
from bot.core.statements.models import NOTHING_BEFORE, Policy, PolicyChange
from bot.core.statements.values import sort_once

BROADCAST, ENROLMENT, POLICY_CHANGE = BroadcastApproval.POLICY, EnrolmentApproval.POLICY, PolicyChangeApproval.POLICY
GRANT, ADMIN_GRANT = GrantApproval.POLICY, GrantApproval.ADMIN_POLICY

BUILT_IN: tuple[Policy, ...] = (
    Policy(id=BROADCAST, version=1, required=2, distinct_from=("drafter", "editors")),
    # Its drafter is the holder, who has signed too.
    Policy(id=ENROLMENT, version=1, required=1, distinct_from=("drafter", "editors")),
    Policy(id=GRANT, version=1, required=1, distinct_from=("drafter", "editors")),
    # Two signatures; whoever drafted it may be one of the two, else two admins could never make a third. Whom it is
    # about stands among the editors.
    Policy(id=ADMIN_GRANT, version=1, required=2, distinct_from=("editors",)),
    Policy(id=POLICY_CHANGE, version=1, required=2, distinct_from=("editors",)),
)
"""Version 1, in force from the first day."""

_FEWEST = {ADMIN_GRANT: 2, POLICY_CHANGE: 2}


@dataclass(frozen=True, slots=True)
class Rules:
    """What is in force: policies by id, the roots, and the version of the whole; and every one there ever was."""

    version: int
    digest: str
    policies: Mapping[str, Policy]
    trust: TrustStore
    known: frozenset[Policy]
    known_trust: TrustStore

    def policy(self, policy_id: str) -> Policy:
        """Return the policy of an id.

        Raises:
            PolicyRefusedError: there is none.
        """
        found = self.policies.get(policy_id)
        if found is None:
            raise PolicyRefusedError(policy=policy_id)
        return found


def fewest(policy_id: str) -> int:
    """Return how many must sign by whatever version of a policy."""
    return _FEWEST.get(policy_id, 1)


async def rules_in_force(connection: AsyncConnection, office: Office, *, at: datetime | None = None) -> Rules:
    """Return what is in force now, having verified that each version was signed by the quorum of the one before.

    Where `at` is given it is what was in force then.

    Raises:
        DigestMismatchError: the versions do not follow from each other, or are not signed: somebody edited them.
    """
    version, before, policies, roots = 1, NOTHING_BEFORE, BUILT_IN, office.roots
    known, known_roots = set(BUILT_IN), list(roots.roots)
    for row in await repository.list_approved_policy_changes(connection):
        if at is not None and row.decided_at is not None and row.decided_at > at:
            break
        change = read(row)
        given = TrustStore.from_pem(row.roots)
        if (change.version, change.previous) != (version + 1, before) or change.roots != digests_of(given):
            raise DigestMismatchError(policy_version=row.version)
        await _check_signed(connection, office, row, policies, roots)
        version, before = change.version, digest(row.subject)
        policies, roots = change.policies, given
        known |= set(policies)
        known_roots += given.roots
    in_force = {policy.id: policy for policy in policies}
    return Rules(version, before, in_force, roots, frozenset(known), TrustStore(dict.fromkeys(known_roots)))


async def propose(
    connection: AsyncConnection,
    office: Office,
    *,
    by: str,
    policies: Sequence[Policy],
    roots: bytes | None,
    summary: str,
    now: datetime,
) -> PolicyChange:
    """Propose the next version: the whole table, and all roots (PEM) or, where None, those in force.

    Raises:
        PolicyRefusedError: a policy that is needed is missing or would let one person decide alone, or a changed one
            kept its version.
        CertificateUnreadableError, WeakKeyError: the roots cannot be used.
    """
    rules = await rules_in_force(connection, office)
    trust = rules.trust if roots is None else TrustStore.from_pem(roots)
    _check(policies, rules)
    change = PolicyChange(
        id=f"pol-{secrets.token_hex(5)}",
        version=rules.version + 1,
        drafter=by,
        editors=(),
        previous=rules.digest,
        policies=tuple(sorted(policies, key=lambda policy: policy.id)),
        roots=digests_of(trust),
        summary=summary,
    )
    row = PolicyChangeRow(
        change.id, change.version, ProposalState.PROVEN, change.to_bytes(), pem(trust.roots), now, None
    )
    await repository.add_policy_change(connection, row)
    facts: dict[str, Fact] = {
        "change": change.id,
        "version": change.version,
        "by": by,
        "subject_sha256": digest(row.subject),
    }
    await office.log.append(connection, "policy.proposed", facts, now=now)
    return change


def read(row: PolicyChangeRow) -> PolicyChange:
    """Return what a proposal's row says."""
    return PolicyChange.model_validate_json(row.subject)


def digests_of(trust: TrustStore) -> tuple[str, ...]:
    """Return the SHA-256 of the roots' certificates, sorted."""
    return sort_once([root.fingerprint(hashes.SHA256()).hex() for root in trust.roots])


class PolicyChanges:
    """Policy changes as what is approved (`ports.Approvable`)."""

    kind = "policy-changes"
    statement = PolicyChangeApproval

    async def load(self, connection: AsyncConnection, subject_id: str, *, locked: bool) -> Submitted:
        """Return a proposal.

        Raises:
            SubjectUnknownError: there is none.
        """
        row = await repository.find_policy_change(connection, subject_id, locked=locked)
        if row is None:
            raise SubjectUnknownError(kind=self.kind, subject=subject_id)
        return Submitted(read(row), POLICY_CHANGE, row.state == ProposalState.PROVEN)

    async def approved(self, connection: AsyncConnection, subject: Subject, *, by: str, now: datetime) -> None:
        """Put a proposal in force.

        Raises:
            VersionSupersededError: another one became this version meanwhile.
        """
        rows = await repository.list_approved_policy_changes(connection)
        if subject.version != (rows[-1].version if rows else 1) + 1:
            raise VersionSupersededError(kind=self.kind, subject=subject.id)
        await repository.decide_policy_change(connection, subject.id, state=ProposalState.APPROVED, now=now)

    async def rejected(
        self, connection: AsyncConnection, subject: Subject, *, by: str, reason: str, now: datetime
    ) -> None:
        """Put a proposal away."""
        await repository.decide_policy_change(connection, subject.id, state=ProposalState.REJECTED, now=now)


async def _check_signed(
    connection: AsyncConnection,
    office: Office,
    row: PolicyChangeRow,
    policies: Iterable[Policy],
    trust: TrustStore,
) -> None:
    """Make sure that a version was signed by as many people as the version before wanted."""
    wanted = next(policy for policy in policies if policy.id == POLICY_CHANGE)
    rows = await repository.list_approvals(connection, kind=PolicyChanges.kind, subject_id=row.id, version=row.version)
    people = [
        Identity.of((await verify_kept(connection, office, approval, trust)).certificate)
        for approval in rows
        if read_approval(office, approval, row.subject).policy == wanted
    ]
    if count_people(people) < wanted.required:
        raise DigestMismatchError(policy_version=row.version, problem="unsigned")


def _check(policies: Iterable[Policy], rules: Rules) -> None:
    proposed = {policy.id: policy for policy in policies}
    if not {policy.id for policy in BUILT_IN} <= set(proposed):
        raise PolicyRefusedError(problem="missing")
    for policy in proposed.values():
        current = rules.policies.get(policy.id)
        next_version = current.version + 1 if current else 1
        if policy != current and policy.version != next_version:
            raise PolicyRefusedError(problem="version", policy=policy.id)
        alone = policy.required < 2 and "drafter" not in policy.distinct_from
        if alone or policy.required < fewest(policy.id) or "editors" not in policy.distinct_from:
            raise PolicyRefusedError(problem="one-person", policy=policy.id)
