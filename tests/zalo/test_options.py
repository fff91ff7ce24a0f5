"""Options chosen by their numbers, as people write them, and questions that a bare number does not answer."""

from __future__ import annotations

from datetime import date

import pytest

from bot.core.ports import DialogueState, TurnRequest, TurnResult
from bot.core.programme.cases import Case
from bot.core.programme.verdicts import question_reply
from bot.core.replies import Press
from bot.gateway.zalo.options import chosen_number

LONGEST_ON_A_PHONE = 700
FIRM = Case(product="biz.vn", subject="enterprise")


@pytest.mark.parametrize(
    "typed",
    [
        *("2", "02", " 2 ", "2.", "2)", "(2)", "[2]", "2!", "#2", "2️⃣", "“2”"),
        *("số 2", "so 2", "số2", "SỐ 2", "số 2.", "chọn 2", "chon so 2", "mục 2", "mục số 2", "câu 2", "cái 2", "ý 2"),
        *("bấm 2", "bam2", "bấm phím 2", "nhấn nút 2", "lựa chọn 2", "đáp án 2", "cái thứ 2"),
        *("2 ạ", "số 2 ạ", "dạ 2", "dạ 2 ạ", "vâng số 2", "ok 2 nhé em", "2 đi", "2 thôi", "chọn 2 nhé bạn ơi"),
        *("em chọn 2", "dạ em chọn câu số 2 ạ", "cho em số 2"),
        *("số hai", "so hai a", "câu hai", "mục số hai", "phương án hai", "cái thứ hai", "Dạ em chọn số hai ạ"),
    ],
)
def test_the_second_is_chosen(typed):
    assert chosen_number(typed) == 2


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "ạ", "hai", "năm", "ba", "một", "dạ", "số", "chọn"),
        *("3 tháng", "2 người", "2 năm", "20 tuổi", "2 cái", "2 bạn", "2 anh em", "2 lần", "lần 2", "2 con", "con 2"),
        *("thứ 2", "thứ hai", "ngày 2", "tháng 2", "lớp 2", "2/9", "2.5", "2,5", "2:30", "2a", "-2", "2 3", "2004"),
        *("số hai mươi", "em 2", "tôi 2", "chọn năm", "cho 2 tên", "số điện thoại", "0900000001", "số 2 " * 20),
    ],
)
def test_nothing_is_chosen(typed):
    assert chosen_number(typed) is None


@pytest.mark.parametrize(("typed", "number"), [("số một", 1), ("câu bốn", 4), ("số mười ạ", 10), ("10", 10), ("7️⃣", 7)])
def test_every_number_has_its_digits_and_its_word(typed, number):
    assert chosen_number(typed) == number


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
