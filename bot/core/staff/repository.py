"""Queries of accounts, roles and tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.staff.models import staff_accounts, staff_roles, staff_tokens
from bot.core.staff.roles import Holding, Role
from bot.core.staff.tokens import Scope


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who works here, or did. `person` is the digest of who their certificates say they are."""

    id: str
    name: str
    person: str | None
    created_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept: nothing that opens anything."""

    prefix: str
    staff_id: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


async def add_account(connection: AsyncConnection, *, staff_id: str, name: str, now: datetime) -> None:
    """Store an account without roles."""
    await connection.execute(insert(staff_accounts).values(id=staff_id, name=name, created_at=now))


async def find_account(connection: AsyncConnection, staff_id: str) -> Account | None:
    """Return an account, also one that was ended."""
    query = select(staff_accounts).where(staff_accounts.c.id == staff_id)
    row = (await connection.execute(query)).one_or_none()
    return Account(**row._mapping) if row else None


async def list_accounts(connection: AsyncConnection) -> Sequence[Account]:
    """Return all accounts, the oldest first."""
    rows = await connection.execute(select(staff_accounts).order_by(staff_accounts.c.created_at, staff_accounts.c.id))
    return [Account(**row._mapping) for row in rows]


async def end_account(connection: AsyncConnection, staff_id: str, *, now: datetime) -> None:
    """Note that somebody left."""
    await connection.execute(update(staff_accounts).where(staff_accounts.c.id == staff_id).values(ended_at=now))


async def set_person(connection: AsyncConnection, staff_id: str, person: str) -> None:
    """Note who an account is.

    Raises:
        sqlalchemy.exc.IntegrityError: another account is this person.
    """
    await connection.execute(update(staff_accounts).where(staff_accounts.c.id == staff_id).values(person=person))


async def add_holding(connection: AsyncConnection, holding: Holding, *, grant_id: str) -> None:
    """Store a role that was given."""
    await connection.execute(
        insert(staff_roles).values(
            staff_id=holding.staff_id,
            role=holding.role.value,
            areas=" ".join(holding.areas),
            not_before=holding.not_before,
            not_after=holding.not_after,
            substitute_for=holding.substitute_for,
            grant_id=grant_id,
        )
    )


async def take_holdings(
    connection: AsyncConnection, *, staff_id: str, role: Role, areas: Sequence[str], grant_id: str
) -> None:
    """Take a role: where no area is named in all of them, else in exactly these."""
    which = [staff_roles.c.staff_id == staff_id, staff_roles.c.role == role.value, staff_roles.c.taken_by.is_(None)]
    if areas:
        which.append(staff_roles.c.areas == " ".join(areas))
    await connection.execute(update(staff_roles).where(and_(*which)).values(taken_by=grant_id))


async def list_holdings(connection: AsyncConnection, staff_id: str | None = None) -> Sequence[Holding]:
    """Return the roles that were given and not taken, past and future ones too, of people whose account stands.

    A deputy's ends with the account of whom they stand in for.
    """
    principals = select(staff_accounts.c.id).where(staff_accounts.c.ended_at.is_(None))
    query = (
        select(
            staff_roles.c.staff_id,
            staff_roles.c.role,
            staff_roles.c.areas,
            staff_roles.c.not_before,
            staff_roles.c.not_after,
            staff_roles.c.substitute_for,
        )
        .join(staff_accounts, staff_accounts.c.id == staff_roles.c.staff_id)
        .where(
            staff_roles.c.taken_by.is_(None),
            staff_accounts.c.ended_at.is_(None),
            or_(staff_roles.c.substitute_for.is_(None), staff_roles.c.substitute_for.in_(principals)),
        )
        .order_by(staff_roles.c.id)
    )
    if staff_id is not None:
        query = query.where(staff_roles.c.staff_id == staff_id)
    return [
        Holding(
            row.staff_id, Role(row.role), tuple(row.areas.split()), row.not_before, row.not_after, row.substitute_for
        )
        for row in await connection.execute(query)
    ]


async def add_token(connection: AsyncConnection, token: Token, *, digest: bytes) -> None:
    """Store a token by its digest."""
    await connection.execute(
        insert(staff_tokens).values(
            prefix=token.prefix,
            staff_id=token.staff_id,
            digest=digest,
            scopes=" ".join(sorted(token.scopes)),
            created_at=token.created_at,
            expires_at=token.expires_at,
        )
    )


async def find_token(connection: AsyncConnection, *, digest: bytes) -> Token | None:
    """Return the token of a digest, whatever became of it; None also where its owner's account was ended."""
    query = (
        _tokens()
        .join(staff_accounts, staff_accounts.c.id == staff_tokens.c.staff_id)
        .where(staff_tokens.c.digest == digest, staff_accounts.c.ended_at.is_(None))
    )
    row = (await connection.execute(query)).one_or_none()
    return _token(row) if row else None


async def list_tokens(connection: AsyncConnection, staff_id: str) -> Sequence[Token]:
    """Return somebody's tokens, the oldest first."""
    query = _tokens().where(staff_tokens.c.staff_id == staff_id)
    rows = await connection.execute(query.order_by(staff_tokens.c.created_at, staff_tokens.c.prefix))
    return [_token(row) for row in rows]


async def find_token_by_prefix(connection: AsyncConnection, prefix: str) -> Token | None:
    """Return the token that begins so."""
    row = (await connection.execute(_tokens().where(staff_tokens.c.prefix == prefix))).one_or_none()
    return _token(row) if row else None


async def revoke_tokens(
    connection: AsyncConnection, *, now: datetime, prefix: str | None = None, staff_id: str | None = None
) -> int:
    """End the token of a prefix, or all of somebody's; return how many were in force."""
    which = staff_tokens.c.prefix == prefix if prefix is not None else staff_tokens.c.staff_id == staff_id
    statement = update(staff_tokens).where(which, staff_tokens.c.revoked_at.is_(None)).values(revoked_at=now)
    return (await connection.execute(statement)).rowcount


def _tokens() -> Select[tuple[Any, ...]]:
    columns = staff_tokens.c
    return select(
        columns.prefix, columns.staff_id, columns.scopes, columns.created_at, columns.expires_at, columns.revoked_at
    )


def _token(row: Row[Any]) -> Token:
    scopes = frozenset(map(Scope, row.scopes.split()))
    return Token(row.prefix, row.staff_id, scopes, row.created_at, row.expires_at, row.revoked_at)
