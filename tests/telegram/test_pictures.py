"""Pictures of the guides on Telegram."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bot.core.ports import TurnResult
from bot.core.replies import Button, Picture, Press, Reply, Source
from tests.gateway.test_guides import ALT, FACTS
from tests.telegram.fake_wire import RefusedError
from tests.telegram.replying import answer


def with_picture(name="sign-token/4", template="guide_reminder", facts=FACTS):
    def told(request):
        picture = Picture(name, "guide_picture", ALT)
        buttons = (Button("guide_done", Press.of("guide_next", guide_at="st4")),)
        sources = (Source("MyCukai", "2.1.2"),)
        reply = Reply("guide.sign-token.4", template, facts, buttons, sources, picture)
        return TurnResult((reply,), request.state, "guide_next", 1.0)

    return told


async def test_a_step_is_a_photo_with_its_words_its_source_and_its_buttons_below(asking, fake, lan):
    async with asking.answering():
        await answer(asking, lan, replies=with_picture())
        await fake.until(lambda: lan.chat.shown)
    (shown,) = lan.chat.shown
    assert shown.is_photo
    assert "bước 4/4" in shown.text
    assert shown.text.endswith("Nguồn: MyCukai (2.1.2)")
    assert shown.buttons == ["Xong"]
    assert await asking.states() == ["sent"]


async def test_a_picture_is_uploaded_once_and_then_named(asking, fake, lan):
    async with asking.answering():
        for number in (1, 2):
            await answer(asking, lan, replies=with_picture())
            await fake.until(lambda number=number: len(lan.chat.shown) == number)
    assert [call.parameters["photo"] for call in fake.calls_of("sendPhoto")] == ["hinh.png", "made-up-file"]


async def test_a_name_that_telegram_forgot_is_uploaded_again(asking, fake, lan):
    async with asking.answering():
        await answer(asking, lan, replies=with_picture())
        await fake.until(lambda: lan.chat.shown)
        fake.fails("sendPhoto", RefusedError(400, "wrong file identifier/HTTP URL specified"))
        await answer(asking, lan, replies=with_picture())
        await fake.until(lambda: len(lan.chat.shown) == 2)
    assert [call.parameters["photo"] for call in fake.calls_of("sendPhoto")] == ["hinh.png", "made-up-file", "hinh.png"]


async def test_words_that_do_not_fit_below_it_come_after_it(asking, fake, lan):
    told = with_picture(template="report_consent", facts={"operator_name": "x", "words": "lời " * 230, "kept_days": 30})
    async with asking.answering():
        await answer(asking, lan, replies=told)
        await fake.until(lambda: len(lan.chat.shown) == 2)
    picture, words = lan.chat.shown
    assert (picture.is_photo, words.is_photo) == (True, False)
    assert "User PIN Verification" in picture.text
    assert (picture.buttons, words.buttons) == ([], ["Xong"])


@pytest.mark.parametrize(
    ("name", "event"), [("sign-token/4", "telegram.picture_refused"), ("sign-token/99", "telegram.picture_missing")]
)
async def test_without_the_picture_the_words_arrive_all_the_same(asking, fake, lan, name, event):
    fake.fails("sendPhoto", RefusedError(400, "PHOTO_INVALID_DIMENSIONS"))
    with capture_logs() as logs:
        async with asking.answering():
            await answer(asking, lan, replies=with_picture(name))
            await fake.until(lambda: lan.chat.shown)
    (shown,) = lan.chat.shown
    assert not shown.is_photo
    assert "bước 4/4" in shown.text
    assert event in {entry["event"] for entry in logs}


async def test_whoever_is_gone_gets_neither_picture_nor_words(asking, fake, lan):
    await answer(asking, lan, replies=with_picture())
    fake.fails("sendPhoto", RefusedError(400, "chat not found"))
    async with asking.answering():
        await asking.until_states("failed")
    assert fake.calls_of("sendMessage") == []
