"""Webhooks called with anything: what is proven is stored once or counted as ignored, what is not is refused.

Bodies go over the real web application into a real database, and a worker answers whatever was stored, so that strange
texts reach the dialogue too. Half of the calls on each database; the dice have a fixed seed.
"""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import random
import statistics
import sys
import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from bot import metrics
from bot.core.inbox.models import UpdateState, inbox
from tests.channels_torture.mutations import MEBIBYTE, drawn
from tests.channels_torture.sources import Source, TelegramSource, ZaloSource
from tests.fixtures.product import Product
from tests.telegram.conftest import telegram_product
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.product import PUBLIC_URL, SECRET
from tests.zalo.conftest import SETTINGS, zalo_product
from tests.zalo.fake_zalo import FakeZalo

COUNT = int(os.environ.get("TORTURE_UPDATES", "1000"))
"""Calls of each channel, both databases together."""
SEED = 20261122
AT_ONCE = 250
"""Calls between two looks at what became of them."""
WEIGHED_EVERY = 1_000
"""Calls between two looks at the memory."""
PROVEN_SHARE, REPEATED_SHARE = 0.75, 0.05
REMEMBERED = 500
"""Calls of which some are made again."""
LONGEST_REMEMBERED = 10_000
"""Bytes; what the test itself keeps is not to be taken for the product's."""
ANSWERED_WITHIN = 120.0
MAY_GROW = 8.0
"""Megabytes by which the process may be larger in the last quarter of the run than in the second, by their medians."""
MAY_STAY = 5_000
"""Objects of Python by which it may hold more: a third of what it were if one stayed of each call of a whole run."""
WARM_AFTER = 5
"""Looks: what the product keeps to be quick is there by then. A shorter run tells nothing of memory."""
UNPROVEN = {"no_proof"}
STORED = {"stored"}


@pytest.fixture(params=["telegram", "zalo"])
async def called(
    request, database_url, tmp_path, vault, clock, programme, renderer
) -> AsyncIterator[tuple[Product, Source]]:
    """Give a product that a platform calls."""
    parts = (database_url, tmp_path, vault, clock, programme, renderer)
    if request.param == "telegram":
        fake = FakeBotApi(clock)
        webhook = {"telegram_webhook_secret": SECRET, "public_url": PUBLIC_URL}
        async with telegram_product(fake, *parts, **webhook) as on_telegram:
            yield on_telegram.product, TelegramSource(fake)
    else:
        zalo = FakeZalo(clock)
        async with zalo_product(zalo, *parts, **SETTINGS) as on_zalo:
            yield on_zalo.product, ZaloSource(zalo)


@dataclass
class Tally:
    """What was sent and what came of it."""

    mutations: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    without_proof: int = 0
    stored: int = 0
    sound: Counter[str] = field(default_factory=Counter)
    """What became of what was sound and proven."""
    calls: int = 0
    megabytes: list[float] = field(default_factory=list)
    objects: list[int] = field(default_factory=list)


