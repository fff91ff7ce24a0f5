"""Processes killed while people write: every message is answered once and in its order, or its outcome is told.

On SQLite all of the product is one process. On PostgreSQL web, workers and sender are apart, and one at a time is
killed, as a power cut ends it, and started again. The assistant is an echo: answers show to what they belong.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.cli.stage import Stage
from bot.core.clock import SystemClock
from bot.core.db import Database
from bot.core.deliveries.models import DeliveryState, deliveries
from bot.core.inbox.models import UpdateState, inbox
from tests.channels_torture.crowd import Crowd, citizens, until
from tests.channels_torture.echo_nlu import echo_nlu
from tests.channels_torture.serving import served, settings_for
from tests.fixtures.database import new_postgresql_database
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.product import PUBLIC_URL, SECRET
from tests.zalo.fake_zalo import FakeZalo

KILLS = int(os.environ.get("TORTURE_INBOUND_KILLS", "10"))
"""Over both databases together."""
SEED = 20261122
PEOPLE = 6
"""On each channel."""
MANY = 20
LONGEST_WAIT = 0.4
"""Seconds from the moment when a process is at work again until it is killed, at the most."""
AT_WORK_WITHIN = 90.0
SETTLES_WITHIN = 240.0
SETTINGS = {
    "TELEGRAM_WEBHOOK_SECRET": SECRET,
    "PUBLIC_URL": PUBLIC_URL,
    "TELEGRAM_RATE": "0",
    "CHAT_RATE_LIMIT": "0",
    "LEASE_SECONDS": "1",
}
APART = {"web": "web", "worker one": "worker", "worker two": "worker", "sender": "sender"}


@dataclass
class Box(Stage):
    """One process of a product, with a log of its own."""

    name: str = ""

    @property
    def log(self) -> Path:
        return self.directory / f"{self.name}.log"


@dataclass(frozen=True)
class Scene:
    """A product of one or several processes, and who writes to it."""

    name: str
    boxes: Mapping[str, Box]
    crowd: Crowd
    database_url: str
    dice: random.Random

    def victims(self) -> Sequence[str]:
        """Return who is killed, one after another; on SQLite a kill ends more, and a short run has fewer of them."""
        share = KILLS // 2 if KILLS >= MANY else KILLS * 3 // 10
        kills = share if self.name == "sqlite" else KILLS - share
        return list(islice(cycle(self.boxes), kills))

    def work_of(self, name: str) -> int:
        """Return how much a process has done: what only it can have done, or its log tells."""
        if name == "web":
            return self.crowd.wrote.total()
        if name in {"up", "sender"}:
            return self.crowd.answers
        return self.boxes[name].log.read_text("utf-8", errors="replace").count("turn.finished")

    async def until_at_work(self, name: str, *, beyond: int) -> None:
        """Wait until a process has done something since it was started."""
        log = self.boxes[name].log
        await until(lambda: self.work_of(name) > beyond, seconds=AT_WORK_WITHIN, why=lambda: log.read_text()[-5000:])


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scene]:
    directory = tmp_path / "killed"
    url = f"sqlite:///{directory / 'killed.sqlite3'}"
    commands = {"up": "up"}
    if request.param == "postgresql":
        commands = APART
        template = request.getfixturevalue("migrated_postgresql")
        server = request.getfixturevalue("postgresql_server")
        url = asyncio.run(new_postgresql_database(server, like=template)).replace("+asyncpg", "")
    dice = random.Random(f"{SEED}-{request.param}")  # noqa: S311 - chooses moments, not secrets
    fake = FakeBotApi(SystemClock())
    with ExitStack() as stack:
        stack.enter_context(fake.serve())
        zalo = stack.enter_context(FakeZalo(SystemClock()).serve())
        nlu = stack.enter_context(served(echo_nlu(dice)))
        given = {"TELEGRAM_TOKEN": fake.token, "TELEGRAM_API_URL": fake.url, **settings_for(zalo), **SETTINGS}
        given |= {"DATABASE_URL": url, "NLU_URL": nlu}
        boxes = {name: Box(directory, given, commands=(command,), name=name) for name, command in commands.items()}
        first = next(iter(boxes.values()))
        crowd = Crowd(citizens(fake, zalo, each=PEOPLE), first.address, dice)
        try:
            for box in boxes.values():
                box.start()
            first.wait_until_ready(understands=False)
            yield Scene(request.param, boxes, crowd, first.settings.effective_database_url, dice)
        finally:
            with ThreadPoolExecutor() as pool:
                codes = dict(zip(boxes, pool.map(lambda box: tuple(box.stop()), boxes.values()), strict=True))
        assert set(codes.values()) == {(0,)}, codes


async def test_every_message_is_answered_once_and_in_order_whoever_is_killed(scene: Scene) -> None:
    stopping = asyncio.Event()
    writing = asyncio.create_task(scene.crowd.write(stopping))
    done = dict.fromkeys(scene.boxes, 0)
    for name in scene.victims():
        await scene.until_at_work(name, beyond=done[name])
        await asyncio.sleep(scene.dice.uniform(0, LONGEST_WAIT))
        assert not writing.done(), "nobody writes any more"
        await asyncio.to_thread(scene.boxes[name].kill)
        done[name] = scene.work_of(name)
        scene.boxes[name].start()
    for name in scene.boxes:
        await scene.until_at_work(name, beyond=done[name])
    stopping.set()
    await writing
    database = Database(scene.database_url)
    try:
        await settled(scene, database)
        told = [await check(scene, database, channel) for channel in ("telegram", "zalo")]
    finally:
        await database.close()
    shown = f"{len(scene.victims())} kills, {scene.crowd.repeated} calls repeated; " + "; ".join(told)
    print(f"torture: {scene.name}: {shown}")


async def settled(scene: Scene, database: Database) -> None:
    """Wait until no update waits for a worker, and no answer for the sender."""
    unfinished = select(func.count()).select_from(inbox).where(inbox.c.state < UpdateState.FINISHED)
    unsent = select(func.count()).select_from(deliveries).where(deliveries.c.state < DeliveryState.SENT)
    async with asyncio.timeout(SETTLES_WITHIN):
        while True:
            async with database.reading() as connection:
                left = [(await connection.execute(query)).scalar_one() for query in (unfinished, unsent)]
            if left == [0, 0]:
                return
            await asyncio.sleep(0.1)


async def check(scene: Scene, database: Database, channel: str) -> str:
    """Hold what people of a channel wrote and saw against the ledger; return what was counted."""
    messages, seen = scene.crowd.check(channel=channel)
    async with database.reading() as connection:
        states = (await connection.execute(select(inbox.c.state).where(inbox.c.channel == channel))).scalars().all()
        assert Counter(states) == {UpdateState.FINISHED: messages}, "each stored once, and none parked"
        answers = select(deliveries.c.inbox_id, deliveries.c.state).where(deliveries.c.carrier == channel)
        rows = (await connection.execute(answers)).all()
    assert Counter(Counter(row.inbox_id for row in rows).values()) == {1: messages}, "one answer for each"
    outcomes = Counter(DeliveryState(row.state).name.lower() for row in rows)
    assert outcomes.keys() <= {"sent", "unknown"}, outcomes
    assert outcomes["sent"] <= seen <= messages, (outcomes, seen, messages)
    lost = messages - seen
    return (
        f"{channel}: {messages} messages, {seen} answers seen once and in order, "
        f"{outcomes['unknown']} unknown of which {lost} were not seen"
    )
