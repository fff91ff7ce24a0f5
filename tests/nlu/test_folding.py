import unicodedata

import pytest
from components.folding import fold
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Được miễn phí", "duoc mien phi"),
        ("ĐĂNG KÝ", "dang ky"),
        ("２０ tuổi", "20 tuoi"),
        ("quán\u200b ăn", "quan an"),
        ("👍🏽", "👍🏽"),
    ],
)
def test_accents_case_and_width_do_not_matter(text, folded):
    assert fold(text).folded == folded
    assert fold(unicodedata.normalize("NFD", text)).folded == folded


def test_a_span_covers_accents_typed_apart():
    text = unicodedata.normalize("NFD", "em hỏi về quán")
    folded = fold(text)
    start = folded.folded.index("quan")
    raw_start, raw_end = folded.raw_span(start, start + len("quan"))
    assert unicodedata.normalize("NFC", text[raw_start:raw_end]) == "quán"


@given(st.text())
def test_every_folded_letter_knows_where_it_stood(text):
    folded = fold(text)
    assert folded.raw == text
    assert len(folded.folded) == len(folded.starts) == len(folded.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(folded.starts, folded.ends, strict=True))
    assert list(folded.starts) == sorted(folded.starts)


@given(st.text())
def test_folding_twice_changes_nothing(text):
    once = fold(text).folded
    assert fold(once).folded == once
