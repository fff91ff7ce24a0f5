"""Numbered options: Zalo shows buttons on phones only, so each has a number in the text that can be typed.

A press comes back as a text too: our payloads begin with a mark that nobody types by chance, and are looked up among
what this conversation was shown, as presses on other platforms are. A payload alone grants nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.core.deliveries.service import ShownButton
from bot.core.option_numbers import LONGEST_CHOICE, chosen_number
from bot.core.text import fold
from bot.gateway import presses

PAYLOAD_MARK = "#hd:"


def payload_of(position: int, button: ShownButton) -> str:
    """Return the text that comes back when the button of the message at `position` is pressed."""
    return PAYLOAD_MARK + presses.data_of(position, button)


def pressed_data(text: str) -> str | None:
    """Return the press's data where a text is a payload of ours; None for what somebody wrote."""
    return text.removeprefix(PAYLOAD_MARK) if text.startswith(PAYLOAD_MARK) else None


def chosen_option(text: str, buttons: Sequence[ShownButton]) -> ShownButton | None:
    """Return the option that a text means: by its number, or by its very words, with or without accents."""
    if len(text) > LONGEST_CHOICE:
        return None
    number = chosen_number(text)
    if number is not None:
        return buttons[number - 1] if 1 <= number <= len(buttons) else None
    words = _words_of(text)
    return next((button for button in buttons if words and _words_of(button.title) == words), None)


def _words_of(text: str) -> str:
    return " ".join(re.findall(r"\w+", fold(text)))
