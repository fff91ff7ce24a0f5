"""Reads what a citizen typed, on any channel, before anything keeps it."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.conversations.service import Conversation
from bot.core.guides import progress
from bot.core.guides.dialogue import FORM
from bot.core.guides.pasted_secrets import may_be_secret
from bot.core.guides.walk import Position, Walk
from bot.core.inbox.service import Message
from bot.core.redaction import MARKS, Secret, redact
from bot.core.text import TextUnreadableError, clean
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


async def read_words(
    connection: AsyncConnection, conversation: Conversation, text: str, *, unread: str | None, walk: Walk
) -> Message:
    """Read what somebody wrote in a conversation, without secrets; what is no valid Unicode is nothing readable.

    `unread` is what came with it and is never looked at.
    """
    try:
        message = replace(read_text(text), unread=unread)
    except TextUnreadableError:
        return Message(text="", press=None)
    return await without_pasted_secret(connection, message, conversation, walk)


async def without_pasted_secret(
    connection: AsyncConnection, message: Message, conversation: Conversation, walk: Walk
) -> Message:
    """Take out a text that may be the PIN or password which the conversation's step of a guide asks to be typed.

    At any other step, and outside of a guide, the message is left as it is.
    """
    if conversation.state.active_loop != FORM or not message.text or not may_be_secret(message.text):
        return message
    kept = await progress.find(connection, conversation.citizen_id)
    position = None if kept is None else walk.decode(kept.place)
    if position is None or not _follows_secret(walk, position):
        return message
    return replace(message, text=MARKS[Secret.PASSWORD], removed=(Secret.PASSWORD,))


def _follows_secret(walk: Walk, position: Position) -> bool:
    """Tell whether a secret is typed at a step, or was at the one before: people answer late."""
    before = walk.back(position)
    return walk.step(position).is_sensitive or walk.step(before).is_sensitive
