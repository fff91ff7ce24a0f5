"""Whether whoever signed was an admin then, asked of signed grants, back to the first two admins.

The roles' rows say what may be done at the desk; whoever can write rows can write those as well.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals import repository
from bot.core.approvals.errors import ApprovalRevokedError, DigestMismatchError
from bot.core.approvals.kept import check_enrolled, count_people, read_approval, verify_kept
from bot.core.approvals.policies import Rules, fewest
from bot.core.approvals.ports import Office
from bot.core.approvals.service import excluded
from bot.core.staff import accounts, grants, proposals
from bot.core.staff.enrolments import Identity
from bot.core.staff.models import ProposalState
from bot.core.staff.proposals import GrantRow
from bot.core.staff.roles import Role, given_by, in_force

_GRANTS = "grants"


async def check_mandate_stands(
    connection: AsyncConnection, *, staff_id: str, areas: Collection[str], at: datetime
) -> None:
    """Make sure that somebody's account stands and an admin's role of theirs, in force at `at`, was not taken since.

    Raises:
        ApprovalRevokedError: it does not.
    """
    held = await accounts.holdings_of(connection, staff_id)
    if in_force(held, Role.ADMIN, now=at, areas=areas) is None:
        raise ApprovalRevokedError(staff=staff_id)


async def check_mandated(
    connection: AsyncConnection,
    office: Office,
    rules: Rules,
    *,
    staff_id: str,
    areas: Collection[str],
    at: datetime,
    resting_on_it: frozenset[str] = frozenset(),
) -> None:
    """Make sure that somebody was made an admin of all these areas for that moment by the signatures that this takes.

    Args:
        connection: a snapshot.
        office: what approvals rest on.
        rules: with all policies and roots there ever were.
        staff_id: whose approval it is.
        areas: all of which they must be an admin of; none at all means everywhere.
        at: when they approved.
        resting_on_it: the grants that are being followed; none of them may hold itself up.

    Raises:
        DigestMismatchError: no signed grant says so.
    """
    if staff_id in await proposals.list_founders(connection):
        return
    for row in await proposals.list_grants(connection):
        if row.staff_id != staff_id or row.state != ProposalState.APPROVED or row.id in resting_on_it:
            continue
        grant = grants.read(row)
        is_meant = grant.person == staff_id and grant.action == "give" and Role.ADMIN in grant.roles
        held = given_by(grant, Role.ADMIN)
        if not is_meant or not held.is_in_force(at) or not held.covers(areas):
            continue
        if await _is_signed(connection, office, rules, row, at=at, resting_on_it=resting_on_it | {row.id}):
            return
    raise DigestMismatchError(kind=_GRANTS, problem="unsigned")


async def _is_signed(
    connection: AsyncConnection,
    office: Office,
    rules: Rules,
    row: GrantRow,
    *,
    at: datetime,
    resting_on_it: frozenset[str],
) -> bool:
    """Tell whether enough admins had signed a grant by then."""
    grant = grants.read(row)
    identities: dict[str, Identity] = {}
    required = 1
    for approval in await repository.list_approvals(connection, kind=_GRANTS, subject_id=row.id, version=grant.version):
        statement = read_approval(office, approval, row.subject)
        if (
            statement.policy not in rules.known
            or approval.staff_id in excluded(grant, statement.policy)
            or approval.approved_at > at
        ):
            return False
        certificate = (await verify_kept(connection, office, approval, rules.known_trust)).certificate
        await check_enrolled(
            connection,
            office,
            rules.known_trust,
            staff_id=approval.staff_id,
            certificate_sha256=certificate.sha256,
            or_ended_after=approval.approved_at,
        )
        await check_mandated(
            connection,
            office,
            rules,
            staff_id=approval.staff_id,
            areas=grant.areas,
            at=approval.approved_at,
            resting_on_it=resting_on_it,
        )
        identities[approval.staff_id] = Identity.of(certificate)
        required = max(required, statement.policy.required, fewest(statement.policy.id))
    return count_people(list(identities.values())) >= required
