"""An assistant that answers with what is to be sent."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace

from bot.core.conversations import groups
from bot.core.conversations import service as conversations
from bot.core.deliveries.service import OutboundMessage, write_later
from bot.core.ports import TurnResult
from bot.core.replies import Button, Press, Reply, Source
from bot.doorbell import OUTBOX_BELL
from bot.gateway.telegram import CHANNEL
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


async def write(product, connection, chat, *texts: str, person: int | None = None) -> None:
    """Write replies to a person, or to one who asked in a group."""
    vault, now = product.runtime.vault, product.runtime.clock.now()
    names = {"channel": CHANNEL, "now": now}
    if person is None:
        conversation = await conversations.enter(connection, vault, external_id=str(chat.chat_id), **names)
    else:
        conversation = await groups.enter_group(connection, vault, group=str(chat.chat_id), person=str(person), **names)
    messages = [OutboundMessage("greet", text) for text in texts]
    await write_later(connection, conversation, key=uuid.uuid4().hex, messages=messages, now=now)


async def reply(product, chat, *texts: str, person: int | None = None) -> None:
    """Write replies, as `write` does, and tell the sender."""
    async with product.runtime.database.unit_of_work() as connection:
        await write(product, connection, chat, *texts, person=person)
    product.runtime.doorbell.ring(OUTBOX_BELL)
