"""Every query about sending; the same statements on SQLite and PostgreSQL."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, Float, Select, and_, bindparam, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningUpdate

from bot.core.broadcasts.models import editions
from bot.core.broadcasts.states import State
from bot.core.conversations.models import conversations
from bot.core.conversations.names import chat_in, chat_of_group
from bot.core.db import database_now
from bot.core.deliveries.models import DeliveryState, deliveries
from bot.core.destinations.models import destinations

C = TypeVar("C", bound="Claimed")

_GOING_OUT = select(editions.c.id).where(editions.c.state == State.SENDING).scalar_subquery()
"""The editions that are being sent, few at any time: a paused one costs a claim nothing."""
_IN_USE = select(destinations.c.id).where(destinations.c.ended_at.is_(None)).scalar_subquery()
_CLOSED: BindParameter[str] = bindparam("closed", expanding=True)
"""The names of the chats to which nothing may go now."""
_CHAT = chat_in(conversations.c.external_id)
_OF_ONE_LEASE = ":"
"""Stands in the owner of a lease before what no other lease has; releases that begin nothing write none."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery leased to one sender."""

    id: int
    attempt: int
    owner: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ClaimedReply(Claimed):
    """One that goes to a conversation; `message_id` is its picture's, where that went ahead without it."""

    conversation_id: int
    position: int
    dedupe_key: str
    payload: bytes
    case_id: int | None
    message_id: str | None


@dataclass(frozen=True, slots=True)
class ClaimedBulk(Claimed):
    """One that brings an edition to a destination, which had this address when it was leased."""

    edition_id: str
    destination_id: str
    address: str


def bulk_carrier(channel: str) -> str:
    """Return what stands as carrier in rows of editions that a channel's sender sends.

    It is no channel's name: a sender of a release that knows no editions leaves them alone.
    """
    return f"{channel}:bulk"


def _is_free(head: Any) -> ColumnElement[bool]:
    """Tell of a row of `head` that it may be sent now: it is due, and the citizen has all that was said before."""
    older = deliveries.alias("older")
    blocked = (
        select(older.c.id)
        .where(
            older.c.carrier == head.c.carrier,
            older.c.conversation_id == head.c.conversation_id,
            older.c.position < head.c.position,
            older.c.state < DeliveryState.SENT,
        )
        .exists()
    )
    return and_(_is_due(head), head.c.conversation_id.is_not(None), ~blocked)


def _is_free_bulk(row: Any) -> ColumnElement[bool]:
    """Tell of a row of an edition that it may be sent now: the edition is being sent."""
    return and_(_is_due(row), row.c.edition_id.in_(_GOING_OUT))


def _is_due(row: Any) -> ColumnElement[bool]:
    return and_(
        row.c.carrier == bindparam("channel"),
        row.c.state == DeliveryState.PENDING,
        row.c.state < DeliveryState.SENT,  # as the partial indexes say it
        row.c.not_before <= database_now(),
    )


def _open_replies(head: Any, *asked: Any) -> Select[Any]:
    """Ask for something of the free replies, rows of `head`, whose chat is not closed."""
    return (
        select(*asked)
        .join_from(head, conversations, head.c.conversation_id == conversations.c.id)
        .where(_is_free(head), _CHAT.not_in(_CLOSED))
    )


def _open_bulk(row: Any, *asked: Any) -> Select[Any]:
    """Ask for something of the free rows of editions whose destination's chat is not closed."""
    chat = literal(chat_of_group("")) + destinations.c.address
    return (
        select(*asked)
        .join_from(row, destinations, row.c.destination_id == destinations.c.id)
        .where(_is_free_bulk(row), chat.not_in(_CLOSED))
    )


def _claim_statement(oldest: Select[Any], kind: type[Claimed]) -> ReturningUpdate[Any]:
    head = deliveries.alias("claimed")
    ids = (
        select(head.c.id)
        .where(head.c.id.in_(oldest.limit(bindparam("most")).scalar_subquery()), head.c.state == DeliveryState.PENDING)
        .with_for_update(skip_locked=True, of=head)
    )
    address = select(destinations.c.address).where(destinations.c.id == deliveries.c.destination_id)
    columns = {**deliveries.c, "address": address.scalar_subquery().label("address")}
    return (
        update(deliveries)
        .where(deliveries.c.id.in_(ids.scalar_subquery()))
        .values(
            state=DeliveryState.SENDING,
            owner=bindparam("claimer"),
            lease_until=database_now() + bindparam("lease_seconds", type_=Float),
            attempt=deliveries.c.attempt + 1,
        )
        .returning(*(columns[field.name] for field in fields(kind)))
    )


# Built once: putting them together takes longer than SQLite takes to run them.
_HEAD = deliveries.alias("head")
_OLDEST = func.min(_HEAD.c.id)
_CLAIM = {
    # One of each chat, since several conversations in a group share its pace: the others would only take up room.
    ClaimedReply: _claim_statement(_open_replies(_HEAD, _OLDEST).group_by(_CHAT).order_by(_OLDEST), ClaimedReply),
    ClaimedBulk: _claim_statement(_open_bulk(_HEAD, _HEAD.c.id).order_by(_HEAD.c.id), ClaimedBulk),
}
_DUE = {
    ClaimedReply: _open_replies(_HEAD, _HEAD.c.id).limit(1),
    ClaimedBulk: _open_bulk(_HEAD, _HEAD.c.id).limit(1),
}


async def is_any_due(
    connection: AsyncConnection, kind: type[Claimed], *, channel: str, closed: Collection[str]
) -> bool:
    """Tell whether a claim of that kind would give anything."""
    carrier = bulk_carrier(channel) if kind is ClaimedBulk else channel
    parameters = {"channel": carrier, "closed": list(closed)}
    return (await connection.execute(_DUE[kind], parameters)).first() is not None


