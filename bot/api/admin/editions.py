"""What became of a broadcast: its editions, its moments, and its messages one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api.admin import examples
from bot.api.admin.access import AdminDep, BroadcastReader, Minder
from bot.api.admin.bodies import SettlementIn, body_of, documented
from bot.api.admin.broadcasts import BroadcastId, Collection
from bot.api.admin.examples import answered
from bot.api.admin.idempotency import OnceDep, told
from bot.api.admin.problems import AdminRoute
from bot.core.broadcasts import codes, repository, settling, visibility
from bot.core.broadcasts.repository import EditionRow, FireRow
from bot.core.broadcasts.wording import PAGE
from bot.core.deliveries.arrivals import Arrival, count_states, list_arrivals
from bot.core.deliveries.models import DeliveryState

router = APIRouter(prefix="/api/v1", tags=["broadcasts"], route_class=AdminRoute)

MOST = 500
DeliveryId = Annotated[int, Path(ge=1, le=2**63 - 1)]

Standing = Literal["pending", "sending", "sent", "failed", "cancelled", "unknown"]
"""Where a delivery stands, as the API writes it."""


class EditionOut(BaseModel):
    """What is or was sent at one moment; `check_url` is where anybody checks it, and `deliveries` counts by state."""

    id: str
    version: int
    state: str
    check_code: str
    check_url: str
    fire_at: datetime
    not_after: datetime
    fired_at: datetime | None
    finished_at: datetime | None
    deliveries: dict[str, int]

    @classmethod
    def of(cls, row: EditionRow, counts: Mapping[DeliveryState, int], *, outside_url: str) -> EditionOut:
        """Return what is told of an edition."""
        return cls(
            id=row.id,
            version=row.version,
            state=row.state.value,
            check_code=codes.show(row.check_code),
            check_url=f"{outside_url}{PAGE}{row.check_code}",
            fire_at=row.fire_at,
            not_after=row.not_after,
            fired_at=row.fired_at,
            finished_at=row.finished_at,
            deliveries={state.name.lower(): count for state, count in sorted(counts.items())},
        )


class FireOut(BaseModel):
    """What became of a moment: `fired`, `missed`, or `refused` with the code of what refused it."""

    fire_at: datetime
    outcome: str
    edition: str | None
    reason: str | None
    at: datetime

    @classmethod
    def of(cls, row: FireRow) -> FireOut:
        """Return what is told of a moment."""
        return cls(fire_at=row.fire_at, outcome=row.outcome, edition=row.edition_id, reason=row.reason, at=row.at)


class DeliveryOut(BaseModel):
    """One message to one destination; `error` is the code of what failed last."""

    id: int
    edition: str
    destination: str
    area: str
    channel: str
    title: str
    state: str
    attempt: int
    error: str | None
    sent_at: datetime | None

    @classmethod
    def of(cls, row: Arrival) -> DeliveryOut:
        """Return what is told of a message."""
        return cls(
            id=row.id,
            edition=row.edition_id,
            destination=row.destination_id,
            area=row.area,
            channel=row.channel,
            title=row.title,
            state=row.state.name.lower(),
            attempt=row.attempt,
            error=row.error,
            sent_at=row.sent_at,
        )


class SettledOut(BaseModel):
    """Where a message stands after it was settled."""

    state: str


class DeliveriesPage(BaseModel):
    """Which messages, and how many at once."""

    model_config = ConfigDict(extra="forbid")

    state: Standing | None = Field(None, description="only those in this state; `unknown` ones wait for a person")
    after: int = Field(0, ge=0, le=2**63 - 1, description="the last id of the page before")
    most: int = Field(MOST, ge=1, le=MOST)


@router.get("/{kind:broadcasts}/{broadcast_id}/editions", responses=answered(examples.EDITIONS))
async def list_editions(
    kind: Collection, broadcast_id: BroadcastId, caller: BroadcastReader, admin: AdminDep
) -> list[EditionOut]:
    """List what was frozen to be sent, moment by moment, with the check code that people see."""
    async with admin.database.reading() as connection:
        await visibility.get(connection, broadcast_id, by=caller, now=admin.clock.now(), kind=kind)
        rows = await repository.editions_of(connection, broadcast_id)
        counts = await count_states(connection, [row.id for row in rows])
    return [EditionOut.of(row, counts.get(row.id, {}), outside_url=admin.outside_url) for row in rows]


@router.get("/{kind:broadcasts}/{broadcast_id}/fires", responses=answered(examples.FIRES))
async def list_fires(
    kind: Collection, broadcast_id: BroadcastId, caller: BroadcastReader, admin: AdminDep
) -> list[FireOut]:
    """List every moment that the clock came to, and what came of it."""
    async with admin.database.reading() as connection:
        await visibility.get(connection, broadcast_id, by=caller, now=admin.clock.now(), kind=kind)
        rows = await repository.list_fires(connection, broadcast_id)
    return [FireOut.of(row) for row in rows]


@router.get("/{kind:broadcasts}/{broadcast_id}/deliveries", responses=answered([examples.DELIVERY]))
async def list_deliveries(
    kind: Collection,
    broadcast_id: BroadcastId,
    caller: BroadcastReader,
    admin: AdminDep,
    page: Annotated[DeliveriesPage, Query()],
) -> list[DeliveryOut]:
    """List its messages, one for each destination of each edition."""
    async with admin.database.reading() as connection:
        await visibility.get(connection, broadcast_id, by=caller, now=admin.clock.now(), kind=kind)
        rows = await _arrivals(connection, broadcast_id, page)
    return [DeliveryOut.of(row) for row in rows]


@router.post(
    "/{kind:broadcasts}/{broadcast_id}/deliveries/{delivery_id}/settlement",
    response_model=SettledOut,
    responses=answered({"state": "sent"}),
    openapi_extra=documented(SettlementIn, {"outcome": "arrived"}),
)
async def settle_a_delivery(
    kind: Collection,
    broadcast_id: BroadcastId,
    delivery_id: DeliveryId,
    *,
    caller: Minder,
    once: OnceDep,
    sent: Annotated[SettlementIn, Depends(body_of(SettlementIn))],
) -> Response:
    """Settle a message of which nobody knows whether it arrived: look into the group first.

    `arrived` notes that it stands there; `send-again` has it sent once more, its approvals verified anew before.
    """
    admin = once.admin

    async def work(connection: AsyncConnection) -> Response:
        now = admin.clock.now()
        await visibility.get(connection, broadcast_id, by=caller, now=now, kind=kind)
        state = await settling.settle(
            connection,
            admin.approving.log,
            broadcast_id=broadcast_id,
            delivery_id=delivery_id,
            arrived=sent.outcome == "arrived",
            by=caller,
            now=now,
        )
        return told(200, SettledOut(state=state.name.lower()))

    return await once(caller, work)


async def _arrivals(connection: AsyncConnection, broadcast_id: str, page: DeliveriesPage) -> Sequence[Arrival]:
    editions = await repository.editions_of(connection, broadcast_id)
    state = DeliveryState[page.state.upper()] if page.state is not None else None
    return await list_arrivals(
        connection, [edition.id for edition in editions], state=state, after=page.after, most=page.most
    )
