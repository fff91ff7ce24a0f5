"""Text that shows all there is: composed, and without characters that nobody sees."""

from __future__ import annotations

import re
import unicodedata

from bot.core.statements.errors import TextNotNormalisedError

# Controls but for tab and line feed, formats (zero width, direction, soft hyphen, tags), separators of lines and
# paragraphs, halves of surrogate pairs, and private letters, for which no two fonts show the same.
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_KEPT_CONTROLS = frozenset("\t\n")
# What Unicode lets a screen show as nothing although its category is a letter's, a mark's or a symbol's, and the blank
# Braille cell; then the selectors that change another character's look, which can carry a text of their own unseen.
_HIDDEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\uffa0\ufff0-\uffff\U000e0000-\U000e0fff]"
)
_NONCHARACTERS = re.compile(
    "[\ufdd0-\ufdef" + "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF)) + "]"
)
_SELECTOR = re.compile("[\ufe00-\ufe0f]")
_EMOJI_SELECTORS = "\ufe0e\ufe0f"
_EMOJI_LETTERS = "‼⁉ℹ〰"
_KEYS, _KEYCAP = "0123456789#*", "\u20e3"


def check_text(text: str) -> None:
    """Raise unless `text` is NFC and every character of it can be seen.

    Emoji are accepted as telephones write them, but for those glued together by a character of no width.

    Raises:
        TextNotNormalisedError: it is not.
    """
    if text.isascii() and text.isprintable():
        return
    if not unicodedata.is_normalized("NFC", text):
        raise TextNotNormalisedError(problem="not-nfc")
    if _HIDDEN.search(text) or _NONCHARACTERS.search(text) or any(map(_is_hidden, text)):
        raise TextNotNormalisedError(problem="hidden-character")
    if not all(_changes_a_look(text, selector.start()) for selector in _SELECTOR.finditer(text)):
        raise TextNotNormalisedError(problem="hidden-character")


def _changes_a_look(text: str, at: int) -> bool:
    """Whether the selector there makes an emoji of what stands before it: ☀️, 1️⃣. Anywhere else it shows nothing."""
    before = text[max(at - 1, 0) : at]
    if text[at] not in _EMOJI_SELECTORS or not before:
        return False
    if before.isascii():
        return before in _KEYS and text[at + 1 : at + 2] == _KEYCAP
    return before in _EMOJI_LETTERS or unicodedata.category(before) in {"So", "Sm"}


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN_CATEGORIES and character not in _KEPT_CONTROLS
