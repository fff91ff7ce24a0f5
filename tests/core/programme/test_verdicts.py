import json
import re
from dataclasses import replace
from datetime import date

import pytest

from bot.core.programme.cases import Case, parse_founding, parse_period
from bot.core.programme.eligibility import Reason, judge
from bot.core.programme.offers import Standing
from bot.core.programme.verdicts import question_reply, verdict_reply
from bot.core.replies import Button, Press
from tests.core.programme.cases import GOLDEN, HOUSEHOLD, born, firm, unknown
from tests.core.programme.conftest import OPEN_DAY, UNSETTLED_DAY

TOLD = [case for case, _, _ in GOLDEN] + [
    firm("2026-03-15"),
    firm("2025"),
    firm("2030-01-01"),
    born("2008-12-01"),
    born("2002-12-01"),
    unknown("birthday", born=parse_period("2008")),
]


@pytest.mark.parametrize("day", [date(2023, 1, 1), date(2023, 8, 1), OPEN_DAY, UNSETTLED_DAY])
@pytest.mark.parametrize("case", TOLD)
def test_a_verdict_is_sourced_short_and_never_promises_what_is_not_open(programme, said, case, day):
    reply = verdict_reply(programme, case, day)
    json.dumps(reply.to_json())
    text = said(reply)
    assert reply.topic == "check_eligibility"
    assert {source.document for source in reply.sources} <= {basis.number for basis in programme.legal_bases}
    assert 2 <= len(reply.buttons) <= 4
    assert len(text) <= 700
    assert "\n\n" not in text
    if judge(programme, case, day).offer.standing is not Standing.OPEN:
        assert "miễn phí" not in text
        assert "Nhiều khả năng" not in text
    if "miễn phí" in text:
        assert "Từ năm thứ ba" in text
    else:
        assert not re.search(r"(?<!Nếu được ưu đãi, bạn vẫn trả phí duy trì )từ năm thứ ba", text, re.IGNORECASE)


def test_every_reason_has_its_own_sentence(programme, said, renderer):
    facts = dict(verdict_reply(programme, Case(age=30), OPEN_DAY).to_json()["facts"])
    texts = {
        renderer.render("eligibility_verdict", channel="web", facts={**facts, "reason": reason.value})
        for reason in Reason
    }
    bare = renderer.render("eligibility_verdict", channel="web", facts={**facts, "reason": "none"})
    assert len(texts) == len(Reason)
    assert bare not in texts


def test_who_belongs_while_it_is_unsettled_hears_first_what_ended(programme, said):
    text = said(verdict_reply(programme, Case(age=20), UNSETTLED_DAY))
    assert text.startswith("Đợt ưu đãi id.vn đã kết thúc ngày 31/12/2025; hiện chưa rõ")
    assert text.index("Thông tư 10/2025/TT-BTC") < text.index("Hãy hỏi nhà đăng ký") < text.index("Bạn thuộc nhóm")


@pytest.mark.parametrize(
    ("birth", "on", "told"),
    [
        ("2007-09-15", OPEN_DAY, "Bạn đủ 18 tuổi từ ngày 15/9/2025"),
        ("2008-11-21", UNSETTLED_DAY, "Bạn đủ 18 tuổi từ ngày 21/11/2026"),
        ("2008-02-29", date(2026, 2, 28), "Bạn đủ 18 tuổi từ ngày 1/3/2026"),
        ("2001-06-02", OPEN_DAY, "Trước ngày 2/6/2025, khi bạn 24 tuổi"),
    ],
)
def test_who_tells_their_birth_hears_the_day_of_the_next_age(programme, said, birth, on, told):
    assert told in said(verdict_reply(programme, born(birth), on))


def test_a_minor_hears_from_when_and_to_give_no_data(programme, said):
    text = said(verdict_reply(programme, Case(age=17), OPEN_DAY))
    assert "Khi đủ 18 tuổi" in text
    assert "đừng gửi giấy tờ" in text


