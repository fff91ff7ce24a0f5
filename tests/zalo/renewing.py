"""A process that asks for an access token, and kills itself at a step of the renewal if it is told to."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from bot.core.db import Database
from bot.core.vault import Vault
from bot.gateway.zalo.client import open_zalo_client
from bot.gateway.zalo.tokens import Step, ZaloTokens
from bot.settings import Settings

LEASE_SECONDS = 1.0
"""A killed process's lease is soon over."""
SECRET = "a master secret that only the tests know"


@dataclass(frozen=True)
class Standing:
    """A clock that stands. Of its own, since a process that lives for one call should not import half the product."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


async def renew(asked: dict[str, Any]) -> str:
    """Return the token, unless this process dies before."""

    def reached(step: Step) -> None:
        if step == asked["dies_at"]:
            os.kill(os.getpid(), signal.SIGKILL)

    database, clock = Database(asked["database"]), Standing(datetime.fromisoformat(asked["now"]))
    async with open_zalo_client(Settings(**asked["settings"])) as client:
        tokens = ZaloTokens(
            database, Vault([SECRET]), clock, client, asked["seed"], lease_seconds=LEASE_SECONDS, reached=reached
        )
        token = await tokens.fresh()
    await database.close()
    return token


if __name__ == "__main__":
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    print(asyncio.run(renew(json.loads(sys.argv[1]))))
