import unicodedata

import pytest
from components.grammar import (
    asks_who_may,
    find_entities,
    intent_of_bare_wish,
    is_bare_answer,
    says_nothing,
    tells_own_case,
    wants_judgement,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.growth import grows_linearly

READINGS = [
    # products
    ("id.vn là gì", [("product", "id.vn", "id.vn")]),
    ("ID . VN", [("product", "id.vn", "ID . VN")]),
    ("tên id chấm vn", [("product", "id.vn", "id chấm vn")]),
    ("dk idvn", [("product", "id.vn", "idvn")]),
    ("cái biz đó", [("product", "biz.vn", "biz")]),
    ("đuôi .vn với com.vn", [("product", ".vn", ".vn"), ("product", "com.vn", "com.vn")]),
    ("khác gì .com", [("product", "other", ".com")]),
    ("gửi vào a@id.vn", [("email", "a@id.vn", "a@id.vn")]),
    # wished names: in full anywhere, bare behind a word that says so
    ("quanbaba.biz.vn còn không", [("domain_name", "quanbaba.biz.vn", "quanbaba.biz.vn")]),
    ("QuanBaBa.BIZ.VN.", [("domain_name", "quanbaba.biz.vn", "QuanBaBa.BIZ.VN")]),
    ("tên quán-bà-ba.biz.vn", [("domain_name", "quán-bà-ba.biz.vn", "quán-bà-ba.biz.vn")]),
    ("https://www.quanbaba.vn/menu", [("domain_name", "quanbaba.vn", "quanbaba.vn")]),
    ("quanbaba.com được không", [("domain_name", "quanbaba.com", "quanbaba.com")]),
    ("ten mien quanbaba con khong", [("domain_name", "quanbaba", "quanbaba")]),
    ("tên miền là tiem-may-8 nhé", [("domain_name", "tiem-may-8", "tiem-may-8")]),
    ("tôi tính đặt là hoaphuongnam", [("domain_name", "hoaphuongnam", "hoaphuongnam")]),
    ("tên miền tiếng Việt", []),
    ("tên miền website", []),
    ("tên miền 2026", []),
    ("tên miền.vn là gì", []),
    ("info@quanbaba.biz.vn", [("email", "info@quanbaba.biz.vn", "info@quanbaba.biz.vn")]),
    ("tên id.vn", [("product", "id.vn", "id.vn")]),
    # codes
    ("HD-2b7k-9xtr tới đâu rồi", [("reference", "HD-2B7K-9XTR", "HD-2b7k-9xtr")]),
    ("mã kiểm tra K7M2", [("check_code", "K7M2", "K7M2")]),
    ("ma cuoi ban tin la p4qx", [("check_code", "P4QX", "p4qx")]),
    ("mã kiểm tra nào", []),
    # bodies, by their names in the content
    ("sở KHCN làm gì", [("agency", "Sở Khoa học và Công nghệ", "sở KHCN")]),
    ("so tai chinh lo viec gi", [("agency", "Sở Tài chính", "so tai chinh")]),
    ("Uỷ ban nhân dân tỉnh", [("agency", "Ủy ban nhân dân tỉnh", "Uỷ ban nhân dân tỉnh")]),
    ("Đại học Trà Vinh", [("agency", "Trường Đại học Trà Vinh", "Đại học Trà Vinh")]),
    ("tổ công nghệ số cộng đồng", [("activity", "community_team", "tổ công nghệ số cộng đồng")]),
    ("không phải Sở Tài chính", []),
    ("các số liệu", []),
    ("xin cac so dien thoai", []),
    ("bo thong tin cua toi", []),
    # places, old and new
    ("ở Trà Vinh", [("locality", "Trà Vinh", "Trà Vinh")]),
    ("o tinh tra vinh", [("locality", "Trà Vinh", "tra vinh")]),
    ("xa Cang Long", [("locality", "Càng Long", "Cang Long")]),
    ("huyện Cầu Kè", [("locality", "Cầu Kè", "Cầu Kè")]),
    ("hà nam tính", []),
    ("quán Càng Long", [("subject", "household_business", "quán")]),
    ("bưu điện Trà Vinh", []),
    # subjects
    ("tôi là hộ kinh doanh", [("subject", "household_business", "hộ kinh doanh")]),
    ("hkd co duoc k", [("subject", "household_business", "hkd")]),
    ("quán em bán phở", [("subject", "household_business", "quán")]),
    ("quan pho cua toi", [("subject", "household_business", "quan")]),
    ("mo tiem may", [("subject", "household_business", "tiem")]),
    ("cty em ở quận 1", [("subject", "enterprise", "cty")]),
    ("cơ quan nào", [("subject", "organisation", "cơ quan")]),
    ("chủ quan quá", []),
    ("tiềm năng", []),
    ("em là sv năm 2", [("subject", "student", "sv")]),
    ("ng nuoc ngoai dc ko", [("subject", "foreigner", "ng nuoc ngoai")]),
    ("bạn em quốc tịch Lào", [("subject", "foreigner", "quốc tịch Lào")]),
    ("nguoi nhat ban dang ky duoc khong", [("subject", "foreigner", "nguoi nhat ban")]),
    ("có cần quốc tịch Việt Nam không", []),
    ("cán bộ, người lao động", []),
    ("dữ liệu cá nhân của tôi", []),
    ("kế hoạch 45/KH-UBND", []),
    ("tên miền nước ngoài", []),
    ("của hãng nào", []),
    ("hi shop ơi", []),
    ("giá nhiêu vậy shop", []),
    ("shop em bán giày", [("subject", "household_business", "shop")]),
    ("em mở shop", [("subject", "household_business", "shop")]),
    ("không phải công ty mà là hộ kinh doanh", [("subject", "household_business", "hộ kinh doanh")]),
    # ages
    ("em 20 tuổi có được không", [("age", 20, "20 tuổi")]),
    ("e 19t", [("age", 19, "19t")]),
    ("tôi 20", [("age", 20, "20")]),
    ("20", [("age", 20, "20")]),
    ("dạ hai mươi mốt ạ", [("age", 21, "hai mươi mốt")]),
    ("tuổi em là 22", [("age", 22, "22")]),
    ("à nhầm 25 tuổi", [("age", 25, "25 tuổi")]),
    ("không phải, 21", [("age", 21, "21")]),
    ("không phải 20 tuổi, 21 tuổi", [("age", 21, "21 tuổi")]),
    ("200 tuổi", [("age", 200, "200 tuổi")]),
    ("từ 18 đến 23 tuổi", []),
    ("dưới 18 tuổi", []),
    ("con tôi chưa tới 18 tuổi", []),
    ("d8v 93t", [("check_code", "D8V93T", "d8v 93t")]),
    ("chưa tới 18", []),
    ("con toi chua 18 tuoi", []),
    ("chưa được 18 tuổi", []),
    ("chua tron 18t", []),
    ("cháu không tới 18 tuổi", []),
    ("nó ko đủ 18", []),
    ("chưa tới tuổi 18", []),
    ("con em hụt 18 tuổi", []),
    ("em đăng ký được chưa, 20 tuổi", [("age", 20, "20 tuổi")]),
    ("em 20 tuoi duoc khong", [("age", 20, "20 tuoi")]),
    ("em được 20 tuổi", [("age", 20, "20 tuổi")]),
    ("em tròn 18 tuổi", [("age", 18, "18 tuổi")]),
    ("em 20k", []),
    ("quận 10", []),
    ("4", []),
    ("20 năm nữa thì sao", []),
    ("tốn 20 ngàn không", []),
    ("3 tháng nữa em đủ 18 tuổi", []),
    ("khi nào tròn 18 tuổi", []),
    ("em đủ 18 tuổi rồi", [("age", 18, "18 tuổi")]),
    # births
    ("sn 2006", [("birth_date", "2006", "2006")]),
    ("em 2k6", [("birth_date", "2006", "2k6")]),
    ("sinh ngày 5/3/2006", [("birth_date", "2006-03-05", "5/3/2006")]),
    ("sinh năm 98", [("birth_date", "1998", "98")]),
    ("2006", [("birth_date", "2006", "2006")]),
    ("qua sinh nhật rồi ạ", [("birthday", "past", "qua sinh nhật rồi")]),
    ("sinh nhat em qua roi", [("birthday", "past", "sinh nhat em qua roi")]),
    ("chưa tới sinh nhật", [("birthday", "to_come", "chưa tới sinh nhật")]),
    ("quà sinh nhật", []),
    # whole days that no word says anything of
    ("xem lại giấy thì là ngày 31/5/2024", [("date", "2024-05-31", "31/5/2024")]),
    ("ngày trên giấy là 1/3/2024", [("date", "2024-03-01", "1/3/2024")]),
    ("hôm 31/2/2024", []),
    ("kế hoạch năm 2024", []),
    ("084.305.005678", []),
    # nationality
    ("em là người Việt Nam", [("nationality", "vn", "người Việt Nam")]),
    ("em 19t ng vn", [("age", 19, "19t"), ("nationality", "vn", "ng vn")]),
    # the certificate
    ("có giấy phép", [("certificate", "yes", "có giấy phép")]),
    ("dạ có đăng ký kinh doanh rồi", [("certificate", "yes", "có đăng ký")]),
    ("co gpkd", [("certificate", "yes", "co gpkd")]),
    ("làm giấy xong rồi", [("certificate", "yes", "làm giấy")]),
    ("đang làm giấy", []),
    ("có giấy tờ đầy đủ", [("certificate", "yes", "có giấy tờ")]),
    ("có giấy tờ gì không", []),
    ("chưa có giấy chứng nhận", [("certificate", "no", "chưa có giấy chứng nhận")]),
    ("hong co giay gi het", [("certificate", "no", "hong co giay")]),
    ("chưa đăng ký kinh doanh", [("certificate", "no", "chưa đăng ký")]),
    (
        "có giấy chứng nhận đăng ký hộ kinh doanh",
        [("certificate", "yes", "có giấy chứng nhận đăng ký"), ("subject", "household_business", "hộ kinh doanh")],
    ),
    ("có giấy phép kinh doanh không", []),
    ("cần có giấy chứng nhận", []),
    ("nếu chưa có giấy thì sao", []),
    ("có giấy phép lái xe", []),
    ("tôi hộ kinh doanh, 50 tuổi", [("subject", "household_business", "hộ kinh doanh"), ("age", 50, "50 tuổi")]),
    ("chủ cửa hàng 47 tuổi", [("subject", "household_business", "cửa hàng"), ("age", 47, "47 tuổi")]),
    ("xin giấy ở đâu", []),
    # foundings
    ("thành lập 3/2026", [("founding_date", "2026-03", "3/2026")]),
    ("15-3-2026", [("founding_date", "2026-03-15", "15-3-2026")]),
    ("thang 3 nam 2026", [("founding_date", "2026-03", "thang 3 nam 2026")]),
    ("mở từ năm 2025", [("founding_date", "2025", "năm 2025")]),
    ("năm 2025", [("founding_date", "2025", "năm 2025")]),
    ("31/2/2026", []),
    ("mới mở 4 tháng", [("founding_age", "P4M", "4 tháng")]),
    ("8 thang", [("founding_age", "P8M", "8 thang")]),
    ("nửa năm", [("founding_age", "P6M", "nửa năm")]),
    ("1 năm rưỡi", [("founding_age", "P1Y6M", "1 năm rưỡi")]),
    ("một năm hai tháng", [("founding_age", "P1Y2M", "một năm hai tháng")]),
    ("được 2 năm", [("founding_age", "P2Y", "2 năm")]),
    ("10 ngày", [("founding_age", "P10D", "10 ngày")]),
    ("công ty em 3 tuổi", [("subject", "enterprise", "công ty"), ("founding_age", "P3Y", "3 tuổi")]),
    ("miễn phí 2 năm hả", []),
    ("cửa hàng hoạt động sau 2 năm thì sao", [("subject", "household_business", "cửa hàng")]),
    ("mỗi 2 năm đóng một lần", []),
    ("sau tháng này", []),
    ("từ năm nay", []),
    ("cty mk ms lập 2 thg", [("subject", "enterprise", "cty"), ("founding_age", "P2M", "2 thg")]),
    ("mở dc 4 thag", [("founding_age", "P4M", "4 thag")]),
    ("lập được 13 tháng", [("founding_age", "P13M", "13 tháng")]),
    ("lập website 3 tháng rồi", []),
    # by years back: which year that is depends on the day
    ("tháng 9 năm ngoái", [("founding_relative", "1-09", "tháng 9 năm ngoái")]),
    ("thang chin nam ngoai", [("founding_relative", "1-09", "thang chin nam ngoai")]),
    ("hình như năm ngoái", [("founding_relative", "1", "năm ngoái")]),
    ("mở hồi năm kia", [("founding_relative", "2", "năm kia")]),
    ("mới lập tháng 2 năm nay", [("founding_relative", "0-02", "tháng 2 năm nay")]),
    ("tháng 13 năm ngoái", []),
    ("mười năm rồi", [("founding_age", "P10Y", "mười năm")]),
    ("mở quán, năm nay em 20 tuổi", [("subject", "household_business", "quán"), ("age", 20, "20 tuổi")]),
    # "less than two years" may be ten months: only the years below one decide anything
    ("chưa tới 1 năm", [("founding_age", "P1Y", "1 năm")]),
    ("chưa tới 2 năm", []),
]


def read(text):
    return [(entity.name, entity.value, text[entity.start : entity.end]) for entity in find_entities(text)]


@pytest.mark.parametrize(("text", "entities"), READINGS)
def test_facts_are_read_as_the_taxonomy_writes_them(text, entities):
    assert read(text) == entities


@pytest.mark.parametrize("text", [text for text, _ in READINGS])
def test_accents_typed_apart_change_nothing(text):
    apart = unicodedata.normalize("NFD", text)
    found = [(name, value, unicodedata.normalize("NFC", typed)) for name, value, typed in read(apart)]
    assert found == read(text)


@pytest.mark.parametrize(
    "text",
    ["20", "dạ em 20 tuổi ạ", "à nhầm, 25", "không phải, 21", "sn 2006", "15/3/2026", "id.vn nhé", "mới mở 4 tháng",
     "hộ kinh doanh", "tên miền id.vn", "à nhầm, ngày 31/05/2024 mới đúng", "chưa tới 1 năm",
     "em là sinh viên 20 tuổi", "à không, id.vn mới đúng", "sai rồi, ngày 19/11/2025 mới đúng", "mới mở dc 4 thag",
     "quán mở 4 tháng có giấy phép", "dạ có giấy rồi ạ", "em là người Việt Nam", "tháng 9 năm ngoái"],
)  # fmt: skip
def test_a_message_of_facts_and_small_words_is_a_bare_answer(text):
    assert is_bare_answer(text, find_entities(text))


@pytest.mark.parametrize(
    "text",
    ["20 tuổi được không", "id.vn?", "quanbaba.biz.vn", "HD-2B7K-9XTR", "Sở Tài chính", "Trà Vinh",
     "id.vn là gì", "20 tuổi đủ chưa", "đăng ký id.vn", "chào bạn", "kiểm tra cho tôi",
     "quán em bán phở", ".vn với .com", "20 tuổi hay 21 tuổi"],
)  # fmt: skip
def test_a_question_or_a_request_is_no_bare_answer(text):
    assert not is_bare_answer(text, find_entities(text))


@pytest.mark.parametrize(
    "text",
    ["e 19t làm id.vn đc hk ạ", "20 tuổi còn kịp không", "coi giúp quán tôi mở 3 tháng",
     "35 tuổi có được miễn phí id.vn ko", "lập 2 thg dc free biz.vn ko", "có giấy rồi, vậy có được không"],
)  # fmt: skip
def test_facts_with_a_question_want_to_be_judged(text):
    assert wants_judgement(text, find_entities(text))


@pytest.mark.parametrize("text", ["em 19 tuổi làm ở chợ", "có được không", "tên quanbaba.biz.vn có được không"])
def test_facts_without_a_question_and_questions_without_facts_do_not(text):
    assert not wants_judgement(text, find_entities(text))


@pytest.mark.parametrize(
    ("text", "own"),
    [("35 tuổi", True), ("sn 2006", True), ("chưa có giấy", True), ("công ty 3 tháng", False), ("sinh viên", False)],
)
def test_only_what_one_case_has_tells_of_it(text, own):
    assert tells_own_case(find_entities(text)) is own


@pytest.mark.parametrize(
    "text", ["ai được hưởng", "nói ngắn thôi, ai dc mien phi vay", "cho hỏi đối tượng nào được ưu đãi"]
)
def test_who_may_is_asked_in_so_many_words(text):
    assert asks_who_may(text)


@pytest.mark.parametrize("text", ["cơ quan nào xác minh ai được miễn phí", "em có được hưởng không", "ai làm được"])
def test_who_may_is_not_asked_by_less(text):
    assert not asks_who_may(text)


@pytest.mark.parametrize(
    ("text", "nothing"), [(".", True), ("...", True), (" - ", True), ("?", False), ("👍", False), ("8.", False)]
)
def test_a_dot_says_nothing(text, nothing):
    assert says_nothing(text) is nothing


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("dạ quanbaba.biz.vn ạ", "inform"),
        ("quanbaba.biz.vn, quanbaba.id.vn", "inform"),
        ("HD-2B7K-9XTR", "inform"),
        ("mã K7M2", "inform"),
        ("dạ tiếng Khmer nha", "change_language"),
        ("số 0900 000 123 nha", None),
        ("0900 000 123 nha", "inform"),
        ("lan@example.com", "inform"),
        ("quanbaba.biz.vn là của ai", None),
        ("id.vn", None),
        ("Sở Tài chính", None),
        ("chào", None),
    ],
)
def test_a_name_a_code_or_an_address_alone_is_a_fact(text, intent):
    assert intent_of_bare_wish(text, find_entities(text)) == intent


