"""What staff do about updates that failed every time: look at them, give one a second chance, or dismiss it.

A second chance is an update of its own behind whatever the conversation has meanwhile, so that its order is kept and
its answer is told as a later one. Failing again it is parked again; the citizen had an apology and hears no more.
The parked message stays sealed for some days. Erasing its citizen removes it at once.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.audit.log import AuditLog
from bot.core.conversations import service as conversations
from bot.core.errors import ConflictError, NotFoundError
from bot.core.inbox import repository
from bot.core.inbox.models import UpdateState, inbox
from bot.core.inbox.repository import ParkedMessage, ParkedUpdate, payload_place
from bot.core.staff.accounts import Caller
from bot.core.staff.errors import NotAuthorisedError
from bot.core.staff.roles import Role, in_force
from bot.core.vault import Vault

KEEP_PARKED = timedelta(days=7)
"""How long the message of a parked update is kept for a second chance."""
_REFERENCE = re.compile(r"L-([1-9]\d{0,17})")


class ParkedUnknownError(NotFoundError):
    """No update of this reference is parked, or not any more."""


class ParkedForgottenError(ConflictError):
    """The message is not kept any more, so that it cannot be tried again."""


def reference_of(inbox_id: int) -> str:
    """Return what a citizen can name when reporting a message that failed."""
    return f"L-{inbox_id}"


async def list_parked(
    connection: AsyncConnection, *, by: Caller, after: int, most: int, now: datetime
) -> Sequence[ParkedUpdate]:
    """Return parked updates, the oldest first, from behind the id `after`.

    Raises:
        NotAuthorisedError: the caller is no admin of the whole province; nothing tells whose area an update is.
    """
    _check_may(by, now=now)
    return await repository.list_parked(connection, after=after, most=most)


async def retry(
    connection: AsyncConnection, vault: Vault, log: AuditLog, reference: str, *, by: Caller, now: datetime
) -> int:
    """Give a parked update a second chance; return the new update's id.

    Raises:
        NotAuthorisedError: as `list_parked`.
        ParkedUnknownError: it is not parked.
        ParkedForgottenError: its message is not kept any more.
    """
    _check_may(by, now=now)
    found = await _find(connection, reference)
    # Before its update, as a turn does it; so nobody else writes in it, and ids are committed in their order.
    await conversations.hold(connection, found.conversation_id)
    if found.payload is None:
        raise ParkedForgottenError(update=reference)
    if not await repository.settle_parked(connection, found.id):
        raise ParkedUnknownError(update=reference)
    conversation = await conversations.load(connection, vault, found.conversation_id)
    update_id = f"retry:{found.id}"
    place = payload_place(found.channel, found.account, update_id)
    inbox_id = await repository.add_update(
        connection,
        channel=found.channel,
        account=found.account,
        update_id=update_id,
        conversation_id=found.conversation_id,
        payload=conversation.key.seal(conversation.key.open(found.payload, place=found.place), place=place),
        said_at=now,
        retry_of=found.retry_of or found.id,
        now=now,
    )
    if inbox_id is None:
        raise ParkedUnknownError(update=reference)
    facts = {"update": reference, "as": reference_of(inbox_id), "by": by.staff_id}
    await log.append(connection, "update.retried", facts, now=now)
    return inbox_id


async def dismiss(connection: AsyncConnection, log: AuditLog, reference: str, *, by: Caller, now: datetime) -> None:
    """Close a parked update for good, and forget its message.

    Raises:
        NotAuthorisedError: as `list_parked`.
        ParkedUnknownError: it is not parked.
    """
    _check_may(by, now=now)
    found = await _find(connection, reference)
    if not await repository.settle_parked(connection, found.id):
        raise ParkedUnknownError(update=reference)
    await log.append(connection, "update.dismissed", {"update": reference, "by": by.staff_id}, now=now)


async def forget_old(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget the messages of updates that were parked long ago; return how many."""
    old = (
        inbox.c.state == UpdateState.PARKED,
        inbox.c.payload.is_not(None),
        inbox.c.finished_at < now - KEEP_PARKED,
    )
    return (await connection.execute(update(inbox).where(*old).values(payload=None))).rowcount


def _check_may(by: Caller, *, now: datetime) -> None:
    if in_force(by.holdings, Role.ADMIN, now=now, areas=()) is None:
        raise NotAuthorisedError(lacks=Role.ADMIN.value)


async def _find(connection: AsyncConnection, reference: str) -> ParkedMessage:
    match = _REFERENCE.fullmatch(reference)
    found = await repository.find_parked(connection, int(match[1])) if match is not None else None
    if found is None:
        raise ParkedUnknownError(update=reference)
    return found
