import json
import re
from datetime import date

import pytest

from bot.core.programme.eligibility import (
    AgeImplausibleError,
    Case,
    CaseIncompleteError,
    FoundedAgo,
    FoundedBetween,
    FoundingUnreadableError,
    Reason,
    founding_day_reply,
    judge,
    last_day_within,
    missing,
    parse_founding,
    question_reply,
    verdict_reply,
)
from bot.core.programme.offers import Standing
from tests.core.programme.conftest import OPEN_DAY, UNSETTLED_DAY


def firm(founding, **told):
    return Case(product="biz.vn", founding=parse_founding(founding), **told)


GOLDEN = [
    (Case(product="id.vn", age=1), "not_in_group", "age_below"),
    (Case(product="id.vn", age=17), "not_in_group", "age_below"),
    (Case(product="id.vn", age=18), "in_group", "age_within"),
    (Case(product="id.vn", age=20), "in_group", "age_within"),
    (Case(product="id.vn", age=22), "in_group", "age_within"),
    (Case(product="id.vn", age=23), "unclear", "age_unsettled"),
    (Case(product="id.vn", age=24), "not_in_group", "age_above"),
    (Case(product="id.vn", age=55), "not_in_group", "age_above"),
    (Case(product="id.vn", subject="household_business", age=20), "in_group", "age_within"),
    (Case(product="id.vn", subject="foreigner"), "not_in_group", "foreigner"),
    (Case(product="id.vn", subject="foreigner", age=20), "not_in_group", "foreigner"),
    (Case(subject="foreigner"), "not_in_group", "foreigner"),
    (firm("P0D"), "in_group", "founded_within"),
    (firm("P10D"), "in_group", "founded_within"),
    (firm("P3M"), "in_group", "founded_within"),
    (firm("P10M"), "in_group", "founded_within"),
    (firm("P11M"), "unclear", "founding_near_limit"),
    (firm("P12M"), "unclear", "founding_near_limit"),
    (firm("P1Y"), "unclear", "founding_near_limit"),
    (firm("P13M"), "unclear", "founding_near_limit"),
    (firm("P14M"), "not_in_group", "founded_earlier"),
    (firm("P1Y2M"), "not_in_group", "founded_earlier"),
    (firm("P10Y"), "not_in_group", "founded_earlier"),
    (Case(product="biz.vn", subject="household_business"), "unclear", "certificate_needed"),
    (firm("P10Y", subject="household_business"), "unclear", "certificate_needed"),
    (Case(subject="organisation"), "unclear", "organisation_not_named"),
]


@pytest.mark.parametrize(("day", "standing"), [(OPEN_DAY, "open"), (UNSETTLED_DAY, "unsettled")])
@pytest.mark.parametrize("golden", GOLDEN)
def test_the_group_never_depends_on_whether_the_offer_is_open(programme, golden, day, standing):
    case, group, reason = golden
    verdict = judge(programme, case, day)
    assert (verdict.group, verdict.reason, verdict.offer.standing) == (group, reason, standing)
    assert verdict.sources


@pytest.mark.parametrize(
    ("founded", "on", "group", "reason"),
    [
        ("2026-11-20", "2026-11-20", "in_group", "founded_within"),
        ("2025-11-20", "2026-11-20", "in_group", "founded_within"),
        ("2025-11-19", "2026-11-20", "not_in_group", "founded_earlier"),
        ("2026-11-21", "2026-11-20", "unclear", "founding_in_future"),
        ("2024-02-29", "2025-02-28", "in_group", "founded_within"),
        ("2024-02-29", "2025-03-01", "not_in_group", "founded_earlier"),
        ("2023-02-28", "2024-02-28", "in_group", "founded_within"),
        ("2023-02-28", "2024-02-29", "not_in_group", "founded_earlier"),
        ("2023-03-01", "2024-02-29", "in_group", "founded_within"),
        ("2026", "2026-11-20", "in_group", "founded_within"),
        ("2025", "2026-11-20", "unclear", "founding_not_exact"),
        ("2024", "2026-11-20", "not_in_group", "founded_earlier"),
        ("2027", "2026-11-20", "unclear", "founding_in_future"),
        ("2025", "2026-01-02", "unclear", "founding_not_exact"),
        ("2025", "2025-12-31", "in_group", "founded_within"),
        ("2026-11", "2026-11-20", "in_group", "founded_within"),
        ("2025-12", "2026-11-20", "in_group", "founded_within"),
        ("2025-11", "2026-11-20", "unclear", "founding_not_exact"),
        ("2025-10", "2026-11-20", "not_in_group", "founded_earlier"),
        ("2026-12", "2026-11-20", "unclear", "founding_in_future"),
    ],
)
def test_a_firm_belongs_to_the_day(programme, founded, on, group, reason):
    verdict = judge(programme, firm(founded), date.fromisoformat(on))
    assert (verdict.group, verdict.reason) == (group, reason)


def test_a_firm_founded_on_a_leap_day_belongs_until_the_end_of_the_next_february(programme):
    assert last_day_within(programme, date(2024, 2, 29)) == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("text", "founding"),
    [
        ("P3M", FoundedAgo(3)),
        ("P1Y2M", FoundedAgo(14)),
        ("P10D", FoundedAgo(0, 10)),
        ("P1Y", FoundedAgo(12)),
        ("2026-03-15", FoundedBetween(date(2026, 3, 15), date(2026, 3, 15))),
        ("2024-02", FoundedBetween(date(2024, 2, 1), date(2024, 2, 29))),
        ("2026", FoundedBetween(date(2026, 1, 1), date(2026, 12, 31))),
    ],
)
def test_founding_is_read_as_the_taxonomy_writes_it(text, founding):
    assert parse_founding(text) == founding


