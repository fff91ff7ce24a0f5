"""Writes a message as Telegram takes it: HTML in which nothing of ours or of a citizen's is markup, and a keyboard."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.core.deliveries.service import Delivered, ShownButton
from bot.core.rendering import Renderer
from bot.core.replies import Source
from bot.core.text import utf16_length
from bot.gateway import presses
from bot.gateway.telegram import CHANNEL

LONGEST = 4_096
"""What Telegram takes, counted after the markup was read; in UTF-16 units, the most that it may mean."""
LONGEST_CAPTION = 1_024
"""What it takes under a picture, counted in the same way."""
LONGEST_IN_A_PAIR = 17
"""Letters of a title up to which two buttons fit side by side on a small phone."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready to be sent: as HTML, the same without markup, and the keyboard below it."""

    html: str
    plain: str
    keyboard: InlineKeyboardMarkup | None


def render(renderer: Renderer, delivered: Delivered) -> Rendered:
    """Write a message with its sources, folded away, and its buttons.

    Raises:
        TemplateBrokenError: the template of the sources is broken.
    """
    message = delivered.message
    longest = LONGEST if message.picture is None else LONGEST_CAPTION
    sources = _sources(renderer, message.sources, room=longest - utf16_length(message.text) - 1)
    marked = _escape(message.text)
    if sources:
        marked += f"\n<blockquote expandable>{_escape(sources)}</blockquote>"
    plain = f"{message.text}\n{sources}" if sources else message.text
    # In a group anybody could press a button, and what it means belongs to one person.
    shown = () if delivered.in_group else message.buttons
    return Rendered(marked, plain, _keyboard(delivered.position, shown))


def _escape(text: str) -> str:
    return html.escape(text, quote=False)


def _sources(renderer: Renderer, sources: Sequence[Source], *, room: int) -> str:
    """Name the sources, each document once, as far as there is room for whole documents."""
    sections: dict[str, list[str]] = {}
    for source in dict.fromkeys(sources):
        sections.setdefault(source.document, []).append(source.section)
    named = [{"document": document, "sections": cited} for document, cited in sections.items()]
    while named:
        text = renderer.render("telegram_sources", channel=CHANNEL, facts={"sources": named})
        if utf16_length(text) <= room:
            return text
        named.pop()
    return ""


def _keyboard(position: int, buttons: Sequence[ShownButton]) -> InlineKeyboardMarkup | None:
    rows: list[list[InlineKeyboardButton]] = []
    room = 0
    for button in buttons:
        data = presses.data_of(position, button)
        shown = InlineKeyboardButton(button.title, callback_data=data)
        is_short = len(button.title) <= LONGEST_IN_A_PAIR
        if is_short and room:
            rows[-1].append(shown)
            room = 0
        else:
            rows.append([shown])
            room = 1 if is_short else 0
    return InlineKeyboardMarkup(rows) if rows else None
