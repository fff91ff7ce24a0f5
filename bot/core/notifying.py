"""Tells a citizen something that answers no message of theirs, such as what became of a request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.composing import Composer
from bot.core.conversations.service import Conversation
from bot.core.deliveries import service as deliveries
from bot.core.replies import Reply


async def notify(
    connection: AsyncConnection,
    composer: Composer,
    conversation: Conversation,
    replies: Sequence[Reply],
    *,
    key: str,
    now: datetime,
) -> bool:
    """Say something later, on the citizen's own channel, once for each `key`; False where it was said before.

    Whoever calls rings the conversation's bell and the outbox's after the commit: until then nobody sees it.

    Raises:
        ConversationGoneError: the conversation was forgotten or erased.
        TemplateBrokenError: a text of ours is broken; nothing is written.
    """
    messages = composer.compose(conversation, replies)
    return await deliveries.write_later(connection, conversation, key=key, messages=messages, now=now)
