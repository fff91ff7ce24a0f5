"""What citizens were to be told and have not got, for admins of the whole province: what about, and why not."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from bot.api.admin import examples
from bot.api.admin.access import AdminDep, CitizenMinder
from bot.api.admin.examples import answered
from bot.api.admin.failure_texts import FailureTexts
from bot.api.admin.problems import AdminRoute
from bot.core.deliveries import undelivered
from bot.core.deliveries.undelivered import Undelivered
from bot.core.staff.errors import NotAuthorisedError
from bot.core.staff.roles import Role, in_force

router = APIRouter(prefix="/api/v1/undelivered-messages", tags=["undelivered messages"], route_class=AdminRoute)

MOST = 100


class UndeliveredOut(BaseModel):
    """A message that did not arrive; never what it says, or to whom.

    `about` is the reference of the request (``HD-…``) or case (``YC-…``) that it is about. `state` is `failed`,
    `cancelled`, or `unknown` where the platform's answer was lost. `error` names why: `silent-too-long` (nothing can be
    sent before its citizen writes again), `costs-money` (the platform would bill it, and that is switched off),
    `recipient-unreachable` …; `says` tells staff so in a sentence, and what to do.
    """

    id: int
    channel: str
    about: str | None
    state: str
    error: str | None
    says: str
    written_at: datetime

    @classmethod
    def of(cls, row: Undelivered, texts: FailureTexts) -> UndeliveredOut:
        """Return what is told of it."""
        return cls(
            id=row.id,
            channel=row.channel,
            about=row.about,
            state=row.state.name.lower(),
            error=row.error,
            says=texts.of_undelivered(row.error),
            written_at=row.written_at,
        )


@router.get("", responses=answered([examples.UNDELIVERED]))
async def list_undelivered_messages(
    caller: CitizenMinder,
    admin: AdminDep,
    after: Annotated[int, Query(ge=0, le=2**63 - 1, description="the last id of the page before")] = 0,
    most: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> list[UndeliveredOut]:
    """List news of requests and answers of staff that did not arrive, or may not have, the oldest first."""
    if in_force(caller.holdings, Role.ADMIN, now=admin.clock.now(), areas=()) is None:
        raise NotAuthorisedError(lacks=Role.ADMIN.value)
    async with admin.database.reading() as connection:
        rows = await undelivered.list_undelivered(connection, after=after, most=most)
    return [UndeliveredOut.of(row, admin.failures) for row in rows]