async def test_what_is_proven_is_stored_once_or_ignored_and_what_is_not_is_refused(called, database_url) -> None:
    product, source = called
    dice = random.Random(f"{SEED}-{source.channel}")  # noqa: S311 - chooses bodies, not secrets
    tally, began = Tally(), time.monotonic()
    memory: deque[tuple[bytes, str]] = deque(maxlen=REMEMBERED)
    async with product.working(), product.client() as client:
        for calls in _batches(COUNT // 2):
            with capture_logs() as logged:
                for _ in range(calls):
                    await call(client, source, dice, tally, memory)
                await until_answered(product)
            assert [line for line in logged if line["log_level"] in {"error", "critical"}] == []
            assert await count(product) == tally.stored, "each stored once, and nothing else"
            product.assistant.requests.clear()  # type: ignore[attr-defined]
            source.forget()
            tally.calls += calls
            if tally.calls % WEIGHED_EVERY == 0:
                weigh(tally)
        weigh(tally)
    assert await count(product, UpdateState.PARKED) == 0
    assert tally.sound["malformed"] == 0, tally.sound
    assert tally.sound["stored"] > tally.sound.total() / 3, tally.sound
    told_memory = check_memory(tally)
    kind = database_url.partition("+")[0]
    told = f"{source.channel} on {kind}: {COUNT // 2} calls, seed {SEED}, {time.monotonic() - began:.0f} s"
    print(f"torture: {told}; {tally.without_proof} without proof, 0 of them stored; {tally.stored} stored once each")
    print(f"torture: {source.channel} on {kind}: {told_of(tally.mutations)}")
    print(f"torture: {source.channel} on {kind}: {told_of(tally.statuses)}; {told_of(tally.outcomes)}")
    print(f"torture: {source.channel} on {kind}: {told_memory}")


async def call(
    client: httpx.AsyncClient,
    source: Source,
    dice: random.Random,
    tally: Tally,
    memory: deque[tuple[bytes, str]],
) -> None:
    """Make one call and hold what came of it against what it was."""
    if memory and dice.random() < REPEATED_SHARE:
        name, (raw, proof) = "said before", dice.choice(memory)
    else:
        name, mutate = drawn(dice)
        raw = mutate(dice, source.body(dice))
        proof = source.proofs[0] if dice.random() < PROVEN_SHARE else dice.choice(source.proofs)
    before = counted(source)
    response = await client.post(
        source.path, content=raw, headers=[*source.headers(raw, proof), (b"content-type", b"application/json")]
    )
    came = Counter(counted(source))
    came.subtract(before)
    outcomes = +came
    about = f"{name}, {proof}: {response.status_code}, {dict(outcomes)}, {raw[:300]!r}"
    is_proven = source.is_proven(raw, proof)
    if len(raw) > MEBIBYTE:
        assert (response.status_code, outcomes.total()) == (413, 0), about
    elif source.is_probe(raw):
        assert (response.status_code, outcomes.total()) == (200, 0), about
    elif not is_proven:
        assert response.status_code == 401, about
        assert outcomes.keys() <= UNPROVEN, about
        tally.without_proof += 1
    else:
        assert (response.status_code, outcomes.total()) == (200, 1), about
        assert name != "said before" or not STORED & outcomes.keys(), about
        if name == "sound":
            tally.sound.update(outcomes)
        tally.stored += sum(outcomes[outcome] for outcome in STORED)
        if len(raw) < LONGEST_REMEMBERED:
            memory.append((raw, proof))
    tally.mutations[name] += 1
    tally.statuses[response.status_code] += 1
    tally.outcomes.update(outcomes)


def counted(source: Source) -> Mapping[str, int]:
    """Return how many calls of a channel the product has counted, by what became of them."""
    (metric,) = metrics.UPDATES.collect()
    return {
        sample.labels["outcome"]: int(sample.value)
        for sample in metric.samples
        if sample.name.endswith("_total") and sample.labels["channel"] == source.channel
    }


async def until_answered(product: Product) -> None:
    """Wait until no update waits for the worker."""
    async with asyncio.timeout(ANSWERED_WITHIN):
        while await count(product, UpdateState.WAITING, UpdateState.WORKING):
            await asyncio.sleep(0.01)


async def count(product: Product, *states: UpdateState) -> int:
    """Count the updates that the inbox holds, of some states or of all."""
    query = select(func.count()).select_from(inbox).where(inbox.c.state.in_(states or tuple(UpdateState)))
    async with product.runtime.database.reading() as connection:
        return int((await connection.execute(query)).scalar_one())


def check_memory(tally: Tally) -> str:
    """Hold the last quarter of a long run against the second; return what was measured."""
    megabytes, objects = quarters(tally.megabytes), quarters(tally.objects)
    if len(tally.megabytes) // 4 >= WARM_AFTER:
        assert megabytes[3] - megabytes[1] < MAY_GROW, tally.megabytes
        assert objects[3] - objects[1] < MAY_STAY, tally.objects
    shown = ", ".join(f"{each:.0f}" for each in megabytes)
    return f"by quarters {shown} MB, {', '.join(f'{each / 1000:.0f}' for each in objects)} thousand objects"


def quarters(measured: Sequence[float]) -> list[float]:
    """Return the medians of the quarters of a run."""
    ends = [len(measured) * quarter // 4 for quarter in range(5)]
    return [statistics.median(measured[start:end] or measured[-1:]) for start, end in pairwise(ends)]


def weigh(tally: Tally) -> None:
    """Note what this process holds, without what waits to be collected or to be handed out again."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    tally.megabytes.append(pages * os.sysconf("SC_PAGE_SIZE") / MEBIBYTE)
    tally.objects.append(sys.getallocatedblocks())


def told_of(counts: Counter[str] | Counter[int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in counts.most_common())


def _batches(total: int) -> Iterable[int]:
    while total > 0:
        yield min(total, AT_ONCE)
        total -= AT_ONCE
