"""Whether a text in a group is meant for the assistant, and how mentions look there.

Unverified on a live account, so it stands here and in one setting: that a mention of the account appears in the text as
``[@id]``, and whether texts without one are delivered at all. Without a mention a text counts that begins with a word.
"""

from __future__ import annotations

import re

from bot.core.text import fold, nfc

_MENTION = re.compile(r"\[@[^\[\]]{0,100}\]")
_BRACKET = re.compile(r"([\[\]])")
_AROUND = " \t\n,.;:!-–"
_FINAL_Y = re.compile(r"(?<=[bcdghklmnpqrstvx])y(?!\w)")
"""People disagree how to spell it: as "i" it is the same word. After a vowel it would be another one."""
_OF_SOMEBODY = re.compile(r"\s+(?:cua )?(?:(?:dong chi|ong|ba) )?(?:pho )?(?:chu tich|bi thu|lanh dao)(?!\w)")
_CHAT = "https://zalo.me/{account}"
"""Leads to the account's chat."""


def text_for(text: str, *, account: str, word: str) -> str | None:
    """Return what a text in a group says to the account, without its name; None where it is not meant for it.

    It is where it mentions the account, or begins with `word`, with or without accents; but not where somebody's office
    follows at once: a chairman's assistant is a person. A mention of somebody else is nobody's name here: it is taken
    out.
    """
    is_mentioned = f"[@{account}]" in text
    rest = nfc(without_mentions(text)).strip(_AROUND)
    behind = rest[_length_of(rest, word) :] if word and _begins_with(rest, word) else None
    if not is_mentioned and (behind is None or _OF_SOMEBODY.match(fold(behind))):
        return None
    return rest if behind is None else behind.strip(_AROUND)


def without_mentions(text: str) -> str:
    """Return a text in which nothing calls the members of a group: ``[@id]`` would, or all of them.

    Nor does what is left when one is taken out: brackets are closed one by one, so that the time grows with the text
    alone, however they are nested.
    """
    if "[@" not in text:
        return text
    parts: list[str] = []
    brackets: list[int] = []
    for part in _BRACKET.split(text):
        if part == "]" and brackets and _MENTION.fullmatch("".join([*parts[brackets[-1] :], part])):
            del parts[brackets.pop() :]
            continue
        if part in {"[", "]"}:
            brackets.append(len(parts))
        parts.append(part)
    return "".join(parts)


def private_chat(account: str) -> str:
    """Return the link to the private chat with the account."""
    return _CHAT.format(account=account)


def _begins_with(text: str, word: str) -> bool:
    length = _length_of(text, word)
    return length > 0 and not text[length : length + 1].isalnum()


def _length_of(text: str, word: str) -> int:
    """Return how many characters of `text` are the `word` at its beginning, however it is spelt; 0 for none."""
    wanted = _folded(word)
    # Folding makes no text longer, but for characters that nobody types in this word.
    return next((end for end in range(1, len(text) + 1)[: len(wanted) * 2] if _folded(text[:end]) == wanted), 0)


def _folded(text: str) -> str:
    return _FINAL_Y.sub("i", fold(text))
