"""What people hear of the Day, by what they ask and on which day."""

import re
from datetime import date

import pytest

from bot.core.events.subjects import AboutDate, subjects
from bot.core.programme.finding import Question
from bot.core.programme.topics import OF_THE_DAY
from tests.core.events.conftest import AFTER, BEFORE, DAYS, DURING

PLAN = "136/KH-UBND"
LONGEST = 1_000


def sections(reply):
    return {source.section for source in reply.sources if source.document == PLAN}


@pytest.fixture(scope="module", params=DAYS, ids=str)
def everything(request, programme, events, press):
    """Give the day and every reply that buttons lead to, page by page, and the general ones."""
    replies = [events.general(Question(intent), on=request.param) for intent in OF_THE_DAY]
    for subject, _ in subjects(programme):
        if isinstance(subject, AboutDate):
            continue
        reply = press(subject.key, on=request.param)
        replies.append(reply)
        while more := [button.press for button in reply.buttons if button.title == "more"]:
            reply = events.answer(Question.of(more[0].intent, dict(more[0].entities)), on=request.param)
            replies.append(reply)
    return request.param, replies


def test_every_reply_is_tidy_fits_a_phone_and_names_its_sources(everything, programme, said):
    _, replies = everything
    known = {basis.number for basis in programme.legal_bases}
    for reply in replies:
        text = said(reply)
        assert 0 < len(text) <= LONGEST, text
        assert "\n\n" not in text
        assert "  " not in text
        assert "None" not in text
        assert sections(reply), text
        assert {source.document for source in reply.sources} <= known
        assert len(set(reply.sources)) == len(reply.sources)
        assert 1 <= len(reply.buttons) <= 5, text


def test_every_button_has_a_title_and_leads_to_something(everything, events, renderer):
    day, replies = everything
    for button in {button for reply in replies for button in reply.buttons}:
        assert renderer.title(button.title)
        question = Question.of(button.press.intent, dict(button.press.entities))
        assert events.answer(question, on=day) is not None or question.intent == "ask_support"


def test_the_old_province_is_told_with_the_new_one_once_there_is_one(everything, said):
    day, replies = everything
    for reply in replies:
        assert ("Bắc Ninh" in said(reply)) is (day == AFTER)


def test_nothing_is_told_as_over_before_its_end(everything, said):
    day, replies = everything
    for reply in replies:
        if reply.template == "ask_dx_activity":
            (activity,) = reply.facts["activities"]
            assert ("đã diễn ra" in said(reply)) is (activity["standing"] == "after")
            assert activity["standing"] == "after" or day != AFTER


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (BEFORE, "sẽ diễn ra ngày 10/10/2024"),
        (DURING, "sẽ diễn ra ngày 10/10/2024"),
        (date(2024, 10, 10), "diễn ra hôm nay, ngày 10/10/2024"),
        (date(2024, 10, 11), "đã diễn ra ngày 10/10/2024"),
        (AFTER, "đã diễn ra ngày 10/10/2024"),
    ],
)
def test_an_activity_is_told_in_the_tense_of_the_day(ask, said, day, told):
    assert told in said(ask("hội thảo ngày nào", on=day))


@pytest.mark.parametrize(
    ("typed", "values", "section"),
    [
        ("trien lam o dau", ["Địa điểm: Trung tâm Hội nghị tỉnh"], "II.3.2.b"),
        ("triển lãm có mấy gian hàng", ["khoảng 10 - 15 gian hàng"], "II.3.2.b"),
        ("sở nào chủ trì hội thảo", ["Chủ trì: Sở Thông tin và Truyền thông."], "II.3.2.a"),
        ("dien dan hop truc tiep hay online", ["trực tiếp kết hợp trực tuyến"], "II.3.6"),
        ("có mấy hạng mục khen thưởng", ["• Cá nhân đạt giải tại Hội thi Biên tập"], "II.3.7"),
        ("muốn treo băng rôn phải xin phép ai", ["Công văn", "maket"], "II.3.1.b, chú thích 1"),
        ("cuộc thi trực tuyến an ninh mạng tên gì", ["Tìm hiểu pháp luật về an ninh mạng"], "II.3.5"),
        ("ra quân hướng dẫn mấy nội dung", ["• nội dung khác theo định hướng"], "II.3.5"),
        ("báo cáo trước ngày nào, cho ai", ["trước ngày 20/10/2024", "Hạn này chưa đến"], "IV.1"),
        ("kinh phí ngày chuyển đổi số lấy ở đâu", ["ngân sách nhà nước", "tài trợ", "sự nghiệp", "hợp pháp"], "III.1"),
        ("ai ký kế hoạch 136", ["Chủ tịch UBND tỉnh Lê Ánh Dương"], "phần ký"),
        ("kế hoạch 136 gửi cho những ai", ["13 dòng"], "Nơi nhận"),
        ("gặp vướng mắc thì phản ánh về đâu", ["Sở Thông tin và Truyền thông"], "IV, đoạn kết"),
    ],
)
def test_the_narrow_fact_is_told_with_its_section(ask, said, typed, values, section):
    reply = ask(typed)
    text = said(reply)
    assert [value for value in values if value not in text] == []
    assert section in sections(reply)


