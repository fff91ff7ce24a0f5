import re
import unicodedata

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.redaction import MARKS, Redacted, Secret, redact, without_marks
from bot.core.text import clean, fold
from tests.growth import grows_linearly

NUMBER, OTP, PASSWORD = MARKS[Secret.IDENTITY_NUMBER], MARKS[Secret.OTP], MARKS[Secret.PASSWORD]

IDENTITY_NUMBERS = [
    ("cccd em là 079 203 001 234 nhé", f"cccd em là {NUMBER} nhé"),
    ("chứng minh 123456789", f"chứng minh {NUMBER}"),
    ("cmnd 123.456.789 k biết đúng ko", f"cmnd {NUMBER} k biết đúng ko"),
    ("thẻ 9704 1234 5678 9012", f"thẻ {NUMBER}"),
    # as typed: signs, line ends, blanks of pages and PDFs, two blanks, digits of other kinds
    ("001 - 099 - 012 - 345", NUMBER),
    ("001/099/012/345", NUMBER),
    ("001,099,012,345", NUMBER),
    ("001, 099, 012, 345", NUMBER),
    ("001–099–012345", NUMBER),
    ("001_099_012_345", NUMBER),
    ("001|099|012|345", NUMBER),
    ("(001)(099)(012)(345)", f"({NUMBER})"),
    ("001\u00a0099\u00a0012\u00a0345", NUMBER),
    ("0010 9901  2345", NUMBER),
    ("0010990123  45", NUMBER),
    ("0792030012 34 nhé", f"{NUMBER} nhé"),
    ("số em là 001099\n012345\ncảm ơn", f"số em là {NUMBER}\ncảm ơn"),
    ("0 0 1 0 9 9 0 1 2 3 4 5", NUMBER),
    ("0792 2003 1999", NUMBER),
    ("０７９２０３００１２３４", NUMBER),
    ("①②③④⑤⑥⑦⑧⑨ nhé", f"{NUMBER} nhé"),
    ("".join(f"{digit}\ufe0f\u20e3" for digit in "001099012345") + " ạ", f"{NUMBER} ạ"),
    ("001\u200d099\u200d012\u200d345", NUMBER),
    ("0\u03010\u03011\u0301099012345", NUMBER),
    # beside what stays
    ("079203001234 0912345678", f"{NUMBER} 0912345678"),
    ("sinh 25/12/2025 079203001234", f"sinh 25/12/2025 {NUMBER}"),
    ("cccd 079203001234 cấp 25/12/2021", f"cccd {NUMBER} cấp 25/12/2021"),
    ("mst của em 079203001234", f"mst của em {NUMBER}"),
    # passports
    ("hộ chiếu C1234567", f"hộ chiếu {NUMBER}"),
    ("hộ chiếu CC123456", f"hộ chiếu {NUMBER}"),
    ("e 0792 0300 1234", f"e {NUMBER}"),
]

ONE_TIME_PASSWORDS = [
    ("mã OTP là 123456", f"mã OTP là {OTP}"),
    ("otp cua em 12 34 56", f"otp cua em {OTP}"),
    ("o.t.p 123456", f"o.t.p {OTP}"),
    ("otp\n123456", f"otp\n{OTP}"),
    ("Ma OTP cua quy khach la 123456", f"Ma OTP cua quy khach la {OTP}"),
    ("Mã OTP của bạn là 123456. Không đưa cho ai.", f"Mã OTP của bạn là {OTP}. Không đưa cho ai."),
    ("mã xác thực giao dịch là 123456", f"mã xác thực giao dịch là {OTP}"),
    ("Mã xác minh Zalo của bạn: 123456", f"Mã xác minh Zalo của bạn: {OTP}"),
    ("mã đăng nhập 482913", f"mã đăng nhập {OTP}"),
    ("em nhận được mã 482913", f"em nhận được mã {OTP}"),
    ("ma gui ve la 482913", f"ma gui ve la {OTP}"),
    ("your verification code is 482913", f"your verification code is {OTP}"),
    (
        "Ma OTP GD 5.000.000 VND luc 10:30 25/12/2025 la 567890",
        f"Ma OTP GD 5.000.000 VND luc 10:30 25/12/2025 la {OTP}",
    ),
    ("123456 là mã xác nhận", f"{OTP} là mã xác nhận"),
    ("123456 la ma otp", f"{OTP} la ma otp"),
    ("482913 (OTP)", f"{OTP} (OTP)"),
    ("482913 là mã gì vậy", f"{OTP} là mã gì vậy"),
    ("482913 em thấy trong tin nhắn otp", f"{OTP} em thấy trong tin nhắn otp"),
]

