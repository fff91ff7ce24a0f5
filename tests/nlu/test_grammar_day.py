"""What the Day's plan names: its activities, bodies, places and dates; and languages."""

import pytest

from tests.nlu.reading import read_only, values

ACTIVITIES = [
    ("tọa đàm trên truyền hình", "media"),
    ("buổi tuyên truyền ngày chuyển đổi số", "media"),
    ("treo bang ron", "banners"),
    ("khẩu hiệu", "banners"),
    ("hội thảo", "workshop"),
    ("triễn lãm", "exhibition"),
    ("trưng bày", "exhibition"),
    ("pho cap ha tang so", "infrastructure"),
    ("phủ sóng 5G", "infrastructure"),
    ("mua sắm qua mạng", "online_shopping"),
    ("thanh toan khong tien mat", "cashless"),
    ("không dùng tiền mặt", "cashless"),
    ("Tổ CNSCĐ", "community_team"),
    ("to cong nghe so", "community_team"),
    ("tổ số", "community_team"),
    ("diễn đàn kết nối doanh nghiệp", "business_forum"),
    ("tôn vinh", "honours"),
    ("khen thưởng", "honours"),
]
NO_ACTIVITIES = ["tài liệu tuyên truyền", "tờ số 3", "to so 3", "tiền mặt", "bán hàng online", "tổ trưởng", "hội chợ"]
AGENCIES = [
    ("sở khoa học công nghệ", "Sở Khoa học và Công nghệ"),
    ("skhcn", "Sở Khoa học và Công nghệ"),
    ("STTTT", "Sở Thông tin và Truyền thông"),
    ("so kh&dt", "Sở Kế hoạch và Đầu tư"),
    ("stc", "Sở Tài chính"),
    ("NHNN", "Ngân hàng Nhà nước chi nhánh tỉnh Bắc Giang"),
    ("Ủy ban nhân dân các huyện thị xã thành phố", "Ủy ban nhân dân các huyện, thị xã, thành phố"),
    ("Báo Bắc Giang", "Báo Bắc Giang"),
]
PLACES = [
    ("ở Cầu Kè", "Cầu Kè"),
    ("nha o tieu can", "Tiểu Cần"),
    ("chợ Cầu Ngang", "Cầu Ngang"),
    ("o Long Duc", "Long Đức"),
    ("quê Lục Nam", "Lục Nam"),
    ("ở Kép", "Kép"),
    ("Càng Long", "Càng Long"),
    ("thị trấn Vôi", "Vôi"),
    ("cao bang", None),
    ("tinh thang sau", None),
    ("chủ tịch tỉnh", None),
    ("tu luc nam gio", None),
    ("o long vong", None),
    ("quán Càng Long", None),
]
DATES = [
    ("ngày 10/10", "--10-10"),
    ("10/10 là ngày gì", "--10-10"),
    ("ngay 10 thang 10", "--10-10"),
    ("mùng mười tháng mười", "--10-10"),
    ("mồng 1 tháng chạp", "--12-01"),
    ("đến 31-12", "--12-31"),
    ("hôm 5.3", "--03-05"),
    ("ngày 1/2", "--02-01"),
    ("29/2", "--02-29"),
    ("hội thảo ngày 09/10/2024", "2024-10-09"),
    ("hội thảo ngày mùng chín tháng mười năm hai nghìn không trăm hai mươi bốn", "2024-10-09"),
]
NO_DATES = [
    "30/2", "24/7", "ăn 1/2 cái", "từ 2-3 triệu", "số 12/8 đường Trần Phú", "nghị định 13/2023", "3 tháng 6 ngày",
    "khoản 2/3", "18-23 tuổi", "sau tháng 8", "từ tháng 8", "10.30", "4.026",
]  # fmt: skip
LANGUAGES = [
    ("tiếng Anh", "en"),
    ("switch to English", "en"),
    ("tieng viet", "vi"),
    ("tiếng Khơ me", "km"),
    ("chữ khmer", "km"),
    ("bahasa melayu", "ms"),
    ("tiếng mã lai", "ms"),
    ("tieng hoa", "other"),
    ("tiếng Nùng", "other"),
]
NO_LANGUAGES = [
    "tên miền tiếng Việt",
    "tiếng Việt có dấu",
    "trung tâm tiếng Anh",
    "người Khmer",
    "tiếng nói",
    "anh Nam",
]


@pytest.mark.parametrize(("text", "activity"), ACTIVITIES)
def test_activities_of_the_day(text, activity):
    assert values(text, "activity", "subject") == [("activity", activity)]


@pytest.mark.parametrize("text", NO_ACTIVITIES)
def test_other_undertakings_are_no_activities(text):
    assert values(text, "activity") == []


@pytest.mark.parametrize(("text", "name"), AGENCIES)
def test_bodies_are_known_by_their_short_names(text, name):
    assert read_only(text, "agency") == [("agency", name, text)]


@pytest.mark.parametrize(("text", "place"), PLACES)
def test_places_without_their_kind_need_a_word_of_place(text, place):
    assert values(text, "locality") == ([("locality", place)] if place else [])


@pytest.mark.parametrize(("text", "day"), DATES)
def test_days_are_read_with_and_without_their_year(text, day):
    assert values(text, "date") == [("date", day)]


@pytest.mark.parametrize("text", NO_DATES)
def test_amounts_addresses_and_laws_are_no_days(text):
    assert values(text, "date") == []


@pytest.mark.parametrize(("text", "language"), LANGUAGES)
def test_languages_that_somebody_asks_for(text, language):
    assert values(text, "language") == [("language", language)]


@pytest.mark.parametrize("text", NO_LANGUAGES)
def test_what_is_written_in_a_language_asks_for_none(text):
    assert values(text, "language") == []
