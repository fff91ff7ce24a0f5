"""The desk: one person's request about one subject, whole, with the transactions it takes."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial

from bot.core.approvals import service
from bot.core.approvals.errors import ChallengeUnknownError, WrongStateError
from bot.core.approvals.ports import Office
from bot.core.approvals.repository import Challenge
from bot.core.approvals.service import ONLINE, Examined, Outcome, Purpose
from bot.core.audit.chain import Fact
from bot.core.db import Database
from bot.core.errors import ProductError
from bot.core.signatures import Verified, verify
from bot.core.statements import digest

_REFUSALS_UNLOGGED = frozenset(
    {"audit-log-broken", "audit-log-behind", "audit-log-forked", "witness-unreadable", "challenge-unknown"}
)
"""Codes after which no line is written: the log cannot take one, or a stranger's guess would fill it."""


class Desk:
    """Takes challenges and answers for one deployment."""

    def __init__(self, database: Database, office: Office) -> None:
        self._database = database
        self.office = office

    async def challenge(
        self, *, kind: str, subject_id: str, staff_id: str, purpose: Purpose, offline: bool, now: datetime
    ) -> Challenge:
        """Make a challenge; one that is answered from another machine lasts longer.

        Raises:
            ProductError: as `service.issue_challenge`.
            WrongStateError: answers from another machine are not allowed here.
        """
        lasts = self.office.offline if offline else ONLINE
        if not lasts:
            raise WrongStateError(problem="offline")
        async with self._database.unit_of_work() as connection:
            return await service.issue_challenge(
                connection,
                self.office,
                kind=kind,
                subject_id=subject_id,
                staff_id=staff_id,
                purpose=purpose,
                lasts=lasts,
                now=now,
            )

    async def answer(
        self, *, kind: str, subject_id: str, jti: str, staff_id: str, purpose: Purpose, signature: bytes, now: datetime
    ) -> Outcome:
        """Verify a signature (CMS, DER) over a challenge's statement and let it count. A refusal is logged.

        Raises:
            ProductError: as `service.examine`, `bot.core.signatures.verify` and `service.record`.
        """
        try:
            async with self._database.reading() as connection:
                examined = await service.examine(
                    connection, self.office, kind=kind, subject_id=subject_id, jti=jti, staff_id=staff_id, now=now
                )
            if examined.purpose is not purpose:
                raise ChallengeUnknownError
            verified = await self._verify(examined, signature, now=now)
            async with self._database.unit_of_work() as connection:
                return await service.record(connection, self.office, examined, verified, now=now)
        except ProductError as refusal:
            await self._log(refusal, kind=kind, subject_id=subject_id, staff_id=staff_id, sent=signature, now=now)
            raise

    async def _verify(self, examined: Examined, signature: bytes, *, now: datetime) -> Verified:
        """Verify a signature twice: nothing is fetched for one that is not sound but for its revocation."""
        judge = partial(
            verify,
            signature,
            examined.challenge.statement,
            trust=examined.trust,
            at=now,
            policy=self.office.signatures,
        )
        sound = await asyncio.to_thread(judge, revocation=None)
        await self.office.prepare(sound.path)
        return await asyncio.to_thread(judge, revocation=self.office.revocation)

    async def _log(
        self, refusal: ProductError, *, kind: str, subject_id: str, staff_id: str, sent: bytes, now: datetime
    ) -> None:
        if refusal.code in _REFUSALS_UNLOGGED:
            return
        facts: dict[str, Fact] = {
            "kind": kind,
            "subject": subject_id,
            "staff": staff_id,
            "code": refusal.code,
            "sent_sha256": digest(sent),
        }
        async with self._database.unit_of_work() as connection:
            await self.office.log.append(connection, "approval.refused", facts, now=now)
