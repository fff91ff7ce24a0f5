"""A pair is never lost while a process lives, and one that stood still overwrites nothing newer."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.core.channel_tokens import service as channel_tokens
from bot.core.channel_tokens.service import KeptPair
from bot.gateway.zalo.client import TokenPair
from bot.gateway.zalo.tokens import Step, TokenDeadError, ZaloTokens
from tests.zalo.conftest import ZaloProduct
from tests.zalo.fake_databases import AwayDatabase, StallingDatabase

SHORT_LEASE = 0.2


@pytest.fixture
async def worn(on_each_database, clock) -> ZaloProduct:
    """A product whose pair is due to be renewed."""
    await on_each_database.tokens.fresh()
    clock.advance(hours=21)
    return on_each_database


def of_two(called: ZaloProduct) -> tuple[ZaloTokens, ZaloTokens]:
    """Return the tokens of two processes whose leases soon end."""
    return replace(called.tokens, lease_seconds=SHORT_LEASE), replace(called.tokens, lease_seconds=SHORT_LEASE)


async def kept(called: ZaloProduct) -> KeptPair:
    async with called.runtime.database.reading() as connection:
        found = await channel_tokens.find(connection, called.runtime.vault, called.tokens.name)
    assert found is not None
    return found


async def is_kept_as_zalo_has_it(called: ZaloProduct) -> bool:
    pair, zalos = await kept(called), called.zalo.tokens
    return (pair.access, pair.refresh, pair.dead_since) == (zalos.access, zalos.refresh, None)


async def test_who_stood_still_before_its_note_writes_nothing_over_the_pair_of_another(worn, zalo):
    one, other = of_two(worn)
    stalling = StallingDatabase(worn.runtime.database, before=2)  # the first takes the lease
    late = asyncio.create_task(replace(one, database=stalling).fresh())
    await stalling.is_stalled.wait()
    renewed = await other.fresh()
    stalling.goes_on.set()
    assert await late == renewed
    assert await is_kept_as_zalo_has_it(worn)
    assert zalo.tokens.exchanges == 2


async def test_who_is_refused_late_marks_nothing_dead_that_another_has_renewed(worn, zalo):
    one, other = of_two(worn)
    hold = zalo.holds("access_token", carried_out=False)
    late = asyncio.create_task(one.fresh())
    await zalo.until(lambda: zalo.faults == [])
    renewed = await other.fresh()
    hold.let_go()
    assert await late == renewed
    assert await is_kept_as_zalo_has_it(worn)


async def test_who_is_answered_late_revives_what_another_has_marked_dead(worn, zalo):
    one, other = of_two(worn)
    hold = zalo.holds("access_token")
    late = asyncio.create_task(one.fresh())
    await zalo.until(lambda: zalo.tokens.exchanges == 2)
    with pytest.raises(TokenDeadError):
        await other.fresh()
    assert (await kept(worn)).dead_since is not None
    hold.let_go()
    assert await late == zalo.tokens.access
    assert await is_kept_as_zalo_has_it(worn)


async def test_what_a_person_permitted_meanwhile_counts(worn, zalo):
    one, other = of_two(worn)
    hold = zalo.holds("access_token")
    late = asyncio.create_task(one.fresh())
    await zalo.until(lambda: zalo.tokens.exchanges == 2)
    await other.keep_authorised(TokenPair("by hand", "refresh by hand", timedelta(hours=25)))
    hold.let_go()
    assert await late == "by hand"
    assert (await kept(worn)).refresh == "refresh by hand"


async def test_two_that_find_no_pair_begin_it_once(on_each_database, zalo):
    one, other = of_two(on_each_database)
    stalling = StallingDatabase(on_each_database.runtime.database, before=2)
    late = asyncio.create_task(replace(one, database=stalling).fresh())
    await stalling.is_stalled.wait()
    renewed = await other.fresh()
    stalling.goes_on.set()
    assert await late == renewed
    assert zalo.tokens.used == ["first-refresh-token"]


async def test_a_pair_is_kept_when_the_database_is_back(called, zalo):
    database = AwayDatabase(called.runtime.database)

    def reached(step: Step) -> None:
        database.writes_away = int(step is Step.ANSWERED)

    tokens = replace(called.tokens, database=database, reached=reached)
    assert await tokens.fresh() == zalo.tokens.access
    assert await is_kept_as_zalo_has_it(called)


@pytest.mark.parametrize("told", ["9" * 15, "9" * 5000, 10**30, "-1", "soon", None, [], True])
async def test_however_long_zalo_says_that_it_lasts_the_pair_is_kept(called, zalo, clock, told):
    exchange = zalo.tokens.exchange
    zalo.tokens.exchange = lambda *asked: {**exchange(*asked), "expires_in": told}
    assert await called.tokens.fresh() == zalo.tokens.access
    assert await is_kept_as_zalo_has_it(called)
    assert timedelta() < (await kept(called)).expires_at - clock.now() <= timedelta(days=30)


async def test_nothing_that_goes_wrong_ends_the_keeping(called, zalo):
    class Surprised:
        """A client that fails as nobody thought of, once."""

        app_id = called.client.app_id
        asked = 0

        async def refresh(self, refresh_token):
            self.asked += 1
            raise RuntimeError("unheard of")

    client, stopping = Surprised(), asyncio.Event()
    keeping = asyncio.create_task(replace(called.tokens, client=client).keep_fresh(stopping))
    async with asyncio.timeout(5):
        while not client.asked:
            await asyncio.sleep(0.01)
    stopping.set()
    await keeping
    assert await called.tokens.fresh() == zalo.tokens.access
