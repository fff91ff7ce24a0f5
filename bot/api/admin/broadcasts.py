"""Broadcasts and series: drafted, submitted and looked after by staff. How they are approved stands in `approvals`.

Each answer about one of them carries its ETag; each change names it in ``If-Match``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.convertors import Convertor, register_url_convertor

from bot.api.admin import examples
from bot.api.admin.access import Admin, AdminDep, BroadcastReader, Drafter, Minder, Returner
from bot.api.admin.bodies import NothingIn, ReasonIn, RejectionIn, body_of, documented
from bot.api.admin.examples import answered
from bot.api.admin.idempotency import Once, OnceDep, SurelyOnce, told
from bot.api.admin.preconditions import SeenRevision, etag
from bot.api.admin.problems import AdminRoute
from bot.core.broadcasts import drafting, kinds, repository, visibility
from bot.core.broadcasts.bodies import BroadcastDraft, DraftBody, SeriesDraft
from bot.core.broadcasts.kinds import Kind
from bot.core.broadcasts.repository import PAGE, BroadcastRow, HistoryRow
from bot.core.broadcasts.states import State
from bot.core.staff.accounts import Caller
from bot.core.statements import digest
from bot.core.statements.models import Audience, Broadcast, Content, Series, Timetable, Window

_PREFIX = "/api/v1"


class _Collection(Convertor[str]):
    """One of the two kinds in a path, so that any other word there is no address of these."""

    regex = "|".join(Kind)

    def convert(self, value: str) -> str:
        """Return the kind."""
        return value

    def to_string(self, value: str) -> str:
        """Return the kind."""
        return value


register_url_convertor("broadcasts", _Collection())

router = APIRouter(prefix=_PREFIX, tags=["broadcasts"], route_class=AdminRoute)

Collection = Annotated[Kind, Path(description="`broadcasts` are sent once, `series` come back")]
_ID = r"^(bc|sr)-[0-9a-f]{10}$"
BroadcastId = Annotated[str, Path(pattern=_ID)]


class BroadcastOut(BaseModel):
    """A broadcast or series as it stands; `schedule` is the one's, `timetable` the other's."""

    id: str
    kind: str
    version: int
    revision: int
    state: str
    drafter: str
    editors: list[str]
    content: Content
    audience: Audience
    schedule: Window | None
    timetable: Timetable | None
    severity: str
    mode: Literal["live", "training"]
    subject_sha256: str
    next_fire_at: datetime | None
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, row: BroadcastRow) -> BroadcastOut:
        """Return what is told of a broadcast, read from the bytes that are signed."""
        item = kinds.read(row.kind, row.subject)
        return cls(
            id=row.id,
            kind=row.kind,
            version=row.version,
            revision=row.revision,
            state=row.state.value,
            drafter=item.drafter,
            editors=list(item.editors),
            content=item.content,
            audience=item.audience,
            schedule=item.schedule if isinstance(item, Broadcast) else None,
            timetable=item.timetable if isinstance(item, Series) else None,
            severity=item.severity,
            mode=item.mode,
            subject_sha256=digest(row.subject),
            next_fire_at=row.next_fire_at,
            created_at=row.created_at,
            changed_at=row.changed_at,
        )


class HistoryOut(BaseModel):
    """A state that it came to; `by` is a member of staff, or `machine`."""

    version: int
    state: str
    by: str
    reason: str | None
    at: datetime

    @classmethod
    def of(cls, row: HistoryRow) -> HistoryOut:
        """Return what is told of a line."""
        return cls(version=row.version, state=row.state.value, by=row.by, reason=row.reason, at=row.at)


class Page(BaseModel):
    """Which of them, and how many at once."""

    model_config = ConfigDict(extra="forbid")

    state: State | None = Field(None, description="only those in this state")
    before: str | None = Field(None, pattern=_ID, description="the last id of the page before")
    most: int = Field(PAGE, ge=1, le=PAGE)


@dataclass(frozen=True, slots=True)
class Change:
    """A change that is asked for: of which broadcast, and as it stood when its sender read it."""

    broadcast_id: str
    revision: int
    once: Once

    async def make(
        self, use_case: Callable[..., Awaitable[BroadcastRow]], kind: Kind, caller: Caller, **options: object
    ) -> Response:
        """Do it by a use case of `drafting`, once, and tell how the broadcast stands then."""
        admin = self.once.admin
        now = admin.clock.now()

        async def work(connection: AsyncConnection) -> Response:
            await visibility.get(connection, self.broadcast_id, by=caller, now=now, kind=kind)
            row = await use_case(
                connection,
                admin.approving.log,
                broadcast_id=self.broadcast_id,
                revision=self.revision,
                by=caller,
                now=now,
                **options,
            )
            return _told(row)

        return await self.once(caller, work)


async def asked_change(broadcast_id: BroadcastId, revision: SeenRevision, once: OnceDep) -> Change:
    """Return the change that a request asks for."""
    return Change(broadcast_id, revision, once)


ChangeDep = Annotated[Change, Depends(asked_change)]


@router.post(
    "/broadcasts",
    status_code=201,
    response_model=BroadcastOut,
    responses=answered(examples.BROADCAST | {"revision": 1, "state": "draft"}, status=201),
    openapi_extra=documented(BroadcastDraft, examples.BROADCAST_DRAFT),
)
async def draft_a_broadcast(
    caller: Drafter, once: SurelyOnce, sent: Annotated[BroadcastDraft, Depends(body_of(BroadcastDraft))]
) -> Response:
    """Draft what is sent once, at `not_before`. Nothing is sent before it is submitted and enough admins signed."""
    return await once(caller, partial(_draft, once.admin, caller, sent))


@router.post(
    "/series",
    status_code=201,
    response_model=BroadcastOut,
    responses=answered(examples.SERIES | {"revision": 1, "state": "draft", "next_fire_at": None}, status=201),
    openapi_extra=documented(SeriesDraft, examples.SERIES_DRAFT),
)
async def draft_a_series(
    caller: Drafter, once: SurelyOnce, sent: Annotated[SeriesDraft, Depends(body_of(SeriesDraft))]
) -> Response:
    """Draft what comes back by a timetable, on the clocks of Viet Nam, until its end."""
    return await once(caller, partial(_draft, once.admin, caller, sent))


@router.get("/{kind:broadcasts}", responses=answered([examples.BROADCAST]))
async def list_broadcasts(
    kind: Collection, caller: BroadcastReader, admin: AdminDep, page: Annotated[Page, Query()]
) -> list[BroadcastOut]:
    """List what goes to the areas that one works for, the newest first."""
    async with admin.database.reading() as connection:
        rows = await visibility.list_visible(
            connection,
            by=caller,
            now=admin.clock.now(),
            kind=kind,
            state=page.state,
            before=page.before,
            most=page.most,
        )
    return [BroadcastOut.of(row) for row in rows]


@router.get(
    "/{kind:broadcasts}/{broadcast_id}",
    response_model=BroadcastOut,
    responses=answered(examples.BROADCAST) | {304: {"description": "It is as in `If-None-Match`"}},
)
async def show_a_broadcast(
    kind: Collection,
    broadcast_id: BroadcastId,
    caller: BroadcastReader,
    admin: AdminDep,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Show one, with the ETag that a change of it needs."""
    async with admin.database.reading() as connection:
        row = await visibility.get(connection, broadcast_id, by=caller, now=admin.clock.now(), kind=kind)
    if if_none_match == etag(row.revision):
        return Response(status_code=304, headers={"ETag": if_none_match})
    return _told(row)


