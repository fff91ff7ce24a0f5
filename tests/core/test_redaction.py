import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.redaction import Secret, redact


@pytest.mark.parametrize(
    ("text", "kept", "kind"),
    [
        ("cccd em là 079 203 001 234 nhé", "cccd em là [số giấy tờ] nhé", Secret.IDENTITY_NUMBER),
        ("chứng minh 123456789", "chứng minh [số giấy tờ]", Secret.IDENTITY_NUMBER),
        ("０７９２０３００１２３４", "[số giấy tờ]", Secret.IDENTITY_NUMBER),
        ("hộ chiếu C1234567", "hộ chiếu [số giấy tờ]", Secret.IDENTITY_NUMBER),
        ("thẻ 9704 1234 5678 9012", "thẻ [số giấy tờ]", Secret.IDENTITY_NUMBER),
        ("mã OTP là 123456", "mã OTP là [mã xác nhận]", Secret.OTP),
        ("otp cua em 12 34 56", "otp cua em [mã xác nhận]", Secret.OTP),
        ("123456 là mã xác nhận", "[mã xác nhận] là mã xác nhận", Secret.OTP),
        ("pin token là 88888888", "pin token là [mật khẩu]", Secret.PASSWORD),
        ("mật khẩu: Abc@123", "mật khẩu: [mật khẩu]", Secret.PASSWORD),
    ],
)
def test_a_secret_is_taken_out_and_named(text, kept, kind):
    redacted = redact(text)
    assert redacted.text == kept
    assert redacted.removed == (kind,)


@pytest.mark.parametrize(
    "text",
    [
        "sđt 0912 345 678",
        "+84 912 345 678",
        "em 20 tuổi, công ty lập 15/3/2026",
        "4.026 tên miền, 3.609 id.vn",
        "giá 50.000 đồng hay 250.000 đồng",
        "mật khẩu mềm là gì",
        "quên mật khẩu rồi",
        "kế hoạch 45/KH-UBND ngày 14/4/2025",
    ],
)
def test_what_is_no_secret_stays_as_it_is(text):
    assert redact(text) == redact(redact(text).text)
    assert redact(text).text == text
    assert redact(text).removed == ()


@given(
    digits=st.text("0123456789", min_size=12, max_size=12).filter(lambda text: not text.startswith("0084")),
    separators=st.lists(st.sampled_from(["", " ", ".", "-"]), min_size=11, max_size=11),
    before=st.sampled_from(["", "cccd ", "số của em là ", "CCCD:"]),
    after=st.sampled_from(["", " nhé", ".", " ạ, có được không"]),
)
def test_twelve_digits_never_stay_however_they_are_spaced(digits, separators, before, after):
    number = "".join(digit + separator for digit, separator in zip(digits, [*separators, ""], strict=True))
    redacted = redact(f"{before}{number}{after}")
    assert Secret.IDENTITY_NUMBER in redacted.removed
    assert number not in redacted.text
    assert sum(character.isdigit() for character in redacted.text) == 0
    assert redacted.text.startswith(before)
    assert redacted.text.endswith(after)
