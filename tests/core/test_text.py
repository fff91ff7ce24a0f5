import unicodedata

import pytest

from bot.core.text import TextUnreadableError, clean, without_command


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
