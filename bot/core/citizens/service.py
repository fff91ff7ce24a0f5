"""Use cases of citizens and their keys."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.citizens.models import citizens
from bot.core.vault import PersonKey, Vault


async def enrol(connection: AsyncConnection, vault: Vault, *, now: datetime) -> tuple[str, PersonKey]:
    """Make a new citizen with a data key of their own; return the id and the opened key."""
    person_id = uuid.uuid4().hex
    key, wrapped = vault.new_person_key(person_id)
    await connection.execute(insert(citizens).values(id=person_id, wrapped_key=wrapped, created_at=now))
    return person_id, key
