from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from bot.core.citizens.models import citizens
from bot.core.conversations import retention as conversations_retention
from bot.core.reports import retention, service
from bot.core.reports.models import ReportState, reports
from bot.core.reports.service import ReportNotFoundError, Withdrawal
from tests.factories import make_conversation

REFERENCE = "BC-7K2MX"
STORY = "có người gọi đòi 300 nghìn phí tên miền"


async def submit(database, conversation, clock, *, reference=REFERENCE, words=STORY):
    async with database.unit_of_work() as connection:
        await service.submit(connection, conversation, reference=reference, words=words, now=clock.now())


async def read(database, vault, clock, reference=REFERENCE):
    async with database.unit_of_work() as connection:
        return await service.read(connection, vault, reference, now=clock.now())


async def withdraw(database, conversation, reference=REFERENCE):
    async with database.unit_of_work() as connection:
        return await service.withdraw(connection, conversation, reference=reference)


async def listed(database, vault):
    async with database.reading() as connection:
        return await service.list_all(connection, vault)


@pytest.fixture
async def lan(database, vault):
    conversation, _ = await make_conversation(database, vault)
    return conversation


async def test_a_report_holds_the_words_the_channel_the_moment_and_which_wording_was_agreed_to(
    database, vault, clock, lan
):
    await submit(database, lan, clock)
    (report,) = await listed(database, vault)
    assert (report.reference, report.words, report.channel) == (REFERENCE, STORY, "web")
    assert (report.created_at, report.state) == (clock.now(), ReportState.UNREAD)
    async with database.reading() as connection:
        row = (await connection.execute(select(reports))).one()
    assert row.consent == "report-1"
    assert set(row._mapping) == {
        "id", "reference", "citizen_id", "channel", "state", "words", "consent", "created_at", "read_at", "closed_at",
    }  # fmt: skip
    assert STORY.encode() not in row.words


async def test_a_reference_is_given_once(database, clock, lan):
    await submit(database, lan, clock)
    with pytest.raises(IntegrityError):
        await submit(database, lan, clock)


async def test_the_newest_come_first(database, vault, clock, lan):
    for reference in ("BC-22222", "BC-33333", "BC-44444"):
        await submit(database, lan, clock, reference=reference)
        clock.advance(minutes=1)
    assert [report.reference for report in await listed(database, vault)] == ["BC-44444", "BC-33333", "BC-22222"]


async def test_reading_marks_a_report_and_keeps_the_first_time(database, vault, clock, lan):
    await submit(database, lan, clock)
    first = clock.now()
    assert (await read(database, vault, clock)).words == STORY
    clock.advance(hours=1)
    await read(database, vault, clock)
    async with database.reading() as connection:
        row = (await connection.execute(select(reports.c.state, reports.c.read_at))).one()
    assert row == (ReportState.READ, first)


async def test_a_reference_that_nobody_has_is_told_so(database, vault, clock):
    with pytest.raises(ReportNotFoundError):
        await read(database, vault, clock)
    with pytest.raises(ReportNotFoundError):
        async with database.unit_of_work() as connection:
            await service.close(connection, REFERENCE, now=clock.now())


async def test_an_unread_report_can_be_withdrawn_and_leaves_nothing(database, vault, clock, lan):
    await submit(database, lan, clock)
    assert await withdraw(database, lan) is Withdrawal.WITHDRAWN
    assert await listed(database, vault) == []
    assert await withdraw(database, lan) is Withdrawal.GONE


async def test_a_report_that_was_read_stays(database, vault, clock, lan):
    await submit(database, lan, clock)
    await read(database, vault, clock)
    assert await withdraw(database, lan) is Withdrawal.READ
    assert len(await listed(database, vault)) == 1


async def test_nobody_withdraws_another_citizen_s_report(database, vault, clock, lan):
    await submit(database, lan, clock)
    other, _ = await make_conversation(database, vault)
    assert await withdraw(database, other) is Withdrawal.GONE
    assert len(await listed(database, vault)) == 1


async def test_closing_blanks_the_words_and_stays_closed_when_it_is_read_again(database, vault, clock, lan):
    await submit(database, lan, clock)
    for _ in range(2):
        async with database.unit_of_work() as connection:
            await service.close(connection, REFERENCE, now=clock.now())
    report = await read(database, vault, clock)
    assert (report.words, report.state) == (None, ReportState.CLOSED)


async def test_erasing_the_citizen_erases_the_words(database, vault, clock, lan):
    await submit(database, lan, clock)
    async with database.unit_of_work() as connection:
        await connection.execute(update(citizens).values(wrapped_key=None, erased_at=clock.now()))
    (report,) = await listed(database, vault)
    assert report.words is None


async def test_a_report_is_forgotten_after_thirty_days_whether_it_was_read_or_not(database, vault, clock, lan):
    await submit(database, lan, clock)
    clock.advance(days=29, hours=23)
    async with database.unit_of_work() as connection:
        assert await retention.forget_old(connection, now=clock.now()) == 0
    clock.advance(hours=1, seconds=1)
    async with database.unit_of_work() as connection:
        assert await retention.forget_old(connection, now=clock.now()) == 1
    assert await listed(database, vault) == []


def test_no_report_outlives_the_key_of_an_idle_conversation():
    assert timedelta() < retention.KEEP_REPORT <= conversations_retention.KEEP_IDLE
