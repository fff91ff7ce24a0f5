import json
import re
from dataclasses import dataclass
from datetime import date
from itertools import product as combinations

import pytest

from bot.core.programme.answers import ANSWERED, DATED_STATEMENTS, PLAN, Answers
from bot.core.programme.finding import Question as Asked
from bot.core.programme.offers import offer_standing
from bot.core.programme.records import PRODUCTS
from bot.core.programme.topics import MENU, OF_THE_DAY, answered_buttons, menu_buttons, nearest
from bot.core.replies import Reply
from tests.core.programme.conftest import OPEN_DAY, UNSETTLED_DAY

DAYS = [date(2023, 1, 1), date(2023, 8, 1), OPEN_DAY, UNSETTLED_DAY]
NAMED = [None, "id.vn", "biz.vn", ".vn", "com.vn", "other"]
SUBJECTS = [None, "citizen", "student", "enterprise", "household_business", "organisation", "foreigner"]


@pytest.fixture
def ask(answers):
    """Ask for an answer; what is not named stays open."""

    def _ask(intent, *, on=OPEN_DAY, **named):
        return answers.answer(Asked(intent, **named), on=on)

    return _ask


OF_THE_OFFER = ["ask_programme", "ask_offer", "ask_cost", "ask_eligibility", "ask_duration"]
"""The intents that tell what the offer is."""


@dataclass(frozen=True)
class Question:
    """A question that can be asked, and its answer."""

    intent: str
    product: str | None
    subject: str | None
    day: date
    reply: Reply


@pytest.fixture(params=list(combinations(OF_THE_OFFER, DAYS)), ids=lambda asked: f"{asked[0]}-{asked[1]}")
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
        assert 2 <= len(reply.buttons) <= 5
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
    assert [button.title for button in nearest(ranking)] == ["ask_scam_safety", "ask_cost"]
    assert nearest(["out_of_scope", "greet"]) == ()


def test_every_answer_is_reached_from_the_menu_by_buttons(ask):
    reached, waiting = set(), [button.press.intent for button in menu_buttons()]
    while waiting:
        intent = waiting.pop()
        if intent not in reached:
            reached.add(intent)
            waiting += [button.press.intent for button in ask(intent).buttons] if intent in ANSWERED else []
    assert reached == {*ANSWERED, "check_eligibility"}


def test_what_content_alone_answers_can_be_offered_apart_from_the_check():
    assert {button.press.intent for button in answered_buttons()} == set(MENU) - {"check_eligibility"}


@pytest.mark.parametrize(
    ("day", "told"),
    [(OPEN_DAY, "Ưu đãi kéo dài 02 năm"), (UNSETTLED_DAY, "Trước đây, ưu đãi kéo dài 02 năm")],
)
def test_for_how_long_is_told_in_the_past_once_the_period_is_over(ask, said, day, told):
    assert said(ask("ask_duration", on=day)).startswith(told)


def test_an_offer_that_is_over_is_told_as_over(programme, said):
    known_ends = tuple(offer for offer in programme.offers if offer.valid_to is not None)
    over = Answers(programme.model_copy(update={"offers": known_ends}))
    for intent in OF_THE_OFFER:
        text = said(over.answer(Asked(intent), on=UNSETTLED_DAY))
        assert "Ưu đãi id.vn và biz.vn đã kết thúc ngày 31/12/2025." in text
        assert "chưa rõ" not in text
        assert "năm thứ ba" not in text
        assert "miễn phí" not in text
        assert "Hãy hỏi nhà đăng ký" in text


@pytest.fixture
def statement(programme):
    """Give a statement of the content by its key."""
    return lambda key: next(point for point in programme.points if point.key == key)


@pytest.fixture
def pages(answers):
    """Press "more" as long as it is offered; give the statements of each reply."""

    def _pages(question, *, on=OPEN_DAY):
        told = []
        while question:
            reply = answers.answer(question, on=on)
            told.append(list(reply.facts["points"]))
            presses = [button.press for button in reply.buttons if button.title == "more"]
            question = Asked.of(presses[0].intent, dict(presses[0].entities)) if presses else None
        return told

    return _pages


