from bot.core.leases import service
from bot.core.leases.service import Lease


async def take(database, owner, seconds=60.0):
    async with database.unit_of_work() as connection:
        return await service.take(connection, name="polling", owner=owner, seconds=seconds)


async def keep(database, lease, seconds=60.0):
    async with database.unit_of_work() as connection:
        return await service.keep(connection, lease, seconds=seconds)


async def test_a_lease_has_one_holder(database):
    assert await take(database, "a") == Lease("polling", "a", 1)
    assert await take(database, "b") is None
    assert await take(database, "a") is None


async def test_a_lease_that_ended_goes_to_the_next_one_and_not_back(database):
    first = await take(database, "a", seconds=-1)
    second = await take(database, "b")
    assert second == Lease("polling", "b", 2)
    assert not await keep(database, first)
    assert await keep(database, second)


async def test_a_holder_that_was_late_keeps_what_nobody_took(database):
    lease = await take(database, "a", seconds=-1)
    assert await keep(database, lease)
    assert await take(database, "b") is None


async def test_a_former_self_cannot_prolong_what_was_taken_again(database):
    former = await take(database, "a", seconds=-1)
    assert await take(database, "a") == Lease("polling", "a", 2)
    assert not await keep(database, former)


async def test_a_lease_given_up_is_free_at_once(database):
    lease = await take(database, "a")
    async with database.unit_of_work() as connection:
        await service.give_up(connection, lease)
    assert await take(database, "b") == Lease("polling", "b", 2)
