"""What a bulletin looks like on a channel: the signed title and text, word for word, and how to check them."""

from __future__ import annotations

from bot.core.broadcasts import codes
from bot.core.broadcasts.bodies import Measure
from bot.core.broadcasts.channels import Channel, utf16_units
from bot.core.broadcasts.kinds import Item
from bot.core.rendering import Renderer

TEMPLATE = "broadcast_message"
PAGE = "/kiem-tra/"
"""Where on our site a check code is looked up."""


def write_message(renderer: Renderer, item: Item, *, code: str, channel: str, public_url: str) -> str:
    """Return the whole text of one message of a bulletin.

    `code` is the check code without its hyphen; any code gives a text of the same length. `public_url` is how the
    outside reaches us, without a slash at its end.

    Raises:
        TemplateBrokenError: the template does not render.
    """
    facts = {
        "is_training": item.mode == "training",
        "title": item.content.title,
        "text": item.content.text,
        "code": codes.show(code),
        "address": f"{public_url}{PAGE}{code}",
    }
    return renderer.render(TEMPLATE, channel=channel, facts=facts, keeps_empty_lines=True)


def measure_by(renderer: Renderer, *, public_url: str) -> Measure:
    """Return what measures the message that would go out, for drafts to be held against their channels' limits."""
    any_code = codes.ALPHABET[: codes.LENGTH]

    def measure(channel: Channel, item: Item) -> int:
        return utf16_units(write_message(renderer, item, code=any_code, channel=channel.name, public_url=public_url))

    return measure
