"""A number that stands alone: where no number was asked for, it can only mean an option."""

from __future__ import annotations

from actions.chat import Chat
from bot.core.option_numbers import chosen_number
from bot.core.programme.topics import menu_buttons
from bot.core.replies import Reply


def is_bare_number(text: str) -> bool:
    """Tell whether a message is nothing but the number of an option, as in "2 nha" or "so hai"."""
    return chosen_number(text) is not None


def unasked(chat: Chat) -> Reply:
    """Say that it is not known what the number chooses, with what can be chosen."""
    return Reply(chat.intent, "number_unasked", buttons=menu_buttons())
