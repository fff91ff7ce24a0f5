"""Use cases of deliveries: write the replies of a turn, and hand them out where the citizen fetches them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Update, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.conversations.service import Conversation
from bot.core.deliveries.models import DeliveryState, deliveries
from bot.core.replies import Source

_SHOWN = (deliveries.c.position, deliveries.c.dedupe_key, deliveries.c.payload)


FETCHED = frozenset({"web"})
"""Channels whose citizens fetch their replies; on every other one a sender carries them."""
MOST_AT_ONCE = 100
"""Replies handed out at once; positions have no gaps."""


@dataclass(frozen=True, slots=True)
class ShownButton:
    """A button as the citizen sees it, and the payload that comes back when it is pressed."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture by its name, and its words for those who cannot see it."""

    name: str
    alt: str


@dataclass(frozen=True, slots=True)
class OutboundMessage:
    """A message ready for its channel."""

    topic: str
    text: str
    buttons: tuple[ShownButton, ...] = ()
    sources: tuple[Source, ...] = ()
    picture: ShownPicture | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message handed out, and its position in the conversation."""

    position: int
    message: OutboundMessage


async def write_replies(
    connection: AsyncConnection,
    conversation: Conversation,
    *,
    inbox_id: int,
    messages: Sequence[OutboundMessage],
    now: datetime,
) -> None:
    """Write the replies of one turn, in order, behind everything said before."""
    rows = []
    for number, message in enumerate(messages, start=1):
        dedupe_key = f"reply:{inbox_id}:{number}"
        plain = json.dumps(asdict(message), ensure_ascii=False).encode()
        rows.append(
            {
                "conversation_id": conversation.id,
                "inbox_id": inbox_id,
                "position": conversation.last_position + number,
                "dedupe_key": dedupe_key,
                "payload": conversation.key.seal(plain, place=_place(dedupe_key)),
                "carrier": None if conversation.channel in FETCHED else conversation.channel,
                "created_at": now,
            }
        )
    if rows:
        await connection.execute(insert(deliveries), rows)


async def hand_out_answer(
    connection: AsyncConnection, conversation: Conversation, inbox_id: int, *, now: datetime
) -> Sequence[Delivered]:
    """Give the replies to one update and record them as sent; none as long as its turn is not finished."""
    of_the_update = (deliveries.c.conversation_id == conversation.id, deliveries.c.inbox_id == inbox_id)
    fresh = await connection.execute(_send(*of_the_update, now=now).returning(*_SHOWN))
    rows = fresh.all() or (await connection.execute(select(*_SHOWN).where(*of_the_update))).all()
    return [_open(conversation, row) for row in sorted(rows, key=lambda row: row.position)]


async def hand_out_later(
    connection: AsyncConnection, conversation: Conversation, *, after: int, now: datetime
) -> Sequence[Delivered]:
    """Give up to 100 replies behind the cursor `after`, in order, and record them as sent."""
    behind = (
        deliveries.c.conversation_id == conversation.id,
        deliveries.c.position > after,
        deliveries.c.position <= after + MOST_AT_ONCE,
    )
    await connection.execute(_send(*behind, now=now))
    rows = await connection.execute(select(*_SHOWN).where(*behind).order_by(deliveries.c.position))
    return [_open(conversation, row) for row in rows]


async def cursor_of(connection: AsyncConnection, conversation: Conversation) -> int:
    """Return the position up to which everything was handed out; a later fetch from there misses nothing."""
    first_pending = (
        select(func.min(deliveries.c.position))
        .where(deliveries.c.conversation_id == conversation.id, deliveries.c.state == DeliveryState.PENDING)
        .scalar_subquery()
    )
    last = (
        select(func.max(deliveries.c.position)).where(deliveries.c.conversation_id == conversation.id).scalar_subquery()
    )
    return int((await connection.execute(select(func.coalesce(first_pending - 1, last, 0)))).scalar_one())


async def find_shown(
    connection: AsyncConnection, conversation: Conversation, *, position: int
) -> OutboundMessage | None:
    """Return the reply at a position of the conversation, as long as it is remembered."""
    query = select(*_SHOWN).where(deliveries.c.conversation_id == conversation.id, deliveries.c.position == position)
    row = (await connection.execute(query)).one_or_none()
    return _open(conversation, row).message if row else None


async def find_last_shown(connection: AsyncConnection, conversation: Conversation) -> OutboundMessage | None:
    """Return the newest reply of the conversation, sent or about to be; None where nothing was said yet."""
    query = select(*_SHOWN).where(deliveries.c.conversation_id == conversation.id)
    row = (await connection.execute(query.order_by(deliveries.c.position.desc()).limit(1))).one_or_none()
    return _open(conversation, row).message if row else None


async def has_later(connection: AsyncConnection, conversation: Conversation, after: int) -> bool:
    """Tell whether there is a reply behind the cursor."""
    query = select(deliveries.c.id).where(
        deliveries.c.conversation_id == conversation.id, deliveries.c.position > after
    )
    return (await connection.execute(query.limit(1))).first() is not None


def _send(*wanted: ColumnElement[bool], now: datetime) -> Update:
    return (
        update(deliveries)
        .where(*wanted, deliveries.c.state == DeliveryState.PENDING)
        .values(state=DeliveryState.SENT, sent_at=now)
    )


def open_message(conversation: Conversation, *, payload: bytes, dedupe_key: str) -> OutboundMessage:
    """Open the sealed payload of a delivery."""
    plain = json.loads(conversation.key.open(payload, place=_place(dedupe_key)))
    return OutboundMessage(
        topic=plain["topic"],
        text=plain["text"],
        buttons=tuple(ShownButton(**button) for button in plain["buttons"]),
        sources=tuple(Source(**source) for source in plain["sources"]),
        # What an older release wrote has none.
        picture=ShownPicture(**plain["picture"]) if plain.get("picture") else None,
    )


def _open(conversation: Conversation, row: Row[int, str, bytes]) -> Delivered:
    message = open_message(conversation, payload=row.payload, dedupe_key=row.dedupe_key)
    return Delivered(row.position, message)


def _place(dedupe_key: str) -> str:
    return f"delivery:{dedupe_key}"
