"""What a sender gets of an edition, message by message, and what becomes of the edition."""

from dataclasses import replace

import pytest
from sqlalchemy import insert, update

from bot.core.broadcasts import drafting
from bot.core.broadcasts.emission import Emission
from bot.core.broadcasts.firing import Outcome
from bot.core.broadcasts.models import editions
from bot.core.broadcasts.states import State
from bot.core.deliveries import outbox
from bot.core.deliveries.errors import (
    MessageRefusedError,
    NotSentError,
    OutcomeUnknownError,
    RecipientMovedError,
    RecipientUnreachableError,
)
from bot.core.deliveries.models import DeliveryState, deliveries
from bot.core.deliveries.outbox import Held, Letter, Withdrawn
from bot.core.deliveries.rules import GiveUp, TryAgain
from bot.core.destinations import repository as places
from bot.core.destinations import service as destinations
from bot.core.destinations.models import destinations as destination_rows
from bot.core.rendering import Renderer
from bot.settings import ROOT
from tests.broadcasting import HOUR, LATE, TAN_AN, YEN_DUNG, broadcast_draft, series_draft
from tests.fakes import MORNING
from tests.signed_broadcasts import ADDRESS, GROUP

OTHER = "-1009000000000002"


async def claim(province, *, most=8):
    async with province.database.unit_of_work() as connection:
        return await province.emission.claim(connection, channel="telegram", owner="sender", most=most)


async def begin(province, parcel):
    async with province.database.unit_of_work() as connection:
        return await outbox.begin(connection, parcel.claimed)


async def record(province, parcel, failure=None):
    async with province.database.unit_of_work() as connection:
        if failure is None:
            return await province.emission.record_sent(connection, parcel, message_id="7", now=province.clock.now())
        return await province.emission.record_failure(connection, parcel, failure, now=province.clock.now())


async def send_one(province, failure=None):
    """Bring one message to its group, or fail to."""
    (parcel,) = await claim(province, most=1)
    assert isinstance(await province.emission.open(parcel), Letter)
    assert await begin(province, parcel)
    return await record(province, parcel, failure)


async def states(province, edition):
    return [each.state.name.lower() for each in await province.deliveries(edition)]


async def kinds_told(province):
    return [notice.kind for notice in await province.notices(province.bureau.officer.staff_id)]


async def now_of(province, edition):
    (found,) = [each for each in await province.editions(edition.broadcast_id) if each.id == edition.id]
    return found


async def test_a_group_gets_the_signed_words_the_code_and_where_to_check_it(province):
    await province.group()
    edition = await province.fired(broadcast_draft(title="Họp thôn", text="Tám giờ.\n\nNhớ mang <giấy> & bút."))
    (parcel,) = await claim(province)
    letter = await province.emission.open(parcel)
    assert letter.recipient == GROUP
    first, second, *rest = letter.delivered.message.text.split("\n\n")
    assert (first, second) == ("Họp thôn", "Tám giờ.")
    assert rest[0] == "Nhớ mang <giấy> & bút."
    assert f"{edition.check_code[:3]}-{edition.check_code[3:]}" in rest[-1]
    assert rest[-1].endswith(f"{ADDRESS}/kiem-tra/{edition.check_code}")


async def test_a_training_message_says_so_before_anything_else(province):
    await province.group(is_training=True)
    await province.fired(broadcast_draft(mode="training"))
    (parcel,) = await claim(province)
    letter = await province.emission.open(parcel)
    assert letter.delivered.message.text.startswith("TẬP HUẤN")


async def test_what_was_sent_is_called_back_by_stopping_it(province):
    await province.group()
    edition = await province.fired()
    await send_one(province)
    await province.emission.sweep()
    province.later(hours=30)
    stopped = await province.bureau.do(drafting.stop, await province.row(edition.broadcast_id), reason="Sai ngày.")
    assert stopped.state is State.STOPPED
    found = await now_of(province, edition)
    assert (found.state, found.finished_at) == (State.STOPPED, province.clock.now())
    assert await states(province, edition) == ["sent"]
    assert len(await province.log_lines("broadcast.stopped")) == 1


