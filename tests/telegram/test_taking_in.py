"""What comes again and what comes in heaps, over Telegram's webhook."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.ports import DialogueState, TurnResult
from bot.core.rates import ChatLimits, Rate
from bot.core.replies import Reply
from bot.core.rights import offer as rights
from tests.telegram.product import NAME


@pytest.fixture
def writes_little(called):
    """Nobody may write more than three messages a minute."""
    called.product.runtime = replace(called.runtime, chat_limits=ChatLimits(Rate(3, 60)))
    return called


async def test_what_was_answered_before_an_erasure_is_not_answered_again(called, fake, lan):
    group, erases = fake.group(), rights.erasing(called.runtime.programme.operator).effect

    def answer(request):
        effect = erases if request.text == "xóa hết" else None
        return TurnResult((Reply("greet", "thank"),), DialogueState(), "greet", 1.0, effect)

    called.product.assistant.answer = answer
    updates = [lan.says("em tên là Lan"), lan.says(f"@{NAME} giá?", where=group)]
    async with called.answering():
        await called.push()
        await fake.until(lambda: (len(lan.chat.texts), len(group.texts)) == (1, 1))
        lan.says("xóa hết")
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 2)
        for update in updates:
            assert (await called.post(update)).status_code == 200
        lan.says("còn đó không")
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 3)
    assert [request.text for request in called.product.assistant.requests][2:] == ["xóa hết", "còn đó không"]
    assert len(group.texts) == 1


async def test_who_may_want_to_die_is_answered_behind_any_number_of_messages(writes_little, fake, lan):
    async with writes_little.answering():
        for number in range(6):
            lan.says(f"tin {number}")
        lan.says("tôi muốn chết")
        await writes_little.push()
        await fake.until(lambda: len(lan.chat.texts) == 5, seconds=20)
    assert "lo cho bạn" in lan.chat.texts[-1]
    assert [request.text for request in writes_little.product.assistant.requests] == ["tin 0", "tin 1", "tin 2"]


async def test_an_update_that_comes_again_and_again_uses_up_nothing(writes_little, fake, lan):
    update = lan.says("giá?")
    async with writes_little.answering():
        await writes_little.push()
        await asyncio.gather(*(writes_little.post(update) for _ in range(9)))
        lan.says("hồ sơ?")
        await writes_little.push()
        await fake.until(lambda: len(lan.chat.texts) == 2)
    assert [request.text for request in writes_little.product.assistant.requests] == ["giá?", "hồ sơ?"]
