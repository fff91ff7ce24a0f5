"""How long one approval and one check before sending take: ``python -m tests.benchmarks.approvals``.

On SQLite in a temporary directory, through the desk, without HTTP; challenges, signing and the two founders' enrolment
are not counted.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path

from bot.core.approvals.rechecks import recheck
from bot.core.approvals.service import Purpose
from bot.core.programme import load_programme
from bot.core.rendering import Renderer
from bot.core.vault import Vault
from bot.settings import ROOT
from tests.attacks.world import World, opened_world
from tests.fakes import FixedClock
from tests.fixtures.product import build_product

BROADCASTS = 150


async def main() -> None:
    programme, renderer = load_programme(ROOT / "bot" / "content"), Renderer(ROOT / "templates")
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite+aiosqlite:///{directory}/bench.sqlite3"
        vault = Vault(["a master secret that only the tests know"])
        async with (
            build_product(url, Path(directory), vault, FixedClock(), programme, renderer) as product,
            opened_world(product) as world,
        ):
            approvals, rechecks = [], []
            for number in range(BROADCASTS):
                await measure(world, f"tb-{number}", approvals, rechecks)
    for name, times in (("approval", approvals), ("check before sending, 2 approvals", rechecks)):
        ordered = sorted(times)
        print(f"{name}: median {statistics.median(ordered):.1f} ms, p95 {ordered[int(len(ordered) * 0.95)]:.1f} ms")


async def measure(world: World, name: str, approvals: list[float], rechecks: list[float]) -> None:
    now, desk = world.clock.now(), world.approving.desk
    broadcast = world.broadcasts.draft(now, broadcast_id=name, drafter=world.chi.staff_id)
    for member in (world.an, world.binh):
        which = {"kind": "broadcasts", "subject_id": name, "staff_id": member.staff_id, "purpose": Purpose.APPROVE}
        challenge = await desk.challenge(**which, offline=False, now=now)
        assert member.signer is not None
        signature = member.signer.sign(challenge.statement)
        began = time.perf_counter()
        await desk.answer(**which, jti=challenge.jti, signature=signature, now=now)
        approvals.append((time.perf_counter() - began) * 1000)
    began = time.perf_counter()
    async with world.database.reading() as connection:
        await recheck(
            connection,
            desk.office,
            kind="broadcasts",
            outgoing=broadcast.to_bytes(),
            window=world.broadcasts.window(broadcast),
            at=now,
        )
    rechecks.append((time.perf_counter() - began) * 1000)


if __name__ == "__main__":
    asyncio.run(main())
