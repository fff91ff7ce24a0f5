"""Use cases of accounts and tokens: add and end them, and find out who calls."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.audit.log import AuditLog
from bot.core.staff import repository
from bot.core.staff.errors import (
    LastAdminError,
    NotAuthorisedError,
    StaffUnknownError,
    TokenRefusedError,
    TokenTooLongError,
    TokenUnknownError,
)
from bot.core.staff.repository import Account, Token
from bot.core.staff.roles import FEWEST_ADMINS, Holding, Role, in_force
from bot.core.staff.tokens import LONGEST, NewToken, Scope, new_token, token_digest


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: an account, what its roles are, and what the token is for."""

    staff_id: str
    scopes: frozenset[Scope]
    holdings: tuple[Holding, ...]
    token_ends: datetime

    def holding(self, role: Role, *, now: datetime) -> Holding:
        """Return by what the caller has a role now.

        Raises:
            NotAuthorisedError: they have it not.
        """
        found = in_force(self.holdings, role, now=now)
        if found is None:
            raise NotAuthorisedError(lacks=role.value)
        return found


async def add(connection: AsyncConnection, log: AuditLog, *, name: str, by: str, now: datetime) -> str:
    """Make an account without roles; return its id."""
    staff_id = f"nv-{secrets.token_hex(4)}"
    await repository.add_account(connection, staff_id=staff_id, name=name, now=now)
    await log.append(connection, "staff.added", {"staff": staff_id, "by": by}, now=now)
    return staff_id


async def end(connection: AsyncConnection, log: AuditLog, staff_id: str, *, by: str, now: datetime) -> None:
    """End an account: its roles and tokens open nothing from now on. What it approved and is not yet sent is void.

    Raises:
        StaffUnknownError: there is none.
        LastAdminError: fewer than two admins would be left.
    """
    await get(connection, staff_id)
    await check_admins_left(connection, without=staff_id, now=now)
    await repository.end_account(connection, staff_id, now=now)
    await repository.revoke_tokens(connection, staff_id=staff_id, now=now)
    await log.append(connection, "staff.ended", {"staff": staff_id, "by": by}, now=now)


async def check_admins_left(connection: AsyncConnection, *, without: str, now: datetime) -> None:
    """Raise where somebody is an admin without whom there would be fewer than two, deputies not counted.

    Raises:
        LastAdminError: there would be.
    """
    own = [holding for holding in await repository.list_holdings(connection) if holding.substitute_for is None]
    admins = {holding.staff_id for holding in own if holding.role is Role.ADMIN and holding.is_in_force(now)}
    if without in admins and len(admins) - 1 < FEWEST_ADMINS:
        raise LastAdminError(admins=len(admins))


async def admins_of(connection: AsyncConnection, areas: Collection[str], *, now: datetime) -> frozenset[str]:
    """Return who is an admin now, themselves or as a deputy, of any of these areas."""
    return frozenset(
        holding.staff_id
        for holding in await repository.list_holdings(connection)
        if holding.role is Role.ADMIN and holding.is_in_force(now) and any(holding.covers((area,)) for area in areas)
    )


async def get(connection: AsyncConnection, staff_id: str) -> Account:
    """Return an account that stands.

    Raises:
        StaffUnknownError: there is none, or it was ended.
    """
    account = await repository.find_account(connection, staff_id)
    if account is None or account.ended_at is not None:
        raise StaffUnknownError(staff=staff_id)
    return account


async def issue_token(
    connection: AsyncConnection,
    log: AuditLog,
    *,
    staff_id: str,
    scopes: Collection[Scope],
    lasts: timedelta,
    by: str,
    now: datetime,
) -> tuple[NewToken, Token]:
    """Make a token for an account; its text is not at hand again.

    Raises:
        StaffUnknownError: there is no such account.
        TokenTooLongError: it would last for more than a year, or not at all.
    """
    await get(connection, staff_id)
    if not timedelta() < lasts <= LONGEST:
        raise TokenTooLongError(most_days=LONGEST.days)
    made = new_token()
    token = Token(made.prefix, staff_id, frozenset(scopes), now, now + lasts, None)
    await repository.add_token(connection, token, digest=made.digest)
    facts = {"staff": staff_id, "token": made.prefix, "scopes": sorted(scopes), "by": by}
    await log.append(connection, "token.issued", facts, now=now)
    return made, token


async def revoke_token(connection: AsyncConnection, log: AuditLog, prefix: str, *, by: str, now: datetime) -> None:
    """End a token at once; one that is ended already stays so.

    Raises:
        TokenUnknownError: there is none that begins so.
    """
    token = await repository.find_token_by_prefix(connection, prefix)
    if token is None:
        raise TokenUnknownError(token=prefix)
    if await repository.revoke_tokens(connection, prefix=prefix, now=now):
        await log.append(connection, "token.revoked", {"staff": token.staff_id, "token": prefix, "by": by}, now=now)


async def identify(connection: AsyncConnection, text: str, *, now: datetime) -> Caller:
    """Return who comes with this token.

    Raises:
        TokenRefusedError: nobody may come with it.
    """
    token = await repository.find_token(connection, digest=token_digest(text))
    if token is None or token.revoked_at is not None or now >= token.expires_at:
        raise TokenRefusedError
    holdings = await repository.list_holdings(connection, token.staff_id)
    return Caller(token.staff_id, token.scopes, tuple(holdings), token.expires_at)


async def holdings_of(connection: AsyncConnection, staff_id: str) -> Sequence[Holding]:
    """Return somebody's roles, past and future ones too; none where the account was ended."""
    return await repository.list_holdings(connection, staff_id)
