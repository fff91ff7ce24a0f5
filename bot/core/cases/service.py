"""Use cases of cases: a citizen opens one and speaks in it, staff answer and close it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.broadcasts.errors import AreaUnknownError
from bot.core.cases import offer, repository, rules
from bot.core.cases.models import Author, CaseState, cases
from bot.core.cases.repository import CaseRow
from bot.core.cases.rules import (
    AnswerCostsError,
    AnswerInvalidError,
    AnswerNameTakenError,
    CaseClosedError,
    CaseUnknownError,
    CitizenSilentError,
    CitizenUnreachableError,
    Why,
)
from bot.core.communes.directory import Communes
from bot.core.composing import Composer
from bot.core.consents import service as consents
from bot.core.consents.service import Purpose
from bot.core.conversations import service as conversations
from bot.core.conversations import windows
from bot.core.conversations.service import Conversation
from bot.core.conversations.windows import Reach
from bot.core.deliveries import service as deliveries
from bot.core.notifying import notify
from bot.core.vault import Vault

__all__ = ["AnswerInvalidError", "CaseClosedError", "CaseUnknownError"]

TEXT = "text"
"""What kind of message most are; others are named as in `bot.core.inbox.service.Message`, and ``press``."""


@dataclass(frozen=True, slots=True)
class Said:
    """Something that was said in a case, or before it and passed on."""

    author: Author
    kind: str
    text: str
    staff_id: str | None
    at: datetime


async def open_case(
    connection: AsyncConnection,
    conversation: Conversation,
    *,
    reference: str,
    why: Why,
    wording: str,
    due_at: datetime,
    now: datetime,
) -> int:
    """Open a case and let staff speak from now on; return its id.

    The last turns go with it where the citizen agreed to that in the words of `wording`; empty: nothing does. One that
    lapsed before is closed, since the new one takes its place.

    Raises:
        ConsentMissingError: the wording is none.
        sqlalchemy.exc.IntegrityError: the reference is taken.
    """
    await _close_open(connection, conversation, now=now)
    case_id = await repository.add(
        connection,
        reference=reference,
        conversation_id=conversation.id,
        citizen_id=conversation.citizen_id,
        why=why,
        state=CaseState.WAITING,
        urgent=why is Why.DISTRESS,
        consent=wording,
        opened_at=now,
        due_at=due_at,
        last_word_at=now,
    )
    if wording:
        await consents.give(connection, conversation, purpose=Purpose.PERSON, wording=wording, about=reference, now=now)
        for turn in conversation.recent:
            await _add(connection, conversation, case_id, Author.SHARED_BY_CITIZEN, turn.said, now=now)
            await _add(connection, conversation, case_id, Author.SHARED_ANSWER, turn.answered, now=now)
    await conversations.give_to_staff(connection, conversation.id, case_id=case_id)
    return case_id


async def hear(
    connection: AsyncConnection,
    conversation: Conversation,
    *,
    text: str,
    kind: str,
    urgent: bool,
    due_at: datetime,
    now: datetime,
) -> None:
    """Note what a citizen says in their case, for staff to read; `urgent` moves the case to the top for good.

    In a case that was answered, anything but mere thanks waits for an answer again, which is due at `due_at`.

    Raises:
        CaseClosedError: the citizen has no case in which staff speak.
    """
    found = (
        None
        if conversation.case_id is None
        else await repository.find(connection, cases.c.id == conversation.case_id, lock=True)
    )
    if found is None:
        raise CaseClosedError
    await _add(connection, conversation, found.id, Author.CITIZEN, text[: rules.LONGEST_HEARD], kind=kind, now=now)
    if urgent:
        await repository.change(connection, found.id, urgent=True)
    if found.state == CaseState.ANSWERED and not rules.is_mere_thanks(text):
        await repository.change(
            connection, found.id, state=CaseState.WAITING, due_at=due_at, escalated_at=None, last_word_at=now
        )


async def leave(connection: AsyncConnection, conversation: Conversation, *, now: datetime) -> None:
    """Close the case of a citizen who wants the assistant back; what waited meanwhile is told first."""
    await _close_open(connection, conversation, now=now)
    await conversations.give_to_assistant(connection, conversation.id)
    await deliveries.release_held(connection, conversation, now=now)


async def answer(
    connection: AsyncConnection,
    vault: Vault,
    composer: Composer,
    case: CaseRow,
    *,
    text: str,
    name: str,
    staff_id: str,
    now: datetime,
    sends_billed: bool = True,
) -> bool:
    """Say something to the citizen in a case, taking the floor where it had lapsed.

    `name` names what is said, so that it is said once however often it is sent; False where it was said before.

    Raises:
        AnswerNameTakenError: something else was said in this case under that name.
        CaseClosedError: the case is closed.
        AnswerInvalidError: the text cannot be said.
        CitizenSilentError, CitizenUnreachableError: it cannot arrive before they have written again.
        AnswerCostsError: it would be billed, and that is not `sends_billed`.
    """
    words = rules.check_answer(text)
    floor = await conversations.hold(connection, case.conversation_id)
    case = await get(connection, case.reference, lock=True)
    if case.state == CaseState.CLOSED:
        raise CaseClosedError(case=case.reference)
    match await windows.find_reach(connection, case.conversation_id, now=now):
        case Reach.SILENT:
            raise CitizenSilentError(case=case.reference)
        case Reach.UNREACHABLE:
            raise CitizenUnreachableError(case=case.reference)
        case Reach.BILLED if not sends_billed:
            raise AnswerCostsError(case=case.reference)
    if floor.case_id is None:
        await conversations.give_to_staff(connection, case.conversation_id, case_id=case.id)
    conversation = await conversations.load(connection, vault, case.conversation_id)
    messages = composer.compose(conversation, [offer.spoken_by_staff(words)])
    key = f"case:{case.reference}:{name}"
    if not await deliveries.write_later(connection, conversation, key=key, messages=messages, case_id=case.id, now=now):
        staff_said = [said.text for said in await list_said(connection, vault, case) if said.author == Author.STAFF]
        if words not in staff_said:
            raise AnswerNameTakenError(name=name)
        return False
    await _add(connection, conversation, case.id, Author.STAFF, words, staff_id=staff_id, now=now)
    await repository.change(connection, case.id, state=CaseState.ANSWERED, last_word_at=now)
    return True


async def close(
    connection: AsyncConnection, vault: Vault, composer: Composer, case: CaseRow, *, staff_id: str, now: datetime
) -> bool:
    """Close a case: the assistant speaks again, says so, and tells what waited; False where it was closed already."""
    await conversations.hold(connection, case.conversation_id)
    case = await get(connection, case.reference, lock=True)
    if case.state == CaseState.CLOSED:
        return False
    await repository.change(connection, case.id, state=CaseState.CLOSED, closed_at=now, closed_by=staff_id)
    await give_back(connection, vault, composer, case, how="closed", now=now)
    return True


async def give_back(
    connection: AsyncConnection, vault: Vault, composer: Composer, case: CaseRow, *, how: str, now: datetime
) -> None:
    """Let the assistant speak again in a case's conversation, say why, and tell what waited meanwhile."""
    conversation = await conversations.load(connection, vault, case.conversation_id)
    if conversation.case_id == case.id:
        await conversations.give_to_assistant(connection, conversation.id)
    key = f"case:{case.reference}:{how}:{int(case.last_word_at.timestamp())}"
    await notify(connection, composer, conversation, [offer.resumed(case.reference, how)], key=key, now=now)
    await deliveries.release_held(connection, conversation, now=now)


