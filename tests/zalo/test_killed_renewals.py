"""Processes killed in the middle of a renewal: the pair is lost only between Zalo's answer and our commit."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from bot.core.channel_tokens import service as channel_tokens
from bot.core.db import Database
from bot.core.vault import Vault
from bot.gateway.zalo.client import TokenPair, open_zalo_client
from bot.gateway.zalo.tokens import Step, TokenDeadError, ZaloTokens, token_name
from bot.settings import ROOT, Settings
from tests.fakes import FixedClock
from tests.zalo.fake_zalo import APP_ID, APP_SECRET, FakeZalo
from tests.zalo.renewing import LEASE_SECONDS, SECRET

SEED = "first-refresh-token"
LOST = Step.ANSWERED
"""The one step at which nothing on our side helps."""


class Channel:
    """The app's tokens, in this process and in others."""

    def __init__(self, zalo, database, tmp_path, clock):
        self.zalo, self.database, self.clock, self.vault = zalo, database, clock, Vault([SECRET])
        self.settings = {
            "var_dir": str(tmp_path),
            "zalo_app_id": APP_ID,
            "zalo_app_secret": APP_SECRET,
            "zalo_api_url": zalo.url,
            "zalo_oauth_url": zalo.oauth_url,
        }

    @asynccontextmanager
    async def tokens(self):
        async with open_zalo_client(Settings(**self.settings)) as client:
            yield ZaloTokens(self.database, self.vault, self.clock, client, SEED, lease_seconds=LEASE_SECONDS)

    async def in_another_process(self, *, dies_at=0):
        """Ask for a token there; give what it printed, and how it ended."""
        asked = {
            "database": self.database.url,
            "settings": self.settings,
            "seed": SEED,
            "now": self.clock.now().isoformat(),
            "dies_at": int(dies_at),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.zalo.renewing", json.dumps(asked), cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(60):
            out, _ = await process.communicate()
        return out.decode().strip(), process.returncode

    async def kept(self):
        async with self.database.reading() as connection:
            return await channel_tokens.find(connection, self.vault, token_name(APP_ID))


@pytest.fixture
async def channel(database_url, tmp_path):
    clock = FixedClock()
    zalo, database = FakeZalo(clock), Database(database_url)
    with zalo.serve():
        yield Channel(zalo, database, tmp_path, clock)
    await database.close()


@pytest.fixture
async def on_sqlite(sqlite_url, tmp_path):
    clock = FixedClock()
    zalo, database = FakeZalo(clock), Database(sqlite_url)
    with zalo.serve():
        yield Channel(zalo, database, tmp_path, clock)
    await database.close()


@pytest.mark.parametrize("step", [step for step in Step if step is not LOST])
async def test_a_kill_at_any_other_step_loses_nothing(channel, step):
    async with channel.tokens() as tokens:
        first = await tokens.access()
        channel.clock.advance(hours=21)
        assert await channel.in_another_process(dies_at=step) == ("", -signal.SIGKILL)
        kept = await channel.kept()
        assert kept.is_uncertain == (step is Step.NOTED)
        assert await tokens.fresh() not in {first, ""}
    assert channel.zalo.tokens.exchanges == 2
    kept = await channel.kept()
    assert (kept.access, kept.is_uncertain, kept.dead_since) == (channel.zalo.tokens.access, False, None)


@pytest.mark.parametrize("is_first", [True, False])
async def test_a_kill_between_zalos_answer_and_our_commit_is_known_and_mended_by_a_person(on_sqlite, is_first):
    async with on_sqlite.tokens() as tokens:
        if not is_first:
            await tokens.access()
            on_sqlite.clock.advance(hours=21)
        assert await on_sqlite.in_another_process(dies_at=LOST) == ("", -signal.SIGKILL)
        kept = await on_sqlite.kept()
        assert (kept.is_uncertain, kept.dead_since) == (True, None)
        asked = len(on_sqlite.zalo.calls)
        for _ in range(2):
            with pytest.raises(TokenDeadError):
                await tokens.fresh()
        # The old token was tried once more, and not for ever.
        assert len(on_sqlite.zalo.calls) == asked + 1
        kept = await on_sqlite.kept()
        assert (kept.is_uncertain, kept.dead_since) == (True, on_sqlite.clock.now())
        await tokens.keep_authorised(TokenPair("by hand", "refresh by hand", timedelta(hours=25)))
        assert await tokens.access() == "by hand"
        assert not (await on_sqlite.kept()).is_uncertain


async def test_a_kill_before_the_first_call_left_is_tried_again_with_the_same_token(channel):
    assert await channel.in_another_process(dies_at=Step.NOTED) == ("", -signal.SIGKILL)
    assert (await channel.kept()).is_uncertain
    async with channel.tokens() as tokens:
        assert await tokens.access() == channel.zalo.tokens.access
    assert channel.zalo.tokens.used == [SEED]


async def test_processes_that_race_use_a_refresh_token_once(channel):
    given = await asyncio.gather(*(channel.in_another_process() for _ in range(2)))
    assert given == [(channel.zalo.tokens.access, 0)] * 2
    assert channel.zalo.tokens.used == [SEED]


async def test_a_process_that_waits_goes_on_when_the_one_that_renews_is_killed(on_sqlite):
    killed, (token, code) = await asyncio.gather(
        on_sqlite.in_another_process(dies_at=Step.KEPT), on_sqlite.in_another_process()
    )
    # Whichever came first: the pair is there, and was asked for once.
    assert (token, code) == (on_sqlite.zalo.tokens.access, 0)
    assert killed in {("", -signal.SIGKILL), (token, 0)}
    assert on_sqlite.zalo.tokens.used == [SEED]
