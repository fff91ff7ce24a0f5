"""Looks at how the installation stands, again and again: for the gauges, and for the job that warns once a day."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import structlog

from bot.core.approvals.ports import Office
from bot.core.audit.checkpoints import LogSigner
from bot.core.clock import Clock
from bot.core.db import DATABASE_AWAY, Database
from bot.core.errors import ProductError
from bot.doorbell import pause
from bot.revocation.hosts import Hosts
from bot.revocation.standing import Standing, show, survey

log = structlog.get_logger()

BETWEEN_LOOKS = 60.0


class Watch:
    """Looks at one installation."""

    def __init__(self, database: Database, clock: Clock, office: Office, signer: LogSigner, hosts: Hosts) -> None:
        self._database = database
        self._clock = clock
        self._office = office
        self._signer = signer
        self._hosts = hosts

    async def look(self) -> Standing:
        """Return how everything stands now, and set the gauges."""
        now = self._clock.now()
        log_certificates = await asyncio.to_thread(self._signer.certificates)
        async with self._database.reading() as connection:
            standing = await survey(
                connection, self._office, hosts=self._hosts, log_certificates=log_certificates, now=now
            )
        show(standing, now=now)
        return standing

    async def warn(self) -> None:
        """Log each certificate that ends soon, and each authority about which nothing fresh can be known."""
        standing, now = await self.look(), self._clock.now()
        for ending in standing.alarms(now):
            log.warning(
                "certificate.ends_soon" if ending.ends_at > now else "certificate.ended",
                kind=ending.kind,
                holder=ending.holder,
                certificate=ending.sha256[:16],
                days=(ending.ends_at - now) // timedelta(days=1),
            )
        for authority in standing.blind():
            log.warning("revocation.blind", authority=authority.name)

    async def run(self, stopping: asyncio.Event) -> None:
        """Keep the gauges up to date until `stopping` is set."""
        while not stopping.is_set():
            try:
                await self.look()
            except (*DATABASE_AWAY, ProductError) as error:
                log.error("revocation.look_failed", error=type(error).__name__)
            await pause(stopping, seconds=BETWEEN_LOOKS)
