"""Use cases of citizens and their keys."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.citizens.models import citizens
from bot.core.vault import PersonKey, Vault


async def enrol(connection: AsyncConnection, vault: Vault, *, now: datetime) -> tuple[str, PersonKey]:
    """Make a new citizen with a data key of their own; return the id and the opened key."""
    person_id = uuid.uuid4().hex
    key, wrapped = vault.new_person_key(person_id)
    await connection.execute(insert(citizens).values(id=person_id, wrapped_key=wrapped, created_at=now))
    return person_id, key


async def destroy_key(connection: AsyncConnection, person_id: str, *, now: datetime) -> None:
    """Destroy a citizen's data key: whatever is sealed with it opens nowhere any more."""
    await connection.execute(update(citizens).where(citizens.c.id == person_id).values(wrapped_key=None, erased_at=now))


async def list_living(connection: AsyncConnection) -> Sequence[str]:
    """Return the ids of all citizens whose key is there."""
    return (await connection.execute(select(citizens.c.id).where(citizens.c.wrapped_key.is_not(None)))).scalars().all()