@pytest.mark.parametrize(
    "text",
    ["", "P", "PM", "P3", "3M", "P3M ", "P-3M", "2026-13", "2026-02-30", "0000", "26", "15/3/2026", "2026-3", "²026"],
)
def test_anything_else_is_not_a_founding(text):
    with pytest.raises(FoundingUnreadableError):
        parse_founding(text)


@pytest.mark.parametrize(
    ("case", "slot"),
    [
        (Case(), "product"),
        (Case(age=20, founding=FoundedAgo(3)), "product"),
        (Case(product="id.vn"), "age"),
        (Case(product="id.vn", founding=FoundedAgo(3)), "age"),
        (Case(product="biz.vn"), "founding"),
        (Case(product="biz.vn", age=20), "founding"),
        (Case(subject="student"), "age"),
        (Case(subject="citizen"), "age"),
        (Case(subject="enterprise"), "founding"),
        (Case(subject="household_business"), None),
        (Case(product="id.vn", subject="household_business"), "age"),
        (Case(subject="foreigner"), None),
        (Case(subject="organisation"), None),
        (Case(age=20), None),
        (Case(founding=FoundedAgo(3)), None),
        (Case(product="id.vn", age=20), None),
        (Case(product="biz.vn", founding=FoundedAgo(3)), None),
    ],
)
def test_only_what_decides_is_asked(case, slot):
    assert missing(case) == slot


@pytest.mark.parametrize("told", [{}, {"product": "biz.vn"}, {"product": "id.vn", "founding": FoundedAgo(3)}])
def test_a_case_with_a_gap_is_not_judged(programme, told):
    case = Case(**told)
    with pytest.raises(CaseIncompleteError) as caught:
        judge(programme, case, OPEN_DAY)
    assert caught.value.facts == {"slot": missing(case)}


@pytest.mark.parametrize("age", [-1, 0, 121, 2006])
def test_an_age_that_nobody_has_is_not_judged(programme, age):
    with pytest.raises(AgeImplausibleError):
        judge(programme, Case(product="id.vn", age=age), OPEN_DAY)


TOLD = [case for case, _, _ in GOLDEN] + [firm("2026-03-15"), firm("2025"), firm("2030-01-01")]


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


def test_the_commune_gives_out_certificates_only_since_it_does(programme, said):
    household = Case(subject="household_business")
    before, since = (verdict_reply(programme, household, date(2025, *day)) for day in ((6, 30), (7, 1)))
    assert "Ủy ban nhân dân xã" not in said(before)
    assert "1/7/2025" in said(since)
    assert "168/2025/NĐ-CP" in {source.document for source in since.sources}


def test_a_corrected_verdict_says_so(programme, said):
    text = said(verdict_reply(programme, Case(age=25), OPEN_DAY, corrected=True))
    assert text.startswith("Mình đã tính lại")


@pytest.mark.parametrize("slot", ["product", "age", "founding"])
def test_a_question_can_be_left_and_names_a_person_after_three_failures(programme, said, slot):
    for failures in (0, 1, 2, 3, 4):
        reply = question_reply(programme, slot, failures=failures)
        assert reply.topic == "eligibility_form"
        assert reply.template == f"eligibility_ask_{slot}"
        assert "cancel" in {button.press.intent for button in reply.buttons}
        assert (programme.operator.contact in said(reply)) is (failures >= 3)


@pytest.mark.parametrize("slot", ["age", "founding"])
def test_every_choice_after_three_failures_can_be_judged(programme, slot):
    product = {"age": "id.vn", "founding": "biz.vn"}[slot]
    presses = [button.press for button in question_reply(programme, slot, failures=3).buttons]
    groups = set()
    for press in presses:
        told = dict(press.entities)
        if press.intent == "inform":
            age = int(told["age"]) if "age" in told else None
            founding = parse_founding(told["founding_age"]) if "founding_age" in told else None
            case = Case(product=product, subject=told.get("subject"), age=age, founding=founding)
            groups.add(judge(programme, case, OPEN_DAY).group)
    assert groups == {"in_group", "not_in_group", "unclear"}


def test_who_does_not_know_hears_where_to_look(programme, said):
    assert "giấy khai sinh" in said(question_reply(programme, "age", failures=0, unknown=True))
    assert "giấy chứng nhận đăng ký doanh nghiệp" in said(
        question_reply(programme, "founding", failures=0, unknown=True)
    )


@pytest.mark.parametrize(("founding", "asks"), [("P12M", True), ("2025", True), ("2027", True), ("P3M", False)])
def test_only_a_verdict_that_the_day_would_settle_asks_for_it(programme, said, founding, asks):
    case = firm(founding)
    assert judge(programme, case, UNSETTLED_DAY).asks_for_date is asks
    assert ("nhắn" in said(verdict_reply(programme, case, UNSETTLED_DAY))) is asks


@pytest.mark.parametrize("unknown", [True, False])
def test_who_does_not_find_the_founding_day_hears_where_it_stands_and_whom_to_ask(said, unknown):
    text = said(founding_day_reply(unknown=unknown))
    assert "giấy chứng nhận đăng ký doanh nghiệp" in text
    assert "hỏi nhà đăng ký" in text
    assert text.startswith("Không sao.") is unknown


def test_a_question_after_a_side_question_says_that_it_comes_back(programme, said):
    assert said(question_reply(programme, "age", failures=0, side=True)).startswith("Giờ mình quay lại")
