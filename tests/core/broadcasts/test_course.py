"""What was taken back, or was sent, stays so, whatever the rows beside the signatures are made to say."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, update

from bot.core.audit.chain import EMPTY, Head
from bot.core.audit.errors import AuditLogBehindError, AuditLogBrokenError, AuditLogForkedError
from bot.core.audit.models import audit_entries
from bot.core.broadcasts import drafting
from bot.core.broadcasts.course import Course, follow_course
from bot.core.broadcasts.errors import TakenBackError
from bot.core.broadcasts.firing import Outcome
from bot.core.broadcasts.lateness import SENT_AGAIN
from bot.core.broadcasts.models import broadcast_history, broadcasts, editions, fires
from bot.core.broadcasts.states import State
from bot.core.deliveries.models import DeliveryState, deliveries
from bot.core.deliveries.outbox import Held, Letter, Withdrawn
from bot.core.destinations.models import destinations
from bot.core.notices import service as notices
from tests.broadcasting import LATE, broadcast_draft


async def claim(province):
    async with province.database.unit_of_work() as connection:
        return await province.emission.claim(connection, channel="telegram", owner="sender", most=8)


async def refused_for(province):
    """Give the code of the newest refusal that the author was told of."""
    async with province.database.reading() as connection:
        told = await notices.list_of(connection, province.bureau.officer.staff_id)
    return told[0].facts["code"]


async def as_approved(province, row):
    """Write the rows as they were when the clock had this approved one."""
    edition = (await province.editions(row.id))[0]
    await province.tamper(
        delete(deliveries).where(deliveries.c.edition_id == edition.id),
        delete(fires).where(fires.c.broadcast_id == row.id),
        update(broadcasts)
        .where(broadcasts.c.id == row.id)
        .values(state="scheduled", version=row.version, subject=row.subject, next_fire_at=row.next_fire_at),
        update(editions).where(editions.c.id == edition.id).values(state="scheduled", fired_at=None, finished_at=None),
    )


@pytest.mark.parametrize("how", ["edited", "stopped"])
async def test_what_was_taken_back_after_it_was_approved_is_not_fired(province, how):
    await province.group()
    row = await province.approved()
    if how == "edited":
        await province.bureau.edit(row, broadcast_draft(text="Hoãn lại."))
    else:
        await province.bureau.do(drafting.stop, row)
    await as_approved(province, row)
    province.at(row.next_fire_at)
    assert await province.fire() == [Outcome.REFUSED]
    assert await refused_for(province) == "taken-back"
    assert not await claim(province)
    assert (await province.row(row.id)).state is State.STOPPED


async def test_what_was_fired_is_not_fired_again(province):
    await province.group()
    row = await province.due()
    assert await province.fire() == [Outcome.FIRED]
    await as_approved(province, row)
    assert await province.fire() == [Outcome.REFUSED]
    assert await refused_for(province) == "fired-before"
    assert not await claim(province)


async def test_what_was_stopped_while_it_was_sent_is_not_sent_on(province):
    await province.group()
    edition = await province.fired()
    await province.bureau.do(drafting.stop, await province.row(edition.broadcast_id))
    await province.tamper(
        update(broadcasts).values(state="sending"),
        update(editions).values(state="sending", finished_at=None),
        update(deliveries).values(state=0),
    )
    (parcel,) = await claim(province)
    assert isinstance(await province.emission.open(parcel), Held)
    assert await refused_for(province) == "taken-back"


async def test_what_the_log_does_not_know_to_be_fired_is_not_sent(province):
    place = await province.group()
    row = await province.due()
    (edition,) = await province.editions(row.id)
    at = province.clock.now()
    await province.tamper(
        update(editions).values(state="sending", fired_at=at),
        update(broadcasts).values(state="sending", next_fire_at=None),
        insert(fires).values(broadcast_id=row.id, fire_at=at, outcome="fired", edition_id=edition.id, at=at),
        insert(deliveries).values(
            edition_id=edition.id, destination_id=place, dedupe_key="x", carrier="telegram:bulk", created_at=at
        ),
    )
    (parcel,) = await claim(province)
    assert isinstance(await province.emission.open(parcel), Held)
    assert await refused_for(province) == "digest-mismatch"


async def test_a_line_taken_out_of_the_log_holds_everything_up(province):
    await province.group()
    row = await province.approved()
    stopped = await province.bureau.do(drafting.stop, row)
    assert stopped.state is State.STOPPED
    await as_approved(province, row)
    (line,) = await province.log_lines("broadcast.stopped")
    await province.tamper(delete(audit_entries).where(audit_entries.c.line == line))
    province.at(row.next_fire_at)
    with pytest.raises(AuditLogBrokenError):
        await province.fire()
    assert not await claim(province)


async def test_a_line_written_anew_leads_nowhere(province):
    row = await province.approved()
    await province.bureau.do(drafting.stop, row)
    await as_approved(province, row)
    (line,) = await province.log_lines("broadcast.stopped")
    other = line.replace(b"broadcast.stopped", b"broadcast.resumed")
    await province.bureau.draft()  # so that the end of the log is another line
    await province.tamper(update(audit_entries).where(audit_entries.c.line == line).values(line=other))
    province.at(row.next_fire_at)
    assert await province.fire() == [Outcome.REFUSED]
    assert await refused_for(province) == "audit-log-broken"


async def followed(province, seen, *, witnessed=None):
    async with province.database.reading() as connection:
        return await follow_course(connection, province.office.log, broadcast_id="bc-1", seen=seen, witnessed=witnessed)


async def test_the_log_is_followed_from_a_head_of_its_own_to_its_end_through_what_was_witnessed(province):
    async with province.database.reading() as connection:
        before = await province.office.log.head(connection)
    await province.bureau.draft()
    async with province.database.reading() as connection:
        end = await province.office.log.head(connection)
    for witnessed in (None, before, end):
        assert (await followed(province, EMPTY, witnessed=witnessed)).fired == {}
        assert (await followed(province, end, witnessed=witnessed)).taken_back_by is None
    for stranger in (Head(end.size, "0" * 64), Head(end.size - 1, "f" * 64), Head(end.size + 1, end.head)):
        with pytest.raises(AuditLogBrokenError):
            await followed(province, stranger)
    with pytest.raises(AuditLogForkedError):
        await followed(province, before, witnessed=Head(end.size, "0" * 64))
    with pytest.raises(AuditLogBehindError):
        await followed(province, before, witnessed=Head(end.size + 1, "0" * 64))


async def test_an_approved_one_is_halted_and_goes_on_without_being_taken_back(province):
    await province.group()
    row = await province.bureau.do(drafting.pause, await province.approved())
    await province.bureau.do(drafting.resume, row, late=timedelta(minutes=10))
    province.at((await province.row(row.id)).next_fire_at)
    assert await province.fire() == [Outcome.FIRED]
    (parcel,) = await claim(province)
    assert isinstance(await province.emission.open(parcel), Letter)


def test_lines_about_others_say_nothing_of_it():
    course = Course("bc-1")
    course.read(b'{"broadcast":"bc-12","event":"broadcast.stopped"}\n')
    course.read(b'{"broadcast":"bc-2","by":"bc-1","event":"broadcast.stopped"}\n')
    course.read(b'["bc-1"]\n')
    course.read(b'{"broadcast":"bc-1","event":"broadcast.paused"}\n')
    course.check_stands()
    course.read(b'{"event":"approval.rejected","subject":"bc-1"}\n')
    with pytest.raises(TakenBackError):
        course.check_stands()


@pytest.mark.parametrize("address", ["-1009000000000002", "900000001", ""])
async def test_an_address_that_the_edition_did_not_leave_for_gets_nothing(province, address):
    await province.group()
    edition = await province.fired()
    await province.tamper(update(destinations).values(address=address))
    (parcel,) = await claim(province)
    assert isinstance(await province.emission.open(parcel), Withdrawn)
    assert [each.state for each in await province.deliveries(edition)] == [DeliveryState.CANCELLED]


async def test_a_pause_is_not_undone_in_the_database_nor_is_time_won_there(province):
    await province.group()
    edition = await province.fired()
    (parcel,) = await claim(province)
    paused = await province.bureau.do(drafting.pause, await province.row(edition.broadcast_id))
    await province.tamper(
        update(broadcasts).values(state="sending"),
        update(editions).values(state="sending"),
    )
    assert isinstance(await province.emission.open(parcel), Held)
    await province.tamper(update(broadcasts).values(state="paused"), update(editions).values(state="paused"))
    province.later(minutes=20)
    await province.bureau.do(drafting.resume, paused, late=LATE)
    province.later(minutes=9)
    assert isinstance(await province.emission.open(parcel), Letter)
    province.later(minutes=2)
    await province.tamper(
        insert(broadcast_history).values(
            broadcast_id=edition.broadcast_id,
            version=edition.version,
            state="sending",
            by="machine",
            reason=SENT_AGAIN,
            at=province.clock.now(),
        )
    )
    assert isinstance(await province.emission.open(parcel), Held)


def test_where_an_edition_left_for_is_followed_where_it_moved_to():
    course = Course("bc-1")
    course.read(
        b'{"broadcast":"bc-1","edition":"ed-1","event":"broadcast.fired","fire_at":"t","places":["dst-1:aa"]}\n'
    )
    course.read(b'{"address_sha256":"bb","destination":"dst-1","event":"destination.moved","from_sha256":"aa"}\n')
    course.read(b'{"address_sha256":"cc","destination":"dst-1","event":"destination.moved","from_sha256":"xx"}\n')
    course.read(b'{"address_sha256":"dd","destination":"dst-2","event":"destination.moved","from_sha256":"aa"}\n')
    assert course.places == {"t": {"dst-1:aa", "dst-1:bb"}}
