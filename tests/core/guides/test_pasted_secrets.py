import pytest

from bot.core.guides.pasted_secrets import may_be_secret


@pytest.mark.parametrize(
    "text",
    [
        "4821",
        "12 34 56",
        "hoamai",
        "HoaMai",
        "hoamai nha",
        "Abcd1234",
        "a1!",
        "mật khẩu là hoamai",
        "pin: abcd",
        "mat khau cua toi la hoa mai",
        "kata laluan ialah bunga",
    ],
)
def test_what_may_be_a_pin_or_a_password_is_taken_for_one(text):
    assert may_be_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "xong",
        "Xong.",
        "xong a",
        "chưa được",
        "không thấy nút OK",
        "ok",
        "👍",
        "lỗi",
        "tiếp",
        "done",
        "siap",
        "windows",
        "win10",
        "bước 4",
        "mật khẩu là gì",
        "mật khẩu sai thì làm sao",
        "sao?",
        "...",
        "",
    ],
)
def test_what_people_say_at_a_step_is_not(text):
    assert not may_be_secret(text)