async def two_sent_of_a_series(province):
    """Have two of its moments sent, and let the third come."""
    await province.group()
    row = await province.due(series_draft())
    for _ in range(2):
        await province.fire()
        await send_one(province)
        await province.emission.sweep()
        province.later(days=1)
    return row


async def test_stopping_a_series_calls_back_all_that_was_sent_of_it(province):
    row = await two_sent_of_a_series(province)
    await province.bureau.do(drafting.stop, await province.row(row.id))
    found = [(edition.state, edition.finished_at) for edition in await province.editions(row.id)]
    assert found == [(State.STOPPED, province.clock.now())] * 2


async def test_a_series_that_may_not_be_sent_any_more_calls_back_nothing(province):
    row = await two_sent_of_a_series(province)
    province.revoke(province.an)
    assert await province.fire() == [Outcome.REFUSED]
    assert (await province.row(row.id)).state is State.STOPPED
    assert [edition.state for edition in await province.editions(row.id)] == [State.DONE, State.DONE]


async def test_an_edition_that_reached_everybody_is_done_and_its_broadcast_too(province):
    await province.group()
    edition = await province.fired()
    await send_one(province)
    await province.emission.sweep()
    assert (await now_of(province, edition)).state is State.DONE
    assert (await province.row(edition.broadcast_id)).state is State.DONE
    assert await kinds_told(province) == []


async def test_nothing_is_given_twice_and_nothing_after_it_was_recorded(province):
    await province.group()
    await province.fired()
    (parcel,) = await claim(province)
    assert list(await claim(province)) == []
    assert await begin(province, parcel)
    assert not await begin(province, parcel)
    assert await record(province, parcel)
    assert not await record(province, parcel)


async def test_a_scheduled_edition_gives_nothing(province):
    group = await province.group()
    row = await province.approved()
    (edition,) = await province.editions(row.id)
    values = {"edition_id": edition.id, "destination_id": group, "dedupe_key": "by hand", "carrier": "telegram:bulk"}
    await province.tamper(insert(deliveries).values(**values, created_at=province.clock.now()))
    assert list(await claim(province)) == []


async def test_a_pause_stops_even_what_a_sender_has_in_hand_and_resuming_lets_it_go(province):
    await province.group()
    edition = await province.fired()
    (parcel,) = await claim(province)
    assert isinstance(await province.emission.open(parcel), Letter)
    paused = await province.bureau.do(drafting.pause, await province.row(edition.broadcast_id))
    assert not await begin(province, parcel)
    assert isinstance(await province.emission.open(parcel), Held)
    async with province.database.unit_of_work() as connection:
        await outbox.postpone(connection, parcel.claimed, seconds=0)
    assert list(await claim(province)) == []
    province.later(minutes=30)
    await province.bureau.do(drafting.resume, paused, late=LATE)
    await send_one(province)
    assert await states(province, edition) == ["sent"]


async def test_what_was_stopped_is_cancelled_also_where_a_sender_puts_it_back(province):
    for address in (GROUP, OTHER):
        await province.group(address)
    edition = await province.fired()
    (parcel,) = await claim(province, most=1)
    await province.bureau.do(drafting.stop, await province.row(edition.broadcast_id))
    async with province.database.unit_of_work() as connection:
        await outbox.postpone(connection, parcel.claimed, seconds=0)
    await province.emission.sweep()
    assert await states(province, edition) == ["cancelled", "cancelled"]


async def test_what_was_not_sent_in_time_expires_and_its_author_is_told(province):
    await province.group()
    edition = await province.fired()
    province.later(minutes=10, seconds=1)
    (parcel,) = await claim(province)
    assert isinstance(await province.emission.open(parcel), Held)
    async with province.database.unit_of_work() as connection:
        await outbox.postpone(connection, parcel.claimed, seconds=0)
    await province.emission.sweep()
    assert await states(province, edition) == ["cancelled"]
    assert (await now_of(province, edition)).state is State.EXPIRED
    assert (await province.row(edition.broadcast_id)).state is State.EXPIRED
    assert await kinds_told(province) == ["broadcast-expired"]


