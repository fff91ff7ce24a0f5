"""Builders of valid things; a test says only what matters to it."""

from __future__ import annotations

import uuid

from bot.core.conversations import service as conversations
from bot.core.conversations.service import Conversation
from bot.core.db import Database
from bot.core.inbox import service as inbox
from bot.core.inbox.service import Message, Receipt
from bot.core.vault import Vault
from tests.fakes import MORNING


async def make_conversation(
    database: Database, vault: Vault, *, external_id: str | None = None, now=MORNING
) -> tuple[Conversation, str]:
    """Open a conversation; return it with its token."""
    async with database.unit_of_work() as connection:
        admission = await conversations.admit(
            connection,
            vault,
            channel="web",
            external_id=external_id or f"conversation-{uuid.uuid4().hex[:12]}",
            tokens=(),
            now=now,
        )
    assert admission.token is not None
    return admission.conversation, admission.token


async def make_update(
    database: Database, conversation: Conversation, *, text: str = "xin chào", update_id: str | None = None, now=MORNING
) -> Receipt:
    """Store a text message of the conversation."""
    async with database.unit_of_work() as connection:
        return await inbox.receive(
            connection,
            conversation,
            account="",
            update_id=update_id or uuid.uuid4().hex,
            message=Message(text=text, press=None),
            now=now,
        )