WORDS = st.sampled_from(
    ["20", "tuổi", "id.vn", "hộ", "kinh", "doanh", "là", "chắc", "co", "le", "năm", "tháng", "3", "2026", "mở", "từ",
     "không", "phải", "mới", "được", ",", "15/3/2026", "sinh", "quán", "a", "tam", "nửa", "tên", "miền", "quanbaba",
     "www.", ".biz.vn", "mã", "HD-2B7K-9XTR", "sở", "khoa", "học", "tài", "chính", "xã", "Trà", "Vinh"]
)  # fmt: skip


@given(st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=60).map(" ".join)))
def test_spans_lie_in_the_text_in_order_and_do_not_overlap(text):
    entities = find_entities(text)
    reached = 0
    for entity in entities:
        assert reached <= entity.start < entity.end <= len(text)
        reached = entity.end
    is_bare_answer(text, entities)


HOSTILE = [
    " ", "\n", "1", "1 ", "12 ", "a", "a ", "🙂", "ế", "a\u0301", "(", "-", "...", "1/", "18 - ", "sinh", "sinh ",
    "sinh: ", "sn 1", "20 tuoi ", "20t ", "2k6 ", "tuoi la ", "18 den 23 tuoi ", "em 20 ", "da ", "mo ", "mo 3 thang ",
    "sau 2 nam ", "thanh lap ", "cty ", "quan ", "quán ", "tiem ", "id.vn ", "id . vn ", "khong phai la id.vn ",
    "ten mien ", "ten mien quanbaba ", "quanbaba.", "www.", "a-", "so khoa hoc va cong ", "uy ban nhan dan ", "xa ",
    "tra vinh ", "dai hoc tra vinh ", "hd-2b7k", "hd - ", "ma kiem tra ", "ma k7m2 ",
    "co giay ", "chua co giay chung nhan ", "giay chung nhan dang ky ", "dang ky kinh doanh ", "nguoi viet nam ",
    "nam ngoai ", "thang 3 nam ngoai ", "mo nam ngoai ", "3 thang nua em ", "ai duoc huong ", "31/5/2024 ", ". ",
    "duoc mien phi ", "hai muoi ", "2026 ", "2026/", "15/3/2026 ", "cong ty 3 tuoi ", "duoc khong ", "chac la ",
    "co le ", "sinh nhat em ", "qua sinh nhat ",
]  # fmt: skip
LENGTH = 2_000


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("before", ["", "sinh", "em 20", "tuoi", "1"])
def test_time_grows_with_the_length_and_no_faster(unit, before):
    once = before + (unit * LENGTH)[:LENGTH] + "x"
    twice = before + (unit * LENGTH * 2)[: LENGTH * 2] + "x"
    assert grows_linearly(lambda: judge(once), lambda: judge(twice))


def judge(text):
    """Apply every rule that reads a message."""
    entities = find_entities(text)
    is_bare_answer(text, entities)
    wants_judgement(text, entities)
    asks_who_may(text)
    says_nothing(text)
