"""People who write on Telegram and on Zalo while a product comes and goes, and what they see of it.

Their platforms call again until they get 200, one message of a person after the other, and now and then once more.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

from tests.channels_torture.echo_nlu import echoed
from tests.channels_torture.mutations import written
from tests.channels_torture.sources import SECRET_HEADER, TELEGRAM_PATH, ZALO_PATH
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_people import Person
from tests.telegram.product import SECRET
from tests.zalo.fake_zalo import FakePerson, FakeZalo, sign

AGAIN_SECONDS = 0.25
AGAIN_SHARE = 0.1
"""Of the calls that got 200 and are made once more."""
SLOWEST = 2.4
"""Seconds between two messages of a person at the most; one gets an answer a second."""
TRIED_FOR = 90.0


class Citizen(Protocol):
    """Somebody on one channel."""

    channel: str
    path: str

    def write(self, text: str) -> tuple[bytes, dict[str, str]]:
        """Return the call that tells what they wrote."""
        ...

    @property
    def texts(self) -> Sequence[str]:
        """Return what they were answered, in its order."""
        ...


@dataclass
class OnTelegram:
    """Somebody on Telegram."""

    person: Person
    channel: str = "telegram"
    path: str = TELEGRAM_PATH

    def write(self, text: str) -> tuple[bytes, dict[str, str]]:
        return written(self.person.says(text)), {SECRET_HEADER: SECRET}

    @property
    def texts(self) -> Sequence[str]:
        return list(self.person.chat.texts)


@dataclass
class OnZalo:
    """Somebody on Zalo."""

    person: FakePerson
    channel: str = "zalo"
    path: str = ZALO_PATH

    def write(self, text: str) -> tuple[bytes, dict[str, str]]:
        raw = written(self.person.says(text))
        return raw, sign(raw)

    @property
    def texts(self) -> Sequence[str]:
        return list(self.person.texts)


def citizens(fake: FakeBotApi, zalo: FakeZalo, *, each: int) -> list[Citizen]:
    """Return so many people on each channel."""
    on_telegram: list[Citizen] = [OnTelegram(fake.person(f"Người {number}")) for number in range(each)]
    return [*on_telegram, *(OnZalo(zalo.person(number)) for number in range(10, 10 + each))]


@dataclass
class Crowd:
    """Everybody who writes."""

    people: Sequence[Citizen]
    address: str
    dice: random.Random
    wrote: Counter[int] = field(default_factory=Counter)
    """By the person's number, how many messages got 200."""
    repeated: int = 0

    async def write(self, stopping: asyncio.Event) -> None:
        """Have all of them write until `stopping` is set and their last messages got 200."""
        client = httpx.AsyncClient(base_url=self.address, timeout=5, trust_env=False)
        async with client, asyncio.TaskGroup() as tasks:
            for number, citizen in enumerate(self.people):
                tasks.create_task(self._write(client, number, citizen, stopping))

    async def _write(self, client: httpx.AsyncClient, number: int, citizen: Citizen, stopping: asyncio.Event) -> None:
        for message in itertools.count(1):
            raw, headers = citizen.write(f"tin {message}")
            await self._post(client, citizen.path, raw, headers)
            self.wrote[number] += 1
            if self.dice.random() < AGAIN_SHARE:
                await self._post(client, citizen.path, raw, headers)
            if stopping.is_set():
                return
            await asyncio.sleep(self.dice.uniform(0, SLOWEST))

    async def _post(self, client: httpx.AsyncClient, path: str, raw: bytes, headers: dict[str, str]) -> None:
        """Call until it is accepted."""
        async with asyncio.timeout(TRIED_FOR):
            while True:
                try:
                    response = await client.post(path, content=raw, headers=headers)
                except httpx.TransportError:
                    pass
                else:
                    if response.status_code == httpx.codes.OK:
                        return
                    assert response.status_code == httpx.codes.SERVICE_UNAVAILABLE, response.text
                self.repeated += 1
                await asyncio.sleep(AGAIN_SECONDS)

    @property
    def answers(self) -> int:
        """Count what everybody has seen."""
        return sum(len(citizen.texts) for citizen in self.people)

    def check(self, *, channel: str) -> tuple[int, int]:
        """Hold what people of a channel saw against what they wrote; return how many messages, and answers seen.

        Nobody saw an answer twice, or one before an earlier one, or one that was decided on another state.
        """
        messages = answers = 0
        for number, citizen in enumerate(self.people):
            if citizen.channel != channel:
                continue
            seen = [echoed(text) for text in citizen.texts]
            assert None not in seen, citizen.texts
            told = [echo for echo in seen if echo is not None]
            assert all(message == turn for message, turn in told), told
            order = [message for message, _ in told]
            assert order == sorted(set(order)), order
            assert not order or order[-1] <= self.wrote[number], order
            messages += self.wrote[number]
            answers += len(order)
        return messages, answers


async def until(condition: Callable[[], Any], *, seconds: float, why: Callable[[], str]) -> None:
    """Wait until something is so; `why` tells what went wrong if it never is."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, why()
        await asyncio.sleep(0.02)
