"""An assistant that answers with what is to be sent."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from bot.core.ports import TurnResult
from bot.core.replies import Button, Press, Reply, Source
from tests.telegram.fake_people import Person
from tests.telegram.product import TelegramProduct


def two_replies(request):
    """Answer with two messages, the second with a source and a button."""
    second = Reply(
        "ask_cost",
        "greet",
        buttons=(Button("ask_cost", Press.of("ask_cost")),),
        sources=(Source("45/KH-UBND", "III.2"), Source("45/KH-UBND", "phần đầu"), Source("20/2023/TT-BTC", "Điều 3")),
    )
    return TurnResult((Reply("greet", "greet"), second), request.state, "greet", 0.9)


def one_reply(request):
    return TurnResult((Reply("greet", "greet"),), request.state, "greet", 0.9)


async def answer(product: TelegramProduct, person: Person, text: str = "chào", *, replies=two_replies) -> None:
    """Have a message answered, with nobody sending yet."""
    product.product.assistant.answer = replies
    before = await product.states()
    await product.intake().take(person.says(text))
    worker = replace(product.product.runtime, stopping=asyncio.Event())
    working = replace(product.product, runtime=worker)
    async with working.working(), asyncio.timeout(10):
        while len(await product.states()) == len(before):
            await asyncio.sleep(0.01)
