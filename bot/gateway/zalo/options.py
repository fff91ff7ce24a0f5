"""Numbered options: Zalo shows buttons on phones only, so each has a number in the text that can be typed.

A press comes back as a text too: our payloads begin with a mark that nobody types by chance, and are looked up among
what this conversation was shown, as presses on other platforms are. A payload alone grants nothing.
"""

from __future__ import annotations

import re

from bot.core.deliveries.service import ShownButton
from bot.core.text import fold
from bot.gateway import presses

PAYLOAD_MARK = "#hd:"
_NUMBER = re.compile(r"(?:(?:so|chon|muc)\s*){0,2}(\d{1,2})\s*[.)]?")


def payload_of(position: int, button: ShownButton) -> str:
    """Return the text that comes back when the button of the message at `position` is pressed."""
    return PAYLOAD_MARK + presses.data_of(position, button)


def pressed_data(text: str) -> str | None:
    """Return the press's data where a text is a payload of ours; None for what somebody wrote."""
    return text.removeprefix(PAYLOAD_MARK) if text.startswith(PAYLOAD_MARK) else None


def chosen_number(text: str) -> int | None:
    """Return the number of an option that a text is, as in ``2``, ``2.`` or ``chon so 2``; None for any other text."""
    match = _NUMBER.fullmatch(fold(text.strip()))
    return int(match[1]) if match is not None else None
