"""Cases for the staff who answer them: citizens who asked for a person.

Which cases there are depends on who asks: an officer or admin of an area sees that area's, one who is there for the
whole province all of them. Anybody else's is as unknown as one that was never opened. What is read, said and closed
stands in the audit log, by the case's reference.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api.admin.access import Admin, AdminDep, CaseHandler
from bot.api.admin.bodies import NothingIn, body_of, documented
from bot.api.admin.problems import AdminRoute
from bot.core.cases import listing, rules, service
from bot.core.cases.models import Author, CaseState
from bot.core.cases.repository import CaseRow
from bot.core.cases.rules import CaseUnknownError
from bot.core.cases.service import Said
from bot.core.conversations import windows
from bot.core.deliveries import undelivered
from bot.core.staff.accounts import Caller
from bot.core.statements.values import Part

router = APIRouter(prefix="/api/v1/cases", tags=["cases"], route_class=AdminRoute)

Reference = Annotated[str, Path(pattern=r"^YC-[2-9B-Z]{5}$", examples=["YC-7K2MX"])]
MOST_LISTED = 100


class AnswerIn(Part):
    """What the citizen is to read; `name` is the sender's own, so that the same answer sent again is said once."""

    text: Annotated[str, Field(max_length=rules.LONGEST_ANSWER * 2)]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,40}$")]


class AreaIn(Part):
    """Whose staff are to see to a case; empty: the whole province's."""

    area: Annotated[str, Field(pattern=r"^([A-Za-z0-9][A-Za-z0-9._:-]{0,63})?$")]


class CaseOut(BaseModel):
    """A case. `state`: `waiting`, `answered`, `lapsed` (the assistant speaks again; it can still be answered)."""

    reference: str
    area: str
    why: str
    state: str
    urgent: bool
    shared: bool
    opened_at: datetime
    due_at: datetime
    escalated_at: datetime | None
    last_word_at: datetime
    closed_at: datetime | None

    @classmethod
    def of(cls, case: CaseRow) -> CaseOut:
        """Return what is told of a case."""
        return cls(
            reference=case.reference,
            area=case.area,
            why=case.why,
            state=CaseState(case.state).name.lower(),
            urgent=case.urgent,
            shared=bool(case.consent),
            opened_at=case.opened_at,
            due_at=case.due_at,
            escalated_at=case.escalated_at,
            last_word_at=case.last_word_at,
            closed_at=case.closed_at,
        )


class SaidOut(BaseModel):
    """Something that was said.

    `author`: `citizen`, `staff`; `shared_by_citizen` and `shared_answer` are from before the case, passed on with the
    citizen's consent. `kind` is `text`, or what came instead of it and is not looked at: `photo`, `voice`, `press` …
    """

    author: str
    kind: str
    text: str
    staff: str | None
    at: datetime

    @classmethod
    def of(cls, said: Said) -> SaidOut:
        """Return what is told of it."""
        return cls(
            author=Author(said.author).name.lower(), kind=said.kind, text=said.text, staff=said.staff_id, at=said.at
        )


class WholeCaseOut(CaseOut):
    """A case with all that was said in it, in order.

    `reach` tells whether an answer would arrive: `open`; `billed`, where the platform takes money for it; `silent`,
    where it takes none before the citizen has written again; `unreachable`, where they blocked us or left.
    `undelivered` counts what was said to them here that did not arrive, or may not have.
    """

    messages: list[SaidOut]
    reach: str
    undelivered: int


class AnsweredOut(BaseModel):
    """Whether it is said now; false where it was before."""

    said: bool


@router.get("")
async def list_cases(
    caller: CaseHandler,
    admin: AdminDep,
    state: Annotated[Literal["open", "closed"], Query(description="open: those that can be answered")] = "open",
) -> list[CaseOut]:
    """List up to 100 of the caller's cases: urgent ones first, then those whose answer is due soonest."""
    async with admin.database.reading() as connection:
        found = await listing.list_visible(
            connection, caller.holdings, closed=state == "closed", most=MOST_LISTED, now=admin.clock.now()
        )
    return [CaseOut.of(case) for case in found]


