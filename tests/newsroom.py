"""Bulletins in the making, over the admin API: drafted, signed for, fired and brought to their groups."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from bot.core.broadcasts.firing import Firing, Outcome
from bot.core.deliveries.models import DeliveryState, deliveries
from bot.core.destinations.models import destinations
from bot.core.rendering import Renderer
from bot.core.statements.values import write_moment
from bot.core.vault import Vault
from bot.migrations import migrate
from bot.settings import ROOT
from tests.attacks.world import Member, World, opened_world
from tests.broadcasting import HOUR, LATE
from tests.fakes import FixedClock
from tests.fixtures.product import build_product, shipped_programme
from tests.pki import pem

AREAS = ["vinh-long.cang-long", "vinh-long.tieu-can"]
TEXT = "Mời bà con đến nhà văn hóa lúc 8 giờ sáng thứ Bảy.\n\nNhớ mang theo căn cước."


@dataclass
class Newsroom:
    """The province's officer at work; the clock is the world's."""

    world: World
    keys: int = field(default=0)

    async def ask(
        self,
        method: str,
        path: str,
        *,
        by: Member | None = None,
        key: str | None = None,
        seen: str | None = None,
        body: object = None,
    ) -> httpx.Response:
        """Send a request to the admin API, the officer's unless another sends it."""
        headers = dict((by or self.world.chi).headers)
        if key is not None:
            headers["Idempotency-Key"] = key
        if seen is not None:
            headers["If-Match"] = seen
        return await self.world.client.request(method, f"/api/v1{path}", headers=headers, json=body)

    def broadcast(self, **changes: Any) -> dict[str, Any]:
        """Write a bulletin for two communes that is sent in an hour; `changes` replace its members."""
        now = self.world.clock.now()
        return {
            "content": {"lang": "vi", "title": "Ngày hội chuyển đổi số", "text": TEXT, "media": []},
            "audience": {"areas": AREAS, "channels": ["telegram-group"]},
            "schedule": {"not_before": write_moment(now + HOUR), "not_after": write_moment(now + 6 * HOUR)},
            "severity": "notice",
            "mode": "live",
            **changes,
        }

    def series(self, **changes: Any) -> dict[str, Any]:
        """Write a bulletin that comes back every day at nine."""
        now = self.world.clock.now()
        given = self.broadcast()
        del given["schedule"]
        timetable = {
            "not_before": write_moment(now),
            "not_after": write_moment(now + 24 * 30 * HOUR),
            "times": ["09:00"],
            "weekdays": [1, 2, 3, 4, 5, 6, 7],
        }
        return {**given, "timetable": timetable, **changes}

    async def drafted(self, body: dict[str, Any] | None = None, *, kind: str = "broadcasts") -> httpx.Response:
        """Draft something."""
        given = body or (self.series() if kind == "series" else self.broadcast())
        answer = await self.ask("POST", f"/{kind}", key=uuid.uuid4().hex, body=given)
        assert answer.status_code == 201, answer.text
        return answer

    async def submitted(self, body: dict[str, Any] | None = None, *, kind: str = "broadcasts") -> httpx.Response:
        """Draft and submit something."""
        draft = await self.drafted(body, kind=kind)
        path = f"/{kind}/{draft.json()['id']}/submission"
        answer = await self.ask("POST", path, seen=draft.headers["etag"], body={})
        assert answer.status_code == 200, answer.text
        return answer

    async def scheduled(self, body: dict[str, Any] | None = None, *, kind: str = "broadcasts") -> dict[str, Any]:
        """Have something drafted and signed by both admins; give it as it then stands."""
        broadcast_id = (await self.submitted(body, kind=kind)).json()["id"]
        for admin in (self.world.an, self.world.binh):
            approved = await self.world.approve(admin, kind=kind, subject=broadcast_id)
            assert approved.status_code == 201, approved.text
        return (await self.ask("GET", f"/{kind}/{broadcast_id}")).json()

    async def add_groups(self, areas: list[str] | None = None, **changes: object) -> list[dict[str, Any]]:
        """Give communes a group each."""
        added = []
        for area in areas or AREAS:
            self.keys += 1
            body = {
                "area": area,
                "channel": "telegram-group",
                "address": f"-100{self.keys:07}",
                "title": f"Nhóm {area}",
                **changes,
            }
            answer = await self.ask("POST", "/destinations", key=uuid.uuid4().hex, body=body)
            assert answer.status_code == 201, answer.text
            added.append(answer.json())
        return added

    async def fire(self) -> list[Outcome]:
        """Let the clock come to the next hour and fire what is due."""
        self.world.clock.advance(hours=1)
        firing = Firing(self.world.database, self.world.approving.office, late=LATE)
        now = self.world.clock.now()
        return [await firing.take(row, now=now) for row in await firing.list_due(now=now)]

    async def fired(self, body: dict[str, Any] | None = None, *, kind: str = "broadcasts") -> dict[str, Any]:
        """Have something fired; give its edition."""
        broadcast_id = (await self.scheduled(body, kind=kind))["id"]
        assert await self.fire() == [Outcome.FIRED]
        (edition,) = (await self.ask("GET", f"/{kind}/{broadcast_id}/editions")).json()
        return {**edition, "broadcast": broadcast_id, "code": edition["check_code"].replace("-", "")}

    async def deliver(self, *states: DeliveryState) -> None:
        """Bring the messages to these states, as a sender would, in the order of their communes."""
        in_order = (
            select(deliveries.c.id)
            .join(destinations, deliveries.c.destination_id == destinations.c.id)
            .order_by(destinations.c.area)
        )
        async with self.world.database.unit_of_work() as connection:
            rows = (await connection.execute(in_order)).all()
            for row, state in zip(rows, states, strict=True):
                values = {"state": state, "sent_at": self.world.clock.now() if state is DeliveryState.SENT else None}
                await connection.execute(deliveries.update().where(deliveries.c.id == row.id).values(values))


async def write_bulletins(newsroom: Newsroom) -> dict[str, str]:
    """Have three bulletins fired: a genuine one, a stopped one, and one for training; give their codes, in capitals."""
    await newsroom.add_groups()
    genuine = await newsroom.fired()
    await newsroom.deliver(DeliveryState.SENT, DeliveryState.UNKNOWN)
    stopped = await newsroom.fired()
    path = f"/broadcasts/{stopped['broadcast']}"
    seen = (await newsroom.ask("GET", path)).headers["etag"]
    await newsroom.ask("POST", f"{path}/stop", seen=seen, body={})
    training = await newsroom.fired(newsroom.broadcast(mode="training"))
    return {"genuine": genuine["code"], "stopped": stopped["code"], "training": training["code"]}


@asynccontextmanager
async def opened_newsroom(directory: Path, port: int) -> AsyncIterator[Newsroom]:
    """Found a province in the directory of a product that is, or will be, served on a port; its roots lie there too."""
    file = directory / "hiendien.sqlite3"
    vault = Vault(["a master secret that only the tests know"])
    renderer = Renderer(ROOT / "templates")
    building = build_product(
        f"sqlite+aiosqlite:///{file}", directory, vault, FixedClock(), shipped_programme(), renderer, port=port
    )
    async with building as product:
        await migrate(product.runtime.database)
        async with opened_world(product, has_broadcasts=True) as world:
            roots = product.runtime.settings.effective_signing_roots
            roots.mkdir(parents=True, exist_ok=True)
            (roots / "root.pem").write_bytes(pem([world.pki.root.certificate]))
            yield Newsroom(world)
