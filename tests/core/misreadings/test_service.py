import asyncio
from datetime import date

import pytest
from sqlalchemy import insert, select

from bot.core.misreadings import retention, service
from bot.core.misreadings.models import MisreadingState, Why, misreadings
from bot.core.misreadings.service import Dropping, Keeping, MisreadingDecidedError, MisreadingGoneError

WORDS = "tiền tên miền nộp chỗ nào"


async def keep(database, clock, words=WORDS, **values):
    facts = {
        "channel": "web",
        "intent": "nlu_fallback",
        "confidence": 0.21,
        "guesses": ("ask_cost", "ask_registrars"),
        "why": Why.FALLBACK,
    }
    async with database.unit_of_work() as connection:
        return await service.keep(connection, words=words, now=clock.now(), **{**facts, **values})


async def drop(database, words=WORDS):
    async with database.unit_of_work() as connection:
        return await service.drop(connection, words=words)


async def waiting(database):
    async with database.reading() as connection:
        return await service.list_waiting(connection)


async def labelled(database):
    async with database.reading() as connection:
        return await service.list_labelled(connection)


async def decide(database, clock, misreading, intent="ask_registrars"):
    async with database.unit_of_work() as connection:
        await service.label(connection, misreading.id, intent, by="hoa", now=clock.now())


async def dismiss(database, clock, misreading):
    async with database.unit_of_work() as connection:
        await service.dismiss(connection, misreading.id, by="hoa", now=clock.now())


async def forget(database, clock):
    async with database.unit_of_work() as connection:
        return await retention.forget_old(connection, now=clock.now())


async def test_a_row_holds_the_words_and_how_they_were_read_and_nothing_of_who_wrote_them(database, clock):
    assert await keep(database, clock) is Keeping.KEPT
    (misreading,) = await waiting(database)
    assert (misreading.words, misreading.guesses) == (WORDS, ("ask_cost", "ask_registrars"))
    assert (misreading.times, misreading.last_on) == (1, date(2026, 11, 20))
    assert set(misreadings.c.keys()) == {
        "id", "digest", "words", "channel", "intent", "confidence", "guesses", "why", "state", "times", "first_on",
        "last_on", "label", "decided_by", "decided_at", "exported_at",
    }  # fmt: skip
    assert not misreadings.foreign_keys


async def test_the_day_is_the_local_one(database, clock):
    clock.advance(hours=18)
    await keep(database, clock)
    assert (await waiting(database))[0].last_on == date(2026, 11, 21)


async def test_words_are_scrubbed_whoever_hands_them_in(database, clock):
    assert await keep(database, clock, "gọi em 0912345678") is Keeping.KEPT
    assert await keep(database, clock, "tên tôi là Lan") is Keeping.NOT_KEPT
    assert [misreading.words for misreading in await waiting(database)] == ["gọi em …"]


async def test_the_same_words_are_counted_however_they_are_accented(database, clock):
    await keep(database, clock)
    clock.advance(days=2)
    assert await keep(database, clock, "TIEN ten mien  nop cho nao", channel="telegram") is Keeping.KEPT
    (misreading,) = await waiting(database)
    assert (misreading.words, misreading.times, misreading.last_on) == (WORDS, 2, date(2026, 11, 22))


async def test_the_same_words_at_once_are_one_row(database, clock):
    await asyncio.gather(*(keep(database, clock) for _ in range(4)))
    assert [misreading.times for misreading in await waiting(database)] == [4]


async def test_what_came_most_often_is_asked_first(database, clock):
    for words in ("câu một", "câu hai", "câu hai"):
        await keep(database, clock, words)
    assert [misreading.words for misreading in await waiting(database)] == ["câu hai", "câu một"]


async def test_a_flood_is_not_kept_and_what_is_here_goes_on_counting(database, clock):
    today = clock.now().date()
    row = {"channel": "web", "intent": "x", "confidence": 0.1, "guesses": "", "why": "fallback", "words": "w"}
    rows = [
        {**row, "digest": str(number), "first_on": today, "last_on": today}
        for number in range(service.MOST_WAITING - 1)
    ]
    async with database.unit_of_work() as connection:
        await connection.execute(insert(misreadings), rows)
    assert await keep(database, clock) is Keeping.KEPT
    assert await keep(database, clock, "câu mới") is Keeping.NOT_KEPT
    assert await keep(database, clock) is Keeping.KEPT
    assert (await waiting(database))[0].times == 2


async def test_taking_back_counts_down_and_the_last_one_takes_the_words(database, clock):
    await keep(database, clock)
    await keep(database, clock)
    assert await drop(database) is Dropping.DROPPED
    assert [misreading.times for misreading in await waiting(database)] == [1]
    assert [await drop(database), await drop(database)] == [Dropping.DROPPED, Dropping.GONE]
    assert await waiting(database) == []


