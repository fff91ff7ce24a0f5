"""Names of the Internet, days and years as a telephone hears them."""

import pytest

from tests.nlu.reading import read_only, values

NAMES = [
    ("cái quán ba ba chấm biz chấm vn", "quanbaba.biz.vn", "quán ba ba chấm biz chấm vn"),
    ("Tên mỳ chũ bà Tám chấm biz chấm vn", "mychubatam.biz.vn", "mỳ chũ bà Tám chấm biz chấm vn"),
    ("nguyễn hoàng nam chấm ai đi chấm vi en còn không", "nguyenhoangnam.id.vn",
     "nguyễn hoàng nam chấm ai đi chấm vi en"),
    ("tên cà phê ông bụt chấm vi en", "capheongbut.vn", "cà phê ông bụt chấm vi en"),
    ("kiem tra tra sua nu cuoi cham biz cham vn", "trasuanucuoi.biz.vn", "tra sua nu cuoi cham biz cham vn"),
    ("kiem tra quan co ba cham biz cham vn", "quancoba.biz.vn", "quan co ba cham biz cham vn"),
    ("là dừa sáp cầu kè chấm biz chấm vn, viết liền", "duasapcauke.biz.vn", "dừa sáp cầu kè chấm biz chấm vn"),
    ("xem hộ nhagomluocthanhquanghalong chấm bít chấm vi en", "nhagomluocthanhquanghalong.biz.vn",
     "nhagomluocthanhquanghalong chấm bít chấm vi en"),
    ("web của tôi là banhmi-coba chấm com", "banhmi-coba.com", "banhmi-coba chấm com"),
    ("tomkhovinhkim . biz . vn", "tomkhovinhkim.biz.vn", "tomkhovinhkim . biz . vn"),
]  # fmt: skip
PRODUCTS = [
    ("ai đi chấm vi en", "id.vn"),
    ("đăng kí ai đi vi en", "id.vn"),
    ("bít chấm vi en", "biz.vn"),
    ("com chấm vn", "com.vn"),
    ("cái chấm vi en", ".vn"),
    ("tên miền chấm biz chấm vn", "biz.vn"),
    ("tên miền quốc gia chấm vn", ".vn"),
    ("đuôi chấm id chấm vn", "id.vn"),
]
DAYS = [
    ("sinh ngày mùng bảy tháng chín năm hai nghìn linh năm", "birth_date", "2005-09-07"),
    ("em sinh ngày hai mươi ba tháng sáu năm hai nghìn không trăm linh bảy", "birth_date", "2007-06-23"),
    ("con tui sinh năm hai ngàn lẻ tám", "birth_date", "2008"),
    ("sinh năm một nghìn chín trăm tám mươi lăm", "birth_date", "1985"),
    ("sn 5-3-06", "birth_date", "2006-03-05"),
    ("sinh 5/3/85", "birth_date", "1985-03-05"),
    ("mở quán hồi tháng ba năm hai nghìn không trăm hai mươi sáu", "founding_date", "2026-03"),
    ("lập công ty tháng mười hai năm hai không hai lăm", "founding_date", "2025-12"),
    ("cty lap 3-9-26", "founding_date", "2026-09-03"),
    ("Cửa hàng mở từ tháng 8 năm 2026", "founding_date", "2026-08"),
    ("mở sau tháng 8 năm 2026", "founding_date", "2026-08"),
]
AGES = [
    ("dạ hăm mốt tuổi", 21),
    ("hăm ba tuổi", 23),
    ("băm hai tuổi", 32),
    ("mười chín tuổi", 19),
    ("hai ba tuổi", 23),
    ("ba lăm tuổi", 35),
]


@pytest.mark.parametrize(("text", "name", "heard"), NAMES)
def test_said_names_are_joined_without_accents(text, name, heard):
    assert read_only(text, "domain_name", "product", "locality") == [("domain_name", name, heard)]


@pytest.mark.parametrize(("text", "product"), PRODUCTS)
def test_kinds_of_name_that_are_said_name_nothing(text, product):
    assert values(text, "product", "domain_name") == [("product", product)]


@pytest.mark.parametrize(
    "text",
    [
        "ai đi vn chơi",
        "con gì cũng được",
        "một bít",
        "tên chấm",
        "không chấm com đâu",
        "link tenmien-vn",
        "xưng là bản tin chấm vi en",
    ],
)
def test_other_words_of_the_same_sound_are_no_names(text):
    assert values(text, "domain_name") == []


@pytest.mark.parametrize(("text", "name", "day"), DAYS)
def test_days_and_years_may_be_words(text, name, day):
    assert values(text, "birth_date", "founding_date", "founding_age", "date") == [(name, day)]


@pytest.mark.parametrize(("text", "age"), AGES)
def test_ages_may_be_words(text, age):
    assert values(text, "age") == [("age", age)]
