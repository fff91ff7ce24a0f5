"""The channels that an audience can name, and what each of them takes; no I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.broadcasts.errors import ChannelUnknownError


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to many people.

    `carrier` is the channel of `bot.core.ports.ChannelSender` that sends it; `longest` counts UTF-16 units of the text
    as it is shown; `address` is what a destination's must look like.
    """

    name: str
    carrier: str
    longest: int
    address: re.Pattern[str]


TELEGRAM_GROUP = Channel("telegram-group", "telegram", 4096, re.compile(r"-[1-9][0-9]{0,18}", re.ASCII))
"""Groups and supergroups have negative numbers (Bot API, `Chat.id`); 4096 is `sendMessage`'s limit."""

ZALO_GROUP = Channel("zalo-group", "zalo", 2000, re.compile(r"[A-Za-z0-9_-]{1,60}", re.ASCII))
"""Groups of the official account (GMF); a longer text is refused there."""

CHANNELS: Mapping[str, Channel] = {channel.name: channel for channel in (TELEGRAM_GROUP, ZALO_GROUP)}


def find_channel(name: str) -> Channel:
    """Return the channel of a name.

    Raises:
        ChannelUnknownError: there is none.
    """
    channel = CHANNELS.get(name)
    if channel is None:
        raise ChannelUnknownError(channel=name)
    return channel


def utf16_units(text: str) -> int:
    """Return how long a text is as Telegram counts it."""
    return len(text.encode("utf-16-le")) // 2
