"""A bulletin whose product is killed between any two of its steps: nothing is lost, nothing is sent twice.

The product is one process, killed as a power cut ends it and started again. The people in the line ask again when they
get no answer. Messages leave slowly, so that a kill finds some sent, one on its way and some waiting.
"""

from __future__ import annotations

import asyncio
import base64
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle, islice
from pathlib import Path

import pytest

from bot.cli.broadcast_line import AREAS, Line, settle
from bot.cli.demonstration import PASSWORD, Demonstration
from bot.cli.staffer import RefusedError
from bot.cli.stage import Stage
from bot.core.broadcasts.states import State
from bot.core.clock import SystemClock
from bot.core.deliveries.models import DeliveryState
from bot.signing.keys import sign_detached
from bot.signing.softcert import Softcert, read_softcert
from tests.fixtures.database import new_postgresql_database
from tests.journeys.broadcast_ledger import Ledger, Progress, opened_ledger
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_faults import Hold
from tests.telegram.fake_people import Chat

KILLS = int(os.environ.get("TORTURE_KILLS", "10"))
"""Over both databases together."""
SEED = 20261121
GROUPS = 8
AHEAD = timedelta(seconds=20)
"""From the draft to its minute: time to be killed and to ask again before it is past."""
PATIENCE = 120.0
SETTLES_WITHIN = 240.0
"""On PostgreSQL what a killed sender had in hand stays with it for 30 seconds, its turn at Telegram for two."""
LOOK_SECONDS = 0.02
SLOWLY = {"TELEGRAM_RATE": "1/1s", "LATE_MINUTES": "60", "LEASE_SECONDS": "2"}
NOBODY = {"NLU_URL": "http://127.0.0.1:1"}
"""Nobody asks the assistant anything here."""


@dataclass(frozen=True)
class Held:
    """Two messages whose answers the fake keeps back: one that it has not shown yet, and one that it has."""

    unseen: Hold
    seen: Hold


Mark = Callable[[Progress, Held], bool]
MARKS: dict[str, Mark] = {
    "drafted": lambda now, _: now.state is not None,
    "submitted": lambda now, _: now.state not in {None, State.DRAFT},
    "signed once": lambda now, _: now.approved >= 1,
    "signed twice": lambda now, _: now.approved >= 2,
    "fired": lambda now, _: now.fired > 0,
    "in the sender's hand": lambda now, _: now.in_hand + now.ended > 0,
    # Or never: a kill before may have made this one's outcome unknown already.
    "on its way, not there": lambda now, held: held.unseen.reached or now.ended == GROUPS,
    "there, not answered": lambda now, held: held.seen.reached or now.ended == GROUPS,
    "half of it sent": lambda now, _: now.ended >= GROUPS // 2,
    "all but one sent": lambda now, _: now.ended >= GROUPS - 1,
}
"""Where the product is killed, in the order in which a bulletin comes there."""


@dataclass(frozen=True)
class Scene:
    """A product with its groups, its ledger, the people's keys, and when it is to be killed."""

    name: str
    stage: Stage
    fake: FakeBotApi
    line: Line
    ledger: Ledger
    keys: dict[str, Softcert]
    groups: list[Chat]
    dice: random.Random


@pytest.fixture(params=["sqlite", "postgresql"])
def scene(request, tmp_path: Path) -> Iterator[Scene]:
    directory = tmp_path / "killed"
    url = f"sqlite:///{directory / 'killed.sqlite3'}"
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql_server")
        url = asyncio.run(new_postgresql_database(server)).replace("+asyncpg", "")
    with FakeBotApi(SystemClock()).serve() as fake:
        given = {"TELEGRAM_TOKEN": fake.token, "TELEGRAM_API_URL": fake.url, "DATABASE_URL": url, **SLOWLY, **NOBODY}
        stage = Stage(directory, given)
        people = settle(stage)
        authority = Demonstration(directory / "dev-ca")
        keys = {short: read_softcert(authority.softcert(short), PASSWORD) for short in ("an", "binh")}
        groups = [fake.group(f"Tổ {number}") for number in range(1, GROUPS + 1)]
        stage.start()
        try:
            stage.wait_until_ready(understands=False)
            with (
                Line(stage, people, patience=PATIENCE) as line,
                opened_ledger(stage.settings.effective_database_url) as ledger,
            ):
                for number, group in enumerate(groups):
                    line.add_group(AREAS[number % len(AREAS)], group.chat_id, group.name)
                dice = random.Random(SEED)  # noqa: S311 - chooses moments, not secrets
                yield Scene(request.param, stage, fake, line, ledger, keys, groups, dice)
        finally:
            codes = stage.stop()
        assert list(codes) == [0], stage.log.read_text()


def shared_out(name: str) -> list[list[str]]:
    """Return where each bulletin's product is killed; both databases together make `KILLS`.

    A short run spreads its kills over the line: every second step on one database, those between on the other.
    """
    is_first = name == "sqlite"
    share = KILLS // 2 if is_first else KILLS - KILLS // 2
    marks = list(MARKS)
    order = marks[not is_first :: 2] + marks[is_first::2]
    wanted = list(islice(cycle(order), share))
    return [sorted(wanted[at : at + len(marks)], key=marks.index) for at in range(0, share, len(marks))]


