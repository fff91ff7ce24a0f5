"""The table of docs/retention.md: data is aged with a fixed clock, and the product's own jobs run over it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import func, select

from bot.core.cases import service as cases
from bot.core.cases.models import cases as case_table
from bot.core.cases.rules import Why
from bot.core.composing import Composer
from bot.core.consents import service as consents
from bot.core.consents.models import consents as consent_table
from bot.core.consents.service import Purpose
from bot.core.conversations import service as conversations
from bot.core.conversations.models import conversations as conversation_table
from bot.core.conversations.service import ToldTurn
from bot.core.guides import progress as guides
from bot.core.guides.models import guide_progress
from bot.core.handoffs import service as handoffs
from bot.core.handoffs.models import handoffs as handoff_table
from bot.core.handoffs.references import new_reference
from bot.core.house import House
from bot.core.misreadings import service as misreadings
from bot.core.misreadings.models import Why as Misread
from bot.core.misreadings.models import misreadings as misreading_table
from bot.core.ports import DialogueState
from bot.core.reports import service as reports
from bot.core.reports.models import reports as report_table
from bot.core.rights import erasure
from bot.core.rights.models import erasures
from bot.migrations.models import metadata
from bot.settings import ROOT
from scheduler import jobs
from scheduler.people import PeopleJobs
from tests.factories import connect_registrar, make_conversation

PAGE = (ROOT / "docs" / "retention.md").read_text("utf-8")
ROWS = {
    match["key"]: int(match["days"])
    for match in re.finditer(r"^\| `(?P<key>\w+)` \|[^|]*\|[^|]*\| (?P<days>\d+) ngày[^|]*\|", PAGE, re.MULTILINE)
}
BY_EVENT = {"reminder"}
"""Rows that end with something that happens, tested where that does."""
SHORTLY = timedelta(minutes=1)
COUNTED_IN_DAYS = {"misreading"}
"""What is noted by its day alone, and so goes with the day after."""


class Aged:
    """A database with one thing in it, and the clock."""

    def __init__(self, database, vault, clock, renderer, directory, programme):
        self.database, self.vault, self.clock = database, vault, clock
        self.people = PeopleJobs(
            vault, Composer(renderer, vault), lambda _: None, directory / "erasures" / "list.jsonl"
        )
        self.house = House(vault, programme)

    async def conversation(self):
        return (await make_conversation(self.database, self.vault, now=self.clock.now()))[0]

    async def run_all_jobs(self):
        every = (
            jobs.forget_idle_conversations,
            jobs.forget_old_reports,
            jobs.forget_old_misreadings,
            jobs.forget_old_guide_places,
            jobs.forget_old_handoffs,
            *(job for _, job in self.people.timetable()),
        )
        for job in every:
            await job(self.database, self.clock)

    async def count(self, table, *conditions):
        async with self.database.reading() as connection:
            query = select(func.count()).select_from(table).where(*conditions)
            return (await connection.execute(query)).scalar_one()


@pytest_asyncio.fixture
async def aged(database, vault, clock, renderer, tmp_path, programme):
    return Aged(database, vault, clock, renderer, tmp_path, programme)


async def conversation(aged):
    await aged.conversation()
    return conversation_table, ()


async def guest(aged):
    owner = await aged.conversation()
    async with aged.database.unit_of_work() as connection:
        await conversations.admit(
            connection, aged.vault, channel="web", external_id=owner.external_id, tokens=(), now=aged.clock.now()
        )
    return conversation_table, (conversation_table.c.is_guest,)


async def recent(aged):
    kept = await aged.conversation()
    async with aged.database.unit_of_work() as connection:
        told = ToldTurn("giá sao", "50.000 đồng")
        await conversations.save_turn(connection, kept, state=DialogueState(), told=told, now=aged.clock.now())
    return conversation_table, (conversation_table.c.recent.is_not(None),)


async def report(aged):
    writer = await aged.conversation()
    async with aged.database.unit_of_work() as connection:
        await reports.submit(connection, writer, reference="BC-7K2MX", words="bị đòi tiền", now=aged.clock.now())
    return report_table, ()


async def case(aged):
    asking, now = await aged.conversation(), aged.clock.now()
    async with aged.database.unit_of_work() as connection:
        await cases.open_case(connection, asking, reference="YC-7K2MX", why=Why.ASKED, wording="", due_at=now, now=now)
    return case_table, ()


async def guide(aged):
    learner = await aged.conversation()
    place = guides.Progress(guide="sign-token", step=2, place="sign-token:2", language="vi")
    async with aged.database.unit_of_work() as connection:
        await guides.keep(connection, learner.citizen_id, place, counted=[], now=aged.clock.now())
    return guide_progress, ()


async def request(aged):
    asking, now = await aged.conversation(), aged.clock.now()
    reference = new_reference()
    async with aged.database.unit_of_work() as connection:
        await connect_registrar(connection, "matbao", now=now)
        await handoffs.submit(
            connection,
            asking,
            reference=reference,
            registrar="matbao",
            product="biz.vn",
            domain="quanba.biz.vn",
            contact={"name": "Chị Ba", "phone": "+84900000001"},
            consent="handoff-1",
            may_cost=False,
            now=now,
        )
        await handoffs.withdraw(connection, asking, reference=reference, now=now)
    return handoff_table, ()


async def consent(aged):
    agreeing, now = await aged.conversation(), aged.clock.now()
    async with aged.database.unit_of_work() as connection:
        await consents.give(connection, agreeing, purpose=Purpose.PERSON, wording="person-1", now=now)
        await consents.withdraw(connection, agreeing.citizen_id, purpose=Purpose.PERSON, now=now)
    return consent_table, ()


async def misreading(aged):
    async with aged.database.unit_of_work() as connection:
        await misreadings.keep(
            connection,
            channel="web",
            words="giá tên miền sao",
            intent="ask_cost",
            confidence=0.4,
            guesses=["ask_cost"],
            why=Misread.FALLBACK,
            now=aged.clock.now(),
        )
    return misreading_table, ()


async def receipt(aged):
    leaving = await aged.conversation()
    async with aged.database.unit_of_work() as connection:
        await erasure.erase(connection, aged.house, leaving, receipt="XD-7K2MX", now=aged.clock.now())
    return erasures, ()


KINDS = {
    kind.__name__: kind
    for kind in (conversation, guest, recent, report, case, guide, request, consent, misreading, receipt)
}


def test_every_row_of_the_page_is_aged_here():
    assert set(ROWS) == set(KINDS)
    assert BY_EVENT.isdisjoint(ROWS)


def test_every_table_of_the_database_stands_on_the_page():
    named = set(re.findall(r"`(\w+)`", PAGE))
    assert {table.name for table in metadata.sorted_tables} <= named


@pytest.mark.parametrize("key", sorted(KINDS))
async def test_it_is_kept_as_long_as_the_page_says_and_not_longer(aged, key):
    table, conditions = await KINDS[key](aged)
    assert await aged.count(table, *conditions) == 1
    for _ in range(4):  # a computer that is on now and then
        aged.clock.advance(days=ROWS[key] / 4 - 0.001)
        await aged.run_all_jobs()
        assert await aged.count(table, *conditions) == 1, "gone too early"
    shortly = timedelta(days=1) if key in COUNTED_IN_DAYS else SHORTLY
    aged.clock.advance(days=0.004, seconds=shortly.total_seconds())
    await aged.run_all_jobs()
    assert await aged.count(table, *conditions) == 0


async def test_a_conversation_that_something_is_awaited_in_loses_its_words_all_the_same(aged):
    await request(aged)
    kept = await aged.conversation()
    reference = new_reference()
    async with aged.database.unit_of_work() as connection:
        await connect_registrar(connection, "matbao", now=aged.clock.now())
        await handoffs.submit(
            connection,
            kept,
            reference=reference,
            registrar="matbao",
            product="biz.vn",
            domain="quanba.biz.vn",
            contact={"name": "Chị Ba", "phone": "+84900000001"},
            consent="handoff-1",
            may_cost=False,
            now=aged.clock.now(),
        )
        await conversations.save_turn(
            connection, kept, state=DialogueState("eligibility_form", {"age": 20}), now=aged.clock.now()
        )
    aged.clock.advance(days=30, minutes=1)
    await aged.run_all_jobs()
    still = conversation_table.c.id == kept.id
    assert await aged.count(conversation_table, still) == 1
    assert await aged.count(conversation_table, still, conversation_table.c.state.is_not(None)) == 0