async def test_an_edition_that_nobody_can_read_any_more_expires_too(province):
    await province.group()
    edition = await province.fired()
    await province.tamper(update(editions).values(subject=b"{}"))
    province.later(minutes=11)
    await province.emission.sweep()
    (found,) = await province.editions(edition.broadcast_id)
    assert found.state is State.EXPIRED
    assert await kinds_told(province) == ["broadcast-expired"]


async def test_what_only_some_got_in_time_is_done_and_its_author_is_told_of_the_others(province):
    for address in (GROUP, OTHER):
        await province.group(address)
    edition = await province.fired()
    await send_one(province)
    province.later(minutes=11)
    await province.emission.sweep()
    assert sorted(await states(province, edition)) == ["cancelled", "sent"]
    assert (await now_of(province, edition)).state is State.DONE
    (notice,) = await province.notices(province.bureau.officer.staff_id)
    assert notice.kind == "broadcast-incomplete"
    assert (notice.facts["sent"], notice.facts["cancelled"]) == (1, 1)


async def test_nothing_leaves_after_the_signed_end_whatever_the_row_says(province):
    await province.group()
    edition = await province.fired(broadcast_draft(not_after=MORNING + HOUR + LATE / 2))
    await province.tamper(update(editions).values(not_after=edition.not_after + HOUR))
    province.later(minutes=6)
    (parcel,) = await claim(province)
    assert isinstance(await province.emission.open(parcel), Held)
    assert (await now_of(province, edition)).state is State.STOPPED


async def test_a_certificate_revoked_after_the_fire_stops_what_is_not_sent_yet(province):
    for address in (GROUP, OTHER):
        await province.group(address)
    edition = await province.fired()
    await send_one(province)
    province.revoke(province.an)
    province.later(seconds=31)
    (parcel,) = await claim(province)
    assert isinstance(await province.emission.open(parcel), Held)
    assert (await now_of(province, edition)).state is State.STOPPED
    assert (await province.row(edition.broadcast_id)).state is State.STOPPED
    assert await kinds_told(province) == ["broadcast-refused"]
    assert len(await province.log_lines("broadcast.refused")) == 1
    async with province.database.unit_of_work() as connection:
        await outbox.postpone(connection, parcel.claimed, seconds=0)
    await province.emission.sweep()
    assert sorted(await states(province, edition)) == ["cancelled", "sent"]


async def test_without_word_about_revocation_it_is_kept_for_later(province):
    await province.group()
    edition = await province.fired()
    lists = list(province.revocations.crls)
    province.revocations.crls.clear()
    (parcel,) = await claim(province)
    assert isinstance(await province.emission.open(parcel), Held)
    assert (await now_of(province, edition)).state is State.SENDING
    province.revocations.crls[:] = lists
    assert isinstance(await province.emission.open(parcel), Letter)


async def test_a_group_that_was_taken_out_of_use_since_gets_nothing(province):
    group = await province.group()
    edition = await province.fired()
    async with province.database.unit_of_work() as connection:
        await destinations.end(
            connection,
            province.office.log,
            destination_id=group,
            by=province.bureau.officer,
            now=province.clock.now(),
        )
    (parcel,) = await claim(province)
    assert isinstance(await province.emission.open(parcel), Withdrawn)
    await province.emission.sweep()
    assert await states(province, edition) == ["cancelled"]
    assert await kinds_told(province) == ["broadcast-expired"]


@pytest.mark.parametrize("values", [{"area": "bac-ninh.luc-nam"}, {"channel": "loudspeaker"}, {"is_training": True}])
async def test_a_group_that_was_moved_out_of_the_signed_audience_gets_nothing(province, values):
    await province.group()
    await province.fired()
    await province.tamper(update(destination_rows).values(values))
    (parcel,) = await claim(province)
    assert isinstance(await province.emission.open(parcel), Withdrawn)


async def take_out_of_use(province, group):
    async with province.database.unit_of_work() as connection:
        await destinations.end(
            connection, province.office.log, destination_id=group, by=province.bureau.officer, now=province.clock.now()
        )


def emission_while(province, meanwhile):
    """Give what opens messages, where something happens while evidence about revocation is fetched."""

    async def prepare(path):
        await meanwhile()

    office = replace(province.office, prepare=prepare)
    renderer = Renderer(ROOT / "templates")
    return Emission(province.database, office, renderer, province.clock, public_url=ADDRESS, late=LATE)


