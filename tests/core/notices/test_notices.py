"""What staff are told although they did not ask."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.core.notices import repository, retention, service
from bot.core.notices.errors import NoticeUnknownError
from tests.broadcasting import make_caller
from tests.fakes import MORNING


async def tell(database, people, *, kind="broadcast-missed", about="bc-1", now=MORNING, **facts):
    async with database.unit_of_work() as connection:
        return await service.tell(
            connection,
            staff_ids=[person.staff_id for person in people],
            kind=kind,
            facts={"broadcast": "bc-1", **facts},
            about=about,
            now=now,
        )


async def told(database, person, **options):
    async with database.reading() as connection:
        return await service.list_of(connection, person.staff_id, **options)


async def test_everybody_is_told_the_same_thing_once(database):
    an, binh = await make_caller(database), await make_caller(database)
    assert await tell(database, [an, binh, an], count=2, title="Họp dân") == 2
    assert await tell(database, [an, binh]) == 0
    (notice,) = await told(database, an)
    assert (notice.kind, notice.facts) == ("broadcast-missed", {"broadcast": "bc-1", "count": 2, "title": "Họp dân"})
    assert (notice.created_at, notice.read_at) == (MORNING, None)
    assert len(await told(database, binh)) == 1


async def test_another_kind_or_another_matter_is_another_notice(database):
    an = await make_caller(database)
    await tell(database, [an])
    await tell(database, [an], kind="broadcast-refused", now=MORNING + timedelta(minutes=1))
    await tell(database, [an], about="bc-2", now=MORNING + timedelta(minutes=2))
    assert [notice.kind for notice in await told(database, an)] == [
        "broadcast-missed",
        "broadcast-refused",
        "broadcast-missed",
    ]
    assert len(await told(database, an, most=2)) == 2


async def test_reading_is_noted_once_and_takes_it_off_the_unread(database):
    an = await make_caller(database)
    await tell(database, [an])
    await tell(database, [an], about="bc-2")
    first = (await told(database, an))[0]
    for later in (1, 2):
        async with database.unit_of_work() as connection:
            await service.read(connection, an.staff_id, first.id, now=MORNING + timedelta(hours=later))
    assert {notice.read_at for notice in await told(database, an)} == {MORNING + timedelta(hours=1), None}
    (unread,) = await told(database, an, only_unread=True)
    assert unread.id != first.id
    async with database.reading() as connection:
        assert await repository.count_unread(connection, an.staff_id) == 1


async def test_nobody_reads_another_s_notices(database):
    an, binh = await make_caller(database), await make_caller(database)
    await tell(database, [an])
    (notice,) = await told(database, an)
    for person, number in ((binh, notice.id), (an, notice.id + 1)):
        with pytest.raises(NoticeUnknownError):
            async with database.unit_of_work() as connection:
                await service.read(connection, person.staff_id, number, now=MORNING)
    assert (await told(database, an))[0].read_at is None
    assert not await told(database, binh)


async def test_notices_are_forgotten_after_their_time(database):
    an = await make_caller(database)
    await tell(database, [an])
    await tell(database, [an], about="bc-2", now=MORNING + timedelta(days=1))
    async with database.unit_of_work() as connection:
        assert await retention.forget_old(connection, now=MORNING + retention.KEEP_NOTICE) == 0
        assert await retention.forget_old(connection, now=MORNING + retention.KEEP_NOTICE + timedelta(seconds=1)) == 1
    assert len(await told(database, an)) == 1
