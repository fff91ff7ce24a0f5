"""What approvals need from whoever owns the things that are approved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals.errors import SubjectUnknownError
from bot.core.audit.log import AuditLog
from bot.core.signatures import RevocationSource, SignaturePolicy, TrustStore
from bot.core.statements import Approval, Subject

Prepare: TypeAlias = Callable[[Sequence[bytes]], Awaitable[None]]
"""Has evidence about the certificates of a path (`Verified.path`) at hand; it takes seconds, and may find none."""


async def prepare_nothing(path: Sequence[bytes]) -> None:
    """Leave evidence as it is."""


@dataclass(frozen=True, slots=True)
class Window:
    """When something may happen, both ends included."""

    not_before: datetime
    not_after: datetime


@dataclass(frozen=True, slots=True)
class Submitted:
    """A subject as it stands now.

    `policy` names how it is approved; `is_open` tells whether approvals are waited for; who approves must be an admin
    of all `areas`.
    """

    subject: Subject
    policy: str
    is_open: bool
    areas: tuple[str, ...] = ()
    window: Window | None = None


class Approvable(Protocol):
    """One kind of subjects, and whoever keeps them."""

    @property
    def kind(self) -> str:
        """Return its name, a plural: ``broadcasts``. The API's paths have it."""
        ...

    @property
    def statement(self) -> type[Approval]:
        """Return the type of statement that approves one."""
        ...

    async def load(self, connection: AsyncConnection, subject_id: str, *, locked: bool) -> Submitted:
        """Return a subject; where `locked`, nobody else changes it until the transaction ends.

        Raises:
            NotFoundError: there is none.
        """
        ...

    async def approved(self, connection: AsyncConnection, subject: Subject, *, by: str, now: datetime) -> None:
        """Do what follows from enough approvals, in the transaction of the last one, which `by` gave.

        Raises:
            ProductError: it can no longer be done; the last approval then does not count either.
        """
        ...

    async def rejected(
        self, connection: AsyncConnection, subject: Subject, *, by: str, reason: str, now: datetime
    ) -> None:
        """Do what follows from a rejection, by whom and in their words."""
        ...


@dataclass(frozen=True, slots=True)
class Office:
    """What approvals rest on in this deployment.

    `roots` are those of version 1; later ones are approved. `offline` is how long a challenge lasts that is answered
    from another machine; none at all where that is not allowed. `prepare` is awaited, outside of transactions, before
    `revocation` is asked.
    """

    aud: str
    log: AuditLog
    roots: TrustStore
    revocation: RevocationSource
    subjects: Mapping[str, Approvable]
    signatures: SignaturePolicy = field(default_factory=SignaturePolicy)
    offline: timedelta = timedelta(hours=24)
    prepare: Prepare = prepare_nothing

    def source(self, kind: str) -> Approvable:
        """Return who keeps a kind.

        Raises:
            SubjectUnknownError: there is no such kind.
        """
        source = self.subjects.get(kind)
        if source is None:
            raise SubjectUnknownError(kind=kind)
        return source
