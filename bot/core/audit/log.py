"""Use cases of the audit log: write a line in the caller's transaction, read lines, check all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.audit import repository
from bot.core.audit.chain import EMPTY, Fact, Head, follow, next_entry
from bot.core.audit.errors import AuditLogBehindError, AuditLogBrokenError, AuditLogForkedError
from bot.core.statements import digest

PAGE = 1_000
"""Lines read at once."""


class Witness(Protocol):
    """Remembers outside of the database where the log stood, so that an older backup of it is noticed."""

    def newest(self) -> Head | None:
        """Return the furthest head it was told; None where it was told none.

        Raises:
            WitnessUnreadableError: what it remembers is damaged.
        """
        ...


class AuditLog:
    """The log of one database, and who witnesses it."""

    def __init__(self, witness: Witness) -> None:
        self._witness = witness

    async def append(
        self, connection: AsyncConnection, event: str, facts: Mapping[str, Fact], *, now: datetime
    ) -> Head:
        """Write a line; it stands once the caller's transaction is committed. Other writers wait until then.

        Raises:
            AuditLogBrokenError, AuditLogBehindError, AuditLogForkedError, WitnessUnreadableError: the log is not what
                was told of it; the caller must roll back.
        """
        head = await self.head(connection, locked=True)
        entry = next_entry(head, event, facts, now=now)
        await repository.add(connection, entry)
        return entry.head

    async def head(self, connection: AsyncConnection, *, locked: bool = False) -> Head:
        """Return where the log stands, having compared its end with all that was told of it.

        Raises:
            AuditLogBrokenError, AuditLogBehindError, AuditLogForkedError, WitnessUnreadableError: it differs.
        """
        head = await repository.find_head(connection, locked=locked)
        if head is None:
            raise AuditLogBrokenError(seq=0, problem="no-head")
        newest = await repository.find_newest_checkpoint(connection)
        known = [told for told in (self._witness.newest(), newest and Head(newest.size, newest.head)) if told]
        digests = {0: EMPTY.head, **await repository.list_digests(connection, {head.size, *(k.size for k in known)})}
        if await repository.count_entries(connection) != head.size or digests.get(head.size) != head.head:
            raise AuditLogBrokenError(seq=head.size, problem="end-changed")
        for told in known:
            if told.size > head.size:
                raise AuditLogBehindError(size=head.size, known=told.size)
            if digests.get(told.size) != told.head:
                raise AuditLogForkedError(seq=told.size)
        return head

    async def check(self, connection: AsyncConnection, *, known: Iterable[Head] = ()) -> Head:
        """Go along the whole log; return where it stands. It takes half a second for 100,000 lines.

        Args:
            connection: a snapshot.
            known: heads that others were told, such as those in approvals, beside checkpoints and the witness.

        Raises:
            AuditLogBrokenError, AuditLogBehindError, AuditLogForkedError, WitnessUnreadableError: it is not whole.
        """
        told = [*known, *await repository.list_checkpoint_heads(connection)]
        witnessed = self._witness.newest()
        if witnessed is not None:
            told.append(witnessed)
        at, row = EMPTY, await repository.find_head(connection)
        async for page in self.pages(connection):
            reached = at.size + len(page)
            at = follow(page, after=at, known=[head for head in told if at.size < head.size <= reached])
        follow((), after=at, known=told)
        if row != at:
            raise AuditLogBrokenError(seq=at.size, problem="end-changed")
        return at

    def witnessed(self) -> Head | None:
        """Return where the log stood at least; asked before a snapshot is opened, the snapshot reaches as far.

        Raises:
            WitnessUnreadableError: what the witness remembers is damaged.
        """
        return self._witness.newest()

    async def lines_since(
        self, connection: AsyncConnection, told: Head, *, witnessed: Head | None
    ) -> AsyncIterator[bytes]:
        """Give the lines behind a head that somebody was told, to the end, each seen to name the one before.

        Whoever takes them to the last line knows that none is missing. What else is wrong with a line, `check` finds.

        Args:
            connection: a snapshot.
            told: a head of this log.
            witnessed: what `witnessed` gave before the snapshot was opened.

        Raises:
            AuditLogBrokenError: the lines do not lead from that head to where the log stands.
            AuditLogBehindError, AuditLogForkedError: they do not lead through what was witnessed.
        """
        end, at = await repository.find_head(connection), told
        async for page in self.pages(connection, after=told.size):
            for line in page:
                if f'"prev":"{at.head}"'.encode() not in line:
                    raise AuditLogBrokenError(seq=at.size + 1, problem="does-not-follow")
                at = Head(at.size + 1, digest(line))
                if witnessed is not None and witnessed.size == at.size and witnessed != at:
                    raise AuditLogForkedError(seq=at.size)
                yield line
        if at != end:
            raise AuditLogBrokenError(seq=at.size, problem="end-changed")
        if witnessed is not None and witnessed.size > at.size:
            raise AuditLogBehindError(size=at.size, known=witnessed.size)

    async def pages(self, connection: AsyncConnection, *, after: int = 0) -> AsyncIterator[list[bytes]]:
        """Give the lines behind a number, line feeds included, some at a time."""
        while entries := await repository.list_lines(connection, after=after, most=PAGE):
            yield [entry.line for entry in entries]
            after = entries[-1].seq
