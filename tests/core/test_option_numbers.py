"""The number of an option, told from what measures something, however people write it."""

from __future__ import annotations

import pytest

from bot.core.option_numbers import chosen_number


@pytest.mark.parametrize(
    "typed",
    [
        *("2", "02", " 2 ", "2.", "2)", "(2)", "[2]", "2!", "#2", "2️⃣", "“2”"),
        *("số 2", "so 2", "số2", "SỐ 2", "số 2.", "chọn 2", "chon so 2", "mục 2", "mục số 2", "câu 2", "cái 2", "ý 2"),
        *("bấm 2", "bam2", "bấm phím 2", "nhấn nút 2", "lựa chọn 2", "đáp án 2", "cái thứ 2"),
        *("2 luôn", "2 luôn nhé", "chọn số 2 giúp em với", "số 2 giùm tôi", "2 hen"),
        *("2 ạ", "số 2 ạ", "dạ 2", "dạ 2 ạ", "vâng số 2", "ok 2 nhé em", "2 đi", "2 thôi", "chọn 2 nhé bạn ơi"),
        *("em chọn 2", "dạ em chọn câu số 2 ạ", "cho em số 2"),
        *("số hai", "so hai a", "câu hai", "mục số hai", "phương án hai", "cái thứ hai", "Dạ em chọn số hai ạ"),
    ],
)
def test_the_second_is_chosen(typed):
    assert chosen_number(typed) == 2


@pytest.mark.parametrize(
    "typed",
    [
        *("", " ", "ạ", "hai", "năm", "ba", "một", "dạ", "số", "chọn"),
        *("3 tháng", "2 người", "2 năm", "20 tuổi", "2 cái", "2 bạn", "2 anh em", "2 lần", "lần 2", "2 con", "con 2"),
        *(
            "thứ 2",
            "thứ hai",
            "ngày 2",
            "tháng 2",
            "lớp 2",
            "2/9",
            "2.5",
            "2,5",
            "2:30",
            "2a",
            "-2",
            "2 nữa",
            "2 3",
            "2004",
        ),
        *("số hai mươi", "em 2", "tôi 2", "chọn năm", "cho 2 tên", "số điện thoại", "0900000001", "số 2 " * 20),
    ],
)
def test_nothing_is_chosen(typed):
    assert chosen_number(typed) is None


@pytest.mark.parametrize(("typed", "number"), [("số một", 1), ("câu bốn", 4), ("số mười ạ", 10), ("10", 10), ("7️⃣", 7)])
def test_every_number_has_its_digits_and_its_word(typed, number):
    assert chosen_number(typed) == number
