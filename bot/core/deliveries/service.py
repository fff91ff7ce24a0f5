"""Use cases of deliveries: write the replies of a turn, and hand them out where the citizen fetches them."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Update, and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.conversations import service as conversations
from bot.core.conversations import windows
from bot.core.conversations.service import Conversation, SpeakerChangedError
from bot.core.conversations.windows import WINDOWS, Reach
from bot.core.deliveries.errors import SilentTooLongError
from bot.core.deliveries.models import DeliveryState, deliveries, held_messages
from bot.core.replies import Source

_SHOWN = (deliveries.c.position, deliveries.c.dedupe_key, deliveries.c.payload)


FETCHED = frozenset({"web"})
"""Channels whose citizens fetch their replies; on every other one a sender carries them."""
MOST_AT_ONCE = 100
"""Replies handed out at once."""
CLOCKS_DIFFER = timedelta(minutes=1)
"""By so much a platform's clock may be behind ours, at the most."""


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
    """A message ready for its channel; `answers` is the platform's name of the message in a group that it answers."""

    topic: str
    text: str
    buttons: tuple[ShownButton, ...] = ()
    sources: tuple[Source, ...] = ()
    picture: ShownPicture | None = None
    answers: str | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message handed out, and its position in the conversation; `in_group` where others read it too."""

    position: int
    message: OutboundMessage
    in_group: bool = False


@dataclass(frozen=True, slots=True)
class LastShown:
    """The last reply that a citizen surely has, and what they may have got since; then nobody knows what they see."""

    surely: OutboundMessage | None
    perhaps: Sequence[OutboundMessage] = ()


async def write_replies(
    connection: AsyncConnection,
    conversation: Conversation,
    *,
    inbox_id: int,
    messages: Sequence[OutboundMessage],
    now: datetime,
) -> None:
    """Write the replies of one turn, in order, behind everything said before."""
    await _write(connection, conversation, key=f"reply:{inbox_id}", inbox_id=inbox_id, messages=messages, now=now)


async def write_later(
    connection: AsyncConnection,
    conversation: Conversation,
    *,
    key: str,
    messages: Sequence[OutboundMessage],
    case_id: int | None = None,
    now: datetime,
) -> bool:
    """Write messages that answer no update, such as a registrar's news, behind everything said before.

    `key`, of at most 80 characters, names them for ever and among all conversations: a second call with it writes
    nothing, and returns False. Whoever calls rings the conversation's bell and the outbox's after the commit.
    While staff speak, what the assistant has to say waits for `release_held`. `case_id` is set by staff alone.
    To somebody who was silent for longer than their platform allows it is written as failed, and never sent.

    Raises:
        ConversationGoneError: the conversation was forgotten or erased.
        SpeakerChangedError: somebody would speak in a case that has not the floor.
    """
    floor = await conversations.hold(connection, conversation.id)
    if case_id is not None and floor.case_id != case_id:
        raise SpeakerChangedError
    name = f"later:{key}"
    written = select(deliveries.c.id).where(deliveries.c.dedupe_key == f"{name}:1")
    held = select(held_messages.c.id).where(held_messages.c.name == key)
    if any([(await connection.execute(query)).one_or_none() is not None for query in (written, held)]):
        return False
    if floor.case_id is not None and case_id is None:
        plain = json.dumps([asdict(message) for message in messages], ensure_ascii=False).encode()
        payload = conversation.key.seal(plain, place=_held_place(key))
        row = {"conversation_id": conversation.id, "name": key, "payload": payload, "created_at": now}
        await connection.execute(insert(held_messages).values(row))
    else:
        await _write(connection, conversation, key=name, inbox_id=None, messages=messages, now=now)
    return True


async def release_held(connection: AsyncConnection, conversation: Conversation, *, now: datetime) -> None:
    """Write what waited while staff spoke, oldest first; the assistant must have the floor again."""
    mine = held_messages.c.conversation_id == conversation.id
    rows = (await connection.execute(select(held_messages).where(mine).order_by(held_messages.c.id))).all()
    await connection.execute(delete(held_messages).where(mine))
    for row in rows:
        plain = json.loads(conversation.key.open(row.payload, place=_held_place(row.name)))
        messages = [_read(message) for message in plain]
        await _write(connection, conversation, key=f"later:{row.name}", inbox_id=None, messages=messages, now=now)


async def _write(
    connection: AsyncConnection,
    conversation: Conversation,
    *,
    key: str,
    inbox_id: int | None,
    messages: Sequence[OutboundMessage],
    now: datetime,
) -> None:
    if not messages:
        return
    positions = await conversations.take_positions(connection, conversation.id, len(messages))
    floor = await conversations.find_floor(connection, conversation.id)
    # Whoever is answered has just written.
    is_late = inbox_id is None and conversation.channel in WINDOWS
    is_silent = is_late and await windows.find_reach(connection, conversation.id, now=now) is Reach.SILENT
    rows = []
    for number, (position, message) in enumerate(zip(positions, messages, strict=True), start=1):
        dedupe_key = f"{key}:{number}"
        plain = json.dumps(asdict(message), ensure_ascii=False).encode()
        rows.append(
            {
                "conversation_id": conversation.id,
                "inbox_id": inbox_id,
                "position": position,
                "dedupe_key": dedupe_key,
                "payload": conversation.key.seal(plain, place=_place(dedupe_key)),
                "carrier": None if conversation.channel in FETCHED else conversation.channel,
                "case_id": floor.case_id,
                "state": DeliveryState.FAILED if is_silent else DeliveryState.PENDING,
                "error": SilentTooLongError.code if is_silent else None,
                "created_at": now,
            }
        )
    await connection.execute(insert(deliveries), rows)


async def hand_out_answer(
    connection: AsyncConnection, conversation: Conversation, inbox_id: int, *, now: datetime
) -> Sequence[Delivered]:
    """Give the replies to one update and record them as sent; none as long as its turn is not finished."""
    await _cancel_out_of_turn(connection, conversation)
    of_the_update = (
        deliveries.c.conversation_id == conversation.id,
        deliveries.c.inbox_id == inbox_id,
        deliveries.c.state != DeliveryState.CANCELLED,
    )
    fresh = await connection.execute(_send(*of_the_update, now=now).returning(*_SHOWN))
    rows = fresh.all() or (await connection.execute(select(*_SHOWN).where(*of_the_update))).all()
    return [_open(conversation, row) for row in sorted(rows, key=lambda row: row.position)]


async def hand_out_later(
    connection: AsyncConnection, conversation: Conversation, *, after: int, now: datetime
) -> Sequence[Delivered]:
    """Give up to 100 replies behind the cursor `after`, in order, and record them as sent."""
    await _cancel_out_of_turn(connection, conversation)
    behind = (
        deliveries.c.conversation_id == conversation.id,
        deliveries.c.position > after,
        deliveries.c.state != DeliveryState.CANCELLED,
    )
    first = select(*_SHOWN).where(*behind).order_by(deliveries.c.position).limit(MOST_AT_ONCE)
    rows = (await connection.execute(first)).all()
    if rows:
        await connection.execute(_send(*behind, deliveries.c.position <= rows[-1].position, now=now))
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


async def count_kept(connection: AsyncConnection, conversation: Conversation) -> tuple[int, datetime | None]:
    """Return how many replies of a conversation are kept, and since when the oldest."""
    query = select(func.count(), func.min(deliveries.c.created_at)).where(
        deliveries.c.conversation_id == conversation.id
    )
    count, since = (await connection.execute(query)).one()
    return count, since


async def forget_conversations(connection: AsyncConnection, conversation_ids: Collection[int]) -> None:
    """Remove everything that was said in conversations, and what waited to be."""
    await connection.execute(delete(held_messages).where(held_messages.c.conversation_id.in_(conversation_ids)))
    await connection.execute(delete(deliveries).where(deliveries.c.conversation_id.in_(conversation_ids)))


async def forget_old(connection: AsyncConnection, conversation_ids: ScalarSelect[int], *, before: datetime) -> int:
    """Remove what was said before a moment in conversations, whether it arrived or not; return how much."""
    old = (deliveries.c.conversation_id.in_(conversation_ids), deliveries.c.created_at < before)
    return (await connection.execute(delete(deliveries).where(*old))).rowcount


async def find_shown(
    connection: AsyncConnection, conversation: Conversation, *, position: int
) -> OutboundMessage | None:
    """Return the reply at a position of the conversation, as long as it is remembered."""
    query = select(*_SHOWN).where(deliveries.c.conversation_id == conversation.id, deliveries.c.position == position)
    row = (await connection.execute(query)).one_or_none()
    return _open(conversation, row).message if row else None


async def find_last_shown(connection: AsyncConnection, conversation: Conversation, *, at: datetime) -> LastShown:
    """Return the newest reply of a conversation that had arrived at a moment, and whatever may have arrived since.

    What surely did not, because it waits, failed, was cancelled or was written later, is left out.
    """
    mine = and_(deliveries.c.conversation_id == conversation.id, deliveries.c.created_at <= at + CLOCKS_DIFFER)
    arrived = (
        select(func.max(deliveries.c.position)).where(mine, deliveries.c.state == DeliveryState.SENT).scalar_subquery()
    )
    may_have_arrived = or_(
        deliveries.c.state.in_((DeliveryState.SENT, DeliveryState.UNKNOWN)),
        and_(deliveries.c.state == DeliveryState.SENDING, deliveries.c.begun_at.is_not(None)),
    )
    query = (
        select(*_SHOWN, deliveries.c.state)
        .where(mine, deliveries.c.position >= func.coalesce(arrived, 0), may_have_arrived)
        .order_by(deliveries.c.position)
    )
    surely, perhaps = None, []
    for row in await connection.execute(query):
        message = open_message(conversation, payload=row.payload, dedupe_key=row.dedupe_key)
        if row.state == DeliveryState.SENT:
            surely = message
        else:
            perhaps.append(message)
    return LastShown(surely, tuple(perhaps))


async def has_later(connection: AsyncConnection, conversation: Conversation, after: int) -> bool:
    """Tell whether there is a reply behind the cursor."""
    query = select(deliveries.c.id).where(
        deliveries.c.conversation_id == conversation.id,
        deliveries.c.position > after,
        deliveries.c.state != DeliveryState.CANCELLED,
    )
    return (await connection.execute(query.limit(1))).first() is not None


async def _cancel_out_of_turn(connection: AsyncConnection, conversation: Conversation) -> None:
    """Cancel what has no one to say it any more: exactly one speaks, whatever was written before that changed."""
    floor = await conversations.find_floor(connection, conversation.id)
    if floor.case_id is None:
        return
    statement = (
        update(deliveries)
        .where(
            deliveries.c.conversation_id == conversation.id,
            deliveries.c.state == DeliveryState.PENDING,
            deliveries.c.position >= floor.case_from,
            deliveries.c.case_id.is_distinct_from(floor.case_id),
        )
        .values(state=DeliveryState.CANCELLED, error=SpeakerChangedError.code)
    )
    await connection.execute(statement)


def _send(*wanted: ColumnElement[bool], now: datetime) -> Update:
    return (
        update(deliveries)
        .where(*wanted, deliveries.c.state == DeliveryState.PENDING)
        .values(state=DeliveryState.SENT, sent_at=now)
    )


def open_message(conversation: Conversation, *, payload: bytes, dedupe_key: str) -> OutboundMessage:
    """Open the sealed payload of a delivery."""
    return _read(json.loads(conversation.key.open(payload, place=_place(dedupe_key))))


def _read(plain: dict[str, Any]) -> OutboundMessage:
    return OutboundMessage(
        topic=plain["topic"],
        text=plain["text"],
        buttons=tuple(ShownButton(**button) for button in plain["buttons"]),
        sources=tuple(Source(**source) for source in plain["sources"]),
        # What an older release wrote has none.
        picture=ShownPicture(**plain["picture"]) if plain.get("picture") else None,
        answers=plain.get("answers"),
    )


def _open(conversation: Conversation, row: Row[int, str, bytes]) -> Delivered:
    message = open_message(conversation, payload=row.payload, dedupe_key=row.dedupe_key)
    return Delivered(row.position, message)


def _place(dedupe_key: str) -> str:
    return f"delivery:{dedupe_key}"


def _held_place(name: str) -> str:
    return f"held:{name}"
