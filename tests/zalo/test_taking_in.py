"""What comes in heaps, and what asks for nothing, over Zalo's webhook."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from bot.core.cases import service as cases
from bot.core.cases.rules import Why, new_reference
from bot.core.conversations import service as conversations
from bot.core.conversations.models import conversations as conversations_table
from bot.core.ports import DialogueState, TurnResult
from bot.core.programme import topics
from bot.core.replies import Press, Reply
from bot.core.rights import offer as rights
from tests.zalo.conftest import ZaloProduct
from tests.zalo.test_withdrawing import until_answered

START = Press("start_over")


def asking_on(request):
    """Go on with a form, or begin anew where that was pressed."""
    state = DialogueState() if request.press == START else DialogueState("eligibility_form", {"product": "id.vn"})
    return TurnResult((Reply("greet", "greet"),), state, "check_eligibility", 0.9)


async def test_who_follows_in_the_middle_of_a_form_stays_in_it(called, lan):
    called.product.assistant.answer = asking_on
    async with called.answering():
        await called.post(lan.says("em có được không"))
        await until_answered(called)
        for event in (lan.follows(), lan.opens_chat()):
            assert (await called.post(event)).status_code == 200
        await called.post(lan.says("18 tuổi"))
        await until_answered(called)
    first, second = called.product.assistant.requests
    assert (first.text, second.text) == ("em có được không", "18 tuổi")
    assert second.state.active_loop == "eligibility_form"


async def test_who_follows_while_staff_speak_is_not_taken_for_speaking_to_them(called, zalo, lan):
    async with called.answering():
        await called.post(lan.says("chào"))
        await until_answered(called)
        now, vault = called.runtime.clock.now(), called.runtime.vault
        async with called.runtime.database.unit_of_work() as connection:
            talk = await conversations.find_by_name(connection, vault, "zalo", lan.user_id)
            await cases.open_case(
                connection, talk, reference=new_reference(), why=Why.ASKED, wording="", due_at=now, now=now
            )
        before = await called.count_stored()
        await called.post(lan.follows())
    assert await called.count_stored() == before


async def test_following_opens_the_window_even_where_nobody_is_greeted(called, lan):
    called.product.assistant.answer = asking_on
    async with called.answering():
        await called.post(lan.says("em có được không"))
        await until_answered(called)
        called.product.clock.advance(days=3)
        await called.post(lan.follows())
    async with called.runtime.database.reading() as connection:
        (noted,) = (await connection.execute(select(conversations_table.c.last_interaction_at))).scalars()
    assert noted == called.runtime.clock.now()


async def test_who_follows_after_a_talk_is_greeted(called, zalo, lan):
    async with called.answering():
        await called.post(lan.says("chào"))
        await until_answered(called)
        await called.post(lan.follows())
        await until_answered(called)
    assert [request.press for request in called.product.assistant.requests] == [None, START]


async def test_a_number_that_comes_late_does_not_answer_what_was_asked_after_it(called, zalo, lan):
    """It may even have been typed for the menu before: and then it would erase, which is done however late it comes."""
    replies = iter([Reply("greet", "greet", buttons=topics.menu_buttons()), rights.erasure_question()])
    called.product.assistant.answer = lambda request: TurnResult(
        (next(replies, Reply("greet", "greet")),), DialogueState(), "greet", 0.9
    )
    async with called.answering():
        await called.post(lan.says("chào"))
        await called.until_states("sent")
        number = lan.says("1")
        called.product.clock.advance(minutes=30)
        await called.post(lan.says("xóa dữ liệu của tôi"))
        await called.until_states("sent", "sent")
        await called.post(number)
        await until_answered(called)
    assert called.product.assistant.requests[-1].press == topics.menu_buttons()[0].press


async def test_of_hours_of_messages_that_come_at_once_none_is_dropped(called, zalo, lan):
    limited = ZaloProduct(called.product.limited_to("5/1m"), zalo, called.client)
    async with limited.answering():
        for minutes in range(100, 60, -1):
            lan.lag = timedelta(minutes=minutes)
            await limited.post(lan.says(f"tin {minutes}"))
        lan.lag = timedelta()
        await limited.post(lan.says("mới"))
        await until_answered(limited)
    texts = [request.text for request in limited.product.assistant.requests]
    assert texts == [*(f"tin {minutes}" for minutes in range(100, 60, -1)), "mới"]
