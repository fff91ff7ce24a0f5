"""Which registrar calls, whether it may, and how often."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from bot.core.clock import Clock
from bot.core.db import Database
from bot.core.errors import NotAllowedError, ThrottledError
from bot.core.handoffs.desk import RegistrarDesk
from bot.core.rates import Limiter, Rate
from bot.core.registrars import tokens
from bot.core.registrars.tokens import TOKEN_LENGTH, RegistrarCaller, RegistrarScope
from bot.core.staff.errors import TokenRefusedError

REQUESTS = Rate(120, 60)
"""Of one registrar, whatever the number of its tokens."""
GUESSES = Rate(20, 60)
"""Wrong tokens from one address."""

bearer = HTTPBearer(
    auto_error=False, scheme_name="registrar", description="A token that `hiendien registrars token` gave."
)


class ScopeMissingError(NotAllowedError):
    """The registrar's token is not for this."""


@dataclass(frozen=True, slots=True)
class RegistrarOffice:
    """What the registrar API works with; on the application's state."""

    desk: RegistrarDesk
    database: Database
    clock: Clock
    tell: Callable[[int], None]
    requests: Limiter = field(default_factory=lambda: Limiter(REQUESTS))
    guesses: Limiter = field(default_factory=lambda: Limiter(GUESSES))

    def ring(self, conversation_id: int | None) -> None:
        """Wake whoever hands out what a conversation was told."""
        if conversation_id is not None:
            self.tell(conversation_id)


def get_office(request: Request) -> RegistrarOffice:
    """Return what the registrar API of this application works with."""
    office: RegistrarOffice = request.app.state.registrar_office
    return office


OfficeDep = Annotated[RegistrarOffice, Depends(get_office)]


async def identify(
    request: Request,
    office: OfficeDep,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> RegistrarCaller:
    """Return which registrar calls.

    Raises:
        HTTPException: 401; the token is missing or opens nothing.
        ThrottledError: too many requests of this registrar, or wrong tokens from this address.
    """
    now = time.monotonic()
    # What is longer than a token is looked up as none: cut off, it could be one.
    given = credentials.credentials if credentials is not None else ""
    try:
        async with office.database.reading() as connection:
            token = given if len(given) == TOKEN_LENGTH else ""
            caller = await tokens.identify(connection, token, now=office.clock.now())
    except TokenRefusedError:
        wait = office.guesses.wait(request.client.host if request.client else "", now=now)
        if wait:
            raise ThrottledError(retry_after=wait) from None
        raise HTTPException(401, headers={"WWW-Authenticate": "Bearer"}) from None
    wait = office.requests.wait(caller.registrar, now=now)
    if wait:
        raise ThrottledError(retry_after=wait)
    return caller


def require(scope: RegistrarScope) -> Callable[..., Coroutine[Any, Any, RegistrarCaller]]:
    """Return the dependency of an endpoint that needs a token of `scope`."""

    async def allowed(caller: Annotated[RegistrarCaller, Depends(identify)]) -> RegistrarCaller:
        if scope not in caller.scopes:
            raise ScopeMissingError(lacks=scope.value)
        return caller

    return allowed


Identified = Annotated[RegistrarCaller, Depends(identify)]
Reader = Annotated[RegistrarCaller, Depends(require(RegistrarScope.READ))]
Reporter = Annotated[RegistrarCaller, Depends(require(RegistrarScope.REPORT))]
