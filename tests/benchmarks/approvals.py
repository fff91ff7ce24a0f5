"""How long one approval and one check before sending take, beside pyHanko and openssl; part of ``make bench``.

On SQLite in a temporary directory, through the desk, without HTTP; challenges, signing and the two founders' enrolment
are not counted. The others only verify the same signature, with the same path and lists: no database, no log.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.approvals.rechecks import recheck
from bot.core.approvals.service import Purpose
from bot.core.db import Database
from bot.core.programme import load_programme
from bot.core.rendering import Renderer
from bot.core.vault import Vault
from bot.migrations import migrate
from bot.settings import ROOT
from tests.attacks.world import World, opened_world
from tests.benchmarks.signatures import cpu_seconds
from tests.core.signatures.opinions import Opinions
from tests.fakes import FixedClock
from tests.fixtures.product import build_product

BROADCASTS = 150
APPROVAL, RECHECK = "one approval: verify, keep, log", "check before sending, 2 approvals"
PYHANKO, OPENSSL = "pyHanko, the same signature", "openssl cms -verify, a process"
SIGNATURES = {APPROVAL: 1, RECHECK: 2, PYHANKO: 1, OPENSSL: 1}
"""How many signatures each step verifies."""


@dataclass
class Times:
    """Milliseconds of each step: by the clock, and of the processor, which no neighbour disturbs."""

    taken: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SIGNATURES})
    cpu: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in SIGNATURES})

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Count what happens in the block."""
        began, used = time.perf_counter(), cpu_seconds()
        yield
        self.taken[name].append((time.perf_counter() - began) * 1000)
        self.cpu[name].append((cpu_seconds() - used) * 1000)

    def report(self) -> str:
        peer = statistics.mean(self.cpu[PYHANKO])
        lines = [
            "| approvals | median ms | p95 ms | CPU ms | CPU of pyHanko's, per signature |",
            "|---|---|---|---|---|",
        ]
        for name, times in self.taken.items():
            used = statistics.mean(self.cpu[name])
            figures = f"{statistics.median(times):.1f} | {sorted(times)[int(len(times) * 0.95)]:.1f} | {used:.1f}"
            lines.append(f"| {name} | {figures} | {used / SIGNATURES[name] / peer:.2f} |")
        return "\n".join(lines)


async def measure_approvals() -> str:
    """Approve broadcasts and check them before sending; return the figures as Markdown."""
    times = Times()
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite+aiosqlite:///{directory}/bench.sqlite3"
        database = Database(url)
        await migrate(database)
        await database.close()
        vault = Vault(["a master secret that only the tests know"])
        programme, renderer = load_programme(ROOT / "bot" / "content"), Renderer(ROOT / "templates")
        async with (
            build_product(url, Path(directory), vault, FixedClock(), programme, renderer) as product,
            opened_world(product) as world,
        ):
            opinions = Opinions(world.pki, Path(directory))
            for number in range(BROADCASTS):
                await measure(world, f"tb-{number}", opinions, times)
    return times.report()


async def measure(world: World, name: str, opinions: Opinions, times: Times) -> None:
    now, desk = world.clock.now(), world.approving.desk
    broadcast = world.broadcasts.draft(now, broadcast_id=name, drafter=world.chi.staff_id)
    for member in (world.an, world.binh):
        which = {"kind": "broadcasts", "subject_id": name, "staff_id": member.staff_id, "purpose": Purpose.APPROVE}
        challenge = await desk.challenge(**which, offline=False, now=now)
        assert member.signer is not None
        signature = member.signer.sign(challenge.statement)
        with times.step(APPROVAL):
            await desk.answer(**which, jti=challenge.jti, signature=signature, now=now)
        for name_of_peer, verifies in ((PYHANKO, opinions.pyhanko), (OPENSSL, opinions.openssl)):
            with times.step(name_of_peer):
                # In a thread, as pyHanko is asked in an event loop of its own.
                assert await asyncio.to_thread(verifies, signature, challenge.statement)
    with times.step(RECHECK):
        async with world.database.reading() as connection:
            await recheck(
                connection,
                desk.office,
                kind="broadcasts",
                outgoing=broadcast.to_bytes(),
                areas=broadcast.audience.areas,
                window=world.broadcasts.window(broadcast),
                at=now,
            )


def main() -> None:
    """Measure and print."""
    print(asyncio.run(measure_approvals()))


if __name__ == "__main__":
    main()
