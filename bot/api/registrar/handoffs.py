"""Requests handed to a registrar: list them, fetch one, take it up, report what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from bot.api.registrar.access import Identified, OfficeDep, Reader, Reporter
from bot.api.registrar.schemas import (
    LONGEST_CURSOR,
    Declined,
    Handoff,
    HandoffPage,
    HandoffSummary,
    Me,
    NeedsDocuments,
    State,
    StatusIn,
    problems,
    read_cursor,
    write_cursor,
)
from bot.core.handoffs.rules import HandoffState

router = APIRouter(prefix="/api/v1/registrar", tags=["registrar"])

_REPORT = NeedsDocuments(status="needs_documents", reason="identity_paper").model_dump()

Reference = Annotated[
    str, Path(description="as the citizen reads it out; case, blanks and dashes do not matter", max_length=64)
]


@router.get("/me", responses=problems(401, 422, 429))
async def whose_token(caller: Identified) -> Me:
    """Tell whose token this is."""
    return Me(registrar=caller.registrar, scopes=[scope.value for scope in sorted(caller.scopes)])


@router.get("/handoffs", responses=problems(401, 403, 404, 422, 429))
async def list_handoffs(
    caller: Reader,
    office: OfficeDep,
    state: Annotated[State | None, Query(description="only requests in this state")] = None,
    after: Annotated[str | None, Query(max_length=LONGEST_CURSOR, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> HandoffPage:
    """List your requests, the longest handed on first, without anything of their citizens."""
    cursor = read_cursor(after)
    wanted = None if state is None else HandoffState(state)
    async with office.database.reading() as connection:
        page, following = await office.desk.list_summaries(connection, caller, state=wanted, after=cursor, most=limit)
    return HandoffPage(handoffs=[HandoffSummary.of(summary) for summary in page], next=write_cursor(following))


@router.get("/handoffs/{reference}", responses=problems(401, 403, 404, 422, 429))
async def fetch_handoff(caller: Reader, office: OfficeDep, reference: Reference) -> Handoff:
    """Fetch a request with what its citizen agreed to pass on to you. Each fetch stands in the audit log."""
    async with office.database.unit_of_work() as connection:
        case = await office.desk.fetch(connection, caller, reference, now=office.clock.now())
    return Handoff.opened(case)


@router.put("/handoffs/{reference}/acknowledgement", responses=problems(401, 403, 404, 409, 422, 429))
async def acknowledge_handoff(caller: Reporter, office: OfficeDep, reference: Reference) -> HandoffSummary:
    """Take a request up. Doing it again changes nothing."""
    async with office.database.unit_of_work() as connection:
        change = await office.desk.acknowledge(connection, caller, reference, now=office.clock.now())
    office.ring(change.told)
    return HandoffSummary.of(change.summary)


@router.put(
    "/handoffs/{reference}/status",
    responses=problems(401, 403, 404, 409, 413, 422, 429),
    openapi_extra={"requestBody": {"content": {"application/json": {"example": _REPORT}}}},
)
async def report_status(caller: Reporter, office: OfficeDep, reference: Reference, body: StatusIn) -> HandoffSummary:
    """Report what became of a request; its citizen is told. Reporting the same again changes nothing.

    `registered` and `declined` end it: the contact data is erased here, and is to be erased by you as agreed.
    """
    reason = body.reason if isinstance(body, NeedsDocuments | Declined) else ""
    async with office.database.unit_of_work() as connection:
        change = await office.desk.report(
            connection, caller, reference, state=HandoffState(body.status), reason=reason, now=office.clock.now()
        )
    office.ring(change.told)
    return HandoffSummary.of(change.summary)
