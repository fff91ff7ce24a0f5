"""Queries of single conversations; forgetting many of them is in `retention`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, func, insert, or_, select, update
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
    case_id: int | None
    recent: bytes | None


@dataclass(frozen=True, slots=True)
class Floor:
    """Who speaks in a conversation: staff in the case of that id, from that position on; or the assistant."""

    case_id: int | None
    case_from: int | None

    def lets_speak(self, *, case_id: int | None, position: int) -> bool:
        """Tell whether what was written at a position, in that case or by the assistant, may still be told."""
        return self.case_id is None or self.case_from is None or position < self.case_from or case_id == self.case_id


def _rows() -> Select[tuple[object, ...]]:
    unread = {
        "created_at",
        "last_active_at",
        "unreachable_since",
        "case_from",
        "forgotten_from",
        "apologised_at",
        "last_interaction_at",
    }
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


async def find(connection: AsyncConnection, conversation_id: int) -> ConversationRow | None:
    """Return a conversation by its id, if it is still there."""
    row = (await connection.execute(_rows().where(conversations.c.id == conversation_id))).one_or_none()
    return None if row is None else _as_conversation(row)


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


async def rename_all(connection: AsyncConnection, channel: str, *, before: str, after: str) -> int:
    """Let the names that begin with `before` begin with `after` instead, where that name is free; return how many."""
    new_name = after + func.substr(conversations.c.external_id, len(before) + 1)
    taken = conversations.alias()
    statement = (
        update(conversations)
        .where(
            conversations.c.channel == channel,
            conversations.c.external_id.startswith(before, autoescape=True),
            ~select(taken.c.id).where(taken.c.channel == channel, taken.c.external_id == new_name).exists(),
        )
        .values(external_id=new_name)
    )
    return (await connection.execute(statement)).rowcount


async def list_of_person(
    connection: AsyncConnection, channel: str, *, private: str, ending: str
) -> list[ConversationRow]:
    """Return the conversation of a name and those whose names end so, held until the transaction ends, by their ids."""
    names = conversations.c.external_id
    query = _rows().where(
        conversations.c.channel == channel, or_(names == private, names.endswith(ending, autoescape=True))
    )
    rows = await connection.execute(query.order_by(conversations.c.id).with_for_update(of=conversations))
    return [_as_conversation(row) for row in rows]


async def set_all_unreachable(connection: AsyncConnection, channel: str, *, beginning: str, since: datetime) -> None:
    """Note of the conversations whose names begin so that the platform takes no message for them any more."""
    await connection.execute(
        update(conversations)
        .where(
            conversations.c.channel == channel,
            conversations.c.external_id.startswith(beginning, autoescape=True),
            conversations.c.unreachable_since.is_(None),
        )
        .values(unreachable_since=since)
    )


async def save_turn(
    connection: AsyncConnection,
    conversation_id: int,
    *,
    state: bytes | None,
    recent: bytes | None,
    now: datetime,
) -> None:
    """Keep where the dialogue stands after a turn; whoever was answered was introduced to."""
    await connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(state=state, recent=recent, introduced=True, last_active_at=now)
    )


async def find_floor(connection: AsyncConnection, conversation_id: int, *, lock: bool = False) -> Floor | None:
    """Return who speaks in a conversation; None where it is gone.

    Where `lock` is set, nobody else says anything in it or changes that until the transaction ends.
    """
    query = select(conversations.c.case_id, conversations.c.case_from).where(conversations.c.id == conversation_id)
    row = (await connection.execute(query.with_for_update() if lock else query)).one_or_none()
    return Floor(row.case_id, row.case_from) if row else None


async def set_floor(connection: AsyncConnection, conversation_id: int, *, case_id: int | None) -> None:
    """Let staff speak in a case from the next position on; or the assistant, where there is none."""
    case_from = None if case_id is None else conversations.c.last_position + 1
    await connection.execute(
        update(conversations).where(conversations.c.id == conversation_id).values(case_id=case_id, case_from=case_from)
    )


async def hand_over(
    connection: AsyncConnection, conversation_id: int, *, citizen_id: str, forgotten_from: datetime
) -> None:
    """Give a conversation to another citizen, without anything of the one before; it is forgotten at that time."""
    await connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(
            citizen_id=citizen_id,
            state=None,
            recent=None,
            case_id=None,
            case_from=None,
            forgotten_from=forgotten_from,
        )
    )


async def keep(connection: AsyncConnection, conversation_id: int) -> None:
    """Take back that a conversation is forgotten sooner than others."""
    await connection.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id, conversations.c.forgotten_from.is_not(None))
        .values(forgotten_from=None)
    )


async def add_positions(connection: AsyncConnection, conversation_id: int, count: int) -> int | None:
    """Count `count` more messages of a conversation; return the last one's position, None where it is gone."""
    statement = (
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(last_position=conversations.c.last_position + count)
        .returning(conversations.c.last_position)
    )
    position: int | None = (await connection.execute(statement)).scalar_one_or_none()
    return position


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