async def claim(
    connection: AsyncConnection,
    kind: type[C],
    *,
    channel: str,
    owner: str,
    most: int,
    lease_seconds: float,
    closed: Collection[str],
) -> Sequence[C]:
    """Lease unsent deliveries to chats that are not `closed`, by name, oldest first.

    Of replies it is the oldest of each chat only, and of each conversation; of editions it is those that are being
    sent. The owner of each lease begins with `owner`, and is another's than that of every lease before: what is
    recorded of an earlier one, again or too late, touches no later one.
    """
    carrier = bulk_carrier(channel) if kind is ClaimedBulk else channel
    parameters = {
        "channel": carrier,
        "claimer": f"{owner}{_OF_ONE_LEASE}{secrets.token_hex(6)}",
        "closed": list(closed),
        "most": most,
        "lease_seconds": lease_seconds,
    }
    rows = await connection.execute(_CLAIM[kind], parameters)
    return sorted((kind(**row._mapping) for row in rows), key=lambda claimed: claimed.id)


async def begin(connection: AsyncConnection, claimed: Claimed, *, lease_seconds: float) -> bool:
    """Note that a leased delivery is about to be sent, and prolong its lease.

    False where the lease is gone, its edition is not being sent any more, or its destination is out of use.
    """
    statement = (
        update(deliveries)
        .where(
            *_held(claimed),
            deliveries.c.lease_until > database_now(),
            deliveries.c.begun_at.is_(None),
            or_(deliveries.c.edition_id.is_(None), deliveries.c.edition_id.in_(_GOING_OUT)),
            or_(deliveries.c.destination_id.is_(None), deliveries.c.destination_id.in_(_IN_USE)),
        )
        .values(begun_at=database_now(), lease_until=database_now() + lease_seconds)
    )
    return (await connection.execute(statement)).rowcount == 1


async def finish(
    connection: AsyncConnection,
    claimed: Claimed,
    *,
    state: DeliveryState,
    message_id: str | None = None,
    error: str | None = None,
    sent_at: datetime | None = None,
) -> bool:
    """End a leased delivery in `state`; False where the lease is gone."""
    return await _change(connection, claimed, state=state, message_id=message_id, error=error, sent_at=sent_at)


async def put_back(
    connection: AsyncConnection,
    claimed: Claimed,
    *,
    seconds: float,
    attempt: int,
    error: str | None,
    picture_id: str | None = None,
) -> bool:
    """Return a leased delivery of which nothing was sent but its picture, to be claimed again after some seconds.

    False where the lease is gone.
    """
    values = {"not_before": database_now() + seconds, "attempt": attempt, "begun_at": None, "error": error}
    if picture_id is not None:
        values["message_id"] = picture_id
    return await _change(connection, claimed, state=DeliveryState.PENDING, **values)


async def cancel_pending(connection: AsyncConnection, conversation_id: int, *, error: str) -> None:
    """Cancel what a conversation's citizen was still to be sent."""
    statement = (
        update(deliveries)
        .where(
            deliveries.c.conversation_id == conversation_id,
            deliveries.c.carrier.is_not(None),
            deliveries.c.state == DeliveryState.PENDING,
        )
        .values(state=DeliveryState.CANCELLED, error=error)
    )
    await connection.execute(statement)


async def put_back_abandoned(connection: AsyncConnection, *, channel: str, alive: str | None) -> Sequence[int]:
    """Return what senders that died had leased and not begun; return the ids."""
    # Its attempt stays counted: a sender that only slept must not take the row's next lease for its own.
    return await _change_abandoned(connection, channel, alive, ~_may_have_been_sent(), state=DeliveryState.PENDING)


async def end_abandoned(connection: AsyncConnection, *, channel: str, alive: str | None, error: str) -> Sequence[int]:
    """End as unknown what senders that died had begun; return the ids."""
    return await _change_abandoned(
        connection, channel, alive, _may_have_been_sent(), state=DeliveryState.UNKNOWN, error=error
    )


def _may_have_been_sent() -> ColumnElement[bool]:
    """Tell of a leased row that it was begun, or leased by a release before migration 0008, which notes no beginning.

    Senders of both releases run side by side while one takes the place of the other.
    """
    is_of_old = ~func.coalesce(deliveries.c.owner, "").contains(_OF_ONE_LEASE)
    return or_(deliveries.c.begun_at.is_not(None), is_of_old)


async def _change_abandoned(
    connection: AsyncConnection, channel: str, alive: str | None, which: ColumnElement[bool], **values: object
) -> Sequence[int]:
    is_over = deliveries.c.lease_until < database_now()
    if alive is not None:
        is_over = or_(is_over, ~deliveries.c.owner.startswith(alive, autoescape=True))
    statement = (
        update(deliveries)
        .where(
            deliveries.c.carrier.in_((channel, bulk_carrier(channel))),
            deliveries.c.state == DeliveryState.SENDING,
            deliveries.c.state < DeliveryState.SENT,
            is_over,
            which,
        )
        .values(owner=None, lease_until=None, **values)
        .returning(deliveries.c.id)
    )
    return [row.id for row in await connection.execute(statement)]


def _held(claimed: Claimed) -> tuple[ColumnElement[bool], ...]:
    return (
        deliveries.c.id == claimed.id,
        deliveries.c.state == DeliveryState.SENDING,
        deliveries.c.owner == claimed.owner,
        deliveries.c.attempt == claimed.attempt,
    )


async def _change(connection: AsyncConnection, claimed: Claimed, **values: object) -> bool:
    statement = update(deliveries).where(*_held(claimed)).values(owner=None, lease_until=None, **values)
    return (await connection.execute(statement)).rowcount == 1
