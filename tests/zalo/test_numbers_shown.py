"""A typed number means the option that its writer surely saw, and nothing where nobody can tell."""

from __future__ import annotations

import pytest

from bot.core.ports import DialogueState, TurnResult
from bot.core.replies import Button, Press, Reply
from bot.core.rights import offer as rights
from tests.waiting import until
from tests.zalo.test_windows import answer_case, open_case

MENU = Reply("menu", "greet", buttons=(Button("ask_cost", Press.of("ask_cost")),))
PLAIN = Reply("greet", "greet")


def telling(reply):
    return lambda request: TurnResult((reply,), DialogueState(), "greet", 0.9)


async def says_and_is_told(called, lan, text, reply, *states):
    """Have somebody say something and what they are told end so."""
    called.product.assistant.answer = telling(reply)
    await called.post(lan.says(text))
    await called.until_states(*states)


@pytest.mark.parametrize(("fault", "state"), [(-32, "pending"), (-201, "failed")])
async def test_a_number_chooses_from_the_menu_that_was_seen_and_not_from_what_never_arrived(
    called, zalo, lan, fault, state
):
    async with called.answering():
        await says_and_is_told(called, lan, "chào", MENU, "sent")
        zalo.let("message/cs", fault)
        await says_and_is_told(called, lan, "xóa dữ liệu của tôi", rights.erasure_question(), "sent", state)
        called.product.assistant.answer = telling(PLAIN)
        await called.post(lan.says("1"))
        await until(lambda: len(called.product.assistant.requests) == 3)
    assert called.product.assistant.requests[-1].press == MENU.buttons[0].press


@pytest.mark.parametrize("newest", [rights.erasure_question(), PLAIN])
async def test_a_number_chooses_nothing_where_nobody_knows_which_menu_was_seen(called, zalo, lan, newest):
    async with called.answering():
        await says_and_is_told(called, lan, "chào", MENU, "sent")
        zalo.let("message/cs", "answer_lost")
        await says_and_is_told(called, lan, "xóa dữ liệu của tôi", newest, "sent", "unknown")
        await says_and_is_told(called, lan, "1", PLAIN, "sent", "unknown", "sent")
    assert len(called.product.assistant.requests) == 2
    assert "không chắc bạn chọn mục nào" in lan.texts[-1]


async def test_a_number_that_is_no_option_of_what_may_have_been_seen_is_what_it_says(called, zalo, lan):
    async with called.answering():
        await says_and_is_told(called, lan, "chào", PLAIN, "sent")
        zalo.let("message/cs", "answer_lost")
        await says_and_is_told(called, lan, "tuổi", MENU, "sent", "unknown")
        await says_and_is_told(called, lan, "9", PLAIN, "sent", "unknown", "sent")
    assert called.product.assistant.requests[-1].text == "9"


@pytest.mark.parametrize("typed", ["Giá bao nhiêu?", "gia bao nhieu", "GIÁ  BAO NHIÊU !"])
async def test_the_words_of_an_option_choose_it_too(called, zalo, lan, typed):
    async with called.answering():
        await says_and_is_told(called, lan, "chào", MENU, "sent")
        await says_and_is_told(called, lan, typed, PLAIN, "sent", "sent")
    assert called.product.assistant.requests[-1].press == MENU.buttons[0].press


async def test_the_words_of_an_option_say_what_they_say_where_nobody_knows_which_menu_was_seen(called, zalo, lan):
    async with called.answering():
        await says_and_is_told(called, lan, "chào", MENU, "sent")
        zalo.let("message/cs", "answer_lost")
        await says_and_is_told(called, lan, "rồi sao", PLAIN, "sent", "unknown")
        await says_and_is_told(called, lan, "gia bao nhieu", PLAIN, "sent", "unknown", "sent")
    assert called.product.assistant.requests[-1].text == "gia bao nhieu"


async def test_to_staff_a_number_is_an_answer_and_the_option_s_words_bring_the_assistant_back(called, zalo, lan):
    async with called.answering():
        await says_and_is_told(called, lan, "chào", PLAIN, "sent")
        reference = await open_case(called, lan)
        await answer_case(called, reference, text="Nhà mình có mấy cửa hàng?")
        await called.until_states("sent", "sent")
        assert "1. Về với trợ lý" in lan.texts[-1]
        await called.post(lan.says("1"))
        await called.post(lan.says("ve voi tro ly"))
        await called.until_states("sent", "sent", "sent")
    assert "Mình đây" in lan.texts[-1]
    assert len(called.product.assistant.requests) == 1