def test_who_is_too_old_hears_the_price_of_the_paid_name(programme, said):
    text = said(verdict_reply(programme, Case(age=24), OPEN_DAY))
    assert "10.000 đồng" in text
    assert "50.000 đồng" in text


def test_an_exact_founding_day_tells_the_last_day_of_belonging(programme, said):
    assert "15/3/2027" in said(verdict_reply(programme, firm("2026-03-15"), UNSETTLED_DAY))
    assert "chậm nhất" not in said(verdict_reply(programme, firm("2026-03"), UNSETTLED_DAY))


@pytest.mark.parametrize(
    "household", [Case(subject=HOUSEHOLD, certificate=False), unknown("certificate", subject=HOUSEHOLD)]
)
def test_the_commune_gives_out_certificates_only_since_it_does(programme, said, household):
    before, since = (verdict_reply(programme, household, date(2025, *day)) for day in ((6, 30), (7, 1)))
    assert "Ủy ban nhân dân xã" not in said(before)
    assert "1/7/2025" in said(since)
    assert "168/2025/NĐ-CP" in {source.document for source in since.sources}


def test_a_corrected_verdict_says_so(programme, said):
    text = said(verdict_reply(programme, Case(age=25), OPEN_DAY, corrected=True))
    assert text.startswith("Mình đã tính lại")


def test_a_verdict_told_again_says_that_it_rests_on_what_was_said(programme, said):
    assert said(verdict_reply(programme, Case(age=25), OPEN_DAY, repeated=True)).startswith("Theo những gì bạn đã nói")


@pytest.mark.parametrize("day", [OPEN_DAY, UNSETTLED_DAY])
def test_a_household_that_asks_about_id_vn_hears_of_biz_vn_and_its_price(programme, said, day):
    text = said(verdict_reply(programme, Case(product="id.vn", subject=HOUSEHOLD, age=50, certificate=True), day))
    assert text.startswith("id.vn dành cho cá nhân; kinh doanh thì xem biz.vn.")
    assert "250.000 đồng" in text
    assert "50.000 đồng mỗi năm" not in text.replace("250.000", "")


@pytest.mark.parametrize("day", [OPEN_DAY, UNSETTLED_DAY])
def test_no_household_is_told_that_it_belongs_before_it_told_of_its_certificate(programme, said, day):
    for case in (unknown("certificate", subject=HOUSEHOLD), Case(subject=HOUSEHOLD, certificate=False)):
        assert "Bạn thuộc nhóm" not in said(verdict_reply(programme, case, day))
        assert "Nhiều khả năng" not in said(verdict_reply(programme, case, day))


LACKING = {
    "product": Case(),
    "age": Case(product="id.vn"),
    "birthday": born("2008"),
    "founding": Case(product="biz.vn"),
    "founding_day": firm("P12M"),
    "certificate": Case(subject=HOUSEHOLD),
}


@pytest.mark.parametrize("slot", LACKING)
def test_a_question_can_be_left_and_names_a_person_after_three_failures(programme, said, slot):
    for failures in (0, 1, 2, 3, 4):
        reply = question_reply(programme, LACKING[slot], UNSETTLED_DAY, failures=failures)
        assert reply.topic == "eligibility_form"
        assert reply.template == f"eligibility_ask_{slot}"
        assert "cancel" in {button.press.intent for button in reply.buttons}
        assert (programme.operator.contact in said(reply)) is (failures >= 3)


def test_a_case_that_lacks_nothing_is_asked_nothing(programme):
    with pytest.raises(ValueError, match="nothing is missing"):
        question_reply(programme, Case(age=20), OPEN_DAY)


