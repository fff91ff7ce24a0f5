"""Which part of the test set a message belongs to."""

import pytest
from report.messages import Example, Reading, Scored
from report.slices import ALL, FULL, MIXED, NONE, slice_messages, spelling


@pytest.mark.parametrize(
    "text",
    [
        "Gói miễn phí gồm những gì, có web với email luôn không?",
        "Em thích cái hoangyen.dev.id.vn ấy, không biết còn trống không",
        "hết hai năm rồi sao nữa em",
        "quanbaba.biz.vn còn không em",
        "đăng ký ở đâu vậy ạ",
        "Mã HD-7K2M-9QXT xử lý đến bước nào rồi ạ?",
    ],
)
def test_correct_vietnamese_with_its_names_and_codes_has_full_diacritics(text):
    assert spelling(text) == FULL


@pytest.mark.parametrize(
    "text",
    [
        "có giới hạn tuổi ko ad, hay ai cx dc",
        "tới hạn thì bên mk co nhắn nhac truoc hk",
        "ctrình này cua trung uong hay tinh tu lam vay",
        "sv thi bat buoc phai hoc ở tỉnh minh mới dc hay sao",
    ],
)
def test_words_stripped_of_accents_or_shortened_make_it_mixed(text):
    assert spelling(text) == MIXED


@pytest.mark.parametrize("text", ["dang ky o dau vay", "ok", "20", "👍", "how do I register?", "OK “bot”…"])
def test_without_any_accented_letter_there_are_no_diacritics(text):
    assert spelling(text) == NONE


def scored(text, *, intent="greet", file="general"):
    return Scored(Example(text, intent, (), file), Reading("greet", (("greet", 1.0),), (), 0.001))


def test_parts_are_all_the_spellings_and_the_files():
    parts = slice_messages(
        [
            scored("chào bạn nhé"),
            scored("chao ban"),
            scored("trời hôm nay đẹp quá", intent="out_of_scope", file="out_of_scope"),
        ]
    )
    assert {name: len(part) for name, part in parts.items()} == {
        ALL: 3,
        FULL: 1,
        NONE: 1,
        "general": 2,
        "out_of_scope": 1,
    }