async def test_a_group_that_is_taken_out_of_use_while_signatures_are_verified_gets_nothing(province):
    group = await province.group()
    await province.fired()

    async def meanwhile():
        await take_out_of_use(province, group)

    (parcel,) = await claim(province)
    assert isinstance(await emission_while(province, meanwhile).open(parcel), Withdrawn)


async def test_what_becomes_too_late_while_signatures_are_verified_does_not_leave(province):
    await province.group()
    await province.fired()

    async def meanwhile():
        province.later(minutes=6)

    (parcel,) = await claim(province)
    assert isinstance(await emission_while(province, meanwhile).open(parcel), Held)


async def test_what_was_opened_is_not_begun_where_its_group_is_out_of_use_since(province):
    group = await province.group()
    await province.fired()
    (parcel,) = await claim(province)
    assert isinstance(await province.emission.open(parcel), Letter)
    await take_out_of_use(province, group)
    assert not await begin(province, parcel)


async def test_a_group_with_a_new_address_is_followed_and_the_log_tells(province):
    group = await province.group()
    edition = await province.fired()
    assert await send_one(province, RecipientMovedError(address=OTHER)) == TryAgain(0.0)
    (parcel,) = await claim(province)
    assert (await province.emission.open(parcel)).recipient == OTHER
    assert len(await province.log_lines("destination.moved")) == 1
    assert await states(province, edition) == ["sending"]
    async with province.database.reading() as connection:
        assert (await places.find(connection, group)).address == OTHER


@pytest.mark.parametrize("address", ["12345", OTHER])
async def test_a_new_address_that_is_no_group_s_or_another_s_is_not_followed(province, address):
    await province.group()
    await province.group(OTHER, area=TAN_AN)
    edition = await province.fired(broadcast_draft(areas=[YEN_DUNG]))
    assert isinstance(await send_one(province, RecipientMovedError(address=address)), GiveUp)
    assert await states(province, edition) == ["failed"]
    assert await province.log_lines("destination.moved") == []


async def test_a_group_that_takes_nothing_is_noted_until_a_message_arrives_there_again(province):
    group = await province.group()
    await province.fired()
    await send_one(province, RecipientUnreachableError())
    async with province.database.reading() as connection:
        assert (await places.find(connection, group)).unreachable_since == province.clock.now()
    later = province.clock.now() + HOUR
    await province.fired(broadcast_draft(not_before=later, not_after=later + HOUR))
    await send_one(province)
    async with province.database.reading() as connection:
        assert (await places.find(connection, group)).unreachable_since is None


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (NotSentError(), "pending"),
        (MessageRefusedError(), "failed"),
        (OutcomeUnknownError(), "unknown"),
    ],
)
async def test_only_what_surely_was_not_sent_is_tried_again(province, failure, state):
    await province.group()
    edition = await province.fired()
    await send_one(province, failure)
    assert await states(province, edition) == [state]


async def test_a_series_sends_each_of_its_editions(province):
    await province.group()
    row = await province.due(series_draft())
    for _ in range(2):
        await province.fire()
        await send_one(province)
        await province.emission.sweep()
        province.later(days=1)
    assert [edition.state for edition in await province.editions(row.id)] == [State.DONE, State.DONE]
    assert (await province.row(row.id)).state is State.SCHEDULED


async def test_an_abandoned_message_that_was_begun_is_unknown_and_another_is_sent_later(province):
    for address in (GROUP, OTHER):
        await province.group(address)
    edition = await province.fired()
    begun, leased = await claim(province)
    assert await begin(province, begun)
    await province.tamper(update(deliveries).values(lease_until=0.0))
    async with province.database.unit_of_work() as connection:
        abandoned = await outbox.settle_abandoned(connection, channel="telegram")
    assert (list(abandoned.unknown), list(abandoned.put_back)) == ([begun.claimed.id], [leased.claimed.id])
    assert not await begin(province, leased)
    assert await states(province, edition) == ["unknown", "pending"]
    await send_one(province)
    assert await states(province, edition) == ["unknown", DeliveryState.SENT.name.lower()]
