"""Several workers, turns that fail and leases that are lost: within a conversation the order is kept.

Each example is some conversations with some messages each, and what befalls each attempt to answer them. Whatever it
is, each message is answered once, in its order, on the state that the answers before it left.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from bot.assembly import create_worker
from bot.core.conversations.service import Conversation
from bot.core.db import Database
from bot.core.deliveries import service as deliveries
from bot.core.deliveries.models import deliveries as deliveries_table
from bot.core.inbox.models import UpdateState, inbox
from bot.core.ports import DialogueState, TurnRequest, TurnResult
from bot.core.replies import Reply
from bot.doorbell import INBOX_BELL
from tests.channels_torture.echo_nlu import LOOP, echoed
from tests.factories import make_conversation, make_update
from tests.fixtures.product import Product, build_product

Trouble: TypeAlias = Literal["fails", "lapses", "loses", "loses and fails"]
"""A turn raises; its lease ends before it does; another worker takes the update over; that, and it raises."""

EXAMPLES = int(os.environ.get("TORTURE_ORDERS", "20"))
"""On both databases together."""
WORKERS = 3
ANSWERED_WITHIN = 60.0
TAKEN_OVER_WITHIN = 1.0
LOOK_SECONDS = 0.005
MOST_ATTEMPTS = 5

_troubles = st.lists(
    st.sampled_from(["fails", "lapses", "loses", "loses and fails"]), max_size=MOST_ATTEMPTS - 1
) | st.just(["fails"] * MOST_ATTEMPTS)
_plans = st.lists(st.lists(_troubles, min_size=1, max_size=4), min_size=1, max_size=3)


class ScriptedError(Exception):
    """A turn fails because the example says so."""


@dataclass
class Play:
    """One example: by conversation and message, what befalls each attempt."""

    database: Database
    plan: Sequence[Sequence[Sequence[Trouble]]]
    attempts: Counter[tuple[int, int]] = field(default_factory=Counter)
    under_way: Counter[int] = field(default_factory=Counter)

    async def answer(self, request: TurnRequest) -> TurnResult:
        """Echo a message, unless something befalls this attempt."""
        assert request.text is not None
        conversation, message = map(int, request.text.split()[1::2])
        attempt = self.attempts[conversation, message]
        self.attempts[conversation, message] += 1
        troubles = self.plan[conversation][message - 1]
        trouble = troubles[attempt] if attempt < len(troubles) else None
        if trouble not in {None, "fails"}:
            await self._end_lease(int(request.turn_id.removeprefix("L-")), waits=trouble != "lapses")
        if trouble in {"fails", "loses and fails"}:
            raise ScriptedError
        turn = request.state.slots.get("turn", 0) + 1
        reply = Reply("error", "error_internal", {"reference": f"{message}@{turn}"})
        return TurnResult((reply,), DialogueState(LOOP, {"turn": turn}), "echo", 1.0)

    async def _end_lease(self, inbox_id: int, *, waits: bool) -> None:
        """End the lease of an update, perhaps until another worker has it."""
        mine = select(inbox.c.attempt).where(inbox.c.id == inbox_id)
        async with self.database.unit_of_work() as connection:
            attempt = (await connection.execute(mine)).scalar_one()
            await connection.execute(update(inbox).where(inbox.c.id == inbox_id).values(lease_until=0.0))
        deadline = asyncio.get_running_loop().time() + TAKEN_OVER_WITHIN
        while waits and asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(LOOK_SECONDS)
            async with self.database.reading() as connection:
                if (await connection.execute(mine)).scalar_one() > attempt:
                    return


@dataclass
class Stand:
    """Workers of products that share one database; each has its own where that may be."""

    runner: asyncio.Runner
    products: Sequence[Product]

    def play(self, plan: Sequence[Sequence[Sequence[Trouble]]]) -> None:
        self.runner.run(self._play(plan))

    async def _play(self, plan: Sequence[Sequence[Sequence[Trouble]]]) -> None:
        runtime = self.products[0].runtime
        play = Play(runtime.database, plan)
        for product in self.products:
            product.assistant.answer = play.answer
        stopping = asyncio.Event()
        workers = [
            asyncio.create_task(create_worker(product.runtime).run(stopping))
            for product in itertools.islice(itertools.cycle(self.products), WORKERS)
        ]
        hurrying = asyncio.create_task(self._hurry())
        try:
            talks = await asyncio.gather(*(self._write(number, len(talk)) for number, talk in enumerate(plan)))
            await self._until_answered()
        finally:
            hurrying.cancel()
            stopping.set()
            for product in self.products:
                product.runtime.doorbell.ring_all()
            await asyncio.gather(*workers)
            await self._give_up()
        for number, (conversation, ids) in enumerate(talks):
            await self._check(conversation, ids, plan[number])

    async def _write(self, number: int, messages: int) -> tuple[Conversation, list[int]]:
        """Have somebody write their messages, one after another."""
        runtime = self.products[0].runtime
        conversation, _ = await make_conversation(runtime.database, runtime.vault)
        texts = [f"chuyện {number} tin {message}" for message in range(1, messages + 1)]
        return conversation, [(await make_update(runtime.database, conversation, text=text)).inbox_id for text in texts]

    async def _hurry(self) -> None:
        """Let no failed turn wait for its next attempt, and no worker for its next look."""
        while True:
            async with self.products[0].runtime.database.unit_of_work() as connection:
                await connection.execute(update(inbox).where(inbox.c.not_before > 0).values(not_before=0.0))
            for product in self.products:
                product.runtime.doorbell.ring(INBOX_BELL)
            await asyncio.sleep(4 * LOOK_SECONDS)

    async def _until_answered(self) -> None:
        left = select(func.count()).select_from(inbox).where(inbox.c.state < UpdateState.FINISHED)
        async with asyncio.timeout(ANSWERED_WITHIN):
            while True:
                async with self.products[0].runtime.database.reading() as connection:
                    if (await connection.execute(left)).scalar_one() == 0:
                        return
                await asyncio.sleep(LOOK_SECONDS)

    async def _give_up(self) -> None:
        """Leave nothing behind for the next example where this one failed."""
        left = update(inbox).where(inbox.c.state < UpdateState.FINISHED)
        async with self.products[0].runtime.database.unit_of_work() as connection:
            await connection.execute(left.values(state=UpdateState.PARKED))

    async def _check(self, conversation: Conversation, ids: Sequence[int], talk: Sequence[Sequence[Trouble]]) -> None:
        runtime = self.products[0].runtime
        rows = select(deliveries_table.c.inbox_id).where(deliveries_table.c.conversation_id == conversation.id)
        async with runtime.database.unit_of_work() as connection:
            answered = (await connection.execute(rows.order_by(deliveries_table.c.position))).scalars().all()
            told = await deliveries.hand_out_later(connection, conversation, after=0, now=runtime.clock.now())
        parked = {number for number, troubles in zip(ids, talk, strict=True) if len(troubles) == MOST_ATTEMPTS}
        assert list(answered) == sorted(set(answered)), "once each, in their order"
        assert set(ids) - parked <= set(answered) <= set(ids), "nobody is forgotten"
        echoes = [echoed(each.message.text) for each in told]
        wanted = [message for message, number in enumerate(ids, start=1) if number not in parked]
        assert [echo for echo in echoes if echo is not None] == [
            (message, turn) for turn, message in enumerate(wanted, start=1)
        ], "each on the state that those before it left"


@pytest.fixture
def stand(request, database_url, tmp_path, vault, clock, programme, renderer) -> Iterator[Stand]:
    parts = (database_url, tmp_path, vault, clock, programme, renderer)
    apart = 1 if database_url.startswith("sqlite") else WORKERS
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()

        async def open_products() -> list[Product]:
            return [await stack.enter_async_context(build_product(*parts)) for _ in range(apart)]

        yield Stand(runner, runner.run(open_products()))
        runner.run(stack.aclose())


def test_a_conversation_keeps_its_order_whatever_befalls_its_turns(stand: Stand) -> None:
    troubles: Counter[str] = Counter()

    @settings(max_examples=max(EXAMPLES // 2, 1), suppress_health_check=list(HealthCheck))
    @given(_plans)
    def play(plan: list[list[list[Trouble]]]) -> None:
        troubles.update(trouble for talk in plan for message in talk for trouble in message)
        stand.play(plan)

    play()
    where = "sqlite" if stand.products[0].runtime.database.on_sqlite else "postgresql"
    befell = ", ".join(f"{number} times a turn {trouble}" for trouble, number in sorted(troubles.items()))
    print(f"torture: {where}: {EXAMPLES // 2} examples, {WORKERS} workers: {befell}; order kept in all")