def test_what_the_plan_does_not_say_is_told_as_a_gap(ask, said):
    assert "Kế hoạch không ghi địa điểm của Hội thảo" in said(ask("hội thảo ở đâu"))
    assert "Kế hoạch không ghi địa điểm." in said(ask("diễn đàn ở đâu"))
    assert "không rõ là ngày 10/10/2024 hay hết tháng 10/2024" in said(ask("phổ cập hạ tầng số đến bao giờ"))
    assert "không ghi giờ" in said(ask("hội thảo mấy giờ"))
    assert "cần kiểm tra lại với bản gốc" in said(ask("kế hoạch 136 ký ngày nào"))
    assert "không ghi nơi nhận đăng ký" in said(ask("đăng ký gian hàng ở đâu", "ask_dx_participate"))


def test_between_two_readings_of_its_end_an_activity_may_be_over(ask, said):
    text = said(ask("phổ cập hạ tầng số còn không", on=date(2024, 10, 20)))
    assert "có thể đã xong (Kế hoạch ghi từ tháng 9/2024 đến hết ngày 10/2024)" in text


def test_who_names_many_aspects_hears_all_of_an_activity(ask, said):
    text = said(ask("diễn đàn: nội dung, hình thức, ai chủ trì, bao giờ"))
    for part in ("Nội dung:", "Hình thức:", "Chủ trì:", "Phối hợp:", "ngày 09/10/2024"):
        assert part in text


@pytest.mark.parametrize(
    ("named", "day", "asked_on"),
    [
        ({"date": "--10-09"}, "9/10/2024", DURING),
        ({"date": "2024-10-09"}, "9/10/2024", AFTER),
    ],
)
def test_what_is_on_a_day_is_told_what_ends_soonest_first(ask, said, named, day, asked_on):
    reply = ask(f"ngày {day} có gì", on=asked_on, **named)
    lines = said(reply).split("\n")
    assert lines[0].startswith(f"Ngày {day}: theo Kế hoạch, {'đã' if asked_on == AFTER else 'sẽ'} diễn ra")
    assert lines[1].startswith("• Diễn đàn kết nối")
    assert lines[2].endswith("ở Trung tâm Hội nghị tỉnh")
    assert {"II.3.6", "II.3.2.b"} <= sections(reply)


def test_today_and_tomorrow_are_days_too(ask, said):
    assert said(ask("hôm nay có gì")).startswith("Hôm nay, ngày 8/10/2024")
    assert said(ask("ngày mai có gì")).startswith("Ngày 9/10/2024")


def test_a_bargain_is_no_tomorrow(ask):
    assert ask("nhà mạng có khuyến mãi gì").template != "ask_dx_date"


def test_a_day_without_activities_or_of_another_year_is_told_so(ask, said):
    assert "không có hoạt động nào" in said(ask("ngày 20/11 có gì", date="--11-20"))
    assert "chỉ cho năm 2024" in said(ask("ngày 10/10/2026 có gì", date="2026-10-10", on=AFTER))


@pytest.mark.parametrize(
    ("typed", "named", "told"),
    [
        ("VNPT làm gì", {}, ["ưu đãi, khuyến mại", "Chủ trì: Phổ cập hạ tầng số", "Phối hợp: Tổ công nghệ số"]),
        ("Sở Nội vụ làm gì", {}, ["thẩm định hồ sơ", "Lễ tôn vinh, khen thưởng"]),
        ("bưu điện tỉnh làm gì", {}, ["không có mục riêng", "Phối hợp: Tổ công nghệ số cộng đồng"]),
        ("hội tin học làm gì", {}, ["đăng ký gian hàng"]),
        ("nhiệm vụ là gì", {"agency": "Sở Kế hoạch và Đầu tư"}, ["Diễn đàn kết nối doanh nghiệp"]),
    ],
)
def test_what_a_body_has_to_do_is_told_from_both_parts_of_the_plan(ask, said, typed, named, told):
    text = said(ask(f"{typed} trong ngày chuyển đổi số", "ask_agency_role", **named))
    assert [each for each in told if each not in text] == []


@pytest.mark.parametrize(
    ("subject", "told"),
    [
        ("citizen", "người dân có thể"),
        ("student", "người dân có thể"),
        ("household_business", "đưa sản phẩm lên sàn thương mại điện tử"),
        ("enterprise", "đăng ký gian hàng"),
        ("organisation", "treo băng rôn"),
    ],
)
def test_each_kind_of_participant_hears_how_to_take_part(events, said, subject, told):
    text = said(events.answer(Question("ask_dx_participate", subject=subject), on=DURING))
    assert told in text
    assert "Kế hoạch không ghi cách đăng ký, giá vé hay số điện thoại" in text


def test_taking_part_in_what_is_over_is_told_as_past(events, said):
    reply = events.answer(Question("ask_dx_participate", subject="citizen"), on=AFTER)
    assert said(reply).startswith("Các hoạt động này đã diễn ra xong.")


def test_the_teams_are_told_of_from_both_plans(ask, said):
    reply = ask("tổ công nghệ số cộng đồng làm gì", "ask_community_team", on=AFTER)
    text = said(reply)
    assert {"45/KH-UBND", PLAN} <= {source.document for source in reply.sources}
    assert "Trà Vinh thuộc Vĩnh Long" in text
    assert "Bắc Giang thuộc Bắc Ninh, không còn cấp huyện" in text


def test_a_place_that_the_question_names_is_told_by_its_present_name(ask, said):
    assert "huyện Lạng Giang thuộc Bắc Ninh" in said(ask("ở huyện Lạng Giang có hoạt động gì", on=AFTER))


def test_days_are_written_as_the_plan_writes_them(ask, said):
    assert re.search(r"từ ngày 01/10/2024 đến hết ngày 31/10/2024", said(ask("mua sắm trực tuyến khi nào")))
