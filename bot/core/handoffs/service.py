"""Use cases of requests on the citizen's side: submit one, ask where it stands, take it back, give it to the next."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.consents import service as consents
from bot.core.consents.service import Purpose
from bot.core.conversations.service import Conversation
from bot.core.errors import InvalidInputError
from bot.core.handoffs import messages, repository
from bot.core.handoffs.fields import check_contact, check_domain
from bot.core.handoffs.messages import MessageKind
from bot.core.handoffs.models import handoffs
from bot.core.handoffs.references import read_reference
from bot.core.handoffs.repository import HandoffRow
from bot.core.handoffs.rules import ENDED, HandoffState
from bot.core.registrars import endpoints, tokens

MOST_OPEN = 3
"""Requests of one citizen at a time: more would be somebody else's, or a flood for registrars."""
MOST_TOLD = 100
"""Requests of one citizen that are listed to them."""


class ReferenceInvalidError(InvalidInputError):
    """This is no reference of ours."""


class Submission(StrEnum):
    """What became of a wish to be handed on."""

    SUBMITTED = "submitted"
    REPEATED = "repeated"
    """It was submitted before: the button was pressed twice."""
    TOO_MANY = "too_many"
    UNREACHABLE = "unreachable"
    """The registrar neither fetches nor receives requests any more; nothing is kept."""


class Withdrawal(StrEnum):
    """What became of a wish to take a request back."""

    WITHDRAWN = "withdrawn"
    ENDED = "ended"
    """It had ended already; nothing of it is with us but where it ended."""
    UNKNOWN = "unknown"


class Passing(StrEnum):
    """What became of a wish to give a request to the next registrar."""

    PASSED = "passed"
    TAKEN = "taken"
    """The first registrar has taken it up after all, or it has ended."""
    UNREACHABLE = "unreachable"
    """The next registrar neither fetches nor receives requests any more; the first one keeps it."""
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Status:
    """Where a request stands, as its citizen is told."""

    reference: str
    registrar: str
    product: str
    domain: str
    state: HandoffState
    reason: str
    may_cost: bool
    changed_at: datetime
    tried: tuple[str, ...]
    """Registrars that had it before, and did not take it up."""


async def submit(
    connection: AsyncConnection,
    conversation: Conversation,
    *,
    reference: str,
    registrar: str,
    product: str,
    domain: str,
    contact: Mapping[str, str],
    consent: str,
    may_cost: bool,
    now: datetime,
) -> Submission:
    """Store what a citizen agreed to pass on to a registrar, and the consent with it; both or nothing.

    Raises:
        ConsentMissingError: `consent` is no wording of a consent to be handed on, or the citizen is a guest.
        ContactInvalidError: a field is missing or cannot be used.
        ReferenceInvalidError: `reference` was not made by `new_reference`.
        sqlalchemy.exc.IntegrityError: the reference is somebody else's.
    """
    if read_reference(reference) != reference:
        raise ReferenceInvalidError
    wished, passed_on = check_domain(product, domain), check_contact(contact)
    if await _find_own(connection, conversation, reference) is not None:
        return Submission.REPEATED
    theirs = handoffs.c.citizen_id == conversation.citizen_id
    if await repository.count(connection, theirs, repository.is_open()) >= MOST_OPEN:
        return Submission.TOO_MANY
    if registrar not in await tokens.list_connected(connection, now=now):
        return Submission.UNREACHABLE
    await consents.give(connection, conversation, purpose=Purpose.HANDOFF, wording=consent, about=reference, now=now)
    plain = json.dumps(passed_on, ensure_ascii=False).encode()
    handoff_id = await repository.add(
        connection,
        reference=reference,
        citizen_id=conversation.citizen_id,
        channel=conversation.channel,
        registrar=registrar,
        product=product,
        state=HandoffState.WAITING,
        may_cost=may_cost,
        consent=consent,
        domain=conversation.key.seal(wished.encode(), place=domain_place(reference)),
        contact=conversation.key.seal(plain, place=contact_place(reference)),
        created_at=now,
        handed_at=now,
        changed_at=now,
    )
    await messages.announce(connection, handoff_id, registrar=registrar, kind=MessageKind.CREATED, now=now)
    return Submission.SUBMITTED


async def find_by_reference(connection: AsyncConnection, conversation: Conversation, reference: str) -> Status | None:
    """Return where a request stands; None where this citizen has none of that reference, whoever else may."""
    row = await _find_own(connection, conversation, reference)
    return None if row is None else status_of(conversation, row)


async def find_last(connection: AsyncConnection, conversation: Conversation) -> Status | None:
    """Return where the citizen's newest request stands."""
    row = await repository.find_last_of(connection, conversation.citizen_id)
    return None if row is None else status_of(conversation, row)


async def list_of(connection: AsyncConnection, conversation: Conversation) -> Sequence[Status]:
    """Return where each request of a citizen stands that is kept, oldest first."""
    theirs = handoffs.c.citizen_id == conversation.citizen_id
    return [status_of(conversation, row) for row in await repository.list_rows(connection, theirs, most=MOST_TOLD)]


async def counts_by_registrar(connection: AsyncConnection, product: str) -> Mapping[str, int]:
    """Return how many requests of a product each registrar was given, of those that are kept."""
    return await repository.count_by_registrar(connection, product)