@router.put(
    "/broadcasts/{broadcast_id}",
    response_model=BroadcastOut,
    responses=answered(examples.BROADCAST | {"version": 2, "revision": 3, "state": "draft"}),
    openapi_extra=documented(BroadcastDraft, examples.BROADCAST_DRAFT),
)
async def edit_a_broadcast(
    caller: Drafter, change: ChangeDep, sent: Annotated[BroadcastDraft, Depends(body_of(BroadcastDraft))]
) -> Response:
    """Replace what it says by a next version, a draft again. All approvals of the former version are void."""
    limits = change.once.admin.limits
    return await change.make(drafting.edit, Kind.BROADCASTS, caller, body=sent, limits=limits)


@router.put(
    "/series/{broadcast_id}",
    response_model=BroadcastOut,
    responses=answered(examples.SERIES | {"version": 2, "revision": 5, "state": "draft", "next_fire_at": None}),
    openapi_extra=documented(SeriesDraft, examples.SERIES_DRAFT),
)
async def edit_a_series(
    caller: Drafter, change: ChangeDep, sent: Annotated[SeriesDraft, Depends(body_of(SeriesDraft))]
) -> Response:
    """Replace what it says by a next version, a draft again. All approvals of the former version are void."""
    limits = change.once.admin.limits
    return await change.make(drafting.edit, Kind.SERIES, caller, body=sent, limits=limits)


