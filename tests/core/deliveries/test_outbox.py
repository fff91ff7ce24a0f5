"""Leases, beginning, and what becomes of what a sender that died had in hand."""

from sqlalchemy import select, update

from bot.core.conversations import groups
from bot.core.conversations import service as conversations
from bot.core.deliveries import outbox
from bot.core.deliveries.errors import NotSentError
from bot.core.deliveries.models import DeliveryState, deliveries
from bot.core.deliveries.outbox import Replies
from bot.core.deliveries.service import OutboundMessage, write_later, write_replies
from tests.factories import make_update
from tests.fakes import FixedClock

HELLO = OutboundMessage("greet", "Chào bạn")


async def a_reply(database, vault, clock):
    """Write a reply to somebody on Telegram."""
    async with database.unit_of_work() as connection:
        conversation = await conversations.enter(
            connection, vault, channel="telegram", external_id="9000000000001", now=clock.now()
        )
    receipt = await make_update(database, conversation)
    async with database.unit_of_work() as connection:
        await write_replies(connection, conversation, inbox_id=receipt.inbox_id, messages=[HELLO], now=clock.now())


async def lease(database, vault, *, owner="one"):
    async with database.unit_of_work() as connection:
        return await Replies(vault, FixedClock()).claim(connection, channel="telegram", owner=owner, most=8)


async def begin(database, parcel):
    async with database.unit_of_work() as connection:
        return await outbox.begin(connection, parcel.claimed)


async def postpone(database, parcel):
    async with database.unit_of_work() as connection:
        await outbox.postpone(connection, parcel.claimed, seconds=0.0)


async def test_where_only_one_process_can_be_alive_nobody_waits_for_the_leases_of_another(database, vault, clock):
    await a_reply(database, vault, clock)
    (parcel,) = await lease(database, vault, owner="b-1")
    async with database.unit_of_work() as connection:
        ours = await outbox.settle_abandoned(connection, channel="telegram", alive="b-")
        theirs = await outbox.settle_abandoned(connection, channel="telegram", alive="a_")
    assert (list(ours.put_back), list(theirs.put_back)) == ([], [parcel.claimed.id])


async def end_leases(database):
    """Let every lease be over, and have what was leased settled."""
    async with database.unit_of_work() as connection:
        await connection.execute(update(deliveries).values(lease_until=1.0))
        return await outbox.settle_abandoned(connection, channel="telegram")


async def row_of(database):
    async with database.reading() as connection:
        return (await connection.execute(select(deliveries))).one()


async def test_what_was_leased_and_not_begun_goes_back_and_is_sent_by_another(database, vault, clock):
    await a_reply(database, vault, clock)
    (slept,) = await lease(database, vault)
    abandoned = await end_leases(database)
    assert (list(abandoned.put_back), list(abandoned.unknown)) == ([slept.claimed.id], [])
    assert not await begin(database, slept)
    (parcel,) = await lease(database, vault, owner="two")
    assert await begin(database, parcel)


async def test_a_sender_that_slept_does_not_begin_what_it_leased_again_since(database, vault, clock):
    await a_reply(database, vault, clock)
    (slept,) = await lease(database, vault)
    await end_leases(database)
    (again,) = await lease(database, vault)
    assert not await begin(database, slept)
    assert await begin(database, again)


async def test_what_was_begun_ends_as_unknown_and_nobody_sends_it_again(database, vault, clock):
    await a_reply(database, vault, clock)
    (parcel,) = await lease(database, vault)
    assert await begin(database, parcel)
    abandoned = await end_leases(database)
    assert (list(abandoned.put_back), list(abandoned.unknown)) == ([], [parcel.claimed.id])
    assert list(await lease(database, vault)) == []
    row = await row_of(database)
    assert (row.state, row.error, row.owner) == (DeliveryState.UNKNOWN, outbox.ABANDONED, None)


async def test_a_lease_that_is_over_cannot_be_begun(database, vault, clock):
    await a_reply(database, vault, clock)
    (parcel,) = await lease(database, vault)
    async with database.unit_of_work() as connection:
        await connection.execute(update(deliveries).values(lease_until=1.0))
    assert not await begin(database, parcel)


async def test_beginning_starts_the_lease_anew(database, vault, clock):
    await a_reply(database, vault, clock)
    (parcel,) = await lease(database, vault)
    before = (await row_of(database)).lease_until
    assert await begin(database, parcel)
    assert (await row_of(database)).lease_until >= before


async def test_what_surely_was_not_sent_can_be_begun_again(database, vault, clock):
    await a_reply(database, vault, clock)
    (parcel,) = await lease(database, vault)
    assert await begin(database, parcel)
    async with database.unit_of_work() as connection:
        await Replies(vault, FixedClock()).record_failure(connection, parcel, NotSentError(), now=clock.now())
        await connection.execute(update(deliveries).values(not_before=0.0))
    assert (await row_of(database)).begun_at is None
    (again,) = await lease(database, vault)
    assert await begin(database, again)


async def test_putting_back_what_was_leased_a_second_time_leaves_its_new_lease_alone(database, vault, clock):
    await a_reply(database, vault, clock)
    (parcel,) = await lease(database, vault)
    await postpone(database, parcel)
    (again,) = await lease(database, vault)
    await postpone(database, parcel)
    assert (await row_of(database)).state == DeliveryState.SENDING
    assert await begin(database, again)


async def test_what_a_release_without_beginnings_had_in_hand_may_have_been_sent(database, vault, clock):
    await a_reply(database, vault, clock)
    async with database.unit_of_work() as connection:
        await connection.execute(update(deliveries).values(state=DeliveryState.SENDING, owner="sender-0123456789ab"))
    abandoned = await end_leases(database)
    assert (len(abandoned.put_back), len(abandoned.unknown)) == (0, 1)


async def test_of_each_chat_the_oldest_is_leased_and_nothing_of_a_closed_one(database, vault, clock):
    async with database.unit_of_work() as connection:
        names = {"channel": "telegram", "now": clock.now()}
        asked = [
            *[await groups.enter_group(connection, vault, group="-1", person=str(n), **names) for n in range(3)],
            await groups.enter_group(connection, vault, group="-10", person="1", **names),
            await conversations.enter(connection, vault, external_id="-1", **names),
        ]
        for number, conversation in enumerate(asked):
            await write_later(connection, conversation, key=f"k{number}", messages=[HELLO] * 2, now=clock.now())
    replies = Replies(vault, FixedClock())
    closed = {"group:-10", "9"}
    async with database.unit_of_work() as connection:
        assert await replies.is_any_due(connection, channel="telegram", closed=closed)
        leased = await replies.claim(connection, channel="telegram", owner="one", most=8, closed=closed)
        assert [(parcel.chat, parcel.in_group) for parcel in leased] == [("group:-1", True), ("-1", False)]
        assert leased[0].conversation.id == asked[0].id
        assert not await replies.is_any_due(connection, channel="telegram", closed={"group:-1", "group:-10", "-1"})
