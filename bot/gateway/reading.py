"""Reads what a citizen typed, on any channel, before anything keeps it."""

from __future__ import annotations

from bot.core.inbox.service import Message
from bot.core.redaction import redact
from bot.core.text import clean
from bot.gateway.turns import LONGEST_MESSAGE

LONGEST_UNCLEANED = 20_000
"""Characters up to which a text is cleaned before it is measured; beyond, it is too long however it looks."""


def read_text(text: str) -> Message:
    """Read a text without its secrets; one longer than anybody reads is not looked into and not kept.

    Raises:
        TextUnreadableError: it is not valid Unicode.
    """
    if len(text) <= LONGEST_UNCLEANED:
        text = clean(text)
    if len(text) > LONGEST_MESSAGE:
        return Message(text=None, press=None, too_long=True)
    redacted = redact(text)
    return Message(text=redacted.text, press=None, removed=redacted.removed)
