"""A registrar's desk on a real database, and two people who ask for something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from bot.core.audit.log import AuditLog
from bot.core.composing import Composer
from bot.core.db import Database
from bot.core.handoffs.desk import RegistrarDesk
from bot.core.handoffs.news import Newsroom
from bot.core.registrars.tokens import RegistrarCaller, RegistrarScope
from bot.core.vault import Vault
from tests.factories import BKNS, INET, PAVIETNAM, TENTEN, connect_registrar, make_conversation
from tests.fakes import FixedClock


class Nobody:
    """A witness of the audit log that was told nothing."""

    def newest(self):
        return None


@dataclass
class Office:
    """What the tests of requests work with."""

    database: Database
    vault: Vault
    clock: FixedClock
    newsroom: Newsroom
    desk: RegistrarDesk

    async def do(self, use_case, *args, **values):
        """Run a use case in a transaction of its own, now."""
        async with self.database.unit_of_work() as connection:
            return await use_case(connection, *args, now=self.clock.now(), **values)

    async def pass_time(self, work, **duration):
        """Let time pass, and have done what it does."""
        self.clock.advance(**duration)
        return await self.do(work, self.vault, self.newsroom)


def caller(registrar: str = TENTEN) -> RegistrarCaller:
    return RegistrarCaller(registrar, f"hdr_{registrar[:8]}", frozenset(RegistrarScope))


tenten, pavietnam, inet = caller(), caller(PAVIETNAM), caller(INET)


@pytest.fixture
async def office(database, vault, clock, programme, renderer):
    """Give an office whose registrars can all get requests."""
    clock.moment -= timedelta(days=4)  # a Monday morning
    async with database.unit_of_work() as connection:
        for registrar in (TENTEN, PAVIETNAM, INET, BKNS):
            await connect_registrar(connection, registrar, now=clock.now())
    newsroom = Newsroom(programme, Composer(renderer, vault))
    return Office(database, vault, clock, newsroom, RegistrarDesk(vault, AuditLog(Nobody()), newsroom))


@pytest.fixture
async def ba(database, vault):
    conversation, _ = await make_conversation(database, vault)
    return conversation


@pytest.fixture
async def lan(database, vault):
    conversation, _ = await make_conversation(database, vault)
    return conversation
