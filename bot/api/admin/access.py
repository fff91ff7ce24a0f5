"""Who calls, whether they may, and how often."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.api.admin.failure_texts import FailureTexts
from bot.api.admin.notice_texts import NoticeTexts
from bot.api.admin.problems import Problems
from bot.approving import Approving
from bot.core.broadcasts import visibility
from bot.core.broadcasts.bodies import Limits
from bot.core.clock import Clock
from bot.core.composing import Composer
from bot.core.db import Database
from bot.core.errors import ThrottledError
from bot.core.rates import Limiter, Rate
from bot.core.staff import accounts
from bot.core.staff.accounts import Caller
from bot.core.staff.errors import NotAuthorisedError, TokenRefusedError
from bot.core.staff.roles import Role, in_force
from bot.core.staff.tokens import Scope
from bot.core.vault import Vault

REQUESTS = Rate(120, 60)
"""Of one member of staff."""
GUESSES = Rate(20, 60)
"""Wrong tokens from one address."""
LONGEST_TOKEN = 128

bearer = HTTPBearer(
    auto_error=False, description="A token that `hiendien staff token` or `POST /staff/me/tokens` gave."
)


@dataclass(frozen=True, slots=True)
class Admin:
    """What the admin API works with; on the application's state.

    `limits` are what drafts are held against; `late` is how long after its moment a broadcast is still begun;
    `sends_billed` is whether messages leave that a platform bills.
    """

    approving: Approving
    problems: Problems
    database: Database
    clock: Clock
    readme: bytes
    limits: Limits
    late: timedelta
    outside_url: str
    notices: NoticeTexts
    failures: FailureTexts
    vault: Vault
    composer: Composer
    tell: Callable[[int], None]
    sends_billed: bool
    requests: Limiter = field(default_factory=lambda: Limiter(REQUESTS))
    guesses: Limiter = field(default_factory=lambda: Limiter(GUESSES))


def get_admin(request: Request) -> Admin:
    """Return what the admin API of this application works with."""
    admin: Admin = request.app.state.admin
    return admin


AdminDep = Annotated[Admin, Depends(get_admin)]


async def identify(
    request: Request,
    admin: AdminDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Caller:
    """Return who calls.

    Raises:
        TokenRefusedError: the token is missing or opens nothing.
        ThrottledError: too many requests of this person, or wrong tokens from this address.
    """
    now = time.monotonic()
    # What is no token of ours in length is looked up as none.
    token = credentials.credentials[:LONGEST_TOKEN] if credentials is not None else ""
    try:
        async with admin.database.reading() as connection:
            caller = await accounts.identify(connection, token, now=admin.clock.now())
    except TokenRefusedError:
        wait = admin.guesses.wait(request.client.host if request.client else "", now=now)
        if wait:
            raise ThrottledError(retry_after=wait) from None
        raise
    wait = admin.requests.wait(caller.staff_id, now=now)
    if wait:
        raise ThrottledError(retry_after=wait)
    return caller


CallerDep = Annotated[Caller, Depends(identify)]


def require(
    scope: Scope, *roles: Role, or_scopes: Collection[Scope] = ()
) -> Callable[..., Coroutine[Any, Any, Caller]]:
    """Return the dependency of an endpoint that needs a token of `scope`, and one of `roles` where any are named.

    A token of one of `or_scopes` will do too.
    """

    async def allowed(caller: CallerDep, admin: AdminDep) -> Caller:
        if caller.scopes.isdisjoint({scope, *or_scopes}):
            raise NotAuthorisedError(lacks=scope.value)
        now = admin.clock.now()
        if roles and not any(in_force(caller.holdings, role, now=now) for role in roles):
            raise NotAuthorisedError(lacks=roles[0].value)
        return caller

    return allowed


Approver = Annotated[Caller, Depends(require(Scope.APPROVE))]
StaffAdmin = Annotated[Caller, Depends(require(Scope.STAFF, Role.ADMIN))]
StaffReader = Annotated[Caller, Depends(require(Scope.STAFF, Role.ADMIN, Role.AUDITOR))]
Drafter = Annotated[Caller, Depends(require(Scope.DRAFT, Role.OFFICER))]
Returner = Annotated[Caller, Depends(require(Scope.APPROVE, Role.ADMIN))]
Minder = Annotated[Caller, Depends(require(Scope.DRAFT, Role.OFFICER, Role.ADMIN, or_scopes=(Scope.APPROVE,)))]
"""Officers and admins, who see to what is sent; of which areas, the use case asks."""
BroadcastReader = Annotated[
    Caller, Depends(require(Scope.DRAFT, *visibility.READERS, or_scopes=(Scope.APPROVE, Scope.AUDIT)))
]
CaseHandler = Annotated[Caller, Depends(require(Scope.CASES, Role.OFFICER, Role.ADMIN))]
CitizenMinder = Annotated[Caller, Depends(require(Scope.CASES, Role.ADMIN))]
"""Admins, who see to citizens' messages that no area's staff can be asked about."""
LogReader = Annotated[Caller, Depends(require(Scope.AUDIT, Role.ADMIN, Role.AUDITOR))]
