"""Sends what registrars' endpoints are to be told: claim, post without a transaction open, record."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass

import structlog

from bot import metrics
from bot.core.audit.chain import Fact
from bot.core.audit.log import AuditLog
from bot.core.clock import Clock
from bot.core.db import DATABASE_AWAY, Database
from bot.core.handoffs import messages, repository
from bot.core.handoffs.desk import RegistrarDesk
from bot.core.handoffs.messages import ClaimedMessage, MessageKind
from bot.core.handoffs.models import handoffs
from bot.core.handoffs.rules import OPEN
from bot.core.registrars import endpoints
from bot.core.registrars.endpoints import Endpoint
from bot.core.vault import SealBrokenError, Vault
from bot.doorbell import pause
from bot.registrar_webhooks.posting import DeliveryFailedError, Poster
from bot.registrar_webhooks.signing import created_body, headers, withdrawn_body

log = structlog.get_logger()

MOST_AT_ONCE = 8
POLL_SECONDS = 2.0
AWAY_SECONDS = 5.0
UNREADABLE = "unreadable"
"""Why a message failed that no master secret at hand opens: the endpoint's secret, or what is to be told."""


@dataclass(frozen=True, slots=True)
class WebhookSender:
    """Delivers until it is told to stop; several may work on one database."""

    database: Database
    vault: Vault
    desk: RegistrarDesk
    audit: AuditLog
    poster: Poster
    clock: Clock

    async def run(self, stopping: asyncio.Event) -> None:
        """Deliver what is due, again and again, until `stopping` is set."""
        while not stopping.is_set():
            try:
                taken = await self.deliver_due()
            except DATABASE_AWAY as error:
                log.error("webhooks.database_away", error=type(error).__name__)
                await pause(stopping, seconds=AWAY_SECONDS)
            except Exception as error:
                log.error("webhooks.failed", error=type(error).__name__, exc_info=error)
                await pause(stopping, seconds=AWAY_SECONDS)
            else:
                await pause(stopping, seconds=0.0 if taken == MOST_AT_ONCE else POLL_SECONDS)

    async def deliver_due(self) -> int:
        """Take what is due, deliver it, and return how many were taken."""
        async with self.database.reading() as connection:
            if not await messages.is_any_due(connection):
                return 0
        owner = f"webhooks-{secrets.token_hex(6)}"
        async with self.database.unit_of_work() as connection:
            claimed = await messages.claim(connection, owner=owner, most=MOST_AT_ONCE)
        outcomes = await asyncio.gather(*(self._deliver(message) for message in claimed), return_exceptions=True)
        for failure in outcomes:  # only once all are done: a post is never cut off by another's failure
            if failure is not None:
                raise failure
        return len(claimed)

    async def _deliver(self, message: ClaimedMessage) -> None:
        try:
            prepared = await self._prepare(message)
        except SealBrokenError:  # tried again like any failure: a master secret may just be missing from this process
            await self._record_failed(message, reason=UNREADABLE)
            return
        if prepared is None:
            async with self.database.unit_of_work() as connection:
                await messages.record_cancelled(connection, message)
            return
        endpoint, body = prepared
        signed = headers(endpoint.secret, name=message.name, body=body, now=self.clock.now())
        try:
            await self.poster.post(endpoint.url, body, signed)
        except DeliveryFailedError as failure:
            await self._record_failed(message, reason=failure.reason, wait=failure.retry_after)
            return
        async with self.database.unit_of_work() as connection:
            await messages.record_sent(connection, message, now=self.clock.now())
        log.info("webhook.sent", **_told(message))
        metrics.WEBHOOKS.labels("sent").inc()

    async def _record_failed(self, message: ClaimedMessage, *, reason: str, wait: float = 0.0) -> None:
        async with self.database.unit_of_work() as connection:
            again = await messages.record_failed(connection, message, error=reason, wait=wait)
        log.warning("webhook.failed", reason=reason, again=again, **_told(message))
        metrics.WEBHOOKS.labels("failed" if again else "given_up").inc()

    async def _prepare(self, message: ClaimedMessage) -> tuple[Endpoint, bytes] | None:
        """Return where to and what; None where there is nothing to tell any more.

        That a registrar is shown a request stands in the audit log before the request goes out.
        """
        now = self.clock.now()
        async with self.database.unit_of_work() as connection:
            endpoint = await endpoints.find(connection, self.vault, message.registrar)
            row = await repository.find(connection, handoffs.c.id == message.handoff_id)
            if endpoint is None or row is None:
                return None
            if message.kind != MessageKind.CREATED:
                return endpoint, withdrawn_body(row.reference, now=now)
            case = self.desk.open_case(row)
            if row.registrar != message.registrar or row.state not in OPEN or case.contact is None:
                return None
            subject = self.vault.audit_digest(row.reference)
            facts: dict[str, Fact] = {"registrar": message.registrar, "subject": subject, "attempt": message.attempt}
            await self.audit.append(connection, "handoff.sent", facts, now=now)
            return endpoint, created_body(case, now=now)


def _told(message: ClaimedMessage) -> dict[str, object]:
    return {"registrar": message.registrar, "kind": message.kind, "attempt": message.attempt}
