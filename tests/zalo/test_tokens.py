"""The pair of tokens: kept before it is used, renewed in time, by one at a time."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from bot.core.channel_tokens.models import channel_tokens
from bot.core.db import Database
from bot.core.deliveries.errors import NotSentError, SlowDownError
from bot.core.vault import SealBrokenError, Vault
from bot.gateway.zalo.tokens import TokenDeadError, ZaloTokens, token_name
from tests.zalo.fake_zalo import APP_ID, FakeZalo


async def test_the_first_pair_comes_from_the_settings_and_is_kept(on_each_database, zalo):
    assert await on_each_database.tokens.access() == zalo.tokens.access
    assert await on_each_database.tokens.access() == zalo.tokens.access
    assert zalo.tokens.used == ["first-refresh-token"]


async def test_nothing_of_the_pair_can_be_read_in_the_database(called, zalo):
    await called.tokens.access()
    async with called.runtime.database.reading() as connection:
        row = (await connection.execute(select(channel_tokens))).one()
    assert zalo.tokens.access.encode() not in row.access + row.refresh
    assert zalo.tokens.refresh.encode() not in row.access + row.refresh


async def test_a_pair_moved_to_another_place_does_not_open(vault: Vault):
    sealed = vault.seal(b"secret", place="access:zalo:1")
    assert vault.open(sealed, place="access:zalo:1") == b"secret"
    for place in ("refresh:zalo:1", "access:zalo:2"):
        with pytest.raises(SealBrokenError):
            vault.open(sealed, place=place)
    with pytest.raises(SealBrokenError):
        Vault(["another master secret of more than 32 characters"]).open(sealed, place="access:zalo:1")


async def test_it_is_renewed_before_it_ends(called, zalo, clock):
    first = await called.tokens.access()
    clock.advance(hours=19)
    assert await called.tokens.fresh() == first
    clock.advance(hours=2)
    assert await called.tokens.fresh() != first
    assert zalo.tokens.used == ["first-refresh-token", "refresh-1"]


async def test_two_processes_that_race_use_a_refresh_token_once(on_each_database, zalo):
    runtime = on_each_database.runtime
    other = Database(runtime.database.url)
    here = [on_each_database.tokens for _ in range(3)]
    there = ZaloTokens(other, runtime.vault, runtime.clock, on_each_database.client, "first-refresh-token")
    try:
        given = await asyncio.gather(*(tokens.access() for tokens in [*here, there]))
    finally:
        await other.close()
    assert set(given) == {zalo.tokens.access}
    assert zalo.tokens.used == ["first-refresh-token"]


async def test_a_token_that_is_refused_is_replaced_once_for_all_who_were_refused(called, zalo):
    tokens = called.tokens
    worn = await tokens.access()
    zalo.tokens.access = "somebody ended it"
    fresh = await asyncio.gather(*(tokens.another(worn) for _ in range(3)))
    assert set(fresh) == {zalo.tokens.access}
    assert zalo.tokens.used == ["first-refresh-token", "refresh-1"]


async def test_the_new_pair_is_kept_before_anybody_is_told_of_it(called, zalo: FakeZalo):
    kept_when_used = []
    await called.tokens.access()
    zalo.tokens.access = "ended"
    tokens = called.tokens
    fresh = await tokens.another("access-1")
    async with called.runtime.database.reading() as connection:
        row = (await connection.execute(select(channel_tokens))).one()
    kept_when_used.append(called.runtime.vault.open(row.access, place=f"access:{token_name(APP_ID)}").decode())
    assert kept_when_used == [fresh]


class TestADeadToken:
    @pytest.fixture
    async def dead(self, called, zalo):
        """A channel whose refresh token somebody else has used."""
        await called.tokens.access()
        zalo.tokens.access = zalo.tokens.refresh = "taken by somebody else"
        with pytest.raises(TokenDeadError):
            await called.tokens.another("access-1")
        return called

    async def test_is_noted_and_not_tried_again(self, dead, zalo):
        before = zalo.tokens.exchanges
        with pytest.raises(TokenDeadError):
            await dead.tokens.access()
        assert zalo.tokens.exchanges == before
        async with dead.runtime.database.reading() as connection:
            row = (await connection.execute(select(channel_tokens))).one()
        assert row.dead_since is not None
        assert row.error == "-14014"

    async def test_lives_again_with_another_one_in_the_settings(self, dead, zalo):
        zalo.tokens.refresh = "given by a person"
        runtime = dead.runtime
        tokens = ZaloTokens(runtime.database, runtime.vault, runtime.clock, dead.client, "given by a person")
        assert await tokens.access() == zalo.tokens.access

    async def test_is_not_revived_by_the_one_that_died(self, called, zalo):
        zalo.tokens.refresh = "not the one in the settings"
        for _ in range(3):
            with pytest.raises(TokenDeadError):
                await called.tokens.access()
        assert [call.path for call in zalo.calls] == ["/v4/oa/access_token"]


@pytest.mark.parametrize(
    ("fault", "raised"),
    [("unreachable", NotSentError), ("answer_lost", NotSentError), ("http_500", NotSentError), (-32, SlowDownError)],
)
async def test_a_renewal_that_does_not_come_through_is_tried_again(called, zalo, fault, raised):
    zalo.let("access_token", fault)
    with pytest.raises(raised):
        await called.tokens.access()
    if fault == "answer_lost":
        # Zalo used the token up, and its answer with the new pair is gone: only a person can help.
        with pytest.raises(TokenDeadError):
            await called.tokens.access()
    else:
        assert await called.tokens.access() == zalo.tokens.access


async def test_a_message_that_is_called_off_does_not_call_the_exchange_off(called, zalo):
    hold = zalo.holds("access_token")
    waiting = asyncio.create_task(called.tokens.access())
    await zalo.until(lambda: zalo.tokens.exchanges == 1)
    waiting.cancel()
    hold.let_go()
    assert await called.tokens.access() == zalo.tokens.access
    assert zalo.tokens.exchanges == 1


async def test_a_reply_whose_token_could_not_be_had_is_sent_later(called, zalo, lan):
    zalo.let("access_token", "http_500")
    async with called.answering():
        await called.post(lan.says("chào"))
        await zalo.until(lambda: len(lan.texts) == 1)