PASSWORDS = [
    ("pin token là 88888888", f"pin token là {PASSWORD}"),
    ("mã PIN chữ ký số 12345678", f"mã PIN chữ ký số {PASSWORD}"),
    ("mã pin 6 số của em là 123456", f"mã pin 6 số của em là {PASSWORD}"),
    ("ma pin 12ab34", f"ma pin {PASSWORD}"),
    ("mã pin 1999", f"mã pin {PASSWORD}"),
    ("pin:1234", f"pin:{PASSWORD}"),
    ("mat khau chung thu so la 12345678", f"mat khau chung thu so la {PASSWORD}"),
    ("mat khau cu la 123456 moi la 654321", f"mat khau cu la {PASSWORD} moi la {PASSWORD}"),
    ("đổi pin từ 123456 sang 654321", f"đổi pin từ {PASSWORD} sang {PASSWORD}"),
    ("mật khẩu: Abc@123", f"mật khẩu: {PASSWORD}"),
    ("mật khẩu token là Abc@1234, đúng không", f"mật khẩu token là {PASSWORD}, đúng không"),
    ("mật khẩu email là matkhau123", f"mật khẩu email là {PASSWORD}"),
    ("mật khẩu là 0912345678", f"mật khẩu là {PASSWORD}"),
    ("mật khẩu là 15/3/2006", f"mật khẩu là {PASSWORD}"),
    ("mật khẩu của em đây. 12345678", f"mật khẩu của em đây. {PASSWORD}"),
    ("mật khẩu của em\nAbc@1234", f"mật khẩu của em\n{PASSWORD}"),
    ("pass token Abc@1234", f"pass token {PASSWORD}"),
    ("pass p@ssword", f"pass {PASSWORD}"),
    ("mk Abc12345", f"mk {PASSWORD}"),
    ("tk hoang mk Abc@123", f"tk hoang mk {PASSWORD}"),
    ("passwd Abc12345", f"passwd {PASSWORD}"),
    ("password is hunter2", f"password is {PASSWORD}"),
]

HARMLESS = [
    # telephone numbers
    "sđt 0912 345 678",
    "sđt e 0912.345.678",
    "0912345678, 0987654321",
    "0912 345 678 - 0987 654 321",
    "0912345678 20 tuổi",
    "sđt mk 0912345678",
    "+84 912 345 678",
    "84912345678",
    "máy bàn 024 3974 7575",
    "tổng đài 1900 54 54 15",
    "quên mật khẩu, gọi em 0912345678",
    # dates, times, years
    "25/12/2025 10:30",
    "15/3/2026 20/4/2026",
    "14/4, 15/4, 16/4, 17/4",
    "em sinh 15/3/2006, 20 tuổi, công ty lập 15/3/2026",
    "em sinh năm 2006",
    "mk sinh năm 2006",
    "2024 - 2025",
    "2023, 2024, 2025",
    "giai đoạn 2025 – 2026: 4.026 tên miền",
    "nhận được otp ngày 25/12/2025",
    "OTP là gì? 2024 có đổi không",
    # prices, amounts, numbers of documents, taxes and references
    "phi 1.000.000.000 dong",
    "giá 50.000 đồng hay 250.000 đồng",
    "50.000 - 250.000đ/năm",
    "mất 100.000, 150.000, 200.000 đồng vì đưa otp",
    "nhưng mà 500000 thì mắc",
    "4.026 tên miền, 3.609 id.vn",
    "kế hoạch 45/KH-UBND ngày 14/4/2025",
    "mật khẩu theo kế hoạch 45/KH-UBND",
    "mã số thuế 3500123456",
    "MST: 3500123456-001",
    "hồ sơ HD-1234-5678",
    "mã kiểm tra K7M2",
    # words about secrets
    "mật khẩu mềm là gì",
    "quên mật khẩu rồi",
    "quên mật khẩu rồi nha^^ :))",
    "quên mật khẩu email hoang@gmail.com",
    "mật khẩu gồm 12-16 ký tự",
    "mã PIN là gì",
    "nhập sai PIN 5 lần",
    "OTP là gì",
    "mã OTP có phải 6 số không",
]

