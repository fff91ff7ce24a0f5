import json
import re
from dataclasses import dataclass
from datetime import date
from itertools import product as combinations

import pytest

from bot.core.programme.answers import ANSWERED, answer
from bot.core.programme.content import PRODUCTS
from bot.core.programme.offers import offer_standing
from bot.core.programme.topics import MENU, answered_buttons, menu_buttons, nearest
from bot.core.replies import Reply
from tests.core.programme.conftest import OPEN_DAY, UNSETTLED_DAY

DAYS = [date(2023, 1, 1), date(2023, 8, 1), OPEN_DAY, UNSETTLED_DAY]
NAMED = [None, "id.vn", "biz.vn", ".vn", "com.vn", "other"]
SUBJECTS = [None, "citizen", "student", "enterprise", "household_business", "organisation", "foreigner"]


@pytest.fixture
def ask(programme):
    """Ask for an answer; what is not named stays open."""

    def _ask(intent, *, product=None, subject=None, on=OPEN_DAY):
        return answer(programme, intent, product=product, subject=subject, on=on)

    return _ask


@dataclass(frozen=True)
class Question:
    """A question that can be asked, and its answer."""

    intent: str
    product: str | None
    subject: str | None
    day: date
    reply: Reply


@pytest.fixture(params=list(combinations(sorted(ANSWERED), DAYS)), ids=lambda asked: f"{asked[0]}-{asked[1]}")
def questions(request, ask):
    """Ask one intent on one day in every way that the taxonomy allows."""
    intent, day = request.param
    return [
        Question(intent, named, subject, day, ask(intent, product=named, subject=subject, on=day))
        for named, subject in combinations(NAMED, SUBJECTS)
    ]


def test_an_answer_is_complete_and_sourced(programme, questions):
    known = {basis.number for basis in programme.legal_bases}
    for question in questions:
        reply = question.reply
        assert (reply.topic, reply.template) == (question.intent, question.intent)
        assert Reply.from_json(json.loads(json.dumps(reply.to_json()))) == reply
        assert reply.sources, question
        assert {source.document for source in reply.sources} <= known
        assert len(set(reply.sources)) == len(reply.sources)
        assert 2 <= len(reply.buttons) <= 4
        assert "check_eligibility" in {button.press.intent for button in reply.buttons}


def test_an_answer_is_short_and_tidy(said, questions):
    for question in questions:
        text = said(question.reply)
        assert len(text) <= 700, question
        assert "\n\n" not in text, question
        assert "  " not in text, question


def test_only_an_open_offer_is_called_free_and_then_with_what_it_costs_later(programme, said, questions):
    for question in questions:
        text = said(question.reply)
        is_open = all(offer_standing(programme, each, question.day).standing == "open" for each in PRODUCTS)
        if not is_open:
            # Two free years are not taken for granted.
            assert not re.search(r"(?<!Nếu được ưu đãi, bạn vẫn trả phí duy trì )từ năm thứ ba", text, re.IGNORECASE)
            assert "miễn phí" not in text, question
            assert "đang mở" not in text, question
            assert "Hãy hỏi nhà đăng ký" in text, question
        elif "miễn phí" in text:
            assert "Từ năm thứ ba" in text, question
            assert "phí dịch vụ của nhà đăng ký" in text, question
            assert "50.000 đồng" in text, question


def test_where_the_offer_stands_is_told_in_the_first_sentences(said, questions):
    standing = r"đang mở|đang miễn phí|chưa bắt đầu|đã kết thúc ngày 31/12/2025; hiện chưa rõ|chỉ có một phần"
    for question in questions:
        sentences = re.split(r"(?<=\.)\s", said(question.reply))
        # A name outside the offer is told to be so first.
        first = sentences[: 3 if question.product in ("com.vn", "other") else 2]
        assert re.search(standing, " ".join(first)), question


@pytest.mark.parametrize("intent", ["ask_cost", "ask_duration"])
@pytest.mark.parametrize("day", [OPEN_DAY, UNSETTLED_DAY])
def test_prices_are_the_exact_figures_with_their_circular(ask, said, intent, day):
    text = said(ask(intent, on=day))
    assert "50.000 đồng" in text
    assert "250.000 đồng" in text
    assert "theo Thông tư 20/2023/TT-BTC" in text
    assert "một nguồn cho biết Thông tư 10/2025/TT-BTC" in text