async def get(connection: AsyncConnection, reference: str, *, lock: bool = False) -> CaseRow:
    """Return a case by its reference.

    Raises:
        CaseUnknownError: there is none.
    """
    row = await repository.find(connection, cases.c.reference == reference, lock=lock)
    if row is None:
        raise CaseUnknownError(case=reference)
    return row


async def list_said(connection: AsyncConnection, vault: Vault, case: CaseRow) -> Sequence[Said]:
    """Return all that was said in a case, in order, opened."""
    conversation = await conversations.load(connection, vault, case.conversation_id)
    said = []
    for row in await repository.list_messages(connection, case.id):
        plain = json.loads(conversation.key.open(row.body, place=_place(case.id)))
        said.append(Said(Author(row.author), plain["kind"], plain["text"], row.staff_id, row.created_at))
    return said


async def list_of(connection: AsyncConnection, citizen_id: str) -> Sequence[CaseRow]:
    """Return a citizen's cases that are kept."""
    return await repository.list_rows(connection, cases.c.citizen_id == citizen_id, most=100)


async def withdraw(connection: AsyncConnection, conversation: Conversation, *, reference: str, now: datetime) -> bool:
    """Take back a citizen's consent to pass on earlier turns: staff do not see them any more; False where none was."""
    row = await repository.find(
        connection, cases.c.reference == reference, cases.c.citizen_id == conversation.citizen_id
    )
    if row is None or not await consents.withdraw(
        connection, conversation.citizen_id, purpose=Purpose.PERSON, about=reference, now=now
    ):
        return False
    await repository.remove_shared(connection, row.id)
    return True


async def assign(connection: AsyncConnection, case: CaseRow, *, area: str, communes: Communes) -> None:
    """Give a case to the staff of an area; empty: of all.

    Raises:
        AreaUnknownError: there is no such commune.
    """
    if area and communes.find(area) is None:
        raise AreaUnknownError(areas=[area])
    await repository.change(connection, case.id, area=area)


async def _close_open(connection: AsyncConnection, conversation: Conversation, *, now: datetime) -> None:
    mine = (cases.c.conversation_id == conversation.id, repository.is_open())
    for case in await repository.list_rows(connection, *mine, most=100):
        await repository.change(connection, case.id, state=CaseState.CLOSED, closed_at=now)


async def _add(
    connection: AsyncConnection,
    conversation: Conversation,
    case_id: int,
    author: Author,
    text: str,
    *,
    kind: str = TEXT,
    staff_id: str | None = None,
    now: datetime,
) -> None:
    plain = json.dumps({"kind": kind, "text": text}, ensure_ascii=False).encode()
    body = conversation.key.seal(plain, place=_place(case_id))
    await repository.add_message(connection, case_id, author=author, body=body, staff_id=staff_id, now=now)


def _place(case_id: int) -> str:
    return f"case:{case_id}"
