"""Text as people send it and as channels can carry it."""

from __future__ import annotations

import unicodedata

from bot.core.errors import InvalidInputError

_KEPT_CONTROLS = {"\n", "\t"}
_JOINER = "\u200d"  # holds emoji together


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


def utf16_length(text: str) -> int:
    """Return how many UTF-16 units `text` has: an emoji counts as two."""
    return sum(2 if character > "\uffff" else 1 for character in text)


def fold(text: str) -> str:
    """Return `text` in lower case without accents, compatibility forms made plain: "Được" and "duoc" become one."""
    decomposed = unicodedata.normalize("NFKD", text.lower().replace("\u0111", "d"))
    return "".join(character for character in decomposed if not unicodedata.combining(character))
