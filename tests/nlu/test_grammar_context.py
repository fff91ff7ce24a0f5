"""Facts that the words around them decide: whose shop, which body, of what a date or a duration is."""

import pytest

from tests.nlu.reading import read_only, values, without_accents

SUBJECTS = [
    ("quán em mới mở", [("subject", "household_business")]),
    ("tới quán chị xem giúp", [("subject", "household_business")]),
    ("chủ tiệm tạp hóa", [("subject", "household_business")]),
    ("tôi là chủ quán nhỏ", [("subject", "household_business")]),
    ("tên quán để sao cho đẹp", []),
    ("có người ghé quán thu tiền", []),
    ("mỗi quán được mấy tên", []),
    ("em là du học sinh", [("subject", "student")]),
    ("lên ủy ban hỏi ai", []),
    ("đăng ký cho ủy ban", [("subject", "organisation")]),
]
AGENCIES = [
    ("nhà đăng ký nào rẻ", []),
    ("cho nhà đăng ký gọi tôi", []),
    ("nhà đăng ký có trách nhiệm gì", [("agency", "Các nhà đăng ký tên miền “.vn”")]),
    ("trong kế hoạch nhà mạng phải làm gì", [("agency", "Các doanh nghiệp viễn thông")]),
    ("nhà mạng nhắn tin hoài", []),
    ("bộ phận một cửa ở đâu", []),
    ("bộ phận một cửa được giao việc gì", [("agency", "Quầy dịch vụ hành chính công - một cửa")]),
    ("hội nông dân tỉnh làm gì", [("agency", "Hội Nông dân tỉnh")]),
    ("văn phòng UBND tỉnh phụ trách gì", [("agency", "Văn phòng Ủy ban nhân dân tỉnh")]),
    ("con tôi học cao đẳng y tế", []),
    ("trường cao đẳng y tế Trà Vinh làm gì", [("agency", "Trường Cao đẳng Y tế Trà Vinh")]),
]
DATES = [
    ("sinh đôi ngày 4/5/2003", [("birth_date", "2003-05-04", "4/5/2003")]),
    ("tôi tuổi 1979", [("birth_date", "1979", "1979")]),
    ("chị đẻ năm 1990", [("birth_date", "1990", "1990")]),
    ("chủ đề năm 2026", []),
    ("21/12/1999 là ngày sinh của tôi", [("birth_date", "1999-12-21", "21/12/1999")]),
    ("không phải 1980 mà là 1981", [("birth_date", "1981", "1981")]),
    ("6/4/2026 là ngày cấp phép", [("founding_date", "2026-04-06", "6/4/2026")]),
    ("20/11/2025 là ngày ghi trên giấy", [("founding_date", "2025-11-20", "20/11/2025")]),
    ("thành lập ngày 7/8/2025", [("founding_date", "2025-08-07", "7/8/2025")]),
    ("hồi 2017 lận đó", [("founding_date", "2017", "2017")]),
    ("không phải 2 tháng mà 12 tháng", [("founding_age", "P12M", "12 tháng")]),
    ("chắc cỡ 5 tháng gì đó", [("founding_age", "P5M", "5 tháng")]),
    ("công ty mở 2 tháng rưỡi", [("founding_age", "P2M15D", "2 tháng rưỡi")]),
    ("9 tháng rồi, hồi đó mở ở chợ", [("founding_age", "P9M", "9 tháng")]),
    ("9 tháng nữa, lúc đó mở quán", []),
    ("tôi bán bún chín năm rồi", [("founding_age", "P9Y", "chín năm")]),
    ("bạn đợi ba tháng rồi", []),
    ("tiêm phòng cho bé ba tháng", []),
]


@pytest.mark.parametrize(("text", "facts"), SUBJECTS)
def test_a_shop_or_an_office_is_who_asks_unless_it_is_only_spoken_of(text, facts):
    assert values(text, "subject") == facts


@pytest.mark.parametrize(("text", "facts"), AGENCIES)
def test_who_is_called_by_their_trade_is_a_body_of_the_plan_only_beside_a_duty(text, facts):
    assert values(text, "agency") == facts
    assert values(without_accents(text), "agency") == facts


@pytest.mark.parametrize(("text", "facts"), DATES)
def test_the_words_around_a_date_or_a_duration_tell_of_what_it_is(text, facts):
    assert read_only(text, "birth_date", "founding_date", "founding_age") == facts


def test_of_a_denied_number_and_its_correction_the_correction_counts():
    assert read_only("không phải 20 mà 21", "age") == [("age", 21, "21")]
