"""What may leave, asked of the signatures: the same questions before a fire and before each message."""

from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import delete, update

from bot.core.approvals.errors import (
    ApprovalRevokedError,
    ApprovalsMissingError,
    DigestMismatchError,
    ScheduleInvalidError,
)
from bot.core.approvals.models import approvals
from bot.core.broadcasts import codes, kinds
from bot.core.broadcasts.clearance import CLEAR_FOR, Clearances, clear
from bot.core.broadcasts.models import editions, fires
from bot.core.db import Database
from bot.core.signatures import RevocationUnavailableError
from bot.core.statements import digest
from tests.broadcasting import HOUR, broadcast_draft, series_draft
from tests.signed_broadcasts import opened_province

OURS = approvals.c.kind.in_(("broadcasts", "series"))


@pytest_asyncio.fixture
async def province(sqlite_url, clock):
    """Give a province on one database: which one it is makes no difference to signatures."""
    database = Database(sqlite_url)
    async with opened_province(database, clock) as opened:
        yield opened
    await database.close()


async def ask(province, row, *, fire_at=None, kind=None, outgoing=None):
    return await clear(
        province.database,
        province.office,
        kind=kind or row.kind,
        outgoing=outgoing or row.subject,
        fire_at=fire_at or row.next_fire_at,
        now=province.clock.now(),
    )


async def test_what_two_admins_signed_may_leave_at_its_moment(province):
    row = await province.due()
    clearance = await ask(province, row)
    assert clearance.item.to_bytes() == row.subject
    assert clearance.subject_sha256 == digest(row.subject)
    assert len(clearance.statements) == 2


async def test_what_only_one_of_them_signed_may_not(province):
    row = await province.sign(await province.bureau.submitted(), province.an)
    province.at(province.clock.now() + HOUR)
    with pytest.raises(ApprovalsMissingError):
        await ask(province, row, fire_at=kinds.read(row.kind, row.subject).schedule.not_before)


async def test_a_new_version_may_not(province):
    row = await province.due()
    edited = await province.bureau.edit(row, broadcast_draft(text="Chuyển tiền ngay.", not_before=row.next_fire_at))
    with pytest.raises(ApprovalsMissingError):
        await ask(province, edited, fire_at=row.next_fire_at)


@pytest.mark.parametrize("seconds", [-3600, -1, 1, 3600])
async def test_no_other_moment_is_signed(province, seconds):
    row = await province.due()
    with pytest.raises(DigestMismatchError):
        await ask(province, row, fire_at=row.next_fire_at + timedelta(seconds=seconds))


async def test_a_series_may_leave_at_moments_of_its_timetable_only(province):
    row = await province.due(series_draft())
    province.later(days=1)
    assert (await ask(province, row, fire_at=row.next_fire_at + timedelta(days=1))).statements
    with pytest.raises(DigestMismatchError):
        await ask(province, row, fire_at=row.next_fire_at + timedelta(days=1, hours=1))


async def test_bytes_of_one_kind_are_not_taken_for_the_other(province):
    row = await province.due()
    with pytest.raises(DigestMismatchError):
        await ask(province, row, kind="series")


async def test_nothing_may_leave_outside_of_its_window(province):
    row = await province.due()
    province.later(hours=3)
    with pytest.raises(ScheduleInvalidError):
        await ask(province, row)


async def test_evidence_is_prepared_for_every_signer_while_no_snapshot_is_open(province):
    row = await province.due()
    asked = []

    async def prepare(path):
        asked.append(tuple(path))
        async with province.database.unit_of_work() as connection:  # it writes what it fetched
            await connection.execute(update(editions).values(finished_at=None))

    province.office = replace(province.office, prepare=prepare)
    await ask(province, row)
    assert len(set(asked)) == 2


async def test_nobody_can_tell_without_lists(province):
    row = await province.due()
    province.revocations.crls.clear()
    with pytest.raises(RevocationUnavailableError):
        await ask(province, row)


async def test_a_clearance_holds_for_half_a_minute_and_no_longer(province):
    await province.group()
    edition = await province.fired()
    clearances = Clearances(province.database, province.office)
    await clearances.check(edition, now=province.clock.now())
    province.revoke(province.an)
    assert (await clearances.check(edition, now=province.clock.now() + CLEAR_FOR / 2)).id == edition.broadcast_id
    with pytest.raises(ApprovalRevokedError):
        await clearances.check(edition, now=province.clock.now() + CLEAR_FOR)


@pytest.mark.parametrize(
    "changed",
    [
        {"check_code": "CDF234"},
        {"version": 2},
        {"broadcast_id": "bc-0000000000"},
        {"kind": "series"},
        {"subject": b"{}"},
        {"fire_at": timedelta(hours=1)},
        {"id": "ed-0000000000"},
    ],
    ids=lambda changed: next(iter(changed)),
)
async def test_an_edition_whose_row_says_otherwise_than_what_was_signed_is_refused_at_once(province, changed):
    await province.group()
    edition = await province.fired()
    clearances = Clearances(province.database, province.office)
    await clearances.check(edition, now=province.clock.now())
    values = {
        name: edition.fire_at + value if isinstance(value, timedelta) else value for name, value in changed.items()
    }
    assert not codes.is_derived("CDF234", edition.subject, edition.fire_at)
    with pytest.raises(DigestMismatchError):
        await clearances.check(replace(edition, **values), now=province.clock.now())


async def test_an_edition_that_no_fire_record_tells_of_is_refused(province):
    await province.group()
    edition = await province.fired()
    await province.tamper(delete(fires))
    with pytest.raises(DigestMismatchError):
        await Clearances(province.database, province.office).check(edition, now=province.clock.now())


async def test_an_approval_that_is_taken_away_is_missed(province):
    await province.group()
    edition = await province.fired()
    await province.tamper(delete(approvals).where(OURS, approvals.c.staff_id == province.an.staff_id))
    with pytest.raises(ApprovalsMissingError):
        await Clearances(province.database, province.office).check(edition, now=province.clock.now())
