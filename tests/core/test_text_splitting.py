"""Long texts, cut into messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text import utf16_length
from bot.core.text_splitting import split_text

CLUSTERS = ["👩‍🏫", "👍🏽", "🇻🇳", "e\u0301", "❤️", "1\ufe0f\u20e3", "🏴\U000e0067\U000e0062\U000e007f", "👨‍👩‍👧‍👦"]
"""What is seen as one character."""
WORDS = ["bạn", "miễn", "phí", "đ", "https://tenten.vn/dang-ky?ten=ca-phe.id.vn&nam=2", *CLUSTERS]
SPACES = [" ", "  ", "\n", "\n\n", "\t"]


def test_a_long_text_is_cut_at_its_paragraphs_then_words():
    assert split_text("một hai\n\nba bốn", 10) == ["một hai", "ba bốn"]
    assert split_text("một hai ba", 7) == ["một hai", "ba"]


def test_a_word_or_a_link_is_cut_only_where_it_alone_is_too_long():
    link = "https://tenten.vn/" + "a" * 30
    assert split_text(f"xem {link} nhé", 50) == ["xem", link, "nhé"]
    assert split_text("a" * 12, 5) == ["aaaaa", "aaaaa", "aa"]


@pytest.mark.parametrize("seen", CLUSTERS)
def test_what_is_seen_as_one_character_stays_whole(seen):
    parts = split_text(seen * 20, 25)
    assert "".join(parts) == seen * 20
    assert all(part == seen * (len(part) // len(seen)) for part in parts)
    assert all(utf16_length(part) <= 25 for part in parts)


def test_an_emoji_counts_as_two():
    assert utf16_length("😀đ") == 3
    assert split_text("😀" * 4, 4) == ["😀😀", "😀😀"]


@given(st.text(max_size=200), st.integers(4, 50))
def test_every_part_fits_whatever_it_holds(text, limit):
    assert all(utf16_length(part) <= limit for part in split_text(text, limit))


@given(st.text(st.sampled_from("ab \n"), max_size=300), st.integers(5, 50))
def test_every_part_fits_and_no_word_is_lost(text, limit):
    parts = split_text(text, limit)
    assert all(len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(SPACES)), max_size=60), st.integers(50, 120))
def test_no_word_link_or_emoji_is_ever_cut_where_it_fits(pairs, limit):
    text = "".join(word + space for word, space in pairs)
    parts = split_text(text, limit)
    assert all(utf16_length(part) <= limit for part in parts)
    assert " ".join(parts).split() == text.split()


@given(st.lists(st.sampled_from([*CLUSTERS, "a", "ộ"]), min_size=1, max_size=60), st.integers(14, 40))
def test_a_word_that_is_too_long_is_cut_between_what_is_seen_as_characters(seen, limit):
    parts = split_text("".join(seen), limit)
    assert "".join(parts) == "".join(seen)
    left = list(seen)
    for part in parts:
        assert utf16_length(part) <= limit
        while part:
            assert part.startswith(left[0])
            part = part.removeprefix(left.pop(0))  # noqa: PLW2901


def test_another_measure_is_held_to():
    assert split_text("đđđđ ộộ", 8, measure=lambda text: len(text.encode())) == ["đđđđ", "ộộ"]


def test_an_empty_text_is_one_empty_part():
    assert split_text("", 10) == [""]
