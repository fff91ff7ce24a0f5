"""What is paused until its signed end is over, ends."""

from sqlalchemy import update

from bot.core.broadcasts import drafting
from bot.core.broadcasts.models import broadcasts
from bot.core.broadcasts.states import State
from tests.broadcasting import HOUR, broadcast_draft, series_draft
from tests.core.broadcasts.test_emission import begin, claim, kinds_told, now_of, record, send_one, states
from tests.fakes import MORNING
from tests.signed_broadcasts import GROUP

OTHER = "-1009000000000002"
BODY = broadcast_draft(not_after=MORNING + 3 * HOUR)


async def pause(province, broadcast_id):
    return await province.bureau.do(drafting.pause, await province.row(broadcast_id))


async def lapse(province):
    return await province.firing.lapse(now=province.clock.now())


async def test_what_was_never_sent_expires_and_its_author_is_told_once(province):
    row = await pause(province, (await province.approved(BODY)).id)
    province.at(MORNING + 3 * HOUR)
    assert await lapse(province) == 0
    province.later(seconds=1)
    assert (await lapse(province), await lapse(province)) == (1, 0)
    assert (await province.row(row.id)).state is State.EXPIRED
    assert [edition.state for edition in await province.editions(row.id)] == [State.EXPIRED]
    assert await kinds_told(province) == ["broadcast-ended-paused"]
    assert len(await province.log_lines("broadcast.ended")) == 1


async def test_what_some_got_is_done_and_can_still_be_called_back(province):
    for address in (GROUP, OTHER):
        await province.group(address)
    edition = await province.fired(BODY)
    await send_one(province)
    await pause(province, edition.broadcast_id)
    province.at(MORNING + 4 * HOUR)
    assert await lapse(province) == 1
    assert sorted(await states(province, edition)) == ["cancelled", "sent"]
    assert (await now_of(province, edition)).state is State.DONE
    row = await province.row(edition.broadcast_id)
    assert row.state is State.DONE
    assert (await province.bureau.do(drafting.stop, row)).state is State.STOPPED


async def test_a_message_on_its_way_is_waited_for(province):
    await province.group()
    edition = await province.fired(BODY)
    (parcel,) = await claim(province)
    assert await begin(province, parcel)
    await pause(province, edition.broadcast_id)
    province.at(MORNING + 4 * HOUR)
    assert await lapse(province) == 0
    await record(province, parcel)
    assert await lapse(province) == 1
    assert (await now_of(province, edition)).state is State.DONE


async def test_a_series_of_which_nothing_was_sent_expires_and_another_is_done(province):
    await province.group()
    row = await province.due(series_draft(not_after=MORNING + 26 * HOUR))
    await province.fire()
    await send_one(province)
    await province.emission.sweep()
    unsent = await province.approved(series_draft(not_after=MORNING + 26 * HOUR))
    for each in (row, unsent):
        await pause(province, each.id)
    province.at(MORNING + 27 * HOUR)
    assert await lapse(province) == 2
    assert (await province.row(row.id)).state is State.DONE
    assert (await province.row(unsent.id)).state is State.EXPIRED


async def test_damaged_bytes_hold_up_no_other(province):
    rows = [await pause(province, (await province.approved(BODY)).id) for _ in range(2)]
    await province.tamper(update(broadcasts).where(broadcasts.c.id == rows[0].id).values(subject=b"{}"))
    province.at(MORNING + 4 * HOUR)
    assert await lapse(province) == 1
    assert (await province.row(rows[1].id)).state is State.EXPIRED