@router.get("/{reference}")
async def read_case(reference: Reference, caller: CaseHandler, admin: AdminDep) -> WholeCaseOut:
    """Read a case with all that was said in it; that it was read is logged."""
    async with admin.database.unit_of_work() as connection:
        case = await _visible(connection, reference, caller, admin)
        said = await service.list_said(connection, admin.vault, case)
        reach = await windows.find_reach(connection, case.conversation_id, now=admin.clock.now())
        lost = await undelivered.count_in_case(connection, case.id)
        await _log(connection, admin, "case.read", case, caller)
    messages = [SaidOut.of(each) for each in said]
    return WholeCaseOut(**CaseOut.of(case).model_dump(), messages=messages, reach=reach.value, undelivered=lost)


@router.post(
    "/{reference}/answers",
    status_code=201,
    openapi_extra=documented(AnswerIn, {"text": "Please come at eight.", "name": "answer-0001"}),
)
async def answer_case(
    reference: Reference,
    caller: CaseHandler,
    sent: Annotated[AnswerIn, Depends(body_of(AnswerIn))],
    admin: AdminDep,
) -> AnsweredOut:
    """Say something to the citizen, on their own channel; the assistant is silent then.

    Where it cannot arrive, nothing is said or noted, and the answer is a 409: `citizen-silent`, `citizen-unreachable`,
    `answer-costs`.
    """
    async with admin.database.unit_of_work() as connection:
        case = await _visible(connection, reference, caller, admin)
        said = await service.answer(
            connection,
            admin.vault,
            admin.composer,
            case,
            text=sent.text,
            name=sent.name,
            staff_id=caller.staff_id,
            now=admin.clock.now(),
            sends_billed=admin.sends_billed,
        )
        if said:
            await _log(connection, admin, "case.answered", case, caller)
    admin.tell(case.conversation_id)
    return AnsweredOut(said=said)


@router.post("/{reference}/area", status_code=204, openapi_extra=documented(AreaIn, {"area": "xa-tan-my"}))
async def assign_case(
    reference: Reference, caller: CaseHandler, sent: Annotated[AreaIn, Depends(body_of(AreaIn))], admin: AdminDep
) -> Response:
    """Give a case to the staff of an area, or back to the whole province's."""
    async with admin.database.unit_of_work() as connection:
        case = await _visible(connection, reference, caller, admin)
        await service.assign(connection, case, area=sent.area, communes=admin.limits.communes)
        await _log(connection, admin, "case.assigned", case, caller)
    return Response(status_code=204)


@router.post("/{reference}/closing", status_code=204, openapi_extra=documented(NothingIn, {}))
async def close_case(reference: Reference, caller: CaseHandler, admin: AdminDep) -> Response:
    """Close a case: the assistant speaks again and tells the citizen so."""
    async with admin.database.unit_of_work() as connection:
        case = await _visible(connection, reference, caller, admin)
        now = admin.clock.now()
        if await service.close(connection, admin.vault, admin.composer, case, staff_id=caller.staff_id, now=now):
            await _log(connection, admin, "case.closed", case, caller)
    admin.tell(case.conversation_id)
    return Response(status_code=204)


async def _visible(connection: AsyncConnection, reference: str, caller: Caller, admin: Admin) -> CaseRow:
    case = await service.get(connection, reference)
    if not rules.may_see(caller.holdings, case.area, now=admin.clock.now()):
        raise CaseUnknownError(case=reference)
    return case


async def _log(connection: AsyncConnection, admin: Admin, event: str, case: CaseRow, caller: Caller) -> None:
    facts = {"case": case.reference, "by": caller.staff_id}
    await admin.approving.log.append(connection, event, facts, now=admin.clock.now())
