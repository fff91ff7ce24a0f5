"""``hiendien reports``: what staff see of what citizens agreed to pass on."""

import asyncio
from datetime import timedelta

import pytest

from bot.core.db import Database
from bot.core.reports import service
from bot.core.vault import Vault
from tests.cli.command import run, the_sentence
from tests.factories import make_conversation
from tests.fakes import MORNING

SECRET = "q7Yz0mB4xN1vR8tK2wL5cJ9sD3fH6gPa"


@pytest.fixture
def settings(sqlite_url):
    """Give the settings of an installation in which two reports lie, the older one read."""
    asyncio.run(_fill(sqlite_url))
    return {"DATABASE_URL": sqlite_url, "SECRET_KEY": SECRET}


async def _fill(url):
    database, vault = Database(url), Vault([SECRET])
    conversation, _ = await make_conversation(database, vault)
    async with database.unit_of_work() as connection:
        for number, reference in enumerate(("BC-22222", "BC-33333")):
            await service.submit(
                connection,
                conversation,
                reference=reference,
                words=f"chuyện số {number} [bold]không định dạng[/bold]",
                now=MORNING + timedelta(hours=number),
            )
        await service.read(connection, vault, "BC-22222", now=MORNING)
    await database.close()


def test_reports_are_listed_newest_first_in_local_time_and_unread_ones_are_marked(tmp_path, settings):
    ended = run(tmp_path, "reports", "list", **settings)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == [
        "2 báo cáo, 1 chưa đọc. Xem: hiendien reports show MÃ",
        "● BC-33333  20/11/2026 09:00  trang web  CHƯA ĐỌC",
        "  BC-22222  20/11/2026 08:00  trang web  đã đọc",
    ]
    assert "chuyện" not in ended.stdout


def test_showing_a_report_tells_its_words_as_they_are_and_marks_it_read(tmp_path, settings):
    shown = run(tmp_path, "reports", "show", "bc-33333", **settings)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.splitlines()[-1] == "chuyện số 1 [bold]không định dạng[/bold]"
    assert "0 chưa đọc" in run(tmp_path, "reports", "list", **settings).stdout


def test_a_closed_report_has_no_words_any_more(tmp_path, settings):
    closed = run(tmp_path, "reports", "close", "BC-33333", **settings)
    assert closed.stdout.strip() == "Đã đóng báo cáo BC-33333 và xóa lời trong đó."
    shown = run(tmp_path, "reports", "show", "BC-33333", **settings).stdout
    assert "đã đóng" in shown
    assert "(lời đã được xóa)" in shown


@pytest.mark.parametrize("command", ["show", "close"])
@pytest.mark.parametrize("typed", [[], ["7K2MX"], ["'; DROP TABLE reports; --"]])
def test_what_is_no_reference_is_told_so(tmp_path, settings, command, typed):
    assert "BC-7K2MX" in the_sentence(run(tmp_path, "reports", command, *typed, **settings))


@pytest.mark.parametrize("command", ["show", "close"])
def test_a_reference_that_is_gone_is_named(tmp_path, settings, command):
    assert "BC-44444" in the_sentence(run(tmp_path, "reports", command, "BC-44444", **settings))


def test_no_reports_is_no_failure(tmp_path, sqlite_url):
    ended = run(tmp_path, "reports", "list", DATABASE_URL=sqlite_url, SECRET_KEY=SECRET)
    assert (ended.returncode, ended.stdout) == (0, "Chưa có báo cáo nào.\n")


def test_without_a_database_one_is_told_how_to_make_it(tmp_path):
    assert "make run" in the_sentence(run(tmp_path, "reports", "list"))


@pytest.mark.parametrize("command", [[], ["list"], ["show"], ["close"]])
def test_help_is_in_vietnamese(tmp_path, command):
    ended = run(tmp_path, "reports", *command, "--help")
    assert ended.returncode == 0
    assert "báo cáo" in ended.stdout
