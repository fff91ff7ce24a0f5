"""Notices: what a member of staff is to know although they did not ask."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel

from bot.api.admin import examples
from bot.api.admin.access import AdminDep, CallerDep
from bot.api.admin.bodies import NothingIn, documented
from bot.api.admin.examples import answered
from bot.api.admin.problems import AdminRoute
from bot.core.notices import service

router = APIRouter(prefix="/api/v1/notices", tags=["notices"], route_class=AdminRoute)

NoticeId = Annotated[int, Path(ge=1, le=2**63 - 1)]


class NoticeOut(BaseModel):
    """A notice: its sentence, and the facts in it for machines."""

    id: int
    kind: str
    text: str
    facts: dict[str, str | int]
    created_at: datetime
    read_at: datetime | None


@router.get("", responses=answered([examples.NOTICE]))
async def list_my_notices(
    caller: CallerDep,
    admin: AdminDep,
    *,
    only_unread: Annotated[bool, Query(description="those not read yet")] = False,
    most: Annotated[int, Query(ge=1, le=service.PAGE)] = service.PAGE,
) -> list[NoticeOut]:
    """List what one is to know, the newest first."""
    async with admin.database.reading() as connection:
        rows = await service.list_of(connection, caller.staff_id, only_unread=only_unread, most=most)
    return [
        NoticeOut(
            id=row.id,
            kind=row.kind,
            text=admin.notices.write(row),
            facts=dict(row.facts),
            created_at=row.created_at,
            read_at=row.read_at,
        )
        for row in rows
    ]


@router.post("/{notice_id}/read", status_code=204, openapi_extra=documented(NothingIn, {}))
async def read_a_notice(notice_id: NoticeId, caller: CallerDep, admin: AdminDep) -> Response:
    """Note that one has read a notice; doing so again changes nothing."""
    async with admin.database.unit_of_work() as connection:
        await service.read(connection, caller.staff_id, notice_id, now=admin.clock.now())
    return Response(status_code=204)
