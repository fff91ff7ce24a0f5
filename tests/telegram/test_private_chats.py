"""Edited messages, the commands that are shown, and being shown that an answer is on its way."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.gateway.telegram.typing import Typing
from tests.gateway.talking import asking as asking_an_age
from tests.telegram.fake_bot_api import FakeBotApi
from tests.telegram.fake_people import Person


@pytest.fixture
def lan(fake: FakeBotApi) -> Person:
    return fake.person("Lan")


async def test_who_edits_a_message_is_told_once_to_send_it_anew(called, fake, lan):
    async with called.answering():
        lan.says("gia bao nhiu")
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 1)
        for text in ("giá bao nhiêu", "giá id.vn bao nhiêu"):
            edit = lan.edits(text)
            await called.push()
            await called.post(edit)
        lan.says("một câu khác")
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 3)
        lan.edits("một câu khác hẳn")
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 4)
    assert ["phần bạn vừa sửa" in text for text in lan.chat.texts] == [False, True, False, True]
    assert [request.text for request in called.product.assistant.requests] == ["gia bao nhiu", "một câu khác"]


async def test_an_edit_leaves_a_running_form_where_it_stands(called, fake, lan):
    called.product.assistant.answer = asking_an_age
    async with called.answering():
        lan.says("em được không")
        lan.edits("em có được không")
        lan.says("20")
        await called.push()
        await fake.until(lambda: len(lan.chat.texts) == 3)
    assert called.product.assistant.requests[-1].state.active_loop == "eligibility_form"


async def test_an_edit_of_what_is_no_text_is_left_alone(called, fake, lan):
    location = lan.sends_location()["message"]
    fake.updates.drop_all()
    answer = await called.post({"update_id": 9, "edited_message": {**location, "edit_date": 1}})
    assert answer.status_code == 200
    assert await called.count_stored() == 0


async def test_commands_are_shown_in_both_languages_and_few_of_them_in_groups(called, fake):
    shown = {place: [command["command"] for command in commands] for place, commands in fake.commands.items()}
    private, group = ["start", "menu", "huy", "giup"], ["giup", "menu"]
    assert shown == {
        **{("all_private_chats", language): private for language in ("", "vi", "en")},
        **{("all_group_chats", language): group for language in ("", "vi", "en")},
    }
    described = {language: fake.commands["all_private_chats", language][0]["description"] for language in ("", "en")}
    assert described == {"": "Bắt đầu lại", "en": "Start over"}


class SlowAssistant:
    """Answers when it is let."""

    def __init__(self, assistant) -> None:
        self._assistant = assistant
        self.may_answer = asyncio.Event()

    async def take_turn(self, request):
        await self.may_answer.wait()
        return await self._assistant.take_turn(request)


async def test_who_waits_longer_than_a_moment_sees_that_the_bot_is_typing(called, fake, lan):
    slow = SlowAssistant(called.product.assistant)
    called.product.runtime = replace(called.runtime, assistant=slow)
    minh, group = fake.person("Minh"), fake.group()
    typing = Typing(called.runtime.database, called.client, called.product.clock)
    async with called.answering():
        lan.says("chào")
        lan.says("/giup chào", where=group)
        await called.push()
        await typing.show()
        assert lan.chat.actions == []
        called.product.clock.advance(seconds=1.5)
        minh.says("chào")
        await called.push()
        for _ in range(3):
            await typing.show()
        assert (lan.chat.actions, minh.chat.actions, group.actions) == (["typing"], [], [])
        slow.may_answer.set()
        await fake.until(lambda: len(lan.chat.texts) == len(minh.chat.texts) == 1)
        await called.until_states("sent", "sent", "sent")
        called.product.clock.advance(seconds=3)
        await Typing(called.runtime.database, called.client, called.product.clock).show()
    assert (lan.chat.actions, minh.chat.actions) == (["typing"], [])


@pytest.mark.parametrize("fault", [403, 429, 500, "dropped", "unreachable"])
async def test_nobody_minds_where_that_cannot_be_shown(called, fake, lan, fault):
    lan.says("chào")
    await called.push()
    called.product.clock.advance(seconds=2)
    fake.fails("sendChatAction", fault)
    await Typing(called.runtime.database, called.client, called.product.clock).show()
    async with called.answering():
        await fake.until(lambda: len(lan.chat.texts) == 1)


async def test_who_has_waited_for_a_minute_is_not_shown_it_for_ever(called, fake, lan):
    lan.says("chào")
    await called.push()
    called.product.clock.advance(seconds=timedelta(minutes=2).total_seconds())
    stopping = asyncio.Event()
    task = asyncio.create_task(Typing(called.runtime.database, called.client, called.product.clock).run(stopping))
    await asyncio.sleep(0)
    stopping.set()
    await task
    assert lan.chat.actions == []
