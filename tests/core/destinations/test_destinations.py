"""Where bulletins go: who says so, what is looked up when one is fired, and what the platform changes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import select

from bot.core.audit.models import audit_entries
from bot.core.broadcasts.errors import AreaUnknownError, ChannelUnknownError
from bot.core.destinations import repository, service
from bot.core.destinations.errors import AddressInvalidError, DestinationTakenError, DestinationUnknownError
from bot.core.notices import service as notices
from bot.core.staff import repository as staff
from bot.core.staff.errors import NotAuthorisedError
from bot.core.staff.roles import Role
from bot.core.statements import digest
from bot.core.statements.models import Audience
from tests.broadcasting import COMMUNES, TAN_AN, YEN_DUNG, make_bureau, make_caller
from tests.fakes import MORNING

GROUP, OTHER = "-1001234567890", "-42"


@pytest_asyncio.fixture
async def bureau(database):
    return await make_bureau(database, areas=(YEN_DUNG, TAN_AN))


async def add(bureau, *, address=GROUP, area=YEN_DUNG, channel="telegram-group", training=False, by=None, log=None):
    async with bureau.database.unit_of_work() as connection:
        return await service.add(
            connection,
            bureau.log,
            area=area,
            channel=channel,
            address=address,
            title="Nhóm thôn Đông",
            is_training=training,
            by=by or bureau.officer,
            communes=COMMUNES,
            now=MORNING,
        )


async def end(bureau, row, *, by=None):
    async with bureau.database.unit_of_work() as connection:
        return await service.end(
            connection, bureau.log, destination_id=row.id, by=by or bureau.officer, now=MORNING + timedelta(hours=1)
        )


async def move(bureau, row, address):
    async with bureau.database.unit_of_work() as connection:
        return await service.move(connection, bureau.log, destination_id=row.id, address=address, now=MORNING)


async def stored(bureau, row):
    async with bureau.database.reading() as connection:
        return await repository.find(connection, row.id)


async def log_lines(bureau):
    async with bureau.database.reading() as connection:
        query = select(audit_entries.c.line).order_by(audit_entries.c.seq)
        return [json.loads(line) for line in (await connection.execute(query)).scalars()]


async def test_a_destination_is_added_with_a_line_that_names_no_address(bureau):
    row = await add(bureau)
    assert await stored(bureau, row) == row
    assert row.id.startswith("dst-")
    (line,) = await log_lines(bureau)
    assert (line["event"], line["destination"], line["area"]) == ("destination.added", row.id, YEN_DUNG)
    assert line["address_sha256"] == digest(GROUP.encode())
    assert GROUP not in json.dumps(line)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"area": "a.b"}, AreaUnknownError),
        ({"channel": "zalo"}, ChannelUnknownError),
        ({"address": "42"}, AddressInvalidError),
        ({"address": "-042"}, AddressInvalidError),
        ({"address": "@nhom"}, AddressInvalidError),
        ({"address": "-42\n"}, AddressInvalidError),
        ({"address": "-٤٢"}, AddressInvalidError),
        ({"address": ""}, AddressInvalidError),
    ],
)
async def test_what_can_be_no_destination_is_refused(bureau, changes, error):
    with pytest.raises(error):
        await add(bureau, **changes)
    assert not await log_lines(bureau)


async def test_officers_and_admins_of_the_area_keep_its_destinations(bureau):
    row = await add(bureau, by=await make_caller(bureau.database, Role.ADMIN, areas=(YEN_DUNG,)))
    for role, areas in ((Role.OFFICER, (TAN_AN,)), (Role.AUDITOR, ()), (Role.EDITOR, ()), (None, ())):
        by = await make_caller(bureau.database, role, areas=areas)
        with pytest.raises(NotAuthorisedError):
            await add(bureau, address=OTHER, by=by)
        with pytest.raises(NotAuthorisedError if role is Role.AUDITOR else DestinationUnknownError):
            await end(bureau, row, by=by)
    assert (await stored(bureau, row)).ended_at is None


async def appointed(bureau, area):
    """Give an admin of an area whose role stands in the database."""
    admin = await make_caller(bureau.database, Role.ADMIN, areas=(area,))
    async with bureau.database.unit_of_work() as connection:
        await staff.add_holding(connection, admin.holdings[0], grant_id="test")
    return admin


async def test_the_area_s_other_admins_are_told_of_a_new_group_that_is_not_for_training(bureau):
    adder, here, there = [await appointed(bureau, area) for area in (YEN_DUNG, YEN_DUNG, TAN_AN)]
    row = await add(bureau, by=adder)
    await add(bureau, address=OTHER, training=True)
    for admin, told in ((adder, []), (here, [row.id]), (there, [])):
        async with bureau.database.reading() as connection:
            listed = await notices.list_of(connection, admin.staff_id)
        assert [notice.facts["destination"] for notice in listed] == told


async def test_an_address_is_in_use_once(bureau):
    row = await add(bureau)
    for area, training in ((YEN_DUNG, False), (TAN_AN, False), (YEN_DUNG, True)):
        with pytest.raises(DestinationTakenError):
            await add(bureau, area=area, training=training)
    await end(bureau, row)
    assert (await add(bureau, area=TAN_AN)).id != row.id


async def test_whoever_is_slower_with_the_same_address_is_told_so(bureau):
    row = await add(bureau)
    with pytest.raises(DestinationTakenError):
        async with bureau.database.unit_of_work() as connection:
            # What the other one did came after the look whether the address is free.
            await service._add(connection, replace(row, id="dst-2"))


async def test_what_has_ended_stays_ended(bureau):
    row = await add(bureau)
    ended = await end(bureau, row)
    assert ended.ended_at == MORNING + timedelta(hours=1)
    assert await end(bureau, row) == ended
    assert [line["event"] for line in await log_lines(bureau)] == ["destination.added", "destination.ended"]


async def test_lists_hold_what_one_may_see_and_what_has_ended_only_where_asked(bureau):
    here, there = await add(bureau), await add(bureau, address=OTHER, area=TAN_AN)
    ended = await end(bureau, await add(bureau, address="-43"))
    local = await make_caller(bureau.database, areas=(TAN_AN,))
    auditor = await make_caller(bureau.database, Role.AUDITOR)
    async with bureau.database.reading() as connection:
        assert await service.list_visible(connection, by=local, now=MORNING) == [there]
        assert {row.id for row in await service.list_visible(connection, by=auditor, now=MORNING)} == {
            here.id,
            there.id,
        }
        everything = await service.list_visible(connection, by=auditor, now=MORNING, with_ended=True)
        assert {row.id for row in everything} == {here.id, there.id, ended.id}
        assert await service.get(connection, here.id, by=auditor, now=MORNING) == here
        for unseen in (here.id, "dst-0"):
            with pytest.raises(DestinationUnknownError):
                await service.get(connection, unseen, by=local, now=MORNING)


async def test_what_was_signed_goes_to_what_is_in_use_of_its_areas_channels_and_mode(bureau):
    here, there = await add(bureau), await add(bureau, address=OTHER, area=TAN_AN)
    training = await add(bureau, address="-44", training=True)
    gone = await end(bureau, await add(bureau, address="-45"))
    one = Audience(areas=(YEN_DUNG,), channels=("telegram-group",))
    both = Audience(areas=(TAN_AN, YEN_DUNG), channels=("telegram-group",))
    none = Audience(areas=(YEN_DUNG,), channels=("zalo-group",))
    async with bureau.database.reading() as connection:
        assert await service.resolve(connection, one, "live") == [here]
        assert await service.resolve(connection, both, "live") == sorted([here, there], key=lambda row: row.id)
        assert await service.resolve(connection, both, "training") == [training]
        assert not await service.resolve(connection, none, "live")
    assert service.receives(here, one, "live")
    assert not service.receives(there, one, "live")
    assert not service.receives(here, none, "live")
    assert not service.receives(here, one, "training")
    assert not service.receives(training, one, "live")
    assert not service.receives(gone, one, "live")


async def test_the_digest_of_what_was_resolved_tells_every_change_of_it(bureau):
    here, there = await add(bureau), await add(bureau, address=OTHER, area=TAN_AN)
    digests = {
        service.digest_of(rows)
        for rows in ([here, there], [here], [], [here, replace(there, address="-43")], [replace(here, area=TAN_AN)])
    }
    assert len(digests) == 5
    assert service.digest_of([here, there]) == service.digest_of([there, here])


async def test_a_group_that_becomes_a_supergroup_is_followed(bureau):
    row = await add(bureau, address=OTHER)
    async with bureau.database.unit_of_work() as connection:
        await service.note_unreachable(connection, row.id, now=MORNING)
    moved = await move(bureau, row, GROUP)
    assert (await stored(bureau, row), moved.address, moved.unreachable_since) == (moved, GROUP, None)
    line = (await log_lines(bureau))[-1]
    assert (line["event"], line["address_sha256"], line["from_sha256"]) == (
        "destination.moved",
        digest(GROUP.encode()),
        digest(OTHER.encode()),
    )
    assert await move(bureau, row, GROUP) == moved
    assert len(await log_lines(bureau)) == 2


async def test_nothing_moves_to_where_another_is_or_nothing_can_be(bureau):
    row = await add(bureau)
    await add(bureau, address=OTHER, area=TAN_AN)
    with pytest.raises(DestinationTakenError):
        await move(bureau, row, OTHER)
    with pytest.raises(AddressInvalidError):
        await move(bureau, row, "42")
    ended = await end(bureau, row)
    for gone in (ended, replace(row, id="dst-0")):
        with pytest.raises(DestinationUnknownError):
            await move(bureau, gone, "-43")


async def test_it_is_news_once_that_a_destination_cannot_be_reached(bureau):
    row = await add(bureau)
    async with bureau.database.unit_of_work() as connection:
        assert await service.note_unreachable(connection, row.id, now=MORNING)
        assert not await service.note_unreachable(connection, row.id, now=MORNING + timedelta(hours=1))
        assert not await service.note_unreachable(connection, "dst-0", now=MORNING)
    assert (await stored(bureau, row)).unreachable_since == MORNING
    async with bureau.database.unit_of_work() as connection:
        await service.note_reachable(connection, row.id)
    assert await stored(bureau, row) == row
