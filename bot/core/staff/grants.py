"""Use cases of roles: propose to give or take them, and do it once it is signed."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.audit.log import AuditLog
from bot.core.errors import ConflictError
from bot.core.staff import accounts, proposals, repository
from bot.core.staff.errors import GrantUnknownError
from bot.core.staff.models import ProposalState
from bot.core.staff.proposals import GrantRow
from bot.core.staff.roles import Role, check_deputy, given_by
from bot.core.statements.models import Grant
from bot.core.statements.values import sort_once


class GrantStateError(ConflictError):
    """The grant is decided already."""


async def propose(
    connection: AsyncConnection,
    log: AuditLog,
    *,
    by: str,
    person: str,
    action: str,
    roles: Collection[Role],
    areas: Collection[str],
    not_before: datetime,
    not_after: datetime,
    substitute_for: str = "",
    now: datetime,
) -> GrantRow:
    """Propose to give somebody roles, or to take them; nothing changes yet.

    `person` stands among the subject's editors, so that they cannot sign for themselves.

    Raises:
        StaffUnknownError: there is no such account, or none of whom a deputy is for.
        DeputyRefusedError: a deputy for more, or longer, than may be.
        LastAdminError: fewer than two admins would be left.
        pydantic.ValidationError: the dates are in the wrong order, or an area is no code.
    """
    await accounts.get(connection, person)
    grant = Grant.model_validate(
        {
            "id": f"grt-{secrets.token_hex(5)}",
            "version": 1,
            "drafter": by,
            "editors": (person,),
            "person": person,
            "action": action,
            "roles": sort_once([role.value for role in roles]),
            "areas": sort_once(list(areas)),
            "not_before": not_before,
            "not_after": not_after,
            "substitute_for": substitute_for,
        }
    )
    await _check(connection, grant, now=now)
    row = GrantRow(grant.id, person, ProposalState.PROVEN, grant.to_bytes(), now, None)
    await proposals.add_grant(connection, row)
    told = {"grant": grant.id, "staff": person, "action": grant.action, "roles": list(grant.roles), "by": by}
    await log.append(connection, "grant.proposed", told, now=now)
    return row


async def get(connection: AsyncConnection, grant_id: str, *, locked: bool = False) -> GrantRow:
    """Return a grant.

    Raises:
        GrantUnknownError: there is none.
    """
    row = await proposals.find_grant(connection, grant_id, locked=locked)
    if row is None:
        raise GrantUnknownError(grant=grant_id)
    return row


def read(row: GrantRow) -> Grant:
    """Return what a grant's row says."""
    return Grant.model_validate_json(row.subject)


async def carry_out(connection: AsyncConnection, grant_id: str, *, now: datetime) -> None:
    """Give or take the roles of a grant whose signatures were verified.

    Raises:
        GrantUnknownError, GrantStateError: nobody waits for it.
        StaffUnknownError, DeputyRefusedError, LastAdminError: it may not be done any more.
    """
    row = await get(connection, grant_id, locked=True)
    if row.state != ProposalState.PROVEN:
        raise GrantStateError(grant=grant_id)
    grant = read(row)
    await accounts.get(connection, grant.person)
    await _check(connection, grant, now=now)
    for name in grant.roles:
        role = Role(name)
        if grant.action == "take":
            await repository.take_holdings(
                connection, staff_id=grant.person, role=role, areas=grant.areas, grant_id=grant_id
            )
            continue
        await repository.add_holding(connection, given_by(grant, role), grant_id=grant_id)
    await proposals.change_grant(connection, grant_id, state=ProposalState.APPROVED, now=now)


async def reject(connection: AsyncConnection, grant_id: str, *, now: datetime) -> None:
    """Put a grant away that nobody will sign.

    Raises:
        GrantUnknownError, GrantStateError: nobody waits for it.
    """
    row = await get(connection, grant_id, locked=True)
    if row.state != ProposalState.PROVEN:
        raise GrantStateError(grant=grant_id)
    await proposals.change_grant(connection, grant_id, state=ProposalState.REJECTED, now=now)


async def _check(connection: AsyncConnection, grant: Grant, *, now: datetime) -> None:
    if grant.substitute_for and grant.action == "give":
        await accounts.get(connection, grant.substitute_for)
        check_deputy(grant, await accounts.holdings_of(connection, grant.substitute_for), now=now)
    if grant.action == "take" and Role.ADMIN in grant.roles:
        await accounts.check_admins_left(connection, without=grant.person, now=now)
