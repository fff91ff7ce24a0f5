"""``hiendien registrars`` and ``hiendien keys``: what operators see and do."""

import asyncio
import re
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from bot.cli import command_line
from bot.core.citizens.models import citizens
from bot.core.db import Database
from bot.core.registrars import endpoints, tokens
from bot.core.vault import Vault
from bot.migrations import migrate
from tests.cli.command import in_plain_vietnamese
from tests.factories import make_conversation
from tests.fakes import MORNING

OLD = "q7Yz0mB4xN1vR8tK2wL5cJ9sD3fH6gPa"
NEW = "Zx8cV1bN5mQ2wE7rT4yU9iO3pA6sD0fG"


@pytest.fixture
def settings(tmp_path):
    """Give the settings of an installation in which three people write."""
    asyncio.run(with_database(tmp_path, fill))
    return {"DATABASE_URL": f"sqlite:///{tmp_path / 'product.sqlite3'}", "SECRET_KEY": OLD}


async def with_database(tmp_path, work):
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'product.sqlite3'}")
    try:
        return await work(database)
    finally:
        await database.close()


async def fill(database):
    await migrate(database)
    for _ in range(3):
        await make_conversation(database, Vault([OLD]))


def run(tmp_path, *arguments, **settings):
    """Run a command in this process: a process of its own takes seconds to load."""
    own = {"VAR_DIR": str(tmp_path / "var"), **settings}
    environment = {f"HIENDIEN_{name}": value for name, value in own.items()}
    return CliRunner().invoke(command_line(arguments[0]), arguments, env=environment)


def printed(ended):
    assert ended.exit_code == 0, ended.output
    return ended.stdout


def the_sentence(ended):
    assert ended.exit_code == 2, ended.output
    (line,) = ended.stderr.strip().splitlines()
    return in_plain_vietnamese(line)


def test_a_token_is_given_listed_by_its_beginning_and_revoked(tmp_path, settings):
    text = printed(run(tmp_path, "registrars", "token", "tenten.vn", "--days", "30", **settings)).splitlines()[-1]

    async def whose(database):
        async with database.reading() as connection:
            return await tokens.identify(connection, text, now=MORNING)

    assert asyncio.run(with_database(tmp_path, whose)).registrar == "tenten.vn"
    listed = printed(run(tmp_path, "registrars", "list", **settings))
    assert f"mã {text[:12]}…  xem, báo tình trạng  dùng đến" in listed
    assert text not in listed
    assert "Đã hủy mã" in printed(run(tmp_path, "registrars", "revoke", text[:12], **settings))
    assert "đã hủy" in printed(run(tmp_path, "registrars", "list", **settings))
    assert "không có mã nào" in the_sentence(run(tmp_path, "registrars", "revoke", text[:12], **settings))


def test_an_unknown_registrar_is_refused_with_the_known_ones(tmp_path, settings):
    assert "tenten.vn" in the_sentence(run(tmp_path, "registrars", "token", "example.com", **settings))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "thiếu địa chỉ nhận"),
        ("http://tenten.vn/in", "phải bắt đầu bằng https://"),
        ("https://127.0.0.1/in", "mạng nội bộ"),
        ("https://169.254.169.254/latest", "mạng nội bộ"),
        ("tenten.vn", "không phải địa chỉ"),
    ],
)
def test_an_endpoint_that_may_not_be_used_is_refused(tmp_path, settings, url, words):
    assert words in the_sentence(run(tmp_path, "registrars", "endpoint", "tenten.vn", url, **settings))


def test_an_endpoint_gets_a_secret_and_goes_again(tmp_path, settings):
    loopback = {**settings, "REGISTRAR_LOOPBACK": "on"}
    out = printed(run(tmp_path, "registrars", "endpoint", "tenten.vn", "http://127.0.0.1:9/in", **loopback))
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", out.splitlines()[-1])
    assert "nhận tại http://127.0.0.1:9/in" in printed(run(tmp_path, "registrars", "list", **settings))
    assert "Đã bỏ" in printed(run(tmp_path, "registrars", "endpoint", "tenten.vn", "--remove", **settings))
    assert "chưa có" in printed(run(tmp_path, "registrars", "endpoint", "tenten.vn", "--remove", **settings))

    async def left(database):
        async with database.reading() as connection:
            return await endpoints.list_addresses(connection)

    assert asyncio.run(with_database(tmp_path, left)) == []


def test_rotating_moves_every_key_to_the_newest_secret(tmp_path, settings):
    both = {**settings, "SECRET_KEY": f"{NEW},{OLD}"}
    assert "Còn 3 khóa" in printed(run(tmp_path, "keys", "status", **both))
    assert "Đã chuyển 3 khóa dữ liệu" in printed(run(tmp_path, "keys", "rotate", **both))
    assert "Mọi khóa dữ liệu" in printed(run(tmp_path, "keys", "status", **both))
    assert "Đã chuyển 0 khóa dữ liệu" in printed(run(tmp_path, "keys", "rotate", **both))

    async def keys(database):
        async with database.reading() as connection:
            return (await connection.execute(select(citizens.c.id, citizens.c.wrapped_key))).all()

    for person, wrapped in asyncio.run(with_database(tmp_path, keys)):
        assert Vault([NEW]).open_person_key(person, wrapped)


WRAPPED_AGAIN = """
CREATE TRIGGER wrapped_again AFTER UPDATE ON citizens WHEN new.id = (SELECT max(id) FROM citizens)
BEGIN UPDATE citizens SET wrapped_key = x'{key}' WHERE id = '{person}'; END
"""


def test_what_another_process_wraps_by_the_old_secret_meanwhile_is_rotated_too(tmp_path, settings):
    both = {**settings, "SECRET_KEY": f"{NEW},{OLD}"}
    with closing(sqlite3.connect(tmp_path / "product.sqlite3")) as database:
        person, key = database.execute("SELECT id, wrapped_key FROM citizens ORDER BY id").fetchone()
        database.execute(WRAPPED_AGAIN.format(person=person, key=key.hex()))
        database.commit()
    assert "Đã chuyển 4 khóa dữ liệu" in printed(run(tmp_path, "keys", "rotate", **both))
    assert "Mọi khóa dữ liệu" in printed(run(tmp_path, "keys", "status", **both))


def test_rotating_says_so_where_somebody_still_reads_the_old_wrappings(tmp_path, settings):
    both = {**settings, "SECRET_KEY": f"{NEW},{OLD}"}
    with closing(sqlite3.connect(tmp_path / "product.sqlite3")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM citizens").fetchone()
        ended = run(tmp_path, "keys", "rotate", **both)
    assert ended.exit_code == 2
    assert "còn nằm trong nhật ký ghi của SQLite" in ended.stderr
    assert "Đã chuyển 0 khóa dữ liệu" in printed(run(tmp_path, "keys", "rotate", **both))


def test_rotating_without_the_old_secret_says_what_is_missing_and_breaks_nothing(tmp_path, settings):
    ended = run(tmp_path, "keys", "rotate", **{**settings, "SECRET_KEY": NEW})
    assert ended.exit_code == 2
    assert "3 khóa dữ liệu không mở được" in ended.stderr
    assert "Mọi khóa dữ liệu" in printed(run(tmp_path, "keys", "status", **settings))
