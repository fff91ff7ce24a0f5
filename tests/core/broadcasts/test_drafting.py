"""What staff do with a broadcast until the clock has it, and after."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import insert, select

from bot.core.approvals.errors import ScheduleInvalidError
from bot.core.audit.models import audit_entries
from bot.core.broadcasts import drafting, editions, kinds, repository, visibility
from bot.core.broadcasts.errors import (
    AreaUnknownError,
    BroadcastUnknownError,
    RevisionStaleError,
    TransitionRefusedError,
)
from bot.core.broadcasts.models import broadcast_areas
from bot.core.broadcasts.states import State
from bot.core.deliveries.models import DeliveryState, deliveries
from bot.core.staff.errors import NotAuthorisedError
from bot.core.staff.roles import Role
from bot.core.statements import digest
from tests.broadcasting import (
    HOUR,
    LATE,
    LUC_NAM,
    TAN_AN,
    YEN_DUNG,
    broadcast_draft,
    make_bureau,
    make_caller,
    series_draft,
)
from tests.fakes import MORNING

NINE = MORNING + HOUR


@pytest_asyncio.fixture
async def bureau(database):
    """Give a bureau of the whole province, once on SQLite and once on PostgreSQL."""
    return await make_bureau(database)


async def stored(bureau, row):
    async with bureau.database.reading() as connection:
        return await repository.find(connection, row.id)


async def history(bureau, row):
    async with bureau.database.reading() as connection:
        return await repository.history_of(connection, row.id)


async def editions_of(bureau, row):
    async with bureau.database.reading() as connection:
        return await repository.editions_of(connection, row.id)


async def log_lines(bureau):
    async with bureau.database.reading() as connection:
        query = select(audit_entries.c.line).order_by(audit_entries.c.seq)
        return [json.loads(line) for line in (await connection.execute(query)).scalars()]


async def scheduled(bureau, body=None):
    row = await bureau.submitted(body)
    await bureau.approve(row)
    return await stored(bureau, row)


async def fire(bureau, row, *, state=State.SENDING):
    """Do what firing does to the rows, without the checks before it."""
    async with bureau.database.unit_of_work() as connection:
        edition = (
            (await repository.editions_of(connection, row.id))[-1]
            if row.kind == "broadcasts"
            else await editions.freeze(connection, row, fire_at=row.next_fire_at, now=bureau.now)
        )
        edition = await repository.change_edition(connection, edition, state, now=bureau.now)
        if row.kind == "broadcasts":
            row = await repository.change_state(connection, row, state, by="machine", now=bureau.now)
        else:
            item = kinds.read(row.kind, row.subject)
            following = kinds.next_moment(item, row.next_fire_at)
            row = await repository.change_next_fire(connection, row, following, now=bureau.now)
    return row, edition


async def test_a_draft_is_stored_as_the_bytes_that_are_signed(bureau):
    row = await bureau.draft()
    assert await stored(bureau, row) == row
    assert (row.version, row.revision, row.state, row.next_fire_at) == (1, 1, State.DRAFT, None)
    item = kinds.read(row.kind, row.subject)
    assert (item.id, item.version, item.drafter, item.editors) == (row.id, 1, bureau.officer.staff_id, ())
    assert row.id.startswith("bc-")
    (line,) = await history(bureau, row)
    assert (line.version, line.state, line.by, line.reason) == (1, State.DRAFT, bureau.officer.staff_id, None)
    (logged,) = await log_lines(bureau)
    assert logged["event"] == "broadcast.drafted"
    assert logged["subject_sha256"] == digest(row.subject)
    assert (logged["broadcast"], logged["by"]) == (row.id, bureau.officer.staff_id)


async def test_a_series_is_another_kind_with_ids_of_its_own(bureau):
    row = await bureau.draft(series_draft())
    assert (row.kind, row.id[:3]) == ("series", "sr-")


async def test_a_draft_that_is_refused_leaves_nothing(bureau):
    with pytest.raises(AreaUnknownError):
        await bureau.draft(broadcast_draft(areas=("a.b",)))
    async with bureau.database.reading() as connection:
        assert not await repository.list_newest_first(connection, areas=None)
    assert not await log_lines(bureau)


@pytest.mark.parametrize(
    ("role", "areas"),
    [(Role.ADMIN, ()), (Role.EDITOR, ()), (Role.AUDITOR, ()), (None, ()), (Role.OFFICER, (YEN_DUNG,))],
)
async def test_only_an_officer_of_all_its_areas_drafts(bureau, role, areas):
    with pytest.raises(NotAuthorisedError):
        await bureau.draft(by=await make_caller(bureau.database, role, areas=areas))


async def test_an_edit_is_a_new_version_by_another_editor(bureau):
    other = await make_caller(bureau.database, areas=(YEN_DUNG, TAN_AN, LUC_NAM))
    row = await bureau.draft()
    bureau.now += timedelta(minutes=1)
    changed = await bureau.edit(row, broadcast_draft(text="Tám giờ rưỡi.", areas=(LUC_NAM,)), by=other)
    assert await stored(bureau, row) == changed
    item = kinds.read(changed.kind, changed.subject)
    assert (item.version, item.drafter, item.editors) == (2, bureau.officer.staff_id, (other.staff_id,))
    assert (changed.version, changed.revision, changed.changed_at) == (2, 2, MORNING + timedelta(minutes=1))
    assert [(line.version, line.state) for line in await history(bureau, row)] == [(1, State.DRAFT), (2, State.DRAFT)]
    async with bureau.database.reading() as connection:
        areas = (await connection.execute(select(broadcast_areas.c.area))).scalars().all()
    assert areas == [LUC_NAM]


async def test_whoever_edited_once_stays_an_editor(bureau):
    other = await make_caller(bureau.database)
    row = await bureau.edit(await bureau.draft(), broadcast_draft(text="Hai."), by=other)
    row = await bureau.edit(row, broadcast_draft(text="Ba."))
    assert set(kinds.read(row.kind, row.subject).editors) == {other.staff_id, bureau.officer.staff_id}


async def test_an_edit_takes_a_role_in_the_areas_of_before_and_of_now(bureau):
    here = await make_caller(bureau.database, areas=(YEN_DUNG,))
    row = await bureau.draft()
    with pytest.raises(NotAuthorisedError):
        await bureau.edit(row, broadcast_draft(areas=(YEN_DUNG,)), by=here)
    own = await bureau.draft(broadcast_draft(areas=(YEN_DUNG,)), by=here)
    with pytest.raises(NotAuthorisedError):
        await bureau.edit(own, broadcast_draft(areas=(YEN_DUNG, TAN_AN)), by=here)
    assert (await stored(bureau, own)).revision == 1


async def test_a_kind_cannot_be_edited_into_the_other(bureau):
    with pytest.raises(BroadcastUnknownError):
        await bureau.edit(await bureau.draft(), series_draft())


async def test_a_stale_revision_changes_nothing(bureau):
    row = await bureau.draft()
    await bureau.edit(row, broadcast_draft(text="Hai."))
    with pytest.raises(RevisionStaleError) as caught:
        await bureau.edit(row, broadcast_draft(text="Ba."))
    assert caught.value.facts["revision"] == 2
    for step in (drafting.submit, drafting.pause, drafting.stop):
        with pytest.raises(RevisionStaleError):
            await bureau.do(step, row)
    assert (await stored(bureau, row)).version == 2


async def test_of_two_writers_at_once_one_is_told_that_it_is_stale(bureau):
    row = await bureau.draft()
    async with bureau.database.unit_of_work() as connection:
        await repository.change_state(connection, row, State.SUBMITTED, by="nv-1", now=MORNING)
        with pytest.raises(RevisionStaleError):
            await repository.change_state(connection, row, State.STOPPED, by="nv-2", now=MORNING)


async def test_submitting_waits_for_signatures_and_editing_takes_it_back(bureau):
    row = await bureau.submitted()
    assert (row.state, row.version) == (State.SUBMITTED, 1)
    with pytest.raises(TransitionRefusedError):
        await bureau.do(drafting.submit, row)
    assert (await bureau.edit(row, broadcast_draft(text="Hai."))).state is State.DRAFT


async def test_what_is_past_is_not_submitted(bureau):
    row = await bureau.draft()
    bureau.now = NINE + timedelta(seconds=1)
    with pytest.raises(ScheduleInvalidError):
        await bureau.do(drafting.submit, row)


async def test_an_admin_returns_it_and_says_why_without_the_log_repeating_it(bureau):
    row = await bureau.submitted()
    with pytest.raises(NotAuthorisedError):
        await bureau.do(drafting.return_, row, reason="Sai ngày.")
    returned = await bureau.do(drafting.return_, row, by=bureau.admin, reason="Sai ngày.")
    assert returned.state is State.RETURNED
    last = (await history(bureau, row))[-1]
    assert (last.state, last.by, last.reason) == (State.RETURNED, bureau.admin.staff_id, "Sai ngày.")
    logged = (await log_lines(bureau))[-1]
    assert (logged["event"], logged["reason_sha256"]) == ("broadcast.returned", digest("Sai ngày.".encode()))
    assert "Sai" not in json.dumps(logged)
    with pytest.raises(TransitionRefusedError):
        await bureau.do(drafting.submit, returned)
    assert (await bureau.edit(returned, broadcast_draft(text="Hai."))).version == 2


async def test_editing_what_was_scheduled_takes_it_off_the_clock(bureau):
    row = await scheduled(bureau)
    assert (row.state, row.next_fire_at) == (State.SCHEDULED, NINE)
    changed = await bureau.edit(row, broadcast_draft(text="Hai."))
    assert (changed.state, changed.next_fire_at, changed.version) == (State.DRAFT, None, 2)
    (edition,) = await editions_of(bureau, row)
    assert (edition.state, edition.version) == (State.STOPPED, 1)
    async with bureau.database.reading() as connection:
        assert not await repository.list_due(connection, now=NINE)


@pytest.mark.parametrize("body", [broadcast_draft(), series_draft()])
async def test_nothing_is_edited_while_it_is_being_sent_even_paused(bureau, body):
    row, _ = await fire(bureau, await scheduled(bureau, body))
    with pytest.raises(TransitionRefusedError):
        await bureau.edit(row, body)
    row = await bureau.do(drafting.pause, row)
    with pytest.raises(TransitionRefusedError):
        await bureau.edit(row, body)


async def test_pausing_takes_it_off_the_clock_and_resuming_gives_it_back(bureau):
    row = await bureau.do(drafting.pause, await scheduled(bureau), by=bureau.admin, reason="Mưa bão.")
    assert (row.state, row.next_fire_at) == (State.PAUSED, None)
    assert [edition.state for edition in await editions_of(bureau, row)] == [State.PAUSED]
    bureau.now = NINE + LATE
    row = await bureau.do(drafting.resume, row, late=LATE)
    assert (row.state, row.next_fire_at) == (State.SCHEDULED, NINE)
    assert [edition.state for edition in await editions_of(bureau, row)] == [State.SCHEDULED]
    assert [line["event"] for line in await log_lines(bureau)][-2:] == ["broadcast.paused", "broadcast.resumed"]


async def test_what_was_paused_past_its_moment_is_not_resumed_but_can_be_written_anew(bureau):
    row = await bureau.do(drafting.pause, await scheduled(bureau))
    bureau.now = NINE + LATE + timedelta(seconds=1)
    with pytest.raises(ScheduleInvalidError):
        await bureau.do(drafting.resume, row, late=LATE)
    again = broadcast_draft(not_before=NINE + HOUR, not_after=NINE + 2 * HOUR)
    assert (await bureau.edit(row, again)).state is State.DRAFT


async def test_only_what_is_paused_is_resumed(bureau):
    for row in (await bureau.draft(), await scheduled(bureau)):
        with pytest.raises(TransitionRefusedError):
            await bureau.do(drafting.resume, row, late=LATE)


async def test_sending_is_halted_and_goes_on_until_the_signed_end(bureau):
    bureau.now = NINE - timedelta(minutes=1)
    row = await scheduled(bureau)
    bureau.now = NINE
    row, _ = await fire(bureau, row)
    row = await bureau.do(drafting.pause, row)
    (edition,) = await editions_of(bureau, row)
    assert (row.state, edition.state, edition.fired_at) == (State.PAUSED, State.PAUSED, NINE)
    bureau.now = NINE + HOUR
    row = await bureau.do(drafting.resume, row, late=LATE)
    (edition,) = await editions_of(bureau, row)
    assert (row.state, row.next_fire_at, edition.state) == (State.SENDING, None, State.SENDING)
    assert edition.fired_at == NINE
    row = await bureau.do(drafting.pause, row)
    bureau.now = MORNING + 3 * HOUR + timedelta(seconds=1)
    with pytest.raises(ScheduleInvalidError):
        await bureau.do(drafting.resume, row, late=LATE)


async def test_a_paused_series_goes_on_with_its_next_moment(bureau):
    row = await scheduled(bureau, series_draft())
    assert row.next_fire_at == NINE
    row = await bureau.do(drafting.pause, row)
    bureau.now = NINE + timedelta(minutes=1)
    row = await bureau.do(drafting.resume, row, late=LATE)
    assert (row.state, row.next_fire_at) == (State.SCHEDULED, NINE + timedelta(days=1))


async def test_pausing_a_series_halts_the_edition_that_is_being_sent(bureau):
    row, _ = await fire(bureau, await scheduled(bureau, series_draft()))
    assert row.next_fire_at == NINE + timedelta(days=1)
    row = await bureau.do(drafting.pause, row)
    assert [edition.state for edition in await editions_of(bureau, row)] == [State.PAUSED]
    row = await bureau.do(drafting.resume, row, late=LATE)
    assert [edition.state for edition in await editions_of(bureau, row)] == [State.SENDING]
    assert (row.state, row.next_fire_at) == (State.SCHEDULED, NINE)


async def test_the_last_edition_of_a_series_is_sent_on_although_no_moment_is_left(bureau):
    row, _ = await fire(bureau, await scheduled(bureau, series_draft(not_after=NINE + HOUR)))
    assert row.next_fire_at is None
    bureau.now = NINE
    row = await bureau.do(drafting.pause, row)
    resumed = await bureau.do(drafting.resume, row, late=LATE)
    assert (resumed.state, resumed.next_fire_at) == (State.SCHEDULED, None)
    row = await bureau.do(drafting.pause, resumed)
    bureau.now = NINE + HOUR + timedelta(seconds=1)
    with pytest.raises(ScheduleInvalidError):
        await bureau.do(drafting.resume, row, late=LATE)


async def test_stopping_cancels_what_no_sender_has_in_hand(bureau):
    row, edition = await fire(bureau, await scheduled(bureau))
    waiting = {"edition_id": edition.id, "carrier": "telegram", "created_at": MORNING}
    async with bureau.database.unit_of_work() as connection:
        for key, state in (("a", DeliveryState.PENDING), ("b", DeliveryState.SENDING), ("c", DeliveryState.SENT)):
            await connection.execute(insert(deliveries).values(**waiting, dedupe_key=key, state=state))
    stopped = await bureau.do(drafting.stop, row, by=bureau.admin, reason="Nhầm ngày.")
    assert (stopped.state, (await history(bureau, row))[-1].reason) == (State.STOPPED, "Nhầm ngày.")
    (edition,) = await editions_of(bureau, row)
    assert (edition.state, edition.finished_at) == (State.STOPPED, MORNING)
    async with bureau.database.reading() as connection:
        query = select(deliveries.c.state).order_by(deliveries.c.dedupe_key)
        states = (await connection.execute(query)).scalars().all()
    assert states == [DeliveryState.CANCELLED, DeliveryState.SENDING, DeliveryState.SENT]
    with pytest.raises(TransitionRefusedError):
        await bureau.do(drafting.stop, stopped)


async def test_what_is_not_sent_yet_is_stopped_wherever_it_stands(bureau):
    draft, submitted = await bureau.draft(), await bureau.submitted()
    returned = await bureau.do(drafting.return_, await bureau.submitted(), by=bureau.admin, reason="Sai.")
    paused = await bureau.do(drafting.pause, await scheduled(bureau))
    for row in (draft, submitted, returned, await scheduled(bureau), paused):
        stopped = await bureau.do(drafting.stop, row)
        assert (stopped.state, stopped.next_fire_at) == (State.STOPPED, None)
        assert all(edition.state is State.STOPPED for edition in await editions_of(bureau, row))


async def test_pausing_resuming_and_stopping_take_a_role_in_all_areas(bureau):
    row = await scheduled(bureau)
    for by in (
        await make_caller(bureau.database, areas=(YEN_DUNG,)),
        await make_caller(bureau.database, Role.ADMIN, areas=(TAN_AN,)),
        await make_caller(bureau.database, Role.AUDITOR),
    ):
        for step, options in ((drafting.pause, {}), (drafting.stop, {}), (drafting.resume, {"late": LATE})):
            with pytest.raises(NotAuthorisedError):
                await bureau.do(step, row, by=by, **options)
    assert await stored(bureau, row) == row


async def test_what_goes_to_other_areas_is_not_there(bureau):
    row = await bureau.draft()
    for by in (
        await make_caller(bureau.database, areas=(LUC_NAM,)),
        await make_caller(bureau.database, Role.EDITOR),
        await make_caller(bureau.database, None),
        replace(bureau.officer, holdings=tuple(replace(each, not_after=MORNING) for each in bureau.officer.holdings)),
    ):
        bureau.now = MORNING + timedelta(seconds=1)
        with pytest.raises(BroadcastUnknownError):
            await bureau.do(drafting.stop, row, by=by)
        async with bureau.database.reading() as connection:
            assert not await visibility.list_visible(connection, by=by, now=bureau.now)
    missing = replace(row, id="bc-0000000000")
    with pytest.raises(BroadcastUnknownError):
        await bureau.do(drafting.stop, missing)


async def test_everybody_with_a_role_in_one_of_its_areas_sees_it(bureau):
    row = await bureau.draft()
    await bureau.draft(broadcast_draft(areas=(LUC_NAM,)))
    for role in (Role.OFFICER, Role.ADMIN, Role.AUDITOR):
        by = await make_caller(bureau.database, role, areas=(TAN_AN,))
        async with bureau.database.reading() as connection:
            assert await visibility.list_visible(connection, by=by, now=MORNING) == [row]
            assert await visibility.get(connection, row.id, by=by, now=MORNING, kind="broadcasts") == row
            with pytest.raises(BroadcastUnknownError):
                await visibility.get(connection, row.id, by=by, now=MORNING, kind="series")


async def test_lists_come_newest_first_by_pages_kinds_and_states(bureau):
    rows = []
    for body in (broadcast_draft(), series_draft(), broadcast_draft(), broadcast_draft()):
        rows.append(await bureau.draft(body))
        bureau.now += timedelta(minutes=1)
    rows[2] = await bureau.do(drafting.submit, rows[2])

    async def listed(**options):
        async with bureau.database.reading() as connection:
            return await visibility.list_visible(connection, by=bureau.officer, now=bureau.now, **options)

    assert await listed() == rows[::-1]
    assert await listed(most=2) == [rows[3], rows[2]]
    assert await listed(most=2, before=rows[2].id) == [rows[1], rows[0]]
    assert await listed(before="bc-0000000000") == []
    assert await listed(kind="series") == [rows[1]]
    assert await listed(state=State.SUBMITTED) == [rows[2]]
