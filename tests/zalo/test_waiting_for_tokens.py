"""Messages while the token is renewed: none becomes unknown for it, and what is still good is used."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from bot.core.channel_tokens import service as channel_tokens
from bot.core.deliveries.errors import NotSentError
from bot.core.leases import service as leases
from bot.core.vault import Vault
from bot.gateway.zalo.tokens import TokenDeadError
from tests.zalo.conftest import ZaloProduct
from tests.zalo.fake_databases import AwayDatabase


async def somebody_renews(called: ZaloProduct, *, seconds: float = 60.0) -> None:
    """Let another process hold the lease, as one does that was killed in a renewal."""
    async with called.runtime.database.unit_of_work() as connection:
        assert await leases.take(connection, name=called.tokens.name, owner="another", seconds=seconds)


async def test_a_token_that_is_still_good_is_used_while_another_process_renews(on_each_database, zalo, lan, clock):
    await on_each_database.tokens.access()
    clock.advance(hours=21)
    await somebody_renews(on_each_database)
    async with on_each_database.answering():
        await on_each_database.post(lan.says("chào"))
        await on_each_database.until_states("sent")
    assert zalo.tokens.exchanges == 1


async def test_a_token_that_is_still_good_is_used_while_zalo_is_slow_to_renew_it(called, zalo, lan, clock):
    await called.tokens.access()
    clock.advance(hours=21)
    hold = zalo.holds("access_token", carried_out=False)
    renewal = asyncio.create_task(called.tokens.fresh())
    async with called.answering():
        await called.post(lan.says("chào"))
        await called.until_states("sent")
    hold.let_go()
    assert await renewal == zalo.tokens.access


@pytest.mark.parametrize("first", [True, False])
async def test_a_message_that_waits_too_long_for_a_token_was_not_sent(on_each_database, zalo, clock, first):
    if not first:
        await on_each_database.tokens.access()
        clock.advance(hours=26)
    await somebody_renews(on_each_database)
    tokens = replace(on_each_database.tokens, wait_seconds=0.3)
    with pytest.raises(NotSentError):
        await tokens.access()
    with pytest.raises(NotSentError):
        await tokens.another("access-1")


async def test_a_message_waits_for_a_slow_exchange_only_so_long_and_the_exchange_goes_on(called, zalo):
    hold = zalo.holds("access_token")
    tokens = replace(called.tokens, wait_seconds=0.2)
    for _ in range(2):
        with pytest.raises(NotSentError):
            await tokens.access()
    hold.let_go()
    assert await called.tokens.access() == zalo.tokens.access
    assert zalo.tokens.exchanges == 1


async def test_a_reply_whose_token_does_not_come_is_sent_later_and_never_unknown(called, zalo, lan):
    await somebody_renews(called, seconds=1.0)
    async with called.answering():
        await called.post(lan.says("chào"))
        await called.until_states("sent", seconds=20)
    assert len(lan.texts) == 1


async def test_without_a_database_a_message_was_not_sent(called):
    tokens = replace(called.tokens, database=AwayDatabase(called.runtime.database, reads_away=1))
    with pytest.raises(NotSentError):
        await tokens.access()


async def test_whatever_else_goes_wrong_with_a_token_a_message_was_not_sent(called):
    class Surprised:
        """A client that fails as nobody thought of."""

        app_id = called.client.app_id

        async def refresh(self, refresh_token: str) -> None:
            raise RuntimeError("unheard of")

    with pytest.raises(NotSentError):
        await replace(called.tokens, client=Surprised()).access()


async def test_a_pair_that_does_not_open_needs_a_person_and_no_message_is_unknown(called):
    await called.tokens.access()
    tokens = replace(called.tokens, vault=Vault(["another master secret of more than 32 characters"]))
    with pytest.raises(TokenDeadError):
        await tokens.access()


async def test_on_one_box_nobody_waits_for_the_lease_of_a_process_that_was_killed(called, zalo):
    await somebody_renews(called)
    stopping = asyncio.Event()
    tokens = called.tokens
    keeping = asyncio.create_task(tokens.keep_fresh(stopping))
    await zalo.until(lambda: zalo.tokens.exchanges == 1, seconds=5)
    stopping.set()
    await keeping
    assert await tokens.access() == zalo.tokens.access


async def test_a_renewal_under_way_is_brought_to_its_end_before_the_process_ends(called, zalo):
    hold = zalo.holds("access_token")
    tokens = replace(called.tokens, wait_seconds=0.1)
    with pytest.raises(NotSentError):
        await tokens.access()
    settling = asyncio.create_task(tokens.settle())
    hold.let_go()
    await settling
    async with called.runtime.database.reading() as connection:
        kept = await channel_tokens.find(connection, called.runtime.vault, tokens.name)
    assert kept is not None
    assert kept.access == zalo.tokens.access
