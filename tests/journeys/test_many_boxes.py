"""Web and workers apart, as on many boxes: they share nothing but a PostgreSQL database."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest_asyncio

from bot.core.ports import DialogueState, TurnResult
from bot.core.replies import Reply
from tests.fixtures.database import new_postgresql_database
from tests.fixtures.product import Product, build_product

MESSAGES = "/api/v1/chat/messages"
WORKERS = 2
CONVERSATIONS = 8
TURNS = 5


@pytest_asyncio.fixture
async def boxes(
    postgresql_server, migrated_postgresql, tmp_path, vault, clock, programme, renderer
) -> AsyncIterator[list[Product]]:
    url = await new_postgresql_database(postgresql_server, like=migrated_postgresql)
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(build_product(url, tmp_path, vault, clock, programme, renderer))
            for _ in range(WORKERS + 1)
        ]


def counting(request):
    """Answer with the number of the turn, which the dialogue state carries."""
    turn = request.state.slots.get("turn", 0) + 1
    return TurnResult((Reply("greet", "greet"),), DialogueState("form", {"turn": turn}), "greet", 0.9)


async def test_every_message_is_answered_once_and_in_order_whichever_worker_takes_it(boxes):
    web, *workers = boxes
    for worker in workers:
        worker.assistant.answer = counting
    async with AsyncExitStack() as stack:
        for worker in workers:
            await stack.enter_async_context(worker.working())
        client = await stack.enter_async_context(web.client())

        async def converse(name: str) -> list[int]:
            token, ids = None, []
            for _ in range(TURNS):
                body = {"conversation_id": name, "text": "chào", "conversation_token": token}
                answer = (await client.post(MESSAGES, json=body)).json()
                token = token or answer["conversation_token"]
                while not answer["replies"]:  # a busy machine answers later than the page waits
                    later = {"after": answer["cursor"], "conversation_token": token}
                    answer = (await client.get(f"/api/v1/chat/conversations/{name}/messages", params=later)).json()
                ids += [reply["id"] for reply in answer["replies"]]
            return ids

        talks = await asyncio.gather(*(converse(f"conversation-{number}") for number in range(CONVERSATIONS)))
    assert talks == [list(range(1, TURNS + 1))] * CONVERSATIONS
    turns = [request.state.slots.get("turn", 0) for worker in workers for request in worker.assistant.requests]
    assert sorted(turns) == sorted(list(range(TURNS)) * CONVERSATIONS)
