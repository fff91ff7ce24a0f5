"""Queries of single conversations; forgetting many of them is in `retention`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, insert, select, update
from sqlalchemy.exc import NoResultFound
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.citizens.models import citizens
from bot.core.conversations.models import conversations


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation as stored, with its citizen's wrapped key."""

    id: int
    channel: str
    external_id: str
    citizen_id: str
    wrapped_key: bytes
    token_digest: bytes | None
    is_guest: bool
    state: bytes | None
    introduced: bool
    last_position: int


def _rows() -> Select[tuple[object, ...]]:
    unread = {"created_at", "last_active_at", "unreachable_since"}
    columns = [column for column in conversations.c if column.name not in unread]
    return select(*columns, citizens.c.wrapped_key).join(citizens)


def _as_conversation(row: Row[tuple[object, ...]]) -> ConversationRow:
    return ConversationRow(**row._mapping)


async def find_by_name(
    connection: AsyncConnection, channel: str, external_id: str, *, lock: bool = False
) -> ConversationRow | None:
    """Return the conversation of that name on that channel, held until the transaction ends where `lock` is set.

    SQLite needs no lock: there a transaction that writes is alone anyway.
    """
    query = _rows().where(conversations.c.channel == channel, conversations.c.external_id == external_id)
    if lock:
        query = query.with_for_update(of=conversations)
    row = (await connection.execute(query)).one_or_none()
    return _as_conversation(row) if row else None


async def get_by_name(connection: AsyncConnection, channel: str, external_id: str) -> ConversationRow:
    """Return the conversation of that name, which must exist, held until the transaction ends."""
    row = await find_by_name(connection, channel, external_id, lock=True)
    if row is None:
        raise NoResultFound
    return row


async def get(connection: AsyncConnection, conversation_id: int) -> ConversationRow:
    """Return a conversation by its id; it must exist."""
    return _as_conversation((await connection.execute(_rows().where(conversations.c.id == conversation_id))).one())


async def add(
    connection: AsyncConnection,
    *,
    channel: str,
    external_id: str,
    citizen_id: str,
    token_digest: bytes | None,
    is_guest: bool,
    now: datetime,
) -> int:
    """Store a new conversation; return its id.

    Raises:
        sqlalchemy.exc.IntegrityError: the name is taken on this channel.
    """
    statement = (
        insert(conversations)
        .values(
            channel=channel,
            external_id=external_id,
            citizen_id=citizen_id,
            token_digest=token_digest,
            is_guest=is_guest,
            created_at=now,
            last_active_at=now,
        )
        .returning(conversations.c.id)
    )
    return int((await connection.execute(statement)).scalar_one())


async def save_turn(
    connection: AsyncConnection,
    conversation_id: int,
    *,
    state: bytes | None,
    last_position: int,
    now: datetime,
) -> None:
    """Keep where the dialogue stands after a turn; whoever was answered was introduced to."""
    await connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(state=state, introduced=True, last_position=last_position, last_active_at=now)
    )


async def set_token_digest(connection: AsyncConnection, conversation_id: int, digest: bytes) -> None:
    """Replace what a conversation's token is recognised by."""
    await connection.execute(
        update(conversations).where(conversations.c.id == conversation_id).values(token_digest=digest)
    )


async def set_unreachable(connection: AsyncConnection, conversation_id: int, *, since: datetime | None) -> None:
    """Note since when the platform takes no message for this conversation; None where it does."""
    noted = conversations.c.unreachable_since
    changed = noted.is_not(None) if since is None else noted.is_(None)
    await connection.execute(
        update(conversations).where(conversations.c.id == conversation_id, changed).values(unreachable_since=since)
    )
