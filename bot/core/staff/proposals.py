"""Queries of what is decided by signature: enrolments and grants."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.staff.models import (
    ProposalState,
    staff_accounts,
    staff_bootstrap,
    staff_enrolments,
    staff_grants,
    staff_keys,
)


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """A certificate that is, was or may become somebody's."""

    id: str
    staff_id: str
    state: int
    subject: bytes
    certificate: bytes
    certificate_sha256: str
    key_sha256: str
    person: str
    not_after: datetime
    proof_statement: bytes | None
    proof_signature: bytes | None
    created_at: datetime
    decided_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class GrantRow:
    """Roles that are to be given or taken, or were."""

    id: str
    staff_id: str
    state: int
    subject: bytes
    created_at: datetime
    decided_at: datetime | None


async def add_enrolment(connection: AsyncConnection, row: EnrolmentRow) -> None:
    """Store an enrolment."""
    values = {name: getattr(row, name) for name in row.__slots__}
    await connection.execute(insert(staff_enrolments).values(values))


async def find_enrolment(
    connection: AsyncConnection, enrolment_id: str, *, locked: bool = False
) -> EnrolmentRow | None:
    """Return an enrolment; where `locked`, held until the transaction ends."""
    query = select(staff_enrolments).where(staff_enrolments.c.id == enrolment_id)
    row = (await connection.execute(query.with_for_update() if locked else query)).one_or_none()
    return EnrolmentRow(**row._mapping) if row else None


async def list_enrolments(
    connection: AsyncConnection, *, staff_ids: Collection[str] | None = None, certificate_sha256: str | None = None
) -> Sequence[EnrolmentRow]:
    """Return enrolments, the oldest first: everybody's, or some people's, or those of one certificate."""
    query = select(staff_enrolments).order_by(staff_enrolments.c.created_at, staff_enrolments.c.id)
    if staff_ids is not None:
        query = query.where(staff_enrolments.c.staff_id.in_(staff_ids))
    if certificate_sha256 is not None:
        query = query.where(staff_enrolments.c.certificate_sha256 == certificate_sha256)
    return [EnrolmentRow(**row._mapping) for row in await connection.execute(query)]


async def change_enrolment(connection: AsyncConnection, enrolment_id: str, **values: object) -> None:
    """Change the state of an enrolment, or what goes with it."""
    await connection.execute(update(staff_enrolments).where(staff_enrolments.c.id == enrolment_id).values(values))


async def find_owners(connection: AsyncConnection, *, person: str, key_sha256: str) -> frozenset[str]:
    """Return the accounts that are this person, or whose key this is."""
    persons = select(staff_accounts.c.id).where(staff_accounts.c.person == person)
    keys = select(staff_keys.c.staff_id).where(staff_keys.c.key_sha256 == key_sha256)
    return frozenset((await connection.execute(persons.union(keys))).scalars())


async def keep_key(connection: AsyncConnection, *, key_sha256: str, staff_id: str) -> None:
    """Note whose key this is, for good; a renewed certificate may have the same one.

    Raises:
        sqlalchemy.exc.IntegrityError: another account got it just now.
    """
    known = select(staff_keys.c.key_sha256).where(
        staff_keys.c.key_sha256 == key_sha256, staff_keys.c.staff_id == staff_id
    )
    if (await connection.execute(known)).first() is None:
        await connection.execute(insert(staff_keys).values(key_sha256=key_sha256, staff_id=staff_id))


async def add_grant(connection: AsyncConnection, row: GrantRow) -> None:
    """Store a grant."""
    values = {name: getattr(row, name) for name in row.__slots__}
    await connection.execute(insert(staff_grants).values(values))


async def find_grant(connection: AsyncConnection, grant_id: str, *, locked: bool = False) -> GrantRow | None:
    """Return a grant; where `locked`, held until the transaction ends."""
    query = select(staff_grants).where(staff_grants.c.id == grant_id)
    row = (await connection.execute(query.with_for_update() if locked else query)).one_or_none()
    return GrantRow(**row._mapping) if row else None


async def list_grants(connection: AsyncConnection) -> Sequence[GrantRow]:
    """Return all grants, the oldest first."""
    rows = await connection.execute(select(staff_grants).order_by(staff_grants.c.created_at, staff_grants.c.id))
    return [GrantRow(**row._mapping) for row in rows]


async def change_grant(connection: AsyncConnection, grant_id: str, *, state: ProposalState, now: datetime) -> None:
    """Decide a grant."""
    await connection.execute(
        update(staff_grants).where(staff_grants.c.id == grant_id).values(state=state, decided_at=now)
    )


async def is_bootstrapped(connection: AsyncConnection) -> bool:
    """Tell whether the first admins were ever enrolled, or any certificate was."""
    done = select(staff_bootstrap.c.id)
    enrolled = select(staff_keys.c.key_sha256).limit(1)
    return any([(await connection.execute(query)).first() is not None for query in (done, enrolled)])


async def list_founders(connection: AsyncConnection) -> frozenset[str]:
    """Return the first two admins; nobody where there were none yet."""
    row = (await connection.execute(select(staff_bootstrap.c.first_id, staff_bootstrap.c.second_id))).one_or_none()
    return frozenset(row) if row else frozenset()


async def close_bootstrap(connection: AsyncConnection, *, first: str, second: str, now: datetime) -> None:
    """Note that the first admins are enrolled.

    Raises:
        sqlalchemy.exc.IntegrityError: they were already.
    """
    await connection.execute(insert(staff_bootstrap).values(id=1, first_id=first, second_id=second, closed_at=now))
