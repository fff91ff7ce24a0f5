"""Where bulletins go: the communes there are, and the groups of each."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api.admin import examples
from bot.api.admin.access import AdminDep, BroadcastReader, CallerDep, Minder
from bot.api.admin.bodies import DestinationIn, NothingIn, body_of, documented
from bot.api.admin.examples import answered
from bot.api.admin.idempotency import OnceDep, SurelyOnce, told
from bot.api.admin.problems import AdminRoute
from bot.core.communes.directory import Communes
from bot.core.destinations import service
from bot.core.destinations.repository import DestinationRow

router = APIRouter(prefix="/api/v1", tags=["destinations"], route_class=AdminRoute)

DestinationId = Annotated[str, Path(pattern=r"^dst-[0-9a-f]{10}$")]


class AreaOut(BaseModel):
    """A commune, ward or town; its code stands in what is signed and never changes."""

    code: str
    name: str
    kind: str
    province: str


class DestinationOut(BaseModel):
    """Where bulletins of an area go on a channel; one for training gets those for training only."""

    id: str
    area: str
    channel: str
    address: str
    title: str
    is_training: bool
    added_by: str
    added_at: datetime
    ended_at: datetime | None
    unreachable_since: datetime | None

    @classmethod
    def of(cls, row: DestinationRow) -> DestinationOut:
        """Return what is told of a destination."""
        return cls(
            id=row.id,
            area=row.area,
            channel=row.channel,
            address=row.address,
            title=row.title,
            is_training=row.is_training,
            added_by=row.added_by,
            added_at=row.added_at,
            ended_at=row.ended_at,
            unreachable_since=row.unreachable_since,
        )


@router.get("/areas", responses=answered([examples.AREA]))
async def list_areas(caller: CallerDep, admin: AdminDep) -> list[AreaOut]:
    """List the communes that bulletins can be for and roles be given in."""
    communes: Communes = admin.limits.communes
    return [
        AreaOut(code=each.code, name=each.name, kind=each.kind, province=each.province) for each in communes.list_all()
    ]


@router.get("/destinations", responses=answered([examples.DESTINATION]))
async def list_destinations(
    caller: BroadcastReader,
    admin: AdminDep,
    *,
    with_ended: Annotated[bool, Query(description="those out of use as well")] = False,
) -> list[DestinationOut]:
    """List the destinations of the areas that one works for, the oldest first."""
    async with admin.database.reading() as connection:
        rows = await service.list_visible(connection, by=caller, now=admin.clock.now(), with_ended=with_ended)
    return [DestinationOut.of(row) for row in rows]


@router.post(
    "/destinations",
    status_code=201,
    response_model=DestinationOut,
    responses=answered(examples.DESTINATION, status=201),
    openapi_extra=documented(DestinationIn, examples.DESTINATION_DRAFT),
)
async def add_a_destination(
    caller: Minder, once: SurelyOnce, sent: Annotated[DestinationIn, Depends(body_of(DestinationIn))]
) -> Response:
    """Take a group into use for one's area. From the next firing on, bulletins of the area go there."""
    admin = once.admin

    async def work(connection: AsyncConnection) -> Response:
        row = await service.add(
            connection,
            admin.approving.log,
            area=sent.area,
            channel=sent.channel,
            address=sent.address,
            title=sent.title,
            is_training=sent.is_training,
            by=caller,
            communes=admin.limits.communes,
            now=admin.clock.now(),
        )
        return told(201, DestinationOut.of(row))

    return await once(caller, work)


@router.post(
    "/destinations/{destination_id}/end",
    response_model=DestinationOut,
    responses=answered(examples.DESTINATION | {"ended_at": "2026-12-01T01:00:00Z"}),
    openapi_extra=documented(NothingIn, {}),
)
async def end_a_destination(destination_id: DestinationId, caller: Minder, once: OnceDep) -> Response:
    """Take a group out of use, at once: what waits to be sent there is not sent."""
    admin = once.admin

    async def work(connection: AsyncConnection) -> Response:
        row = await service.end(
            connection,
            admin.approving.log,
            destination_id=destination_id,
            by=caller,
            now=admin.clock.now(),
        )
        return told(200, DestinationOut.of(row))

    return await once(caller, work)