@pytest.mark.parametrize(
    ("intent", "text", "key"),
    [
        ("ask_agency_role", "ai theo dõi, đôn đốc thực hiện", "science_leads_plan"),
        ("ask_agency_role", "co quan nao gom ket qua cua ca tinh", "science_supervises_results"),
        ("ask_materials", "tải tờ rơi, áp phích, băng rôn ở đâu", "materials_address"),
    ],
)
def test_a_narrow_question_is_answered_with_its_statement_first(ask, statement, intent, text, key):
    reply = ask(intent, text=text)
    assert (reply.topic, reply.template) == (intent, "points")
    assert reply.facts["points"][0] == statement(key).says
    listed = {(source.document, source.section) for source in reply.sources}
    assert {(citation.document, citation.section) for citation in statement(key).sources} <= listed


def test_a_statement_whose_button_was_pressed_is_told_alone(ask, statement):
    point = statement("materials_address")
    reply = ask("ask_materials", point=point.key, text="ai giám sát kế hoạch")
    assert reply.facts["points"] == [point.says]
    assert not reply.facts["listed"]
    assert "more" not in {button.title for button in reply.buttons}


@pytest.mark.parametrize("intent", ["ask_cost", "ask_materials"])
def test_a_pressed_statement_that_is_not_there_any_more_gives_the_general_answer(ask, intent):
    assert ask(intent, point="no_such_statement").template == intent


def test_what_an_agency_has_to_do_is_told_once_each_and_in_order(programme, pages):
    for agency in programme.agencies:
        duties = [point.says for point in programme.points if agency.name in point.agencies and point.holds(OPEN_DAY)]
        told = pages(Asked("ask_agency_role", agency=agency.name))
        if duties:
            assert [says for page in told for says in page] == duties
            assert all(told)


@pytest.mark.parametrize("product", [None, *PRODUCTS])
@pytest.mark.parametrize("intent", sorted(ANSWERED - {"check_domain", *OF_THE_DAY}))
def test_the_statements_that_lead_a_topic_are_told_once_each(programme, pages, intent, product):
    leads = [
        point.says
        for point in programme.points
        if intent in point.leads and point.holds(OPEN_DAY) and (not product or product in (*point.products, product))
    ]
    told = [says for page in pages(Asked(intent, product=product)) for says in page]
    of_others = {point.says for point in programme.points if product and point.products not in ((), (product,))}
    assert told == [says for says in leads if says not in of_others]


def test_more_keeps_the_agency_the_product_and_the_subject(programme, ask):
    finance = next(agency.name for agency in programme.agencies if agency.name == "Sở Khoa học và Công nghệ")
    reply = ask("ask_agency_role", agency=finance, product="biz.vn", subject="enterprise")
    (press,) = (button.press for button in reply.buttons if button.title == "more")
    named = {"product": "biz.vn", "subject": "enterprise", "agency": finance, "after": str(len(reply.facts["points"]))}
    assert (press.intent, dict(press.entities)) == ("ask_agency_role", named)


def test_a_list_that_was_told_to_its_end_begins_again(ask):
    named = {"agency": "Sở Khoa học và Công nghệ"}
    assert ask("ask_agency_role", after=99, **named).facts["points"] == ask("ask_agency_role", **named).facts["points"]


def test_an_untrue_claim_is_corrected_with_its_sources(programme, ask, said):
    for claim in programme.claims:
        text = " ".join(group[0] for group in claim.mentions)
        reply = ask(claim.about[-1], text=text)
        assert (reply.topic, reply.template) == (claim.about[-1], "correction")
        assert claim.corrects in said(reply)
        listed = {(source.document, source.section) for source in reply.sources}
        assert {(citation.document, citation.section) for citation in claim.sources} <= listed


def test_a_claim_is_left_alone_in_a_question_about_something_else(programme, ask):
    for claim in programme.claims:
        text = " ".join(group[0] for group in claim.mentions)
        for intent in sorted(ANSWERED - set(claim.about)):
            assert ask(intent, text=text).facts.get("corrects") != claim.corrects


def test_a_claim_about_what_is_free_is_corrected_with_where_the_offer_stands(ask):
    facts = ask("ask_offer", text="miễn phí trọn đời").facts
    assert facts["offers"]
    assert facts["fees"]
    facts = ask("ask_scam_safety", text="tentenn.vn").facts
    assert (facts["offers"], facts["fees"]) == ([], None)


