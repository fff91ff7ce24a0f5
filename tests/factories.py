"""Builders of valid things; a test says only what matters to it."""

from __future__ import annotations

import hashlib
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.conversations import service as conversations
from bot.core.conversations.service import Conversation
from bot.core.db import Database
from bot.core.handoffs import service as handoffs
from bot.core.handoffs.references import new_reference
from bot.core.inbox import service as inbox
from bot.core.inbox.service import Message, Receipt
from bot.core.registrars import tokens
from bot.core.registrars.models import registrar_tokens
from bot.core.registrars.tokens import RegistrarScope
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


CONTACT = {"name": "Trần Thị Ba", "phone": "+84900000001", "email": "ba@example.vn"}
"""Somebody who does not exist."""
TENTEN, PAVIETNAM, INET, BKNS = "tenten.vn", "pavietnam.vn", "inet.vn", "bkns.vn"
"""Registrars of the shipped content: the first three take part for id.vn, the last for biz.vn."""


async def connect_registrar(connection: AsyncConnection, registrar: str, *, now=MORNING) -> None:
    """Have a registrar hold a token for ten years, so that it can get requests; once, and no one knows the token."""
    if registrar in await tokens.list_connected(connection, now=now):
        return
    digest = hashlib.sha256(registrar.encode()).digest()
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(registrar_tokens).values(
        prefix=f"t{digest.hex()[:12]}",
        registrar=registrar,
        digest=digest,
        scopes=RegistrarScope.READ,
        created_at=now,
        expires_at=now + timedelta(days=3650),
    )
    # Several may connect it at the same time.
    await connection.execute(statement.on_conflict_do_nothing())


async def make_handoff(
    database: Database, conversation: Conversation, *, reference: str | None = None, now=MORNING, **changes: Any
) -> str:
    """Hand a request on with its citizen's consent; return its reference."""
    reference = reference or new_reference()
    values: dict[str, Any] = {
        "registrar": TENTEN,
        "product": "id.vn",
        "domain": "tranthiba.id.vn",
        "contact": CONTACT,
        "consent": "handoff-1",
        "may_cost": True,
    }
    values |= changes
    async with database.unit_of_work() as connection:
        await connect_registrar(connection, values["registrar"], now=now)
        await handoffs.submit(connection, conversation, reference=reference, now=now, **values)
    return reference
