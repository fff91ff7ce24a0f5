"""Who writes next where only one may."""

from __future__ import annotations

import asyncio

import pytest

from bot.core.writer_queue import MOST_IN_A_ROW, WriterQueue

LONG = 5.0


class Line:
    """People who stand before a queue, and the order in which they got in."""

    def __init__(self) -> None:
        self.queue = WriterQueue()
        self.order: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def comes(self, name: str, *, fast: bool = False, seconds: float = LONG) -> asyncio.Task[None]:
        async def go() -> None:
            async with self.queue.turn(fast=fast, seconds=seconds):
                self.order.append(name)

        task = asyncio.create_task(go())
        self.tasks.append(task)
        await asyncio.sleep(0)  # it stands in line now
        return task

    async def ends(self) -> None:
        await asyncio.gather(*self.tasks, return_exceptions=True)


@pytest.fixture
async def line():
    return Line()


async def test_the_lanes_keep_their_order_and_the_fast_one_goes_first(line):
    async with line.queue.turn(fast=False, seconds=LONG):
        for name, fast in (("a", False), ("b", False), ("X", True), ("c", False), ("Y", True)):
            await line.comes(name, fast=fast)
    await line.ends()
    assert line.order == ["X", "Y", "a", "b", "c"]


async def test_the_fast_lane_lets_one_of_the_others_in_between(line):
    async with line.queue.turn(fast=False, seconds=LONG):
        await line.comes("a")
        for _ in range(MOST_IN_A_ROW + 2):
            await line.comes("X", fast=True)
    await line.ends()
    assert line.order == ["X"] * MOST_IN_A_ROW + ["a"] + ["X"] * 2


async def test_who_gives_up_waiting_is_passed_over(line):
    async with line.queue.turn(fast=False, seconds=LONG):
        gone = await line.comes("a")
        late = await line.comes("b", seconds=0.01)
        await line.comes("c")
        gone.cancel()
        with pytest.raises(TimeoutError):
            await late
    await line.ends()
    assert line.order == ["c"]


async def test_who_is_cancelled_just_when_it_is_their_turn_hands_it_on(line):
    async with line.queue.turn(fast=False, seconds=LONG):
        given = await line.comes("a")
        await line.comes("b")
    given.cancel()  # it was given to them as we left, and they have not run since
    await line.ends()
    assert line.order == ["b"]
    async with line.queue.turn(fast=False, seconds=0.1):
        pass


async def test_whatever_is_raised_inside_it_is_free_afterwards(line):
    with pytest.raises(ValueError, match="broken"):
        async with line.queue.turn(fast=True, seconds=LONG):
            raise ValueError("broken")
    async with line.queue.turn(fast=False, seconds=0.1):
        pass