def test_a_name_is_judged_whatever_else_the_message_says(ask):
    reply = ask("check_domain", domain_name="quanbaba.biz.vn", text="tra cứu tên miền quanbaba.biz.vn ở đâu")
    assert reply.template == "check_domain"
    assert reply.facts["name"]


def test_without_a_name_the_question_about_checking_is_answered_or_a_name_asked_for(ask, statement):
    asked = statement("lookup_official_page").asked_as
    assert "points" in {ask("check_domain", text=phrase).template for phrase in asked}
    reply = ask("check_domain")
    assert (reply.template, reply.facts["name"]) == ("check_domain", None)


DISTRICTS = "Ủy ban nhân dân các huyện, thị xã, thành phố"


@pytest.mark.parametrize(("day", "told"), [(date(2025, 6, 30), False), (date(2025, 7, 1), True)])
def test_an_agency_that_has_ended_is_noted_from_the_day_after_its_last(ask, said, statement, programme, day, told):
    (agency,) = (agency for agency in programme.agencies if agency.name == DISTRICTS)
    asked = ask("ask_agency_role", agency=DISTRICTS, on=day)
    naming = next(point for point in programme.points if DISTRICTS in point.says and point.holds(day))
    for reply in (asked, ask(naming.about[0], point=naming.key, on=day)):
        assert reply.facts["ended"] == ([{"name": DISTRICTS, "now": agency.now}] if told else [])
        assert (agency.now in said(reply)) == told
        assert (agency.sources[0].document in {source.document for source in reply.sources}) == told


@pytest.mark.parametrize(("day", "told"), [(date(2025, 6, 30), False), (date(2025, 7, 1), True)])
@pytest.mark.parametrize("named", [{"text": "Toi o xa Hiep Thanh"}, {"locality": "xã Hiệp Thạnh"}])
def test_an_old_place_is_noted_from_the_day_on_which_its_name_changed(ask, said, day, told, named):
    reply = ask("ask_support", on=day, **named)
    renamed = {"old": "xã Hiệp Thạnh", "now": "xã Long Hữu", "since": "2025-07-01"}
    assert reply.facts["renamed"] == ([renamed] if told else [])
    assert ("xã Long Hữu" in said(reply)) == told


@pytest.mark.parametrize(("day", "told"), [(date(2025, 6, 30), False), (date(2025, 7, 1), True)])
def test_an_old_place_that_a_statement_names_is_noted_as_well(ask, statement, day, told):
    point = statement("plan_number_date_issuer")
    reply = ask(point.about[0], point=point.key, on=day)
    assert ("Vĩnh Long" in {unit["now"] for unit in reply.facts["renamed"]}) == told
    assert ("202/2025/QH15" in {source.document for source in reply.sources}) == told


@pytest.mark.parametrize(("day", "over"), [(date(2025, 12, 31), None), (date(2026, 1, 1), "2025-12-31")])
def test_what_rests_on_the_plan_is_told_as_of_its_time_once_it_is_over(ask, day, over):
    assert ask("ask_materials", point="materials_address", on=day).facts["plan_over"] == over


def test_what_does_not_rest_on_the_plan_outlives_it(programme, ask):
    lasting = next(
        point
        for point in programme.points
        if point.about[0] == "ask_privacy" and all(citation.document != PLAN for citation in point.sources)
    )
    assert ask("ask_privacy", point=lasting.key, on=UNSETTLED_DAY).facts["plan_over"] is None


def test_a_statement_that_something_is_free_comes_with_where_the_offer_stands(programme, ask):
    for point in programme.points:
        facts = ask(point.about[0], point=point.key).facts
        if point.promises_free or point.about[0] in DATED_STATEMENTS:
            assert facts["offers"], point.key
            assert facts["plan_over"] is None, point.key


def test_a_message_of_no_clear_intent_is_answered_only_where_its_words_leave_no_doubt(answers, statement):
    point = statement("science_guides_publicity")
    reply = answers.find(Asked("out_of_scope", point.says), on=OPEN_DAY)
    assert (reply.topic, reply.facts["points"][0]) == (point.about[0], point.says)
    for text in ("", "?", "hôm nay trời đẹp quá", "kế hoạch", "bán cho tôi cái áo đỏ ngoài chợ"):
        assert answers.find(Asked("out_of_scope", text), on=OPEN_DAY) is None