ROWS = [
    *((*row, Secret.IDENTITY_NUMBER) for row in IDENTITY_NUMBERS),
    *((*row, Secret.OTP) for row in ONE_TIME_PASSWORDS),
    *((*row, Secret.PASSWORD) for row in PASSWORDS),
]


@pytest.mark.parametrize(("text", "kept", "kind"), ROWS)
def test_a_secret_is_taken_out_and_named(text, kept, kind):
    assert redact(clean(text)) == Redacted(kept, (kind,))


@pytest.mark.parametrize("text", [text for text, _, _ in ROWS])
def test_capital_letters_hide_no_secret(text):
    assert redact(clean(text.upper())).removed == redact(clean(text)).removed


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays_as_it_is(text):
    assert redact(clean(text)) == Redacted(clean(text), ())


def test_kinds_are_named_once_and_in_the_order_of_the_text():
    redacted = redact("otp 123456, mật khẩu Abc@1234, cccd 079203001234, otp 654321")
    assert redacted.removed == (Secret.OTP, Secret.PASSWORD, Secret.IDENTITY_NUMBER)


def test_what_is_left_without_the_marks_is_what_else_was_typed():
    assert without_marks(redact("079203001234").text) == ""
    assert without_marks(redact("em 20 tuổi, cccd 079203001234").text) == "em 20 tuổi, cccd"


SEPARATORS = st.one_of(
    st.just(""),
    st.text(" \u00a0\u2003\n\t.-–—−/,_|•·()", min_size=1, max_size=3).filter(lambda signs: "//" not in signs),
    st.text(" \n\t", min_size=4, max_size=8),
)
# How people cut a card's number; groups of one or two could read as days and months.
GROUPS = st.sampled_from([(12,), (3, 3, 3, 3), (4, 4, 4), (6, 6), (3, 3, 6), (3, 9), (9, 3), (10, 2), (3, 3, 4, 2)])
FRAMES = st.sampled_from(["", "\ufe0f\u20e3", "\u0301", "\u200d", "\u200b"])


def written(digits, groups, separators, frame):
    pieces, reached = [], 0
    for size, separator in zip(groups, separators, strict=False):
        pieces.append(frame.join([*digits[reached : reached + size], ""]) + separator)
        reached += size
    return "".join(pieces)


@given(
    digits=st.text("0123456789", min_size=11, max_size=11).map(lambda rest: "0" + rest),
    groups=GROUPS,
    separators=st.lists(SEPARATORS, min_size=4, max_size=4),
    frame=FRAMES,
    before=st.sampled_from(["", "cccd ", "số của em là ", "CCCD:", "sđt 0912345678 nhé, cccd ", "em 20 tuổi\n"]),
    after=st.sampled_from([" nhé", ".", " ạ, có được không", " 🙂", "\nem 20 tuổi"]),
)
def test_a_card_s_twelve_digits_never_stay_however_they_are_written(digits, groups, separators, frame, before, after):
    separators = [*separators[: len(groups) - 1], ""]
    text = clean(before + written(digits, groups, separators, frame) + after)
    assert redact(text) == Redacted(clean(f"{before}{NUMBER}{after}"), (Secret.IDENTITY_NUMBER,))


@given(
    digits=st.text("0123456789", min_size=9, max_size=9),
    separator=st.sampled_from(["", " ", ".", "-", " - ", "\u00a0", "\n", "_", "/"]),
)
def test_an_old_card_s_nine_digits_never_stay(digits, separator):
    text = separator.join([digits[:3], digits[3:6], digits[6:]])
    assert redact(f"cmnd {text} nhé") == Redacted(f"cmnd {NUMBER} nhé", (Secret.IDENTITY_NUMBER,))


@given(
    code=st.text("0123456789", min_size=6, max_size=6),
    sentence=st.sampled_from(["otp của em là {}", "{} là mã otp", "Mã xác thực Zalo: {}", "mã pin {}", "mk em la {}"]),
)
def test_six_digits_beside_their_word_never_stay(code, sentence):
    assert code not in redact(sentence.format(code)).text


NAMES = {
    "0": ("không", "hông", "ko", "zero"), "1": ("một", "mốt"), "2": ("hai",), "3": ("ba",), "4": ("bốn", "tư"),
    "5": ("năm", "lăm"), "6": ("sáu",), "7": ("bảy", "bẩy"), "8": ("tám",), "9": ("chín",),
}  # fmt: skip
VOICES = st.sampled_from([str, str.upper, fold, lambda text: unicodedata.normalize("NFD", text)])
PAUSES = st.sampled_from([" ", "  ", ", ", ". ", "-", " - ", "\n", "...", "/", " . ", " rồi "])


