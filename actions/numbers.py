"""A number that stands alone: where no number was asked for, it can only mean an option."""

from __future__ import annotations

import re

from actions.chat import Chat
from bot.core.programme.topics import menu_buttons
from bot.core.replies import Reply
from bot.core.text import fold

_BARE = re.compile(
    r"(?:(?:em|toi|minh|da|oke?|chon|bam|lay|lua chon|phuong an|so|cau|muc|cai|y|thu) )*"
    r"(?:\d{1,2}|mot|hai|ba|bon|nam|sau|bay|tam|chin|muoi)"
    r"(?: (?:a|ah|nha|nhe|nhen|nghe|nghen|hen|ne|di|em|anh|chi|co|chu|bac|ban|oi|nua|do|luon|giup))*"
)
_MOST_WORDS = 8


def is_bare_number(text: str) -> bool:
    """Tell whether a message is nothing but a number of at most two digits, as in "2 nha" or "so hai"."""
    words = re.findall(r"\w+", fold(text))
    is_number = len(words) <= _MOST_WORDS and _BARE.fullmatch(" ".join(words)) is not None
    # "ba oi" calls somebody: a number in a word alone needs one that says so.
    return is_number and (any(word.isdecimal() for word in words) or bool({"so", "cau", "muc", "thu"} & {*words}))


def unasked(chat: Chat) -> Reply:
    """Say that it is not known what the number chooses, with what can be chosen."""
    return Reply(chat.intent, "number_unasked", buttons=menu_buttons())
