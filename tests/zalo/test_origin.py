"""Whose calls are taken: with proof, of our app, and of our account; and what is told of the others."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Literal

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from bot.core.channel_tokens import service as channel_tokens
from bot.core.conversations import service as conversations
from bot.core.conversations import windows
from bot.core.conversations.windows import Reach
from bot.gateway.zalo.client import TokenPair
from bot.gateway.zalo.events import account_of
from tests.zalo.conftest import SETTINGS, ZaloProduct, zalo_product
from tests.zalo.fake_zalo import APP_SECRET, OA_ID, OA_SECRET

OTHER_OA = "4999999999999999999"
WITH_ACCOUNT = SETTINGS | {"zalo_oa_id": OA_ID}


def counted(outcome: str) -> float:
    return REGISTRY.get_sample_value("hiendien_updates_total", {"channel": "zalo", "outcome": outcome}) or 0.0


class OneRound(asyncio.Event):
    """Tells to stop after what is done in one round."""

    asked = 0

    def is_set(self) -> bool:
        self.asked += 1
        return self.asked > 1

    async def wait(self) -> Literal[True]:
        return True


async def learn_account(called: ZaloProduct) -> None:
    """Let the process that sends find out for whom it does, if it has to."""
    await called.tokens.keep_fresh(OneRound())


async def known_account(called: ZaloProduct) -> str:
    async with called.runtime.database.reading() as connection:
        kept = await channel_tokens.find(connection, called.runtime.vault, called.tokens.name)
    return kept.account if kept is not None else ""


class TestWithTheAccountInTheSettings:
    @pytest.fixture
    def settings(self):
        return WITH_ACCOUNT

    async def test_an_event_of_another_account_is_acknowledged_counted_and_kept_nowhere(self, called, lan):
        before = counted("other_account")
        with capture_logs() as logs:
            for number in range(3):
                event = lan.says(f"chào {number}") | {"recipient": {"id": OTHER_OA}}
                assert (await called.post(event)).status_code == 200
        assert await called.count_stored() == 0
        assert counted("other_account") == before + 3
        assert [(entry["event"], entry["account"], entry["ours"]) for entry in logs] == [
            ("zalo.other_account", OTHER_OA, OA_ID)
        ]

    @pytest.mark.parametrize("name", ["follow", "unfollow", "user_withdraw", "delete_group"])
    async def test_nor_does_any_other_event_of_it_do_anything(self, called, zalo, lan, name):
        await called.post(lan.says("chào"))
        before = counted("other_account")
        parties = {"follower": {"id": lan.user_id}, "user_id": lan.user_id, "group_id": "g-1"}
        assert (await called.post(zalo.event(name, oa_id=OTHER_OA, **parties))).status_code == 200
        assert (counted("other_account"), await called.count_stored()) == (before + 1, 1)

    async def test_what_is_ours_is_taken_wherever_the_account_stands_in_it(self, called, zalo, lan):
        group = zalo.group()
        before = counted("other_account")
        async with called.answering():
            await called.post(lan.says("chào"))
            await zalo.until(lambda: len(lan.texts) == 1)
        ours = [
            lan.follows(),
            lan.opens_chat(),
            lan.says("trợ lý, giá bao nhiêu", where=group),
            lan.sees(*lan.seen),
            lan.receives(lan.seen[0]),
            lan.reacts(lan.seen[0]),
            lan.submits_info(),
            lan.joins(group),
            lan.withdraws(),
            lan.leaves(),
            zalo.human_answers(lan, "Mời cô ra xã."),
            group.dismisses(),
        ]
        for event in ours:
            assert (await called.post(event)).status_code == 200
            assert account_of(event) in {OA_ID, None}
        assert counted("other_account") == before


class TestWithoutOne:
    async def test_it_is_asked_for_once_and_kept_through_renewals(self, called, zalo, clock):
        await learn_account(called)
        assert await known_account(called) == OA_ID
        clock.advance(hours=21)
        await called.tokens.fresh()
        await learn_account(called)
        assert await known_account(called) == OA_ID
        assert sum(call.path.endswith("getoa") for call in zalo.calls) == 1

    async def test_another_account_is_then_refused_by_every_process(self, on_each_database, lan):
        await learn_account(on_each_database)
        await on_each_database.post(lan.says("chào") | {"recipient": {"id": OTHER_OA}})
        assert await on_each_database.count_stored() == 0
        await on_each_database.post(lan.says("chào"))
        assert await on_each_database.count_stored() == 1

    async def test_until_it_is_known_events_are_taken(self, called, lan):
        await called.post(lan.says("chào"))
        assert await called.count_stored() == 1

    async def test_another_permission_may_be_for_another_account(self, called):
        await learn_account(called)
        await called.tokens.keep_authorised(TokenPair("by hand", "refresh by hand", timedelta(hours=25)))
        assert await known_account(called) == ""

    @pytest.mark.parametrize("fault", ["http_500", "not_json", -224, "answer_lost"])
    async def test_where_zalo_does_not_tell_it_is_asked_again_later(self, called, zalo, fault):
        zalo.let("getoa", fault)
        await learn_account(called)
        assert await known_account(called) == ""
        assert await called.tokens.access() == zalo.tokens.access

    async def test_it_is_not_written_over_an_exchange_under_way(self, called, zalo, clock):
        await called.tokens.fresh()
        runtime, name = called.runtime, called.tokens.name
        async with runtime.database.unit_of_work() as connection:
            read = await channel_tokens.find(connection, runtime.vault, name)
            assert read is not None
            mark = await channel_tokens.begin_exchange(
                connection, runtime.vault, name, read, refresh=read.refresh, seed_sha256="", now=clock.now()
            )
            assert not await channel_tokens.note_account(connection, runtime.vault, name, read, OA_ID)
            assert mark == read.mark


async def test_an_event_of_another_app_is_acknowledged_and_counted(called, lan):
    before = counted("other_account")
    assert (await called.post(lan.says("chào") | {"app_id": "777"})).status_code == 200
    assert (await called.count_stored(), counted("other_account")) == (0, before + 1)


class TestWithoutProof:
    async def test_calls_are_counted_and_told_of_once_a_minute(self, called, lan):
        before = counted("no_proof")
        with capture_logs() as logs:
            for _ in range(3):
                assert (await called.post(lan.says("chào"), how="wrong")).status_code == 401
        assert counted("no_proof") == before + 3
        assert [entry["event"] for entry in logs] == ["zalo.no_proof"]

    @pytest.mark.parametrize(("how", "fits"), [("app_secret", True), ("wrong", False), ("missing", False)])
    async def test_the_log_says_whether_the_apps_secret_would_fit_and_shows_none(self, called, lan, how, fits):
        with capture_logs() as logs:
            await called.post(lan.says("chào"), how=how)
        (entry,) = logs
        assert entry["app_secret_would_fit"] is fits
        assert entry["is_signed"] is (how != "missing")
        assert entry["oa_secret_is_app_secret"] is False
        assert APP_SECRET not in str(entry)
        assert OA_SECRET not in str(entry)

    async def test_the_log_says_that_the_apps_secret_was_set_in_place_of_the_accounts(
        self, zalo, lan, sqlite_url, tmp_path, vault, clock, programme, renderer
    ):
        parts = (sqlite_url, tmp_path, vault, clock, programme, renderer)
        async with zalo_product(zalo, *parts, **SETTINGS | {"zalo_oa_secret": APP_SECRET}) as called:
            with capture_logs() as logs:
                assert (await called.post(lan.says("chào"))).status_code == 401
        assert logs[0]["oa_secret_is_app_secret"] is True


async def test_the_last_call_with_proof_can_be_watched(called, lan, clock):
    await called.post(lan.says("chào"))
    heard = clock.now().timestamp()
    clock.advance(hours=1)
    await called.post(lan.says("chào"), how="wrong")
    assert REGISTRY.get_sample_value("hiendien_channel_heard_seconds", {"channel": "zalo"}) == heard


@pytest.mark.parametrize("name", ["user_call_oa", "user_submit_info"])
async def test_who_calls_or_fills_in_a_form_may_be_answered_and_nothing_of_it_is_kept(called, zalo, lan, clock, name):
    runtime = called.runtime
    await called.post(lan.says("chào"))
    clock.advance(days=8)
    info = {"name": "Lan", "phone": "84900000001"}
    event = zalo.event(name, sender={"id": lan.user_id}, recipient={"id": OA_ID}, info=info)
    assert (await called.post(event)).status_code == 200
    assert await called.count_stored() == 1
    async with runtime.database.reading() as connection:
        conversation = await conversations.find_by_name(connection, runtime.vault, "zalo", lan.user_id)
        assert await windows.find_reach(connection, conversation.id, now=clock.now()) is Reach.OPEN