@pytest.mark.parametrize("day", [OPEN_DAY, UNSETTLED_DAY])
def test_the_registration_fee_is_told_with_the_price(ask, said, day):
    text = said(ask("ask_cost", on=day))
    assert "10.000 đồng" in text
    assert "100.000 đồng" in text


def test_a_circular_is_not_cited_for_a_fee_before_it_is_in_force(ask, said):
    reply = ask("ask_cost", product="id.vn", on=date(2024, 6, 1))
    assert "10/2025" not in said(reply)
    assert "10/2025/TT-BTC" not in {source.document for source in reply.sources}


@pytest.mark.parametrize(
    ("named", "told", "silent"),
    [
        ({"product": "id.vn"}, "id.vn", "biz.vn"),
        ({"subject": "student"}, "id.vn", "biz.vn"),
        ({"product": "biz.vn"}, "biz.vn", "id.vn"),
        ({"subject": "household_business"}, "biz.vn", "id.vn"),
        ({"subject": "enterprise"}, "biz.vn", "id.vn"),
    ],
)
def test_an_answer_is_narrowed_to_what_was_asked(ask, said, named, told, silent):
    for intent in ("ask_cost", "ask_duration", "ask_offer"):
        text = said(ask(intent, **named))
        assert told in text
        assert silent not in text


def test_the_buttons_of_a_narrowed_answer_stay_narrowed(ask):
    reply = ask("ask_cost", subject="household_business")
    entities = (("product", "biz.vn"), ("subject", "household_business"))
    assert all(button.press.entities == entities for button in reply.buttons)


def test_a_household_that_asks_for_the_citizens_name_hears_of_both(ask, said):
    text = said(ask("ask_eligibility", product="id.vn", subject="household_business"))
    assert text.startswith("Hộ kinh doanh có giấy chứng nhận đăng ký")
    assert "• id.vn" in text
    assert "• biz.vn" in text


def test_another_ending_is_told_to_be_outside_the_offer(ask, said):
    text = said(ask("ask_cost", product="com.vn"))
    assert text.startswith("Chương trình chỉ có hai tên miền: id.vn và biz.vn.")


def test_nearest_topics_are_two_at_most_and_all_have_an_answer():
    ranking = ["nlu_fallback", "ask_scam_safety", "ask_cost", "ask_cost", "check_eligibility", "ask_offer"]
    assert [button.title for button in nearest(ranking)] == ["ask_cost", "check_eligibility"]
    assert nearest(["out_of_scope", "greet"]) == ()


def test_the_menu_reaches_every_answer():
    assert {*ANSWERED, "check_eligibility"} == set(MENU)
    assert [button.press.intent for button in menu_buttons()] == list(MENU)


def test_what_content_alone_answers_can_be_offered_apart_from_the_check():
    assert {button.press.intent for button in answered_buttons()} == ANSWERED


@pytest.mark.parametrize(
    ("day", "told"),
    [(OPEN_DAY, "Mỗi tên miền được ưu đãi 2 năm."), (UNSETTLED_DAY, "Trước đây, mỗi tên miền được ưu đãi 2 năm.")],
)
def test_for_how_long_is_told_in_the_past_once_the_period_is_over(ask, said, day, told):
    assert said(ask("ask_duration", on=day)).startswith(told)


def test_an_offer_that_is_over_is_told_as_over(programme, said):
    known_ends = tuple(offer for offer in programme.offers if offer.valid_to is not None)
    over = programme.model_copy(update={"offers": known_ends})
    for intent in sorted(ANSWERED):
        text = said(answer(over, intent, product=None, subject=None, on=UNSETTLED_DAY))
        assert "Ưu đãi id.vn và biz.vn đã kết thúc ngày 31/12/2025." in text
        assert "chưa rõ" not in text
        assert "năm thứ ba" not in text
        assert "miễn phí" not in text
        assert "Hãy hỏi nhà đăng ký" in text
