"""The clock of cases: what becomes of those that nobody answers, and when they are forgotten."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.cases import offer, repository, service
from bot.core.cases.models import CaseState, cases
from bot.core.cases.rules import KEEP_CASE, SILENCE
from bot.core.composing import Composer
from bot.core.consents import service as consents
from bot.core.consents.service import Purpose
from bot.core.conversations import service as conversations
from bot.core.deliveries import service as deliveries
from bot.core.vault import Vault

BATCH = 50


async def escalate_unanswered(
    connection: AsyncConnection, vault: Vault, composer: Composer, *, now: datetime
) -> Sequence[tuple[str, int]]:
    """Escalate up to 50 cases whose answer is overdue, telling each citizen; return references and conversations.

    Over a weekend the assistant speaks again before an answer is due; the answer is owed all the same. Those of the
    case's area keep it: everybody else there is for all areas sees it anyway.
    """
    unanswered = cases.c.state.in_((CaseState.WAITING, CaseState.LAPSED))
    overdue = (unanswered, cases.c.due_at < now, cases.c.escalated_at.is_(None))
    told = []
    for found in await repository.list_rows(connection, *overdue, most=BATCH):
        floor = await conversations.hold(connection, found.conversation_id)
        case = await repository.find(connection, cases.c.id == found.id, *overdue, lock=True)
        if case is None:
            continue
        await repository.change(connection, case.id, escalated_at=now)
        conversation = await conversations.load(connection, vault, case.conversation_id)
        is_silent = floor.case_id == case.id
        messages = composer.compose(conversation, [offer.escalated(case.reference, silent=is_silent)])
        key = f"case:{case.reference}:escalated:{int(case.due_at.timestamp())}"
        said_in = case.id if is_silent else None
        await deliveries.write_later(connection, conversation, key=key, messages=messages, case_id=said_in, now=now)
        told.append((case.reference, case.conversation_id))
    return told


async def resume_silent(
    connection: AsyncConnection, vault: Vault, composer: Composer, *, now: datetime
) -> Sequence[tuple[str, int]]:
    """Let the assistant speak again in up to 50 cases without a word of staff for a day, with a note to each citizen.

    One in which staff owe an answer can still be answered; one in which they had the last word is over. Return
    references and conversations.
    """
    silent = (cases.c.state.in_((CaseState.WAITING, CaseState.ANSWERED)), cases.c.last_word_at <= now - SILENCE)
    told = []
    for found in await repository.list_rows(connection, *silent, most=BATCH):
        await conversations.hold(connection, found.conversation_id)
        case = await repository.find(connection, cases.c.id == found.id, *silent, lock=True)
        if case is None:
            continue
        if case.state == CaseState.WAITING:
            await repository.change(connection, case.id, state=CaseState.LAPSED)
            how = "lapsed"
        else:
            await repository.change(connection, case.id, state=CaseState.CLOSED, closed_at=now)
            how = "over"
        await service.give_back(connection, vault, composer, case, how=how, now=now)
        told.append((case.reference, case.conversation_id))
    return told


async def forget_old(connection: AsyncConnection, *, now: datetime) -> int:
    """Forget the cases past their time, which have lapsed or were closed long before, and end the consents to them.

    Return how many.
    """
    old = (cases.c.state.in_((CaseState.LAPSED, CaseState.CLOSED)), cases.c.last_word_at < now - KEEP_CASE)
    forgotten = 0
    while found := await repository.list_rows(connection, *old, most=BATCH):
        for case in found:
            await consents.withdraw(connection, case.citizen_id, purpose=Purpose.PERSON, about=case.reference, now=now)
        forgotten += await repository.remove(connection, cases.c.id.in_([case.id for case in found]))
    return forgotten


async def forget_conversations(connection: AsyncConnection, conversation_ids: Collection[int]) -> int:
    """Forget every case of conversations that are forgotten; return how many there were."""
    return await repository.remove(connection, repository.is_of(conversation_ids))