@router.post(
    "/{kind:broadcasts}/{broadcast_id}/submission",  # noqa: FAST003 - read by the change
    response_model=BroadcastOut,
    responses=answered(examples.BROADCAST),
    openapi_extra=documented(NothingIn, {}),
)
async def submit(kind: Collection, caller: Drafter, change: ChangeDep) -> Response:
    """Ask the admins of its areas for their signatures."""
    return await change.make(drafting.submit, kind, caller)


@router.post(
    "/{kind:broadcasts}/{broadcast_id}/return",
    response_model=BroadcastOut,
    responses=answered(examples.BROADCAST | {"revision": 3, "state": "returned"}),
    openapi_extra=documented(RejectionIn, {"reason": "The date is wrong."}),
)
async def give_back(
    kind: Collection,
    caller: Returner,
    change: ChangeDep,
    sent: Annotated[RejectionIn, Depends(body_of(RejectionIn))],
) -> Response:
    """Give a submitted one back to its author, to be changed."""
    return await change.make(drafting.return_, kind, caller, reason=sent.reason)


@router.post(
    "/{kind:broadcasts}/{broadcast_id}/pause",
    response_model=BroadcastOut,
    responses=answered(examples.BROADCAST | {"revision": 5, "state": "paused"}),
    openapi_extra=documented(ReasonIn, {"reason": "Heavy rain."}),
)
async def pause(
    kind: Collection, caller: Minder, change: ChangeDep, sent: Annotated[ReasonIn, Depends(body_of(ReasonIn))]
) -> Response:
    """Halt one that is scheduled or being sent; what is not sent yet waits."""
    return await change.make(drafting.pause, kind, caller, reason=sent.reason)


@router.post(
    "/{kind:broadcasts}/{broadcast_id}/resumption",  # noqa: FAST003 - read by the change
    response_model=BroadcastOut,
    responses=answered(examples.BROADCAST | {"revision": 6, "state": "sending"}),
    openapi_extra=documented(NothingIn, {}),
)
async def resume(kind: Collection, caller: Minder, change: ChangeDep) -> Response:
    """Let a paused one go on; a series goes on with its first moment from now."""
    return await change.make(drafting.resume, kind, caller, late=change.once.admin.late)


@router.post(
    "/{kind:broadcasts}/{broadcast_id}/stop",
    response_model=BroadcastOut,
    responses=answered(examples.BROADCAST | {"revision": 5, "state": "stopped"}),
    openapi_extra=documented(ReasonIn, {"reason": "The event is cancelled."}),
)
async def stop(
    kind: Collection, caller: Minder, change: ChangeDep, sent: Annotated[ReasonIn, Depends(body_of(ReasonIn))]
) -> Response:
    """End one for good: what is not sent yet is not sent any more, and who checks what was sent reads that it is void.

    Of a series this calls back each bulletin that was sent.
    """
    return await change.make(drafting.stop, kind, caller, reason=sent.reason)


@router.get("/{kind:broadcasts}/{broadcast_id}/history", responses=answered(examples.HISTORY))
async def list_history(
    kind: Collection, broadcast_id: BroadcastId, caller: BroadcastReader, admin: AdminDep
) -> list[HistoryOut]:
    """List every state that it came to, by whom, and why where somebody said so."""
    async with admin.database.reading() as connection:
        await visibility.get(connection, broadcast_id, by=caller, now=admin.clock.now(), kind=kind)
        rows = await repository.history_of(connection, broadcast_id)
    return [HistoryOut.of(row) for row in rows]


async def _draft(admin: Admin, caller: Caller, sent: DraftBody, connection: AsyncConnection) -> Response:
    row = await drafting.draft(
        connection, admin.approving.log, body=sent, by=caller, limits=admin.limits, now=admin.clock.now()
    )
    return _told(row, status=201, headers={"Location": f"{_PREFIX}/{row.kind}/{row.id}"})


def _told(row: BroadcastRow, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return told(status, BroadcastOut.of(row), headers={**(headers or {}), "ETag": etag(row.revision)})