def test_nothing_is_lost_and_nothing_is_sent_twice(scene: Scene) -> None:
    kills = unknown = 0
    for number, marks in enumerate(shared_out(scene.name), 1):
        for group in scene.groups:
            group.shown.clear()
        bulletin = go_through(scene, number, marks)
        assert scene.ledger.count_bulletins() == number, "asked for again and again, drafted once"
        assert scene.ledger.progress(number).fired == 1
        unknown += check(scene, bulletin)
        kills += len(marks)
        settle_unknown(scene, bulletin)
        assert [len(group.texts) for group in scene.groups] == [1] * GROUPS
    assert unknown <= kills
    print(f"torture: {scene.name}: {kills} kills, nothing lost, nothing twice; {unknown} messages of unknown outcome")


def go_through(scene: Scene, number: int, marks: Sequence[str]) -> str:
    """Bring a bulletin all the way, killing the product at each mark; return its id."""
    held = Held(
        unseen=scene.fake.holds("sendMessage", carried_out=False, chat=scene.groups[1]),
        seen=scene.fake.holds("sendMessage", carried_out=True, chat=scene.groups[2]),
    )
    holds = {"on its way, not there": held.unseen, "there, not answered": held.seen}
    for mark in holds.keys() - set(marks):
        holds[mark].let_go()
    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(go, scene)
        for mark in marks:
            wait_for(scene, number, mark, held, going)
            time.sleep(scene.dice.uniform(0, 0.05))
            scene.stage.kill()
            if mark in holds:
                holds[mark].let_go()  # whoever asked is dead
            scene.stage.start()
        bulletin = going.result(PATIENCE)
    scene.line.wait_until(bulletin, "done", seconds=SETTLES_WITHIN)
    scene.fake.fails_no_more()
    return bulletin


def soon() -> datetime:
    return SystemClock().now().replace(microsecond=0) + AHEAD


def go(scene: Scene) -> str:
    """Do what people do: draft, ask for signatures, sign."""
    bulletin = scene.line.draft(fires_at=soon())
    while True:
        try:
            scene.line.submit(bulletin)
            break
        except RefusedError as refusal:
            # Killed and started for so long that its minute is past: Chi sets another.
            if not refusal.facts["type"].endswith("/schedule-invalid"):
                raise
            scene.line.move(bulletin, fires_at=soon())
    for short in ("an", "binh"):
        approve(scene, bulletin, short)
    return bulletin


def approve(scene: Scene, bulletin: str, short: str) -> None:
    """Sign until the approval is listed: whoever got no answer looks first whether it counted."""
    staffer, path = scene.line.staffer(short), f"/broadcasts/{bulletin}"
    staff_id = getattr(scene.line.people, short).staff_id
    for _ in range(5):
        if any(given["staff"] == staff_id for given in staffer.get(f"{path}/approvals").json()):
            return
        try:
            asked = staffer.write("POST", f"{path}/approval-challenges", {"offline": False}).json()
            signature = sign_detached(base64.b64decode(asked["statement"]), scene.keys[short])
            body = {
                "challenge": asked["challenge"],
                "format": "cms-detached",
                "signature": base64.b64encode(signature).decode(),
            }
            staffer.write("POST", f"{path}/approvals", body)
        except RefusedError as refusal:
            if refusal.facts["status"] not in {404, 409}:
                raise
    raise AssertionError("never approved")


def wait_for(scene: Scene, number: int, mark: str, held: Held, going: Future[str]) -> None:
    """Wait until the bulletin has come to a mark."""
    deadline = time.monotonic() + PATIENCE
    while not MARKS[mark](scene.ledger.progress(number), held):
        if going.done():
            going.result()
        assert time.monotonic() < deadline, f"never {mark}:\n{scene.stage.log.read_text()[-5000:]}"
        time.sleep(LOOK_SECONDS)


def check(scene: Scene, bulletin: str) -> int:
    """Hold the ledger against what the groups saw; return how many outcomes are unknown."""
    outcomes = scene.ledger.outcomes(bulletin)
    assert {address: len(states) for address, states in outcomes.items()} == {
        str(group.chat_id): 1 for group in scene.groups
    }, "one delivery for each group"
    for group in scene.groups:
        (state,) = outcomes[str(group.chat_id)]
        assert state in {DeliveryState.SENT, DeliveryState.UNKNOWN}, (group.name, state)
        assert len(group.texts) <= 1, f"{group.name} has it twice"
        assert len(group.texts) == 1 or state is DeliveryState.UNKNOWN, f"{group.name} lost it"
    return sum(states == [DeliveryState.UNKNOWN] for states in outcomes.values())


def settle_unknown(scene: Scene, bulletin: str) -> None:
    """Do what an officer does about unknown outcomes: look into each group, then say what stands there."""
    shown = {group.name: bool(group.texts) for group in scene.groups}
    chi, path = scene.line.staffer("chi"), f"/broadcasts/{bulletin}/deliveries"
    for row in chi.get(f"{path}?state=unknown").json():
        outcome = "arrived" if shown[row["title"]] else "send-again"
        chi.write("POST", f"{path}/{row['id']}/settlement", {"outcome": outcome})
    deadline = time.monotonic() + SETTLES_WITHIN
    while {row["state"] for row in chi.get(path).json()} != {"sent"}:
        assert time.monotonic() < deadline, chi.get(path).text
        time.sleep(LOOK_SECONDS)
