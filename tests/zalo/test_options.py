"""Options chosen by their numbers, and questions that a bare number does not answer."""

from __future__ import annotations

from datetime import date

import pytest

from bot.core.ports import DialogueState, TurnRequest, TurnResult
from bot.core.programme.cases import Case
from bot.core.programme.verdicts import question_reply
from bot.core.replies import Press

LONGEST_ON_A_PHONE = 700
FIRM = Case(product="biz.vn", subject="enterprise")


class TestTheQuestionHowOldAFirmIs:
    @pytest.fixture
    async def asked(self, called, zalo, lan, programme):
        """Lan was asked when her firm was founded."""

        def ask(request: TurnRequest) -> TurnResult:
            reply = question_reply(programme, FIRM, date(2025, 6, 1))
            return TurnResult(
                (reply,), DialogueState("eligibility_form", {"product": "biz.vn"}), "check_eligibility", 1
            )

        called.product.assistant.answer = ask
        async with called.answering():
            await called.post(lan.says("công ty em có được không"))
            await zalo.until(lambda: len(lan.texts) == 1)
            yield called

    async def test_asks_for_words_and_says_what_a_bare_number_does(self, asked, lan):
        (text,) = lan.texts
        assert "mấy tháng" not in text
        assert "“3 tháng”" in text
        assert "Nhắn mỗi con số là chọn mục mang số đó" in text
        assert "{#" not in text
        assert len(text) <= LONGEST_ON_A_PHONE

    @pytest.mark.parametrize("typed", ["3 tháng", "3 thang", "dạ 3 tháng ạ", "mở được 6 tháng"])
    async def test_takes_months_for_months(self, asked, zalo, lan, typed):
        await asked.post(lan.says(typed))
        await zalo.until(lambda: len(lan.texts) == 2)
        request = asked.product.assistant.requests[-1]
        assert (request.text, request.press) == (typed, None)

    async def test_takes_a_number_for_the_option_that_it_stands_before(self, asked, zalo, lan):
        assert "1. Chưa tới 1 năm" in lan.texts[0]
        await asked.post(lan.says("1"))
        await zalo.until(lambda: len(lan.texts) == 2)
        assert asked.product.assistant.requests[-1].press == Press.of("inform", founding_age="P6M")


@pytest.mark.parametrize("question", ["eligibility_ask_founding", "eligibility_ask_founding_day"])
def test_only_where_options_are_numbered_is_that_said(renderer, question):
    for facts in renderer.samples()[question]:
        on_zalo, on_the_web = (renderer.render(question, channel=channel, facts=facts) for channel in ("zalo", "web"))
        assert on_zalo.startswith(on_the_web)
        assert "Nhắn mỗi con số là chọn mục" in on_zalo.removeprefix(on_the_web)
        assert len(on_zalo) <= LONGEST_ON_A_PHONE
