"""Whether a text in a group is meant for the assistant, and how mentions look there.

Unverified on a live account, so it stands here and in one setting: that a mention of the account appears in the text as
``[@id]``, and whether texts without one are delivered at all. Without a mention a text counts that begins with a word.
"""

from __future__ import annotations

import re

from bot.core.text import fold, nfc

_MENTION = re.compile(r"\[@[^\[\]]{0,100}\]")
_AROUND = " \t\n,.;:!-–"
_CHAT = "https://zalo.me/{account}"
"""Leads to the account's chat."""


def text_for(text: str, *, account: str, word: str) -> str | None:
    """Return what a text in a group says to the account, without its name; None where it is not meant for it.

    It is where it mentions the account, or begins with `word`, with or without accents. A mention of somebody else is
    nobody's name here: it is taken out.
    """
    is_mentioned = f"[@{account}]" in text
    rest = nfc(without_mentions(text)).strip(_AROUND)
    if not is_mentioned and not (word and _begins_with(rest, word)):
        return None
    return rest[_length_of(rest, word) :].strip(_AROUND) if word and _begins_with(rest, word) else rest


def without_mentions(text: str) -> str:
    """Return a text in which nothing calls the members of a group: ``[@id]`` would, or all of them."""
    while _MENTION.search(text):
        text = _MENTION.sub("", text)
    return text


def private_chat(account: str) -> str:
    """Return the link to the private chat with the account."""
    return _CHAT.format(account=account)


def _begins_with(text: str, word: str) -> bool:
    length = _length_of(text, word)
    return length > 0 and not text[length : length + 1].isalnum()


def _length_of(text: str, word: str) -> int:
    """Return how many characters of `text` are the `word` at its beginning, however it is accented; 0 for none."""
    wanted = fold(word)
    # Folding makes no text longer, but for characters that nobody types in this word.
    return next((end for end in range(1, len(text) + 1)[: len(wanted) * 2] if fold(text[:end]) == wanted), 0)
