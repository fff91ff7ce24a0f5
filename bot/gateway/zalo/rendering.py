"""Writes a message as Zalo takes it: plain text with numbered options, and the same options as buttons for phones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.core.deliveries.service import Delivered, ShownButton
from bot.core.rendering import Renderer
from bot.core.replies import Source
from bot.core.text import utf16_length
from bot.gateway.zalo import CHANNEL
from bot.gateway.zalo.addressing import without_mentions
from bot.gateway.zalo.options import payload_of

LONGEST = 2_000
"""What Zalo takes; how it counts is not known, and UTF-16 units are the most that it may mean."""
MOST_BUTTONS = 5
LONGEST_TITLE = 100


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message ready to be sent: its text, and its buttons as the API takes them."""

    text: str
    buttons: tuple[Mapping[str, Any], ...]


def render(renderer: Renderer, delivered: Delivered, *, word: str = "") -> Rendered:
    """Write a message with its options, and with its sources as far as there is room for them.

    In a group there are no buttons, and an option is chosen by calling the assistant and its number. No text calls
    anybody by a mention, whoever wrote it.

    Raises:
        TemplateBrokenError: a template is broken.
    """
    message = delivered.message
    parts = [message.text]
    if message.buttons:
        titles = [button.title for button in message.buttons]
        facts = {"titles": titles, "in_group": delivered.in_group, "word": word}
        parts.append(renderer.render("zalo_options", channel=CHANNEL, facts=facts))
    if message.sources:
        sources = renderer.render("telegram_sources", channel=CHANNEL, facts={"sources": _named(message.sources)})
        if utf16_length("\n\n".join([*parts, sources])) <= LONGEST:
            parts.append(sources)
    buttons = () if delivered.in_group else _buttons(delivered.position, message.buttons)
    return Rendered(without_mentions("\n\n".join(parts)), buttons)


def _named(sources: Sequence[Source]) -> list[dict[str, Any]]:
    sections: dict[str, list[str]] = {}
    for source in dict.fromkeys(sources):
        sections.setdefault(source.document, []).append(source.section)
    return [{"document": document, "sections": cited} for document, cited in sections.items()]


def _buttons(position: int, buttons: Sequence[ShownButton]) -> tuple[Mapping[str, Any], ...]:
    """Return the first five; the others have their numbers in the text."""
    return tuple(
        {
            "title": f"{number}. {button.title}"[:LONGEST_TITLE],
            "type": "oa.query.hide",
            "payload": payload_of(position, button),
        }
        for number, button in enumerate(buttons[:MOST_BUTTONS], start=1)
    )
