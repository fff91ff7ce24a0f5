"""What becomes of messages on their way to a person on Zalo."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bot.core.deliveries.service import Delivered, OutboundMessage, ShownButton
from bot.core.ports import DialogueState, TurnRequest, TurnResult
from bot.core.replies import Picture, Reply
from bot.core.text import utf16_length
from bot.gateway.zalo.rendering import LONGEST, render
from tests.gateway.test_guides import ALT
from tests.zalo.fake_zalo import OA_ID


def with_picture(request: TurnRequest) -> TurnResult:
    picture = Picture("sign-token/4", "guide_picture", ALT)
    return TurnResult((Reply("greet", "greet", picture=picture),), DialogueState(), "greet", 0.9)


async def answer(called, zalo, lan, count: int = 1) -> None:
    await called.post(lan.says("chào"))
    await zalo.until(lambda: len(lan.texts) >= count)


@pytest.mark.parametrize("fault", ["unreachable", -200])
async def test_what_was_surely_not_sent_is_sent_again(called, zalo, lan, fault):
    zalo.let("message/cs", fault)
    async with called.answering():
        await answer(called, zalo, lan)
        await called.until_states("sent")
    assert len(lan.texts) == 1


@pytest.mark.parametrize("fault", ["answer_lost", "http_500", "not_json", -99999])
async def test_what_may_have_been_sent_is_unknown_and_never_sent_again(called, zalo, lan, fault):
    zalo.let("message/cs", fault)
    async with called.answering():
        await called.post(lan.says("chào"))
        await called.until_states("unknown")
    assert len(lan.texts) == (1 if fault == "answer_lost" else 0)


@pytest.mark.parametrize("code", [-213, -217, -218, -227, -230, -232, -244])
async def test_who_cannot_be_reached_is_not_tried_again_until_they_write(called, zalo, lan, code):
    zalo.let("message/cs", code)
    async with called.answering():
        await called.post(lan.says("chào"))
        await called.until_states("failed")
        await answer(called, zalo, lan)
        await called.until_states("failed", "sent")


@pytest.mark.parametrize("codes", [[-201], [-210], [-233], [-248], [-200, -200]])
async def test_a_message_that_is_refused_holds_up_nobody_and_is_told_to_who_looks_after_us(called, zalo, lan, codes):
    zalo.let("message/cs", *codes)
    with capture_logs() as logs:
        async with called.answering():
            await called.post(lan.says("chào"))
            await called.until_states("failed")
            await answer(called, zalo, lan)
    *put_back, told = [entry for entry in logs if entry["event"] == "delivery.failed"]
    assert (len(put_back), told["log_level"], told["then"]) == (len(codes) - 1, "error", "failed")


@pytest.mark.parametrize("code", [-211, -224])
async def test_what_the_account_may_not_do_in_a_group_holds_up_no_person(called, zalo, lan, code):
    group = zalo.group()
    zalo.let("group/message", code)
    async with called.answering():
        await called.post(lan.says(f"[@{OA_ID}] giá", where=group))
        await zalo.until(lambda: any("group/message" in call.path for call in zalo.calls))
        await answer(called, zalo, lan)
        await called.until_states("pending", "sent")


@pytest.mark.parametrize("fault", [-216, -220, -124, "http_401"])
async def test_a_refused_token_is_renewed_and_the_message_goes(called, zalo, lan, fault):
    zalo.let("message/cs", fault)
    async with called.answering():
        await answer(called, zalo, lan)
        await called.until_states("sent")
    assert zalo.tokens.exchanges == 2


async def test_a_picture_goes_before_its_text_and_is_uploaded_once(called, zalo, lan):
    called.product.assistant.answer = with_picture
    async with called.answering():
        for count in (2, 4):
            await answer(called, zalo, lan, count)
    assert [bool(sent.image) for sent in lan.seen] == [True, False, True, False]
    assert len(zalo.images) == 1


@pytest.mark.parametrize("fault", [-200, "unreachable"])
async def test_a_picture_does_not_go_again_with_its_text(called, zalo, lan, fault):
    called.product.assistant.answer = with_picture
    zalo.let("message/cs", "works", fault)
    async with called.answering():
        await called.post(lan.says("chào"))
        await called.until_states("sent")
    assert [bool(sent.image) for sent in lan.seen] == [True, False]


async def test_a_picture_that_may_have_arrived_does_not_go_again(called, zalo, lan):
    called.product.assistant.answer = with_picture
    zalo.let("message/cs", "answer_lost", -200)
    async with called.answering():
        await called.post(lan.says("chào"))
        await called.until_states("sent")
    assert [bool(sent.image) for sent in lan.seen] == [True, False]


async def test_a_picture_that_surely_was_not_sent_goes_with_its_text_later(called, zalo, lan):
    called.product.assistant.answer = with_picture
    zalo.let("message/cs", "unreachable", "unreachable")
    async with called.answering():
        await called.post(lan.says("chào"))
        await called.until_states("sent")
    assert [bool(sent.image) for sent in lan.seen] == [True, False]


async def test_a_picture_that_zalo_forgot_is_uploaded_again(called, zalo, lan):
    called.product.assistant.answer = with_picture
    async with called.answering():
        await answer(called, zalo, lan, 2)
        zalo.images.clear()
        await answer(called, zalo, lan, 4)
    assert [bool(sent.image) for sent in lan.seen] == [True, False, True, False]


async def test_a_text_goes_without_its_picture_where_that_fails(called, zalo, lan):
    called.product.assistant.answer = with_picture
    zalo.let("upload/image", -201)
    async with called.answering():
        await answer(called, zalo, lan)
    assert [bool(sent.image) for sent in lan.seen] == [False]


def test_more_than_five_options_have_numbers_and_all_fits(renderer):
    buttons = tuple(ShownButton(f"Mục thứ {number} có một tên khá dài", f"x~{number}") for number in range(1, 11))
    rendered = render(renderer, Delivered(7, OutboundMessage("menu", "a" * 1_400, buttons)))
    assert len(rendered.buttons) == 5
    assert "10. Mục thứ 10" in rendered.text
    assert utf16_length(rendered.text) <= LONGEST
