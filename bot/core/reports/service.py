"""Use cases of reports: a citizen passes one on or takes it back, staff read and close it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.conversations.service import Conversation
from bot.core.errors import NotFoundError
from bot.core.reports import repository, rules
from bot.core.reports.models import ReportState
from bot.core.reports.repository import ReportRow
from bot.core.vault import Vault


class ReportNotFoundError(NotFoundError):
    """There is no report of this reference."""


class Withdrawal(StrEnum):
    """What became of a wish to take a report back."""

    WITHDRAWN = "withdrawn"
    READ = "read"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Report:
    """A report as staff see it.

    `words` is None where they are gone: the report is closed, or its writer was erased.
    """

    reference: str
    channel: str
    state: ReportState
    created_at: datetime
    words: str | None


async def submit(
    connection: AsyncConnection, conversation: Conversation, *, reference: str, words: str, now: datetime
) -> None:
    """Store what a citizen agreed to pass on.

    Raises:
        sqlalchemy.exc.IntegrityError: the reference is taken.
    """
    await repository.add(
        connection,
        reference=reference,
        citizen_id=conversation.citizen_id,
        channel=conversation.channel,
        words=conversation.key.seal(rules.story(words).encode(), place=_place(reference)),
        consent=rules.CONSENT,
        now=now,
    )


async def withdraw(connection: AsyncConnection, conversation: Conversation, *, reference: str) -> Withdrawal:
    """Take a citizen's own report back while nobody has read it."""
    citizen_id = conversation.citizen_id
    if await repository.remove_unread(connection, reference, citizen_id=citizen_id):
        return Withdrawal.WITHDRAWN
    is_kept = await repository.is_kept(connection, reference, citizen_id=citizen_id)
    return Withdrawal.READ if is_kept else Withdrawal.GONE


async def list_of(connection: AsyncConnection, citizen_id: str) -> Sequence[ReportRow]:
    """Return a citizen's own reports that are kept, oldest first."""
    return await repository.list_of(connection, citizen_id)


async def forget_people(connection: AsyncConnection, citizen_ids: Collection[str]) -> None:
    """Remove every report of citizens who are erased."""
    await repository.remove_of(connection, citizen_ids)


async def list_all(connection: AsyncConnection, vault: Vault) -> Sequence[Report]:
    """Return every report that is kept, newest first: none may hide behind many others."""
    return [_open(vault, row) for row in await repository.list_newest_first(connection)]


async def read(connection: AsyncConnection, vault: Vault, reference: str, *, now: datetime) -> Report:
    """Return a report to a member of staff, who has read it from now on.

    Raises:
        ReportNotFoundError: there is none.
    """
    row = await repository.find(connection, reference)
    if row is None:
        raise ReportNotFoundError(reference=reference)
    await repository.mark_read(connection, reference, now=now)
    return _open(vault, row)


async def close(connection: AsyncConnection, reference: str, *, now: datetime) -> None:
    """Close a report: its words are blanked. Closing it again changes nothing.

    Raises:
        ReportNotFoundError: there is none.
    """
    row = await repository.find(connection, reference)
    if row is None:
        raise ReportNotFoundError(reference=reference)
    if row.state != ReportState.CLOSED:
        await repository.close(connection, reference, now=now)


def _open(vault: Vault, row: ReportRow) -> Report:
    words = None
    if row.words is not None and row.wrapped_key is not None:
        key = vault.open_person_key(row.citizen_id, row.wrapped_key)
        words = key.open(row.words, place=_place(row.reference)).decode()
    return Report(row.reference, row.channel, ReportState(row.state), row.created_at, words)


def _place(reference: str) -> str:
    return f"report:{reference}"
