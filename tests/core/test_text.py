import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.text import TextUnreadableError, clean, split, utf16_length, without_command


def test_text_becomes_composed_and_loses_invisible_characters():
    decomposed = unicodedata.normalize("NFD", "Tiếng Việt")
    assert clean(f"  {decomposed}\u200b\u0000 ") == "Tiếng Việt"


def test_line_breaks_stay_and_emoji_stay_whole():
    assert clean("a\r\nb") == "a\nb"
    assert clean("👩‍🏫") == "👩‍🏫"


def test_half_a_surrogate_pair_is_refused():
    with pytest.raises(TextUnreadableError):
        clean("\ud83d")


@pytest.mark.parametrize(
    ("typed", "read"), [("/restart", "restart"), ("  //start", "start"), ("/ / x", "x"), ("a/b", "a/b"), ("/", "")]
)
def test_no_text_reaches_rasa_as_a_command(typed, read):
    assert without_command(typed) == read


def test_a_long_text_is_cut_at_its_paragraphs_then_words():
    assert split("một hai\n\nba bốn", 10) == ["một hai", "ba bốn"]
    assert split("một hai ba", 7) == ["một hai", "ba"]


def test_a_word_or_a_link_is_cut_only_where_it_alone_is_too_long():
    link = "https://tenten.vn/" + "a" * 30
    assert split(f"xem {link} nhé", 50) == ["xem", link, "nhé"]
    assert split("a" * 12, 5) == ["aaaaa", "aaaaa", "aa"]


@pytest.mark.parametrize("seen", ["👩‍🏫", "👍🏽", "🇻🇳", "e\u0301", "❤️"])
def test_what_is_seen_as_one_character_stays_whole(seen):
    parts = split(seen * 20, 11)
    assert "".join(parts) == seen * 20
    assert all(part == seen * (len(part) // len(seen)) for part in parts)
    assert all(utf16_length(part) <= 11 for part in parts)


def test_an_emoji_counts_as_two():
    assert utf16_length("😀đ") == 3
    assert split("😀" * 4, 4) == ["😀😀", "😀😀"]


@given(st.text(max_size=200), st.integers(4, 50))
def test_every_part_fits_whatever_it_holds(text, limit):
    assert all(utf16_length(part) <= limit for part in split(text, limit))


@given(st.text(st.sampled_from("ab \n"), max_size=300), st.integers(5, 50))
def test_every_part_fits_and_no_word_is_lost(text, limit):
    parts = split(text, limit)
    assert all(len(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
