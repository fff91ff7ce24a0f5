"""What shortened and half-typed words are read as."""

import random
import unicodedata

import pytest
from components.augmentation import telex, variant, vni, without_accents
from components.folding import fold
from components.spelling import spelled_out

WORDS = [
    "được", "miễn", "phí", "đăng", "ký", "tên", "miền", "quán", "người", "muốn", "thuế", "tuổi", "trường",
    "nghiệp", "huyện", "hỏi", "giấy", "tờ", "kiểm", "tra", "chữ", "số", "bản", "tin", "nhận", "hủy", "dừng",
    "tiếp", "bước", "chứng", "thực", "khuyến", "khích", "nguyễn", "thường", "trú",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("keys", [telex, vni])
def test_the_keys_of_an_input_method_that_was_off_are_read_as_the_word(word, keys):
    assert spelled_out(keys(word)) == without_accents(word)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dki", "dang ky"),
        ("hong", "khong"),
        ("khum", "khong"),
        ("dc", "duoc"),
        ("z", "vay"),
        ("ntn", "nhu the nao"),
        ("khonggg", "khong"),
        ("li", "ly"),
        ("ct", "ct"),  # "công ty" or "chương trình": its neighbours tell
    ],
)
def test_short_forms_are_spelled_out(typed, meant):
    assert spelled_out(typed) == meant


@pytest.mark.parametrize(
    "word",
    [
        "website",
        "token",
        "biz",
        "id.vn",
        "visa",
        "us",
        "sure",
        "google",
        "tt02",
        "usb",
        "2006",
        "15/3/2006",
        "🐸",
        "ok?",
    ],
)
def test_what_is_no_half_typed_vietnamese_stays(word):
    assert spelled_out(word) == word


@pytest.mark.parametrize("word", WORDS)
def test_a_whole_syllable_stays(word):
    plain = fold(word).folded
    assert spelled_out(plain) in (plain, "ky")


def test_variants_are_the_same_for_the_same_seed_and_differ_for_another():
    texts = ["cho tôi hỏi đăng ký tên miền có được miễn phí không", "em 20 tuổi có được không ạ"] * 20
    first, again, other = ([variant(text, chance) for text in texts] for chance in map(random.Random, (1, 1, 2)))
    assert first == again
    assert first != other


def test_variants_are_nfc_and_never_empty():
    chance = random.Random(3)  # noqa: S311
    for text in ("ừ", "ok", "đúng rồi", "hủy nhận tin giúp tôi", "👍", "biz.vn", "không"):
        for _ in range(50):
            changed = variant(text, chance)
            assert changed.strip()
            assert unicodedata.is_normalized("NFC", changed)


def test_a_denial_is_never_lost():
    chance = random.Random(5)  # noqa: S311
    for _ in range(300):
        words = fold(variant("tôi không muốn nhận tin nữa", chance)).folded.split()
        assert len(words) >= 5
