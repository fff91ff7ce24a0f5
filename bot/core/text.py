"""Text as people send it and as channels can carry it."""

from __future__ import annotations

import unicodedata

from bot.core.errors import InvalidInputError

_KEPT_CONTROLS = {"\n", "\t"}
_JOINER = "\u200d"  # holds emoji together
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))  # two of them are a flag


class TextUnreadableError(InvalidInputError):
    """The text is not valid Unicode."""


def nfc(text: str) -> str:
    """Return `text` in Unicode's composed form."""
    return unicodedata.normalize("NFC", text)


def clean(text: str) -> str:
    """Return what a citizen typed, NFC and stripped, without control and invisible characters.

    Invisible characters would let an identity number pass unseen, and nothing typed by hand needs them.

    Raises:
        TextUnreadableError: it holds half of a surrogate pair.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise TextUnreadableError from error
    kept = (
        character
        for character in nfc(text).replace("\r\n", "\n")
        if character in _KEPT_CONTROLS or character == _JOINER or unicodedata.category(character) not in {"Cc", "Cf"}
    )
    return "".join(kept).strip()


def without_command(text: str) -> str:
    """Return `text` without slashes at its beginning: Rasa would read ``/intent{…}`` as a command, past the NLU."""
    return text.lstrip("/ \t\n")


def split(text: str, limit: int) -> list[str]:
    """Cut `text` into parts of at most `limit` UTF-16 units, at paragraphs, else lines, else words.

    Only a word or a link that is itself too long is cut, and not through an emoji or between a letter and its accent.
    Platforms do not say what they count; UTF-16 units are the most it can be.
    """
    parts = []
    while (reach := _reach(text, limit)) < len(text):
        breaks = [text.rfind(mark, 1, reach + 1) for mark in ("\n\n", "\n", " ")]
        cut = next((at for at in breaks if at > reach // 3), max(breaks))
        if cut <= 0 or not text[:cut].strip():
            cut = _whole(text, reach)
        parts.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    parts.append(text)
    return [part for part in parts if part] or [""]


def utf16_length(text: str) -> int:
    """Return how many UTF-16 units `text` has: an emoji counts as two."""
    return sum(2 if character > "\uffff" else 1 for character in text)


def _reach(text: str, limit: int) -> int:
    """Return how many characters of `text` fit into `limit` UTF-16 units."""
    if len(text) * 2 <= limit:
        return len(text)
    units = 0
    for position, character in enumerate(text):
        units += 2 if character > "\uffff" else 1
        if units > limit:
            return position
    return len(text)


def _whole(text: str, at: int) -> int:
    """Return the nearest place before `at` that does not cut through what is seen as one character, if there is one."""
    cut = at
    while cut > 1 and _belong_together(text, cut):
        cut -= 1
    return cut if cut > 1 or at <= 1 else at


def _belong_together(text: str, at: int) -> bool:
    before, behind = text[at - 1], text[at]
    if _is_flag_letter(before) and _is_flag_letter(behind):
        letters = text[:at]
        return (len(letters) - len(letters.rstrip(_FLAG_LETTERS))) % 2 == 1
    joins = _JOINER in (before, behind) or "\U0001f3fb" <= behind <= "\U0001f3ff"
    return joins or unicodedata.category(behind) in {"Mn", "Me"}


def _is_flag_letter(character: str) -> bool:
    return character in _FLAG_LETTERS


def fold(text: str) -> str:
    """Return `text` in lower case without accents, compatibility forms made plain: "Được" and "duoc" become one."""
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("\u0111", "d"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))
