"""Citizens' messages whose answer failed every time, for admins of the whole province.

Nothing is told of who wrote or what: only the code that the citizen was given, so that a complaint can be found. What
is retried and dismissed stands in the audit log.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api.admin import examples
from bot.api.admin.access import AdminDep, CitizenMinder
from bot.api.admin.bodies import NothingIn, documented
from bot.api.admin.examples import answered
from bot.api.admin.failure_texts import FailureTexts
from bot.api.admin.idempotency import OnceDep, told
from bot.api.admin.problems import AdminRoute
from bot.core.inbox import parked
from bot.core.inbox.repository import ParkedUpdate

router = APIRouter(prefix="/api/v1/parked-updates", tags=["parked updates"], route_class=AdminRoute)

Reference = Annotated[str, Path(pattern=r"^L-[1-9][0-9]{0,17}$", examples=["L-4711"])]
MOST = 100


class ParkedOut(BaseModel):
    """A message that could not be answered; `reference` is the code its citizen was given.

    `error` is the class of what failed last; `says` tells staff what that means and what to do. `can_retry` turns
    false after seven days, when the message is forgotten. `retry_of` names what this was the second chance of.
    """

    reference: str
    channel: str
    error: str | None
    says: str
    received_at: datetime
    parked_at: datetime
    can_retry: bool
    retry_of: str | None

    @classmethod
    def of(cls, row: ParkedUpdate, texts: FailureTexts) -> ParkedOut:
        """Return what is told of it."""
        return cls(
            reference=parked.reference_of(row.id),
            channel=row.channel,
            error=row.error,
            says=texts.of_parked(row.error, can_retry=row.is_kept),
            received_at=row.received_at,
            parked_at=row.parked_at,
            can_retry=row.is_kept,
            retry_of=None if row.retry_of is None else parked.reference_of(row.retry_of),
        )


class RetriedOut(BaseModel):
    """The code under which it is tried again."""

    reference: str


@router.get("", responses=answered([examples.PARKED]))
async def list_parked_updates(
    caller: CitizenMinder,
    admin: AdminDep,
    after: Annotated[
        int, Query(ge=0, le=2**63 - 1, description="the number in the last reference of the page before")
    ] = 0,
    most: Annotated[int, Query(ge=1, le=MOST)] = MOST,
) -> list[ParkedOut]:
    """List messages that failed five times and that nobody has seen to, the oldest first."""
    async with admin.database.reading() as connection:
        rows = await parked.list_parked(connection, by=caller, after=after, most=most, now=admin.clock.now())
    return [ParkedOut.of(row, admin.failures) for row in rows]


@router.post(
    "/{reference}/retry",
    response_model=RetriedOut,
    responses=answered({"reference": "L-4790"}),
    openapi_extra=documented(NothingIn, {}),
)
async def retry_a_parked_update(reference: Reference, caller: CitizenMinder, once: OnceDep) -> Response:
    """Have a message answered after all, behind whatever its citizen wrote meanwhile.

    If it fails again it is listed again, and the citizen is not told a second time.
    """
    admin = once.admin

    async def work(connection: AsyncConnection) -> Response:
        inbox_id = await parked.retry(
            connection, admin.vault, admin.approving.log, reference, by=caller, now=admin.clock.now()
        )
        return told(200, RetriedOut(reference=parked.reference_of(inbox_id)))

    return await once(caller, work)


@router.post(
    "/{reference}/dismissal",
    status_code=204,
    openapi_extra=documented(NothingIn, {}),
)
async def dismiss_a_parked_update(reference: Reference, caller: CitizenMinder, once: OnceDep) -> Response:
    """Close a message for good and forget it; the citizen has an apology."""
    admin = once.admin

    async def work(connection: AsyncConnection) -> Response:
        await parked.dismiss(connection, admin.approving.log, reference, by=caller, now=admin.clock.now())
        return Response(status_code=204)

    return await once(caller, work)
