"""Accounts and tokens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel

from bot.api.admin.access import AdminDep, CallerDep, StaffAdmin, StaffReader
from bot.api.admin.bodies import AccountIn, NothingIn, TokenIn, body_of, documented
from bot.api.admin.problems import AdminRoute
from bot.core.staff import accounts, repository
from bot.core.staff.errors import NotAuthorisedError, TokenUnknownError
from bot.core.staff.repository import Token
from bot.core.staff.roles import Holding, Role, in_force
from bot.core.staff.tokens import Scope

router = APIRouter(prefix="/api/v1/staff", tags=["staff"], route_class=AdminRoute)

StaffId = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$")]
TokenPrefix = Annotated[str, Path(pattern=r"^hdt_[A-Za-z0-9_-]{8}$")]


class RoleOut(BaseModel):
    """A role, where and when it counts, and for a deputy for whom; no area means everywhere."""

    role: str
    areas: list[str]
    not_before: datetime
    not_after: datetime
    substitute_for: str | None

    @classmethod
    def of(cls, holdings: Iterable[Holding]) -> list[RoleOut]:
        """Return what is told of roles."""
        return [
            cls(
                role=holding.role.value,
                areas=list(holding.areas),
                not_before=holding.not_before,
                not_after=holding.not_after,
                substitute_for=holding.substitute_for,
            )
            for holding in holdings
        ]


class MemberOut(BaseModel):
    """Somebody on the staff."""

    id: str
    name: str
    created_at: datetime
    ended_at: datetime | None
    roles: list[RoleOut]


class TokenOut(BaseModel):
    """A token by its beginning; it opens nothing."""

    prefix: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    @classmethod
    def of(cls, token: Token) -> TokenOut:
        """Return what is told of a token."""
        return cls(
            prefix=token.prefix,
            scopes=sorted(token.scopes),
            created_at=token.created_at,
            expires_at=token.expires_at,
            revoked_at=token.revoked_at,
        )


class NewTokenOut(TokenOut):
    """A new token, whole: this once."""

    token: str


class IdOut(BaseModel):
    """The id of what was made."""

    id: str


@router.get("")
async def list_staff(caller: StaffReader, admin: AdminDep) -> list[MemberOut]:
    """List everybody who works here, or did, with their roles."""
    async with admin.database.reading() as connection:
        members = await repository.list_accounts(connection)
        holdings = await repository.list_holdings(connection)
    return [
        MemberOut(
            id=member.id,
            name=member.name,
            created_at=member.created_at,
            ended_at=member.ended_at,
            roles=RoleOut.of(holding for holding in holdings if holding.staff_id == member.id),
        )
        for member in members
    ]


@router.post("", status_code=201, openapi_extra=documented(AccountIn, {"name": "Nguyen Van An"}))
async def add_member(
    caller: StaffAdmin, asked: Annotated[AccountIn, Depends(body_of(AccountIn))], admin: AdminDep
) -> IdOut:
    """Make an account for a colleague. It has no role until one is granted."""
    async with admin.database.unit_of_work() as connection:
        made = await accounts.add(
            connection, admin.approving.log, name=asked.name, by=caller.staff_id, now=admin.clock.now()
        )
    return IdOut(id=made)


@router.post("/{staff_id}/end", status_code=204, openapi_extra=documented(NothingIn, {}))
async def end_member(staff_id: StaffId, caller: StaffAdmin, admin: AdminDep) -> Response:
    """End an account at once: its roles, its tokens, and what it approved that is not yet sent."""
    async with admin.database.unit_of_work() as connection:
        await accounts.end(connection, admin.approving.log, staff_id, by=caller.staff_id, now=admin.clock.now())
    return Response(status_code=204)


@router.get("/me")
async def who_am_i(caller: CallerDep, admin: AdminDep) -> MemberOut:
    """Tell whose token this is, and which roles they have."""
    async with admin.database.reading() as connection:
        member = await accounts.get(connection, caller.staff_id)
    return MemberOut(
        id=member.id,
        name=member.name,
        created_at=member.created_at,
        ended_at=None,
        roles=RoleOut.of(caller.holdings),
    )


@router.get("/me/tokens")
async def list_my_tokens(caller: CallerDep, admin: AdminDep) -> list[TokenOut]:
    """List one's own tokens."""
    async with admin.database.reading() as connection:
        return [TokenOut.of(token) for token in await repository.list_tokens(connection, caller.staff_id)]


@router.post("/me/tokens", status_code=201, openapi_extra=documented(TokenIn, {"scopes": ["approve"], "days": 30}))
async def make_a_token(
    caller: CallerDep, asked: Annotated[TokenIn, Depends(body_of(TokenIn))], admin: AdminDep
) -> NewTokenOut:
    """Make a token for oneself: for no more than this one is for, and for no longer. It is shown this once."""
    scopes = frozenset(map(Scope, asked.scopes))
    if not scopes <= caller.scopes:
        raise NotAuthorisedError(lacks=min(scopes - caller.scopes))
    now = admin.clock.now()
    async with admin.database.unit_of_work() as connection:
        made, token = await accounts.issue_token(
            connection,
            admin.approving.log,
            staff_id=caller.staff_id,
            scopes=scopes,
            lasts=min(timedelta(days=asked.days), caller.token_ends - now),
            by=caller.staff_id,
            now=now,
        )
    return NewTokenOut(token=made.text, **TokenOut.of(token).model_dump())


@router.delete("/tokens/{prefix}", status_code=204)
async def revoke_a_token(prefix: TokenPrefix, caller: CallerDep, admin: AdminDep) -> Response:
    """Revoke a token at once: one's own, or as an admin anybody's."""
    now = admin.clock.now()
    may_all = Scope.STAFF in caller.scopes and in_force(caller.holdings, Role.ADMIN, now=now) is not None
    async with admin.database.unit_of_work() as connection:
        token = await repository.find_token_by_prefix(connection, prefix)
        if token is None or (token.staff_id != caller.staff_id and not may_all):
            raise TokenUnknownError
        await accounts.revoke_token(connection, admin.approving.log, prefix, by=caller.staff_id, now=now)
    return Response(status_code=204)