@st.composite
def spoken(draw, least, most):
    """Draw a number told by its digits' names, and one of its voices."""
    digits = draw(st.text("0123456789", min_size=least, max_size=most).filter(lambda text: len(set(text)) > 1))
    return draw(PAUSES).join(draw(st.sampled_from(NAMES[digit])) for digit in digits)


@given(
    number=spoken(9, 12),
    sentence=st.sampled_from(["{}", "cccd của em là {}", "số căn cước {} nhé", "{} là số giấy tờ của má tôi"]),
    voice=VOICES,
)
def test_a_card_s_number_told_by_the_names_of_its_digits_never_stays(number, sentence, voice):
    redacted = redact(clean(voice(sentence.format(number))))
    assert redacted.removed == (Secret.IDENTITY_NUMBER,)
    assert redacted.text == clean(voice(sentence).format(NUMBER))


@given(
    code=spoken(4, 8),
    sentence=st.sampled_from(["otp là {}", "mã pin của tôi là {}", "mã xác nhận {}", "mật khẩu thẻ là {} nha"]),
    voice=VOICES,
)
def test_a_code_told_by_the_names_of_its_digits_after_its_word_never_stays(code, sentence, voice):
    redacted = redact(clean(voice(sentence.format(code))))
    assert redacted.text in {clean(voice(sentence).format(mark)) for mark in (OTP, PASSWORD)}


SIGNS = st.sampled_from(
    ["", " ", ".", ". ", " . ", "-", " - ", "–", "…", "\n", "\n\n", "\t", ", ", "/", " / ", "_", "|", "\u00a0", "*",
     "•", ": ", "; ", "=", "+", " + ", " rồi ", " và "]
)  # fmt: skip


@given(
    digits=st.text("0123456789", min_size=4, max_size=8).filter(lambda digits: not digits.endswith("000")),
    size=st.integers(1, 4),
    sign=SIGNS,
    sentence=st.sampled_from(
        ["mã pin {}", "mã pin của tôi là {}", "mã PIN thẻ của tôi là số {} nhé", "mật khẩu thẻ là {}", "pin: {}",
         "{} là mã pin của tôi", "otp {}", "mã otp là {}", "mã xác thực ngân hàng gửi là {}", "{} là mã otp"]
    ),
    kind=st.sampled_from(["0123456789", "０１２３４５６７８９"]),
)  # fmt: skip
def test_a_code_beside_its_word_never_stays_however_it_is_cut(digits, size, sign, sentence, kind):
    parts = [digits[at : at + size] for at in range(0, len(digits), size)]
    written = sign.join(parts).translate(str.maketrans("0123456789", kind))
    assert not re.search(r"\d", redact(clean(sentence.format(written))).text)


@given(
    letters=st.sampled_from(["B", "C", "K", "N", "P", "CC", "b", "c"]),
    digits=st.text("0123456789", min_size=7, max_size=7),
    blank=st.sampled_from(["", " ", "-"]),
    sentence=st.sampled_from(["hộ chiếu {}", "số hộ chiếu của tôi là {}", "passport em {} còn hạn", "{}"]),
)
def test_a_passport_s_number_never_stays(letters, digits, blank, sentence):
    blank = "" if len(letters) > 1 else blank
    assert not re.search(r"\d", redact(clean(sentence.format(letters + blank + digits))).text)


@given(st.text())
def test_a_text_without_digits_and_words_for_secrets_stays_as_it_is(text):
    text = clean(text)
    assume(not any(character.isnumeric() for character in text))
    assert redact(text) == Redacted(text, ())


WORDS = st.sampled_from(
    ["otp", "mã", "là", "123456", "mật khẩu", "Abc@123", "cccd", "079203001234", "0912345678", "079", "203",
     "15/3/2026", "1.000.000", "đồng", "C1234567", ".", "?", "\n", "½", "㍘", "⑩", "mk", ":", "20 tuổi", "½½½½½½½½½"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=30), st.sampled_from(["", " ", "  "]))