@pytest.mark.parametrize(
    ("slot", "groups"),
    [
        ("age", {"in_group", "not_in_group", "unclear"}),
        ("birthday", {"in_group", "not_in_group"}),
        ("founding", {"in_group", "not_in_group", "unclear"}),
        ("founding_day", {"in_group", "not_in_group"}),
        ("certificate", {"in_group", "not_in_group"}),
    ],
)
def test_every_choice_after_three_failures_can_be_judged(programme, slot, groups):
    case = LACKING[slot]
    judged = set()
    for button in question_reply(programme, case, UNSETTLED_DAY, failures=3).buttons:
        told = dict(button.press.entities)
        if button.press.intent != "inform" or "subject" in told:
            continue
        changes = {}
        if "age" in told:
            changes = {"age": int(told["age"])}
        elif "founding_age" in told:
            changes = {"founding": parse_founding(told["founding_age"])}
        elif "certificate" in told:
            changes = {"certificate": told["certificate"] == "yes"}
        judged.add(judge(programme, replace(case, **changes), UNSETTLED_DAY).group)
    assert judged == groups


@pytest.mark.parametrize(
    ("slot", "where"),
    [
        ("age", "giấy khai sinh"),
        ("birthday", "giấy khai sinh"),
        ("founding", "giấy chứng nhận đăng ký doanh nghiệp"),
        ("founding_day", "giấy chứng nhận đăng ký doanh nghiệp"),
        ("certificate", "Giấy chứng nhận đăng ký hộ kinh doanh"),
    ],
)
def test_who_does_not_know_hears_where_to_look_and_to_send_no_picture(programme, said, slot, where):
    text = said(question_reply(programme, LACKING[slot], UNSETTLED_DAY, unknown=True))
    assert text.startswith("Không sao.")
    assert where in text
    assert "ừng gửi ảnh" in text


def test_where_to_ask_for_the_certificate_is_told_with_its_source(programme, said):
    household = Case(subject=HOUSEHOLD)
    before, since = (question_reply(programme, household, date(2025, *day), unknown=True) for day in ((6, 30), (7, 1)))
    assert ("1/7/2025" in said(before), before.sources) == (False, ())
    assert "1/7/2025" in said(since)
    assert {source.document for source in since.sources} == {"168/2025/NĐ-CP"}


def test_a_year_of_birth_on_the_edge_is_told_the_two_ages(programme, said):
    assert "17 hoặc 18 tuổi" in said(question_reply(programme, born("2008"), UNSETTLED_DAY))


@pytest.mark.parametrize(
    ("founding", "words"), [("P12M", "Mốc là đúng 01 năm"), ("2025", "Mốc là đúng 01 năm"), ("2027", "vẫn chưa tới")]
)
def test_the_question_for_the_founding_day_says_why(programme, said, founding, words):
    assert words in said(question_reply(programme, firm(founding), UNSETTLED_DAY))


@pytest.mark.parametrize("founding", ["P12M", "2025", None])
def test_who_does_not_find_the_founding_day_hears_where_it_stands_and_whom_to_ask(programme, said, founding):
    asked = "founding_day" if founding else "founding"
    case = unknown(asked, product="biz.vn", founding=founding and parse_founding(founding))
    text = said(verdict_reply(programme, case, UNSETTLED_DAY))
    assert "giấy chứng nhận đăng ký doanh nghiệp" in text
    assert "hỏi nhà đăng ký" in text


def test_a_question_after_a_side_question_says_that_it_comes_back(programme, said):
    assert said(question_reply(programme, Case(product="id.vn"), OPEN_DAY, side=True)).startswith("Giờ mình quay lại")


def test_who_belongs_is_offered_the_way_to_a_registrar(programme):
    for day, title in ((OPEN_DAY, "start_registration"), (UNSETTLED_DAY, "handoff_ask")):
        first, *others = verdict_reply(programme, Case(age=20), day).buttons
        assert first == Button(title, Press.of("start_registration", product="id.vn"))
        assert [button.press.intent for button in others] == ["ask_cost", "ask_offer", "start_over"]


def test_nobody_is_offered_to_be_handed_on_before_the_offer_or_outside_the_group(programme):
    for case, day in ((Case(age=20), date(2023, 1, 1)), (Case(age=40), UNSETTLED_DAY), (Case(age=15), OPEN_DAY)):
        pressed = [button.press.intent for button in verdict_reply(programme, case, day).buttons]
        assert "start_registration" not in pressed
