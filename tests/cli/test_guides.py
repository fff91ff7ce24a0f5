"""``hiendien guides``: which steps people get stuck at."""

import asyncio

import pytest

from bot.core.db import Database
from bot.core.guides import counts
from bot.core.guides.counts import Counted, Tally
from tests.cli.command import run, the_sentence


async def _fill(url, happened):
    database = Database(url)
    async with database.unit_of_work() as connection:
        await counts.add(connection, happened)
    await database.close()


@pytest.fixture
def fill(sqlite_url):
    """Give what counts some events; it gives the settings of that installation."""

    def count(*happened):
        asyncio.run(_fill(sqlite_url, happened))
        return {"DATABASE_URL": sqlite_url}

    return count


def test_the_step_with_most_trouble_comes_first_with_what_is_to_be_done_there(tmp_path, fill):
    settings = fill(
        *[Counted(Tally.REACHED, "sign-token", step) for step in (1, 2, 3)],
        Counted(Tally.STUCK, "sign-token", 3),
        Counted(Tally.LEFT, "sign-token", 3),
        Counted(Tally.STUCK, "sign-token", 2),
        Counted(Tally.REACHED, "gone-guide", 1),
    )
    ended = run(tmp_path, "guides", "stats", **settings)
    assert ended.returncode == 0, ended.stderr
    head, *lines = [line.split() for line in ended.stdout.splitlines()]
    assert head[0] == "Bước"
    assert [line[:6] for line in lines][:2] == [
        ["sign-token", "3", "1", "0", "1", "1"],
        ["sign-token", "2", "1", "0", "1", "0"],
    ]
    assert "“Choose”" in ended.stdout
    assert "(không còn bước này)" in ended.stdout
    fewer = run(tmp_path, "guides", "stats", "--most", "1", **settings)
    assert "sign-token 2" not in fewer.stdout


def test_without_counts_that_is_said(tmp_path, fill):
    ended = run(tmp_path, "guides", "stats", **fill())
    assert ended.stdout.strip() == "Chưa có ai dùng hướng dẫn."


def test_without_a_database_it_says_what_to_do(tmp_path):
    the_sentence(run(tmp_path, "guides", "stats"))