def test_marks_replace_stretches_and_the_rest_stands_where_it_stood(words, between):
    text = clean(between.join(words))
    rest, redacted = text, redact(text)
    kept = redacted.text
    for mark in MARKS.values():
        kept = kept.replace(mark, "\0")
    for piece in kept.split("\0"):
        assert piece in rest
        rest = rest[rest.index(piece) + len(piece) :]
    assert bool(redacted.removed) == ("\0" in kept)


HOSTILE = [
    " ", "\n", "1", "1 ", "12 ", "1.", "0", "0 ", "+84", "a", "a ", "a1@", "abc.", "đ", "🙂", "0\ufe0f\u20e3",
    "1\u0301", "otp", "otp ", "o.t.p", "mã ", "mk ", "mật khẩu ", "mật khẩu là ", "pass:", "pin 1234 ", "pass 1234 và ",
    "1234 là ", "123456 là otp ", "482913 ", "0912345678, ", "079203001234 ", "15/3/2026 ", "1/1 ", "1:2 ", "1900 ",
    "2025 - ", "1.000 ", "1.000.000 đồng ", "mst ", "c 1234567 ", "½", "(", "=",
]  # fmt: skip
LENGTH = 4_000


@pytest.mark.parametrize("unit", HOSTILE)
@pytest.mark.parametrize("before", ["", "x 1 2 3 4 5 6 7 8", "mã otp "])
def test_time_grows_with_the_length_and_no_faster(unit, before):
    once = before + (unit * LENGTH)[:LENGTH] + "x"
    twice = before + (unit * LENGTH * 2)[: LENGTH * 2] + "x"
    assert grows_linearly(lambda: redact(once), lambda: redact(twice))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("cccd của em là không tám bốn ba không năm không không một hai ba bốn", Secret.IDENTITY_NUMBER),
        ("so can cuoc khong tam bon ba khong nam khong khong mot hai ba bon", Secret.IDENTITY_NUMBER),
        ("cccd không-tám-bốn-ba-không-năm-không-không-một-hai-ba-bốn", Secret.IDENTITY_NUMBER),
        ("mã otp là bốn tám hai chín một ba", Secret.OTP),
        ("cccd 084+305+001+234", Secret.IDENTITY_NUMBER),
        ("cccd 084....305....001....234", Secret.IDENTITY_NUMBER),
        ("cccd 084 rồi 305 rồi 001 rồi 234", Secret.IDENTITY_NUMBER),
        ("cccd o843o5oo1234", Secret.IDENTITY_NUMBER),
        ("số giấy tờ của má tôi 084305 001234", Secret.IDENTITY_NUMBER),
    ],
)
def test_a_number_in_disguise_goes_too(text, kind):
    redacted = redact(clean(text))
    assert kind in redacted.removed
    assert not re.search(r"\d|khong|không tám|bốn tám", redacted.text)


@pytest.mark.parametrize("text", ["một hai ba bốn năm", "hai ba năm nữa em mới đủ mười tám tuổi", "không một ai biết"])
def test_a_few_digits_by_name_are_words(text):
    assert redact(clean(text)) == Redacted(clean(text), ())


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("mã pin của tôi là số 70 42", f"mã pin của tôi là số {PASSWORD}"),
        ("mã pin 70, 42", f"mã pin {PASSWORD}"),
        ("mật khẩu thẻ là 70\n42", f"mật khẩu thẻ là {PASSWORD}"),
        ("pin em là 70 rồi 42", f"pin em là {PASSWORD}"),
        ("7042 là mã pin của tôi", f"{PASSWORD} là mã pin của tôi"),
        ("otp 75,22", f"otp {OTP}"),
    ],
)
def test_a_code_in_two_parts_goes_too(text, kept):
    assert redact(clean(text)).text == kept


@pytest.mark.parametrize("text", ["482913", "482 913", "7042", "dạ 7042 ạ", "1234567", "73915508"])
def test_a_code_that_is_all_of_a_message_goes_too_since_the_words_for_it_stood_in_the_one_before(text):
    assert not re.search(r"\d", redact(text).text)


@pytest.mark.parametrize("text", ["20", "2006", "năm 2006", "15032006", "032025", "500000", "100 000", "18-22", "15 3"])
def test_a_number_alone_that_reads_as_a_year_a_day_or_an_amount_stays(text):
    assert redact(text) == Redacted(text, ())


def test_the_first_half_of_a_card_s_number_goes_where_it_is_called_one():
    assert redact("cccd của em là 079203").text == f"cccd của em là {NUMBER}"
    assert redact("căn cước em làm năm 2021").removed == ()