async def test_taking_back_reaches_what_staff_have_labelled_meanwhile(database, clock):
    await keep(database, clock)
    await decide(database, clock, (await waiting(database))[0])
    assert await drop(database) is Dropping.DROPPED
    assert await labelled(database) == []


async def test_a_label_is_kept_with_who_gave_it_and_when(database, clock):
    await keep(database, clock)
    await decide(database, clock, (await waiting(database))[0])
    assert await waiting(database) == []
    assert [(misreading.words, misreading.label) for misreading in await labelled(database)] == [
        (WORDS, "ask_registrars")
    ]
    async with database.reading() as connection:
        row = (await connection.execute(select(misreadings))).one()
    assert (row.decided_by, row.decided_at) == ("hoa", clock.now())


async def test_two_people_cannot_decide_about_one(database, clock):
    await keep(database, clock)
    (misreading,) = await waiting(database)
    await decide(database, clock, misreading)
    with pytest.raises(MisreadingDecidedError):
        await dismiss(database, clock, misreading)
    await drop(database)
    with pytest.raises(MisreadingGoneError):
        await decide(database, clock, misreading)


async def test_a_dismissed_one_has_no_words_and_does_not_come_back(database, clock):
    await keep(database, clock)
    await dismiss(database, clock, (await waiting(database))[0])
    async with database.reading() as connection:
        row = (await connection.execute(select(misreadings))).one()
    assert (row.words, row.state) == (None, MisreadingState.DISMISSED)
    assert await keep(database, clock) is Keeping.KEPT
    assert await waiting(database) == []


@pytest.mark.parametrize("decision", [decide, dismiss])
async def test_a_decision_can_be_taken_back(database, clock, decision):
    await keep(database, clock)
    (misreading,) = await waiting(database)
    await decision(database, clock, misreading)
    async with database.unit_of_work() as connection:
        await service.reopen(connection, misreading)
    assert await waiting(database) == [misreading]


async def test_nothing_is_reopened_that_its_writer_took_back(database, clock):
    await keep(database, clock)
    (misreading,) = await waiting(database)
    await dismiss(database, clock, misreading)
    await drop(database)
    with pytest.raises(MisreadingGoneError):
        async with database.unit_of_work() as connection:
            await service.reopen(connection, misreading)


async def test_unlabelled_ones_are_forgotten_ninety_days_after_they_came_last(database, clock):
    await keep(database, clock, "câu một")
    await keep(database, clock, "câu hai")
    await dismiss(database, clock, (await waiting(database))[0])
    clock.advance(days=90)
    assert await forget(database, clock) == 0
    clock.advance(days=1)
    assert await forget(database, clock) == 2


@pytest.mark.parametrize("days_until_export", [None, 30])
async def test_labelled_ones_are_forgotten_a_year_after_the_first_export_or_else_the_labelling(
    database, clock, days_until_export
):
    await keep(database, clock)
    await decide(database, clock, (await waiting(database))[0])
    if days_until_export is not None:
        for _ in range(2):
            clock.advance(days=days_until_export / 2)
            async with database.unit_of_work() as connection:
                await service.mark_exported(connection, await service.list_labelled(connection), now=clock.now())
        clock.advance(days=-days_until_export / 2)
    clock.advance(days=365)
    assert await forget(database, clock) == 0
    clock.advance(seconds=1)
    assert await forget(database, clock) == 1


async def test_what_is_exported_is_marked(database, clock):
    await keep(database, clock)
    await decide(database, clock, (await waiting(database))[0])
    async with database.unit_of_work() as connection:
        await service.mark_exported(connection, await service.list_labelled(connection), now=clock.now())
    assert [misreading.exported for misreading in await labelled(database)] == [True]


async def test_the_statistics_count_what_there_is(database, clock):
    for words, why in (("câu một", Why.DENIED), ("câu hai", Why.FALLBACK), ("câu ba", Why.FALLBACK)):
        await keep(database, clock, words, why=why)
    await keep(database, clock, "câu bốn", channel="telegram")
    first, second, *_ = await waiting(database)
    await decide(database, clock, first, "ask_cost")
    await dismiss(database, clock, second)
    async with database.reading() as connection:
        counted = await service.statistics(connection)
    assert counted.states == {
        MisreadingState.WAITING: 2,
        MisreadingState.LABELLED: 1,
        MisreadingState.DISMISSED: 1,
    }
    assert (counted.exported, counted.first_guess_right) == (0, 1)
    assert counted.channels == {"telegram": 1, "web": 1}
    assert counted.causes == {"fallback": 2}
    assert counted.labels == {"ask_cost": 1}


def test_what_people_are_told_about_the_days_is_what_is_done(programme):
    (said,) = (point.says for point in programme.points if point.key == "privacy_learning")
    assert f"{retention.KEEP_UNLABELLED.days} ngày nếu không dùng" in said
    assert f"{retention.KEEP_LABELLED.days} ngày sau khi dùng" in said
