"""How fast webhooks are acknowledged while a bulletin is sent, and how many whole turns pass; part of ``make bench``.

On SQLite with one web process, on PostgreSQL (which writes its log through to the disk) with one and with three. The
product is its own processes; the fakes of both platforms and an echo in place of the NLU server are in this one; calls
come from a third. The peer is a server of the same kind that reads a call, keeps nothing and answers 200: it is called
in turn with the webhooks, so whatever else the machine does, it does to both.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import multiprocessing
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

from sqlalchemy import insert
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.cli.broadcast_line import AREAS, Line, People, settle
from bot.cli.demonstration import PASSWORD, Demonstration
from bot.cli.stage import Stage
from bot.cli.transactions import in_one_transaction
from bot.core.clock import SystemClock
from bot.core.destinations.models import destinations
from bot.listening import create_server
from bot.settings import Settings
from bot.signing.keys import sign_detached
from bot.signing.softcert import read_softcert
from tests.benchmarks.load import Connection
from tests.channels_torture.crowd import Citizen, citizens
from tests.channels_torture.echo_nlu import echo_nlu
from tests.channels_torture.serving import served, settings_for
from tests.fixtures.database import free_port, new_postgresql_database, running_postgresql
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_people import Chat
from tests.telegram.product import PUBLIC_URL, SECRET
from tests.zalo.fake_zalo import FakeZalo

CALLS_A_SECOND, SECONDS = 10, 25
"""Of each channel, and of the peer, evenly spread."""
PEOPLE = 50
"""On each channel."""
GROUPS = 900
"""That the bulletin goes to, 29 a second at the most: it is still being sent when the last call came."""
AHEAD = timedelta(seconds=8)
TURNS_EACH, CLIENTS = 3, 8
"""Messages of one person, which is as many as one is answered without a pause, and calls at a time."""
ANSWERED_WITHIN = 180.0
STILL_OPEN = 2.0
"""Seconds within which a server keeps a connection that is not used."""
PEER = "peer"
Call = tuple[str, bytes, dict[str, str]]
SETTINGS = {"TELEGRAM_WEBHOOK_SECRET": SECRET, "PUBLIC_URL": PUBLIC_URL, "CHAT_RATE_LIMIT": "0", "LATE_MINUTES": "60"}


@dataclass(frozen=True)
class Case:
    """A deployment that is measured."""

    database: str
    webs: int

    def __str__(self) -> str:
        return f"{self.database}, {self.webs} web"


CASES = (Case("SQLite", 1), Case("PostgreSQL", 1), Case("PostgreSQL", 3))


@dataclass
class Figures:
    """What was measured of a deployment."""

    acknowledged: dict[str, list[float]] = field(default_factory=dict)
    """Milliseconds, by channel and for the peer."""
    sent_meanwhile: int = 0
    turns_a_second: float = 0.0


@dataclass
class Deployment:
    """A running product, the platforms around it and the people in it."""

    case: Case
    boxes: Sequence[Stage]
    people: People
    fake: FakeBotApi
    zalo: FakeZalo
    groups: Sequence[Chat]

    @property
    def ports(self) -> list[int]:
        return [box.port for box in self.boxes[: self.case.webs]]


@contextmanager
def deployed(case: Case, directory: Path, url: str) -> Iterator[Deployment]:
    """Run a deployment during the block."""
    fake, zalo = FakeBotApi(SystemClock()), FakeZalo(SystemClock())
    zalo.calls_a_minute, zalo.echoes = sys.maxsize, False
    with fake.serve(), zalo.serve(), served(echo_nlu(random.Random(0), slowest=0.0)) as nlu:  # noqa: S311
        given = {"TELEGRAM_TOKEN": fake.token, "TELEGRAM_API_URL": fake.url, **settings_for(zalo), **SETTINGS}
        given |= {"DATABASE_URL": url, "NLU_URL": nlu}
        apart = [*["web"] * case.webs, "worker", "sender", "scheduler"]
        boxes = [Stage(directory, given, commands=(name,)) for name in (["up"] if case.database == "SQLite" else apart)]
        people = settle(boxes[0])
        groups = [fake.group(f"Tổ {number}") for number in range(GROUPS)]
        _take_into_use(boxes[0].settings, groups, people.an.staff_id)
        try:
            for box in boxes:
                box.start()
            for box in boxes[: case.webs]:
                box.wait_until_ready(understands=False)
            yield Deployment(case, boxes, people, fake, zalo, groups)
        finally:
            for box in boxes:
                box.stop()


def _take_into_use(settings: Settings, groups: Sequence[Chat], staff_id: str) -> None:
    """Write the groups into the table: an admin who did it one by one would be held back."""
    rows = [
        {
            "id": f"dst-{number:010d}",
            "area": AREAS[number % len(AREAS)],
            "channel": "telegram-group",
            "address": str(group.chat_id),
            "title": group.name,
            "is_training": False,
            "added_by": staff_id,
            "added_at": datetime.now(UTC),
        }
        for number, group in enumerate(groups)
    ]
    in_one_transaction(settings, lambda connection: connection.execute(insert(destinations), rows))


def broadcast(deployment: Deployment) -> None:
    """Bring a bulletin so far that it is being sent."""
    authority = Demonstration(deployment.boxes[0].directory / "dev-ca")
    with Line(deployment.boxes[0], deployment.people, patience=60) as line:
        bulletin = line.draft(fires_at=datetime.now(UTC).replace(microsecond=0) + AHEAD)
        line.submit(bulletin)
        for short in ("an", "binh"):
            staffer, path = line.staffer(short), f"/broadcasts/{bulletin}"
            asked = staffer.write("POST", f"{path}/approval-challenges", {"offline": False}).json()
            key = read_softcert(authority.softcert(short), PASSWORD)
            signature = base64.b64encode(sign_detached(base64.b64decode(asked["statement"]), key)).decode()
            body = {"challenge": asked["challenge"], "format": "cms-detached", "signature": signature}
            staffer.write("POST", f"{path}/approvals", body)
    _wait(lambda: sent_to(deployment) > 0, seconds=120)


def sent_to(deployment: Deployment) -> int:
    """Count the groups that have the bulletin."""
    return sum(bool(group.shown) for group in deployment.groups)


def measure_acknowledging(deployment: Deployment, pool: ProcessPoolExecutor, peer_port: int) -> Figures:
    """Call the webhooks and the peer in turn while a bulletin is sent."""
    everybody = citizens(deployment.fake, deployment.zalo, each=PEOPLE)
    calls: list[tuple[str, int, Call]] = []
    ports = itertools.cycle(deployment.ports)
    for number in range(CALLS_A_SECOND * SECONDS):
        for citizen in (everybody[number % PEOPLE], everybody[PEOPLE + number % PEOPLE]):
            call = _call(citizen, number)
            calls += [(citizen.channel, next(ports), call), (PEER, peer_port, call)]
    pool.submit(call_evenly, calls[:60]).result()
    broadcast(deployment)
    before = sent_to(deployment)
    acknowledged = pool.submit(call_evenly, calls[60:]).result()
    after = sent_to(deployment)
    assert before < after < GROUPS, "the bulletin was not being sent all the time"
    return Figures(acknowledged, after - before)


def call_evenly(calls: Sequence[tuple[str, int, Call]]) -> Mapping[str, list[float]]:
    """Make each call at its time, whether those before were answered or not; return milliseconds by name."""
    return asyncio.run(_call_evenly(calls))


async def _call_evenly(calls: Sequence[tuple[str, int, Call]]) -> Mapping[str, list[float]]:
    free: dict[int, list[tuple[Connection, float]]] = {}
    taken: dict[str, list[float]] = {}
    began = time.perf_counter()

    async def make(name: str, port: int, call: Call, due: float) -> None:
        await asyncio.sleep(due - time.perf_counter())
        connections = free.setdefault(port, [])
        connection, used = connections.pop() if connections else (Connection(port), time.perf_counter())
        if time.perf_counter() - used > STILL_OPEN:
            connection.close()
            connection = Connection(port)
        before = time.perf_counter()
        await connection.send(*call)
        taken.setdefault(name, []).append((time.perf_counter() - before) * 1000)
        connections.append((connection, time.perf_counter()))

    pause = 1 / (4 * CALLS_A_SECOND)
    await asyncio.gather(
        *(make(name, port, call, began + number * pause) for number, (name, port, call) in enumerate(calls))
    )
    for connection, _ in itertools.chain.from_iterable(free.values()):
        connection.close()
    return taken


def measure_turns(deployment: Deployment, pool: ProcessPoolExecutor) -> float:
    """Have many people write as fast as they are acknowledged; return how many are answered a second."""
    everybody = citizens(deployment.fake, deployment.zalo, each=4 * PEOPLE)[4 * PEOPLE :]  # those on Zalo
    calls = [_call(citizen, number) for number in range(TURNS_EACH) for citizen in everybody]
    seen = len(deployment.zalo.messages)
    began = time.perf_counter()
    posting = pool.submit(call_at_once, deployment.ports, calls)
    _wait(lambda: len(deployment.zalo.messages) >= seen + len(calls), seconds=ANSWERED_WITHIN)
    seconds = time.perf_counter() - began
    posting.result()
    return len(calls) / seconds


def call_at_once(ports: Sequence[int], calls: Sequence[Call]) -> None:
    """Make calls one after another on each of some connections."""
    asyncio.run(_call_at_once(ports, calls))


async def _call_at_once(ports: Sequence[int], calls: Sequence[Call]) -> None:
    left = iter(calls)

    async def make(port: int) -> None:
        connection = Connection(port)
        for call in left:
            await connection.send(*call)
        connection.close()

    await asyncio.gather(*(make(port) for port, _ in zip(itertools.cycle(ports), range(CLIENTS))))


def _call(citizen: Citizen, number: int) -> Call:
    raw, headers = citizen.write(f"tin {number}")
    return citizen.path, raw, headers


def _wait(condition, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)  # other processes: what they did shows here


def serve_peer(port: int) -> None:
    """Read calls, keep nothing, answer 200."""

    async def take(request: Request) -> Response:
        await request.body()
        return Response()

    app = Starlette(routes=[Route("/{path:path}", take, methods=["POST"])])
    asyncio.run(create_server(app, "127.0.0.1", port, Settings()).serve())


@contextmanager
def peer() -> Iterator[int]:
    """Run the peer in a process of its own; give its port."""
    port = free_port()
    process = multiprocessing.get_context("spawn").Process(target=serve_peer, args=(port,), daemon=True)
    process.start()
    try:
        yield port
    finally:
        process.kill()
        process.join()


def measure_all() -> Mapping[Case, Figures]:
    """Measure every deployment, one after the other."""
    found: dict[Case, Figures] = {}
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running_postgresql(_missing))
        peer_port = stack.enter_context(peer())
        context = multiprocessing.get_context("spawn")
        pool = stack.enter_context(ProcessPoolExecutor(1, mp_context=context))
        for number, case in enumerate(CASES):
            print(f"{case} …", file=sys.stderr, flush=True)
            own = directory / str(number)
            url = f"sqlite:///{own / 'bench.sqlite3'}"
            if case.database == "PostgreSQL":
                url = asyncio.run(new_postgresql_database(server)).replace("+asyncpg", "")
            with deployed(case, own, url) as deployment:
                turns = measure_turns(deployment, pool)
                found[case] = measure_acknowledging(deployment, pool, peer_port)
                found[case].turns_a_second = turns
    return found


def _missing(reason: str) -> NoReturn:
    sys.exit(reason)


def report(found: Mapping[Case, Figures]) -> str:
    """Write the figures as Markdown."""
    lines = [
        f"{CALLS_A_SECOND} calls a second of each channel for {SECONDS} s while a bulletin goes to groups.",
        "",
        "| acknowledged, ms | Telegram p50, p99 | Zalo p50, p99 | peer p50, p99 | groups reached a second |",
        "|---|---|---|---|---|",
    ]
    for case, figures in found.items():
        cells = [_percentiles(figures.acknowledged[name]) for name in ("telegram", "zalo", PEER)]
        lines.append(f"| {case} | {' | '.join(cells)} | {figures.sent_meanwhile / SECONDS:.0f} |")
    lines += ["", "| whole turns, without understanding | answered a second |", "|---|---|"]
    lines += [f"| {case} | {figures.turns_a_second:.0f} |" for case, figures in found.items()]
    return "\n".join(lines)


def _percentiles(taken: Sequence[float]) -> str:
    ordered = sorted(taken)
    return ", ".join(f"{ordered[min(len(ordered) - 1, int(len(ordered) * share))]:.1f}" for share in (0.5, 0.99))


def main() -> None:
    """Measure and print."""
    print(report(measure_all()))


if __name__ == "__main__":
    main()
