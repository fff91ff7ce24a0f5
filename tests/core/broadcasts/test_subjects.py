"""Broadcasts and series as what is approved, and what follows from the last approval or from none."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from bot.core.approvals.errors import DigestMismatchError, ScheduleInvalidError, VersionSupersededError
from bot.core.audit.models import audit_entries
from bot.core.broadcasts import codes, decisions, drafting, kinds, repository
from bot.core.broadcasts.editions import freeze
from bot.core.broadcasts.errors import BroadcastUnknownError, RevisionStaleError, TransitionRefusedError
from bot.core.broadcasts.models import broadcasts
from bot.core.broadcasts.repository import MACHINE, FireRow
from bot.core.broadcasts.states import State
from bot.core.notices import service as notices
from bot.core.statements import BroadcastApproval, SeriesApproval
from tests.broadcasting import (
    HOUR,
    LATE,
    TAN_AN,
    YEN_DUNG,
    approvals_of,
    broadcast_draft,
    make_bureau,
    make_caller,
    series_draft,
)
from tests.fakes import MORNING

NINE = MORNING + HOUR


@pytest_asyncio.fixture
async def bureau(database):
    return await make_bureau(database)


async def load(bureau, kind, subject_id):
    async with bureau.database.reading() as connection:
        return await approvals_of(kind).load(connection, subject_id, locked=False)


async def reject(bureau, row):
    async with bureau.database.unit_of_work() as connection:
        item = kinds.read(row.kind, row.subject)
        await approvals_of(row.kind).rejected(
            connection, item, by=bureau.admin.staff_id, reason="Không đúng chủ trương.", now=bureau.now
        )


async def stored(bureau, row):
    async with bureau.database.reading() as connection:
        return await repository.find(connection, row.id)


async def history(bureau, row):
    async with bureau.database.reading() as connection:
        return [(line.state, line.by, line.reason) for line in await repository.history_of(connection, row.id)]


async def editions_of(bureau, row):
    async with bureau.database.reading() as connection:
        return await repository.editions_of(connection, row.id)


async def told(bureau, caller):
    async with bureau.database.reading() as connection:
        return [(notice.kind, notice.facts) for notice in await notices.list_of(connection, caller.staff_id)]


async def tamper(bureau, row, **values):
    async with bureau.database.unit_of_work() as connection:
        await connection.execute(update(broadcasts).where(broadcasts.c.id == row.id).values(**values))


async def test_an_approver_must_be_an_admin_of_all_that_is_signed_and_sign_before_its_end(bureau):
    row = await bureau.draft()
    submitted = await load(bureau, "broadcasts", row.id)
    assert submitted.subject.to_bytes() == row.subject
    assert (submitted.policy, submitted.is_open) == ("broadcast", False)
    assert submitted.areas == (TAN_AN, YEN_DUNG)
    assert (submitted.window.not_before, submitted.window.not_after) == (NINE, MORNING + 3 * HOUR)
    await bureau.do(drafting.submit, row)
    assert (await load(bureau, "broadcasts", row.id)).is_open


def test_each_kind_is_approved_by_statements_of_its_own():
    assert approvals_of("broadcasts").statement is BroadcastApproval
    assert approvals_of("series").statement is SeriesApproval


async def test_a_kind_does_not_know_the_other_s(bureau):
    row = await bureau.draft()
    for kind, subject_id in (("series", row.id), ("broadcasts", "bc-0000000000")):
        with pytest.raises(BroadcastUnknownError):
            await load(bureau, kind, subject_id)


async def test_the_last_approval_freezes_what_is_sent_once(bureau):
    row = await bureau.submitted()
    await bureau.approve(row)
    now = await stored(bureau, row)
    assert (now.state, now.next_fire_at, now.revision) == (State.SCHEDULED, NINE, 4)
    admin, officer = bureau.admin.staff_id, bureau.officer.staff_id
    assert await history(bureau, row) == [
        (State.DRAFT, officer, None),
        (State.SUBMITTED, officer, None),
        (State.APPROVED, admin, None),
        (State.SCHEDULED, MACHINE, None),
    ]
    (edition,) = await editions_of(bureau, row)
    assert (edition.subject, edition.version, edition.kind) == (row.subject, 1, "broadcasts")
    assert (edition.fire_at, edition.not_after) == (NINE, MORNING + 3 * HOUR)
    assert (edition.state, edition.fired_at, edition.finished_at) == (State.SCHEDULED, None, None)
    assert edition.check_code == next(codes.candidates(row.subject, NINE))
    async with bureau.database.reading() as connection:
        assert await repository.find_edition_by_code(connection, edition.check_code) == edition
        assert await repository.find_edition(connection, edition.id) == edition
        assert await repository.find_edition_for(connection, row.id, version=1, fire_at=NINE) == edition
        assert await repository.find_edition_for(connection, row.id, version=2, fire_at=NINE) is None
        assert await repository.list_due(connection, now=NINE) == [now]
        assert not await repository.list_due(connection, now=NINE - timedelta(seconds=1))


async def test_a_series_gets_its_first_moment_and_no_edition_yet(bureau):
    row = await bureau.submitted(series_draft())
    bureau.now = NINE
    await bureau.approve(row)
    now = await stored(bureau, row)
    assert (now.state, now.next_fire_at) == (State.SCHEDULED, NINE + timedelta(days=1))
    assert not await editions_of(bureau, row)


@pytest.mark.parametrize(("late_by", "counts"), [(LATE, True), (LATE + timedelta(seconds=1), False)])
async def test_the_last_approval_counts_no_more_when_its_moment_is_past(bureau, late_by, counts):
    row = await bureau.submitted()
    bureau.now = NINE + late_by
    if counts:
        await bureau.approve(row)
        assert (await stored(bureau, row)).next_fire_at == NINE
    else:
        with pytest.raises(ScheduleInvalidError):
            await bureau.approve(row)
        assert await stored(bureau, row) == row


async def test_a_series_that_has_no_moment_left_is_not_approved(bureau):
    row = await bureau.submitted(series_draft(not_after=NINE + HOUR / 2))
    bureau.now = NINE
    with pytest.raises(ScheduleInvalidError):
        await bureau.approve(row)


async def test_only_what_waits_for_approval_is_approved_and_only_as_it_stands(bureau):
    draft = await bureau.draft()
    with pytest.raises(TransitionRefusedError):
        await bureau.approve(draft)
    row = await bureau.submitted()
    changed = await bureau.do(drafting.submit, await bureau.edit(row, broadcast_draft(text="Hai.")))
    with pytest.raises(VersionSupersededError):
        await bureau.approve(row)
    await bureau.approve(changed)
    with pytest.raises(TransitionRefusedError):
        await bureau.approve(changed)


async def test_after_an_edit_the_same_moment_has_an_edition_of_the_new_version(bureau):
    row = await bureau.submitted()
    await bureau.approve(row)
    again = await bureau.do(drafting.submit, await bureau.edit(await stored(bureau, row), broadcast_draft(text="Hai.")))
    await bureau.approve(again)
    found = {edition.version: edition for edition in await editions_of(bureau, row)}
    assert (found[1].state, found[2].state) == (State.STOPPED, State.SCHEDULED)
    assert found[1].check_code != found[2].check_code


@pytest.mark.parametrize("values", [{"version": 2}, {"drafter": None}, {"subject": b"{}"}])
async def test_a_row_that_was_tampered_with_is_not_what_anybody_signs(bureau, values):
    row = await bureau.submitted()
    if "drafter" in values:
        values = {"drafter": (await make_caller(bureau.database)).staff_id}
    await tamper(bureau, row, **values)
    with pytest.raises(DigestMismatchError):
        await load(bureau, "broadcasts", row.id)
    with pytest.raises(DigestMismatchError):
        await bureau.approve(row)


async def test_another_s_bytes_in_its_row_are_not_what_anybody_signs(bureau):
    row, other = await bureau.submitted(), await bureau.submitted(broadcast_draft(text="Khác."))
    await tamper(bureau, row, subject=other.subject)
    with pytest.raises(DigestMismatchError):
        await load(bureau, "broadcasts", row.id)


async def test_a_code_that_another_edition_has_is_passed_over(bureau):
    row = await bureau.draft()
    async with bureau.database.unit_of_work() as connection:
        first = await freeze(connection, row, fire_at=NINE, now=MORNING)
        # As if another edition's bytes had led to the same code.
        taken = replace(first, id="ed-1", fire_at=NINE + HOUR, check_code="CDF234")
        await repository.add_edition(connection, taken)
    expected = codes.candidates(row.subject, NINE)
    assert first.check_code == next(expected)
    other = await bureau.draft(broadcast_draft(text="Hai."))
    theirs = codes.candidates(other.subject, NINE)
    wanted = next(theirs)
    async with bureau.database.unit_of_work() as connection:
        await repository.add_edition(connection, replace(first, id="ed-2", fire_at=NINE + 2 * HOUR, check_code=wanted))
        second = await freeze(connection, other, fire_at=NINE, now=MORNING)
    assert second.check_code == next(theirs)


async def test_a_version_is_frozen_once_for_a_moment(bureau):
    row = await bureau.draft()
    with pytest.raises(IntegrityError):
        async with bureau.database.unit_of_work() as connection:
            await freeze(connection, row, fire_at=NINE, now=MORNING)
            await freeze(connection, row, fire_at=NINE, now=MORNING)


async def test_an_edition_of_a_series_ends_where_the_next_begins(bureau):
    row = await bureau.draft(series_draft(not_after=NINE + timedelta(days=1, hours=2)))
    async with bureau.database.unit_of_work() as connection:
        first = await freeze(connection, row, fire_at=NINE, now=MORNING)
        last = await freeze(connection, row, fire_at=NINE + timedelta(days=1), now=MORNING)
    assert first.not_after == NINE + timedelta(days=1)
    assert last.not_after == NINE + timedelta(days=1, hours=2)


async def test_of_two_who_change_an_edition_one_is_told_so(bureau):
    row = await bureau.draft()
    async with bureau.database.unit_of_work() as connection:
        edition = await freeze(connection, row, fire_at=NINE, now=MORNING)
        sending = await repository.change_edition(connection, edition, State.SENDING, now=NINE)
        with pytest.raises(RevisionStaleError):
            await repository.change_edition(connection, edition, State.STOPPED, now=NINE)
        with pytest.raises(TransitionRefusedError):
            await repository.change_edition(connection, sending, State.DRAFT, now=NINE)


async def test_a_moment_has_one_fire_record(bureau):
    row = await bureau.draft()
    fire = FireRow(row.id, NINE, repository.MISSED, edition_id=None, reason=None, at=NINE)
    async with bureau.database.unit_of_work() as connection:
        await repository.add_fire(connection, fire)
    with pytest.raises(IntegrityError):
        async with bureau.database.unit_of_work() as connection:
            await repository.add_fire(connection, replace(fire, outcome=repository.FIRED))
    async with bureau.database.reading() as connection:
        assert await repository.list_fires(connection, row.id) == [fire]


async def test_a_rejected_one_is_put_away_for_good_and_its_authors_are_told_why(bureau):
    other = await make_caller(bureau.database)
    row = await bureau.edit(await bureau.draft(), broadcast_draft(text="Hai."), by=other)
    row = await bureau.do(drafting.submit, row)
    await reject(bureau, row)
    assert (await stored(bureau, row)).state is State.REJECTED
    assert (await history(bureau, row))[-1] == (State.REJECTED, bureau.admin.staff_id, "Không đúng chủ trương.")
    for author in (bureau.officer, other):
        ((kind, facts),) = await told(bureau, author)
        assert (kind, facts["reason"], facts["broadcast"]) == (
            "broadcast-rejected",
            "Không đúng chủ trương.",
            row.id,
        )
    assert not await told(bureau, bureau.admin)


async def test_authors_are_told_each_time_that_it_is_returned(bureau):
    row = await bureau.do(drafting.return_, await bureau.submitted(), by=bureau.admin, reason="Sai ngày.")
    row = await bureau.do(drafting.submit, await bureau.edit(row, broadcast_draft(text="Hai.")))
    await bureau.do(drafting.return_, row, by=bureau.admin, reason="Sai giờ.")
    assert [facts["reason"] for _, facts in await told(bureau, bureau.officer)] == ["Sai giờ.", "Sai ngày."]


async def lapse(bureau):
    return await decisions.lapse_unapproved(bureau.database, bureau.log, late=LATE, now=bureau.now)


async def test_what_nobody_approved_in_time_lapses_and_its_author_is_told_once(bureau):
    row, draft = await bureau.submitted(), await bureau.draft()
    later = await bureau.submitted(series_draft())
    bureau.now = NINE + LATE
    assert await lapse(bureau) == 0
    bureau.now += timedelta(seconds=1)
    assert await lapse(bureau) == 1
    assert await lapse(bureau) == 0
    assert (await stored(bureau, row)).state is State.EXPIRED
    assert (await history(bureau, row))[-1] == (State.EXPIRED, MACHINE, None)
    assert [kind for kind, _ in await told(bureau, bureau.officer)] == ["broadcast-lapsed"]
    assert (await stored(bureau, draft), await stored(bureau, later)) == (draft, later)
    async with bureau.database.reading() as connection:
        lines = (await connection.execute(select(audit_entries.c.line))).scalars().all()
    assert sum(b'"broadcast.lapsed"' in line for line in lines) == 1


async def test_damaged_bytes_hold_up_no_other_that_lapses(bureau):
    damaged, row = await bureau.submitted(), await bureau.submitted()
    await tamper(bureau, damaged, subject=b"{}")
    bureau.now = NINE + HOUR
    assert await lapse(bureau) == 1
    assert (await stored(bureau, row)).state is State.EXPIRED


async def test_looking_for_what_lapses_waits_for_nobody_who_works_on_what_is_in_time(bureau):
    row = await bureau.submitted()
    async with bureau.database.unit_of_work() as connection:
        await repository.find(connection, row.id, locked=True)
        async with asyncio.timeout(5):
            assert await lapse(bureau) == 0
