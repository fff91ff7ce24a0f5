"""Checkpoints: the log's own key says where the log stood, so that its end cannot be cut off unseen."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Protocol

from cryptography import x509

from bot.core.audit import repository
from bot.core.audit.chain import EMPTY, Head, follow
from bot.core.audit.errors import CheckpointUnknownError
from bot.core.audit.log import AuditLog, Witness
from bot.core.audit.repository import StoredCheckpoint
from bot.core.db import Database
from bot.core.statements import Checkpoint

ENTRIES_BETWEEN = 100
TIME_BETWEEN = timedelta(minutes=5)


class LogSigner(Protocol):
    """Holds the log's key, or knows who does."""

    def sign(self, content: bytes) -> bytes:
        """Return a detached CMS over `content`, DER. It may take its time."""
        ...

    def certificates(self) -> tuple[x509.Certificate, ...]:
        """Return the key's certificate and its path up to the root, the root last."""
        ...


class KeepingWitness(Witness, Protocol):
    """A witness that can be told more."""

    def keep(self, checkpoint: StoredCheckpoint) -> None:
        """Remember a checkpoint that is committed; an older one than is remembered changes nothing."""
        ...


class Checkpoints:
    """Makes the checkpoints of one log."""

    def __init__(
        self, database: Database, log: AuditLog, *, signer: LogSigner, witness: KeepingWitness, aud: str
    ) -> None:
        self._database = database
        self._log = log
        self._signer = signer
        self._witness = witness
        self._aud = aud

    async def newest(self) -> StoredCheckpoint:
        """Return the newest one.

        Raises:
            CheckpointUnknownError: there is none yet.
        """
        async with self._database.reading() as connection:
            found = await repository.find_newest_checkpoint(connection)
        if found is None:
            raise CheckpointUnknownError
        return found

    async def make_if_due(self, *, now: datetime) -> StoredCheckpoint | None:
        """Make one where the log grew by 100 lines, or grew at all and five minutes went by since the last.

        Raises:
            AuditLogBrokenError, AuditLogBehindError, AuditLogForkedError, WitnessUnreadableError: as `make`.
        """
        async with self._database.reading() as connection:
            last = await repository.find_newest_checkpoint(connection)
            size = (await self._log.head(connection)).size
        grown = size - (last.size if last else 0)
        is_due = grown >= ENTRIES_BETWEEN or (grown > 0 and (last is None or now - last.at >= TIME_BETWEEN))
        return await self.make(now=now) if is_due else None

    async def up_to_date(self, *, now: datetime) -> StoredCheckpoint:
        """Return a checkpoint of the whole log: the newest one, or a new one where the log grew since.

        Raises:
            AuditLogBrokenError, AuditLogBehindError, AuditLogForkedError, WitnessUnreadableError: as `make`.
        """
        async with self._database.reading() as connection:
            last = await repository.find_newest_checkpoint(connection)
            head = await self._log.head(connection)
        return last if last is not None and last.size == head.size else await self.make(now=now)

    async def make(self, *, now: datetime) -> StoredCheckpoint:
        """Sign where the log stands, having gone along all lines since the last checkpoint.

        The key signs nothing that does not follow from what it signed before.

        Raises:
            AuditLogBrokenError, AuditLogBehindError, AuditLogForkedError, WitnessUnreadableError: the log is not whole.
        """
        async with self._database.reading() as connection:
            head = await self._log.head(connection)
            last = await repository.find_newest_checkpoint(connection)
            at = Head(last.size, last.head) if last else EMPTY
            async for page in self._log.pages(connection, after=at.size):
                at = follow(page, after=at)
            follow((), after=at, known=(head,))
        moment = now.replace(microsecond=0)
        statement = Checkpoint(aud=self._aud, size=head.size, head=head.head, at=moment).to_bytes()
        signature = await asyncio.to_thread(self._signer.sign, statement)
        made = StoredCheckpoint(head.size, head.head, moment, statement, signature)
        async with self._database.unit_of_work() as connection:
            await repository.add_checkpoint(connection, made)
        self._witness.keep(made)
        return made
