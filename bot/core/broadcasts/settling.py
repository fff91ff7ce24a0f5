"""A person settles what nobody knows: whether a message arrived in a group whose answer was lost.

They look into the group. It arrived, and that is noted; or it did not, and it is sent once more, as long as the signed
window lasts.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals.errors import ScheduleInvalidError
from bot.core.audit.chain import Fact
from bot.core.audit.log import AuditLog
from bot.core.broadcasts import kinds, repository, visibility
from bot.core.broadcasts.errors import DeliveryNotFoundError, DeliverySettledError, TransitionRefusedError
from bot.core.broadcasts.kinds import Kind
from bot.core.broadcasts.lateness import SENT_AGAIN
from bot.core.broadcasts.repository import BroadcastRow, EditionRow
from bot.core.broadcasts.states import State, check_transition
from bot.core.deliveries import bulk
from bot.core.deliveries.models import DeliveryState
from bot.core.staff.accounts import Caller
from bot.core.staff.roles import Role

_GOING = frozenset({State.SENDING, State.SCHEDULED, State.PAUSED, State.DONE})


async def settle(
    connection: AsyncConnection,
    log: AuditLog,
    *,
    broadcast_id: str,
    delivery_id: int,
    arrived: bool,
    by: Caller,
    now: datetime,
) -> DeliveryState:
    """Note that a message of unknown outcome arrived, or have it sent once more; return where the delivery stands then.

    Raises:
        BroadcastUnknownError, DeliveryNotFoundError: there is none that the caller may see.
        NotAuthorisedError: the caller is neither an officer nor an admin of all the broadcast's areas.
        DeliverySettledError: what became of it is known.
        TransitionRefusedError: it cannot be sent once more: the broadcast was changed, halted or stopped, or is over.
        ScheduleInvalidError: it cannot be sent once more: its time is over, or the next of its series is due.
    """
    row = await visibility.get(connection, broadcast_id, by=by, now=now, locked=True)
    visibility.check_may(by, Role.OFFICER, Role.ADMIN, areas=kinds.read(row.kind, row.subject).audience.areas, now=now)
    delivery = await bulk.find(connection, delivery_id)
    edition = await repository.find_edition(connection, delivery.edition_id, locked=True) if delivery else None
    if delivery is None or edition is None or edition.broadcast_id != broadcast_id:
        raise DeliveryNotFoundError(broadcast=broadcast_id, delivery=delivery_id)
    if delivery.state is not DeliveryState.UNKNOWN:
        raise DeliverySettledError(delivery=delivery_id, state=delivery.state.name.lower())
    if not arrived:
        _check_goes_on(row, edition)
        if now > edition.not_after:
            raise ScheduleInvalidError(problem="past")
        if edition.state not in {State.SENDING, State.PAUSED}:
            check_transition(edition.state, State.SENDING)
            await repository.change_edition(connection, edition, State.SENDING, now=now)
        if row.kind == Kind.BROADCASTS and row.state is State.DONE:
            await repository.change_state(connection, row, State.SENDING, by=by.staff_id, reason=SENT_AGAIN, now=now)
        else:
            await repository.note(connection, row, by=by.staff_id, reason=SENT_AGAIN, now=now)
    await bulk.settle(connection, delivery_id, arrived=arrived, now=now)
    facts: dict[str, Fact] = {
        "broadcast": broadcast_id,
        "edition": edition.id,
        "delivery": delivery_id,
        "destination": delivery.destination_id,
        "arrived": arrived,
        "by": by.staff_id,
    }
    await log.append(connection, "delivery.settled", facts, now=now)
    return DeliveryState.SENT if arrived else DeliveryState.PENDING


def _check_goes_on(row: BroadcastRow, edition: EditionRow) -> None:
    """Raise where an edition is not to be sent on: another version stands by now, or nothing of the broadcast goes."""
    is_halted = row.state is State.PAUSED and edition.state is not State.PAUSED
    if is_halted or row.state not in _GOING or edition.version != row.version:
        raise TransitionRefusedError(state=row.state.value, wanted=State.SENDING.value)