async def withdraw(
    connection: AsyncConnection, conversation: Conversation, *, reference: str, now: datetime
) -> Withdrawal:
    """Take back a citizen's own request and the consent to it: the contact data goes, the registrar is told to erase.

    Where it has ended, only the consent is taken back.
    """
    row = await _find_own(connection, conversation, reference, lock=True)
    if row is None:
        return Withdrawal.UNKNOWN
    await consents.withdraw(connection, conversation.citizen_id, purpose=Purpose.HANDOFF, about=row.reference, now=now)
    if row.state in ENDED:
        return Withdrawal.ENDED
    await end_without_registrar(connection, row, HandoffState.WITHDRAWN, now=now)
    return Withdrawal.WITHDRAWN


async def accept_next(
    connection: AsyncConnection,
    conversation: Conversation,
    *,
    reference: str,
    registrar: str,
    consent: str,
    now: datetime,
) -> Passing:
    """Give a request that nobody took up to another registrar, with the consent to that; the first one loses it.

    Raises:
        ConsentMissingError: as `submit`.
    """
    row = await _find_own(connection, conversation, reference, lock=True)
    if row is None:
        return Passing.UNKNOWN
    if row.state != HandoffState.WAITING or registrar == row.registrar:
        return Passing.TAKEN
    if registrar not in await tokens.list_connected(connection, now=now):
        return Passing.UNREACHABLE
    await consents.withdraw(connection, conversation.citizen_id, purpose=Purpose.HANDOFF, about=reference, now=now)
    await consents.give(connection, conversation, purpose=Purpose.HANDOFF, wording=consent, about=reference, now=now)
    await messages.announce(connection, row.id, registrar=row.registrar, kind=MessageKind.WITHDRAWN, now=now)
    await repository.change(
        connection,
        row.id,
        registrar=registrar,
        tried=" ".join([*row.tried.split(), row.registrar]),
        consent=consent,
        handed_at=now,
        changed_at=now,
        offered_next_at=None,
    )
    await messages.announce(connection, row.id, registrar=registrar, kind=MessageKind.CREATED, now=now)
    return Passing.PASSED


async def recall_all(connection: AsyncConnection, citizen_id: str, *, now: datetime) -> Mapping[str, bool]:
    """Withdraw all requests of a citizen who wants to be erased, ended ones too, from all registrars that had them.

    Return those registrars, and of each whether it is told: one without an endpoint finds the request among its
    withdrawn ones when it asks. Whatever the citizen had taken back before was recalled then.
    """
    holders: dict[str, bool] = {}
    theirs = (handoffs.c.citizen_id == citizen_id, handoffs.c.state != HandoffState.WITHDRAWN)
    while rows := await repository.list_rows(connection, *theirs, most=MOST_TOLD):
        for row in rows:
            await repository.end(connection, row.id, HandoffState.WITHDRAWN, now=now)
            for registrar in (row.registrar, *row.tried.split()):
                holders[registrar] = await endpoints.has_one(connection, registrar)
                await messages.announce(connection, row.id, registrar=registrar, kind=MessageKind.WITHDRAWN, now=now)
    return holders


async def forget_people(connection: AsyncConnection, citizen_ids: Collection[str], *, now: datetime) -> None:
    """Remove every request of citizens who are erased; registrars with an endpoint are told of the open ones first.

    Contact data and wish go at once; that a row was there is forgotten with `retention.forget_old`.
    """
    theirs = handoffs.c.citizen_id.in_(citizen_ids)
    for row in await repository.list_rows(connection, theirs, repository.is_open(), most=MOST_OPEN * len(citizen_ids)):
        await end_without_registrar(connection, row, HandoffState.WITHDRAWN, now=now)
    await repository.blank(connection, theirs)


async def end_without_registrar(
    connection: AsyncConnection, row: HandoffRow, state: HandoffState, *, now: datetime
) -> None:
    """End a request that its registrar did not end, and the consent to it; have the registrar told."""
    await repository.end(connection, row.id, state, now=now)
    await consents.withdraw(connection, row.citizen_id, purpose=Purpose.HANDOFF, about=row.reference, now=now)
    await messages.announce(connection, row.id, registrar=row.registrar, kind=MessageKind.WITHDRAWN, now=now)


def status_of(conversation: Conversation, row: HandoffRow) -> Status:
    """Return where a request stands, as its own citizen is told; the wished name is empty once it is erased."""
    domain = b"" if row.domain is None else conversation.key.open(row.domain, place=domain_place(row.reference))
    return Status(
        reference=row.reference,
        registrar=row.registrar,
        product=row.product,
        domain=domain.decode(),
        state=HandoffState(row.state),
        reason=row.reason,
        may_cost=row.may_cost,
        changed_at=row.changed_at,
        tried=tuple(row.tried.split()),
    )


def contact_place(reference: str) -> str:
    """Return the place that a request's contact data is sealed for."""
    return f"handoff-contact:{reference}"


def domain_place(reference: str) -> str:
    """Return the place that a request's wished name is sealed for."""
    return f"handoff-domain:{reference}"


async def _find_own(
    connection: AsyncConnection, conversation: Conversation, reference: str, *, lock: bool = False
) -> HandoffRow | None:
    own = (handoffs.c.reference == reference, handoffs.c.citizen_id == conversation.citizen_id)
    return await repository.find(connection, *own, lock=lock)
