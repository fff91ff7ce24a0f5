"""What ``hiendien check`` says of Zalo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from bot.cli.zalo_standing import zalo_standing
from bot.core.channel_tokens import service as channel_tokens
from bot.core.conversations import service as conversations
from bot.core.conversations import windows
from bot.core.db import Database
from bot.core.vault import Vault
from bot.gateway.zalo.tokens import token_name
from bot.migrations import migrate
from bot.settings import Settings

APP_ID, OA_ID, SECRET = "1000000000000000001", "4000000000000000004", "a master secret of more than 32 characters"


@pytest.fixture
async def database(sqlite_url):
    database = Database(sqlite_url)
    await migrate(database)
    yield database
    await database.close()


def settings_with(database: Database, tmp_path, **more) -> Settings:
    return Settings(
        var_dir=tmp_path,
        database_url=database.url,
        secret_key=SecretStr(SECRET),
        zalo_app_id=APP_ID,
        zalo_app_secret=SecretStr("of the app"),
        **{"zalo_oa_secret": SecretStr("of the account")} | more,
    )


async def keep_pair(database: Database, *, account: str = "") -> None:
    async with database.unit_of_work() as connection:
        pair = {"access": "a", "refresh": "r", "lasts": timedelta(hours=25), "seed_sha256": "", "account": account}
        await channel_tokens.keep(connection, Vault([SECRET]), token_name(APP_ID), None, **pair, now=datetime.now(UTC))


async def hear(database: Database, *, ago: timedelta) -> None:
    at = datetime.now(UTC) - ago
    async with database.unit_of_work() as connection:
        await conversations.enter(connection, Vault([SECRET]), channel="zalo", external_id="2", now=at)
        await windows.note_interaction(connection, channel="zalo", external_id="2", at=at)


async def test_who_never_heard_anybody_is_told_so(database, tmp_path):
    await keep_pair(database)
    is_well, told = await zalo_standing(settings_with(database, tmp_path))
    assert is_well
    assert "Chưa nhận được tin nào." in told


@pytest.mark.parametrize(("ago", "hints"), [(timedelta(hours=5), False), (timedelta(days=4), True)])
async def test_the_last_that_was_heard_is_told_and_after_days_where_to_look(database, tmp_path, ago, hints):
    await keep_pair(database)
    await hear(database, ago=ago)
    is_well, told = await zalo_standing(settings_with(database, tmp_path))
    assert is_well
    assert "Lần cuối có người nhắn:" in told
    assert ("webhook còn bật không" in told) is hints


async def test_the_apps_secret_in_place_of_the_accounts_is_named(database, tmp_path):
    settings = settings_with(database, tmp_path, zalo_oa_secret=SecretStr("of the app"))
    is_well, told = await zalo_standing(settings)
    assert not is_well
    assert "HIENDIEN_ZALO_OA_SECRET" in told
    assert "of the app" not in told


@pytest.mark.parametrize(("set_as", "well"), [(OA_ID, True), ("4999999999999999999", False), (None, True)])
async def test_a_permission_of_another_account_than_is_set_is_named(database, tmp_path, set_as, well):
    await keep_pair(database, account=OA_ID)
    is_well, told = await zalo_standing(settings_with(database, tmp_path, zalo_oa_id=set_as))
    assert is_well is well
    assert ("HIENDIEN_ZALO_OA_ID" in told) is not well
