"""A bulletin that comes back, by a clock that the test moves: over the API, signed, fired, sent to the fake's group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import pytest_asyncio

from bot.assembly import create_emission, create_sender
from bot.cli.broadcast_line import Line, read_code
from bot.core.broadcasts import repository
from bot.core.broadcasts.firing import Firing, Outcome
from bot.core.db import Database
from bot.core.staff.roles import Role
from bot.gateway.telegram.carrier import TelegramCarrier
from bot.gateway.telegram.client import open_client
from tests.attacks.world import Member, World, opened_world
from tests.fakes import FixedClock
from tests.fixtures.product import build_product
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_people import Chat

AREA = "bac-ninh.yen-dung"
TIMETABLE = {
    "not_before": "2026-11-20T00:00:00Z",
    "not_after": "2026-11-20T04:00:00Z",
    # On the clocks of Việt Nam, where it is 8 o'clock on a Friday when the test begins.
    "times": ["08:30", "09:30", "10:30"],
    "weekdays": [5],
    "days_of_month": [],
}
HOUR = 60


@dataclass
class Commune:
    """A province whose one commune has a group."""

    world: World
    chi: Member
    group: Chat
    firing: Firing
    send: Callable[[], Awaitable[None]]
    keys: int = 0

    async def write(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, by: Member
    ) -> httpx.Response:
        """Ask for a change, with the ETag that was read last, as a careful program does."""
        self.keys += 1
        headers = {**by.headers, "Idempotency-Key": f"key-{self.keys}"}
        found = await self.world.client.get("/".join(path.split("/")[:5]), headers=by.headers)
        if "ETag" in found.headers:
            headers["If-Match"] = found.headers["ETag"]
        answer = await self.world.client.request(method, path, headers=headers, json=dict(body or {}))
        assert answer.is_success, answer.text
        return answer

    async def look(self, series: str, part: str = "") -> Any:
        answer = await self.world.client.get(f"/api/v1/series/{series}{part}", headers=self.chi.headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def schedule(self) -> str:
        """Draft, submit and approve the series; return its id."""
        body = Line.body(areas=[AREA]) | {"timetable": TIMETABLE}
        series = str((await self.write("POST", "/api/v1/series", body, by=self.chi)).json()["id"])
        await self.submit_and_approve(series)
        return series

    async def submit_and_approve(self, series: str) -> None:
        await self.write("POST", f"/api/v1/series/{series}/submission", by=self.chi)
        for admin in (self.world.an, self.world.binh):
            approved = await self.world.approve(admin, kind="series", subject=series)
            assert approved.status_code == 201, approved.text

    async def tick(self) -> list[Outcome]:
        """Let the clock look at what is due, as the scheduler does every few seconds."""
        due = await self.firing.list_due(now=self.world.clock.now())
        return [await self.firing.take(row, now=self.world.clock.now()) for row in due]


async def is_going_out(database: Database) -> bool:
    async with database.reading() as connection:
        return bool(await repository.list_going_out(connection))


@pytest_asyncio.fixture
async def commune(database_url, tmp_path, vault, programme, renderer) -> AsyncIterator[Commune]:
    clock = FixedClock()
    fake = FakeBotApi(clock)
    group = fake.group("Nhóm Tổ 3")
    telegram = {"telegram_token": fake.token, "telegram_api_url": fake.url, "telegram_rate": "0"}
    parts = (database_url, tmp_path, vault, clock, programme, renderer)
    async with (
        build_product(*parts, **telegram, telegram_group_rate="0") as product,
        opened_world(product, has_broadcasts=True) as world,
        open_client(product.runtime.settings, transport=httpx.ASGITransport(app=fake)) as client,
    ):
        runtime, office = product.runtime, world.approving.office
        sender = create_sender(
            runtime,
            TelegramCarrier(client, runtime.renderer, runtime.pictures),
            rate="0",
            bulk=create_emission(runtime, office),
        )

        async def send() -> None:
            """Run the sender until what was fired has ended."""
            stopping = asyncio.Event()
            task = asyncio.create_task(sender.run(stopping))
            async with asyncio.timeout(30):
                while await is_going_out(runtime.database):
                    await asyncio.sleep(0.05)
            stopping.set()
            await task

        chi = await world.hire("Chi ở xã", Role.OFFICER, areas=(AREA,))
        made = Commune(world, chi, group, Firing(runtime.database, office, late=runtime.settings.late), send)
        destination = {
            "area": AREA,
            "channel": "telegram-group",
            "address": str(group.chat_id),
            "title": group.name,
            "is_training": False,
        }
        await made.write("POST", "/api/v1/destinations", destination, by=chi)
        yield made


async def test_it_fires_at_each_moment_once_and_a_late_one_is_not_sent(commune):
    clock = commune.world.clock
    series = await commune.schedule()
    assert await commune.tick() == [], "its first moment has not come"

    clock.advance(minutes=30)
    assert await commune.tick() == [Outcome.FIRED]
    assert await commune.tick() == [], "each moment once"
    await commune.send()

    clock.advance(minutes=HOUR)
    assert await commune.tick() == [Outcome.FIRED]
    await commune.send()
    assert len(commune.group.texts) == 2
    codes = [read_code(text) for text in commune.group.texts]
    assert len(set(codes)) == 2, "each edition has a check code of its own"

    clock.advance(minutes=HOUR + 11)
    assert await commune.tick() == [Outcome.MISSED]
    assert len(commune.group.texts) == 2
    assert [fire["outcome"] for fire in await commune.look(series, "/fires")] == ["fired", "fired", "missed"]
    (notice,) = (await commune.world.client.get("/api/v1/notices", headers=commune.chi.headers)).json()
    assert (notice["kind"], notice["facts"]["broadcast"]) == ("broadcast-missed", series)
    assert (await commune.look(series))["state"] == "done"


async def test_an_edit_after_approval_voids_the_approvals(commune):
    clock = commune.world.clock
    series = await commune.schedule()
    clock.advance(minutes=30)
    await commune.tick()
    await commune.send()
    changed = Line.body(areas=[AREA], text="Giờ đã đổi.") | {"timetable": TIMETABLE}
    await commune.write("PUT", f"/api/v1/series/{series}", changed, by=commune.chi)
    assert (await commune.look(series))["state"] == "draft"
    approvals = await commune.world.client.get(f"/api/v1/series/{series}/approvals", headers=commune.world.an.headers)
    assert approvals.json() == [], "those of the version before count no more"
    clock.advance(minutes=HOUR)
    assert await commune.tick() == []
    await commune.submit_and_approve(series)
    clock.advance(minutes=HOUR)
    assert await commune.tick() == [Outcome.FIRED]
    await commune.send()
    assert "Giờ đã đổi." in commune.group.texts[1]


async def test_with_fewer_than_two_signatures_it_is_never_due(commune):
    body = Line.body(areas=[AREA]) | {"timetable": TIMETABLE}
    series = (await commune.write("POST", "/api/v1/series", body, by=commune.chi)).json()["id"]
    await commune.write("POST", f"/api/v1/series/{series}/submission", by=commune.chi)
    commune.world.clock.advance(minutes=30)
    assert await commune.tick() == []
    await commune.world.approve(commune.world.an, kind="series", subject=series)
    for _ in range(3):
        commune.world.clock.advance(minutes=HOUR)
        assert await commune.tick() == []
    assert commune.group.texts == []
