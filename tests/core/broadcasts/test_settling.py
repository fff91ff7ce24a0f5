"""A person settles what nobody knows: they looked into the group."""

import pytest

from bot.core.approvals.errors import ScheduleInvalidError
from bot.core.broadcasts import drafting, settling
from bot.core.broadcasts.errors import (
    BroadcastUnknownError,
    DeliveryNotFoundError,
    DeliverySettledError,
    TransitionRefusedError,
)
from bot.core.broadcasts.states import State
from bot.core.deliveries.errors import OutcomeUnknownError
from bot.core.deliveries.models import DeliveryState
from bot.core.staff.errors import NotAuthorisedError
from bot.core.staff.roles import Role
from tests.broadcasting import HOUR, LUC_NAM, YEN_DUNG, broadcast_draft, make_caller, series_draft
from tests.core.broadcasts.test_emission import kinds_told, now_of, send_one, states
from tests.fakes import MORNING


async def unknown(province, body=None, *, ended=True):
    """Give an edition whose one message may have arrived, and the message."""
    await province.group()
    edition = await province.fired(body)
    await send_one(province, OutcomeUnknownError())
    if ended:
        await province.emission.sweep()
    (delivery,) = await province.deliveries(edition)
    return edition, delivery.id


async def settle(province, edition, delivery, *, arrived, by=None):
    async with province.database.unit_of_work() as connection:
        return await settling.settle(
            connection,
            province.office.log,
            broadcast_id=edition.broadcast_id,
            delivery_id=delivery,
            arrived=arrived,
            by=by or province.bureau.officer,
            now=province.clock.now(),
        )


async def test_what_stands_in_the_group_is_noted_as_sent(province):
    edition, delivery = await unknown(province)
    province.later(hours=5)
    assert await settle(province, edition, delivery, arrived=True) is DeliveryState.SENT
    assert await states(province, edition) == ["sent"]
    assert (await now_of(province, edition)).state is State.DONE
    assert len(await province.log_lines("delivery.settled")) == 1


async def test_what_does_not_stand_there_is_sent_once_more_even_half_an_hour_later(province):
    edition, delivery = await unknown(province)
    province.later(minutes=30)
    assert await settle(province, edition, delivery, arrived=False) is DeliveryState.PENDING
    assert (await province.row(edition.broadcast_id)).state is State.SENDING
    await province.emission.sweep()
    await send_one(province)
    await province.emission.sweep()
    assert await states(province, edition) == ["sent"]
    assert (await now_of(province, edition)).state is State.DONE
    assert (await province.row(edition.broadcast_id)).state is State.DONE


async def test_who_has_a_message_sent_once_more_is_told_again_what_is_missing(province):
    edition, delivery = await unknown(province)
    await settle(province, edition, delivery, arrived=False)
    await send_one(province, OutcomeUnknownError())
    await province.emission.sweep()
    assert await kinds_told(province) == ["broadcast-incomplete", "broadcast-incomplete"]


async def test_a_series_s_message_is_sent_once_more_and_the_series_goes_on(province):
    edition, delivery = await unknown(province, series_draft())
    province.later(minutes=30)
    await settle(province, edition, delivery, arrived=False)
    await send_one(province)
    await province.emission.sweep()
    assert await states(province, edition) == ["sent"]
    row = await province.row(edition.broadcast_id)
    assert (row.state, row.next_fire_at is not None) == (State.SCHEDULED, True)


async def test_after_the_signed_end_nothing_is_sent_once_more(province):
    edition, delivery = await unknown(province)
    province.later(hours=3)
    with pytest.raises(ScheduleInvalidError):
        await settle(province, edition, delivery, arrived=False)
    assert await states(province, edition) == ["unknown"]


async def test_of_a_stopped_one_nothing_is_sent_once_more(province):
    edition, delivery = await unknown(province, ended=False)
    await province.bureau.do(drafting.stop, await province.row(edition.broadcast_id))
    with pytest.raises(TransitionRefusedError):
        await settle(province, edition, delivery, arrived=False)


async def test_what_is_settled_is_settled_once(province):
    edition, delivery = await unknown(province)
    await settle(province, edition, delivery, arrived=True)
    for arrived in (True, False):
        with pytest.raises(DeliverySettledError):
            await settle(province, edition, delivery, arrived=arrived)


async def test_another_broadcast_s_delivery_is_not_found(province):
    edition, delivery = await unknown(province)
    later = province.clock.now() + HOUR
    other = await province.fired(broadcast_draft(not_before=later, not_after=later + HOUR))
    for wrong in (delivery, 99_999):
        with pytest.raises(DeliveryNotFoundError):
            await settle(province, other, wrong, arrived=True)
    assert await states(province, edition) == ["unknown"]


async def test_only_officers_and_admins_of_all_its_areas_settle(province):
    edition, delivery = await unknown(province)
    stranger = await make_caller(province.database, Role.OFFICER, areas=[LUC_NAM])
    with pytest.raises(BroadcastUnknownError):
        await settle(province, edition, delivery, arrived=True, by=stranger)
    for role, areas in ((Role.OFFICER, [YEN_DUNG]), (Role.AUDITOR, ())):
        reader = await make_caller(province.database, role, areas=areas)
        with pytest.raises(NotAuthorisedError):
            await settle(province, edition, delivery, arrived=True, by=reader)


async def test_of_a_version_that_was_changed_since_nothing_is_sent_once_more(province):
    edition, delivery = await unknown(province, series_draft())
    row = await province.bureau.edit(await province.row(edition.broadcast_id), series_draft(text="Xe chạy lúc 10 giờ."))
    with pytest.raises(TransitionRefusedError):
        await settle(province, edition, delivery, arrived=False)
    await province.bureau.do(drafting.submit, row)
    with pytest.raises(TransitionRefusedError):
        await settle(province, edition, delivery, arrived=False)
    assert await settle(province, edition, delivery, arrived=True) is DeliveryState.SENT


@pytest.mark.parametrize(("halt", "state"), [(drafting.pause, State.DONE), (drafting.stop, State.STOPPED)])
async def test_of_a_series_that_is_halted_or_stopped_nothing_ended_is_sent_once_more(province, halt, state):
    edition, delivery = await unknown(province, series_draft())
    await province.bureau.do(halt, await province.row(edition.broadcast_id))
    with pytest.raises(TransitionRefusedError):
        await settle(province, edition, delivery, arrived=False)
    assert (await now_of(province, edition)).state is state


async def test_a_series_that_is_over_and_sends_once_more_can_be_stopped(province):
    last = series_draft(not_after=MORNING + 2 * HOUR)
    edition, delivery = await unknown(province, last)
    assert (await province.row(edition.broadcast_id)).state is State.DONE
    await settle(province, edition, delivery, arrived=False)
    await province.bureau.do(drafting.stop, await province.row(edition.broadcast_id))
    assert await states(province, edition) == ["cancelled"]
    assert (await now_of(province, edition)).state is State.STOPPED


async def test_what_the_next_of_its_series_has_overtaken_is_not_sent_once_more(province):
    edition, delivery = await unknown(province, series_draft())
    province.later(hours=25)
    with pytest.raises(ScheduleInvalidError):
        await settle(province, edition, delivery, arrived=False)
