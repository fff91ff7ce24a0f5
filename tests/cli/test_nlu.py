"""``hiendien nlu``: how staff label what was not understood, and take it away as training data.

Most of it runs in this process, as a session at the terminal is made of many short commands.
"""

import asyncio
import stat
import subprocess

import pytest
import yaml
from typer.testing import CliRunner

from bot.cli import command_line
from bot.cli.topic_names import TOPIC_NAMES, find_topics
from bot.core.db import Database
from bot.core.misreadings import service
from bot.core.misreadings.models import Why
from bot.settings import ROOT
from tests.cli import command
from tests.cli.command import the_sentence
from tests.fakes import MORNING

WORDS = ("tiền nộp [bold]chỗ nào", "tên miền bị mất rồi", "bao lâu thì xong")


@pytest.fixture
def settings(sqlite_url):
    """Give the settings of an installation in which three misreadings wait; the first came twice."""
    asyncio.run(_fill(sqlite_url, (WORDS[0], *WORDS)))
    return {"DATABASE_URL": sqlite_url}


async def _fill(url, all_words):
    database = Database(url)
    async with database.unit_of_work() as connection:
        for words in all_words:
            await service.keep(
                connection,
                channel="web",
                words=words,
                intent="nlu_fallback",
                confidence=0.19,
                guesses=("ask_cost", "ask_registrars", "ask_support"),
                why=Why.FALLBACK,
                now=MORNING,
            )
    await database.close()


def run(tmp_path, *arguments, typed="", **settings):
    """Run one command as `tests.cli.command.run` does, but in this process."""
    environment = {f"HIENDIEN_{name}": str(value) for name, value in {"VAR_DIR": tmp_path / "var", **settings}.items()}
    ended = CliRunner().invoke(command_line(), [str(argument) for argument in arguments], input=typed, env=environment)
    return subprocess.CompletedProcess(arguments, ended.exit_code, ended.stdout, ended.stderr)


def review(tmp_path, settings, *typed):
    ended = run(tmp_path, "nlu", "review", "--by", "Hoa", typed="".join(f"{line}\n" for line in typed), **settings)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def export(tmp_path, settings, name="new.yml"):
    return run(tmp_path, "nlu", "export", "--out", tmp_path / name, **settings)


def exported(tmp_path, settings):
    ended = export(tmp_path, settings)
    assert ended.returncode == 0, ended.stderr
    parts = yaml.safe_load((tmp_path / "new.yml").read_text("utf-8"))["nlu"]
    return {part["intent"]: part["examples"].splitlines() for part in parts}


def test_every_intent_has_a_name_of_its_own():
    domain = [yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / "nlu" / "domain").glob("*.yml")]
    assert set(TOPIC_NAMES) == {intent for part in domain for intent in part.get("intents", ())}
    assert len(set(TOPIC_NAMES.values())) == len(TOPIC_NAMES)


def test_a_topic_is_found_by_a_part_of_its_name_with_or_without_accents():
    assert find_topics("gia han")[0] == "ask_renewal"
    assert find_topics("GIA HẠN") == find_topics("gia han")
    assert "ask_cost" in find_topics("ask_cost")
    assert find_topics("zzz") == find_topics("  ") == []


def test_what_waits_is_listed_with_how_it_was_understood_the_most_frequent_first(tmp_path, settings):
    ended = run(tmp_path, "nlu", "review", "--list", **settings)
    lines = ended.stdout.splitlines()
    assert len(lines) == 3
    assert lines[0] == (
        "“tiền nộp [bold]chỗ nào”  2 lần, ngày 20/11/2026, không hiểu; máy đoán: Có miễn phí không, giá bao nhiêu (19%)"
    )


def test_a_number_gives_a_guess_and_what_is_typed_finds_others(tmp_path, settings):
    shown = review(tmp_path, settings, "2", "gia han", "1", "s")
    assert "  2  Nhà đăng ký nào, đăng ký ở đâu" in shown
    assert "Đã ghi: Nhà đăng ký nào, đăng ký ở đâu." in shown
    assert shown.endswith("Đã xử lý 2 câu, còn 1 câu chờ.\n")
    assert exported(tmp_path, settings) == {
        "ask_registrars": ["- tiền nộp bold chỗ nào"],
        "ask_renewal": ["- tên miền bị mất rồi"],
    }


def test_stopping_loses_nothing_and_the_next_time_goes_on(tmp_path, settings):
    assert "còn 2 câu chờ" in review(tmp_path, settings, "1", "q")
    again = review(tmp_path, settings, "1")  # and the end of the input
    assert "1/2" in again
    assert "còn 1 câu chờ" in again


@pytest.mark.parametrize("decision", ["1", "d"])
def test_a_decision_can_be_undone(tmp_path, settings, decision):
    shown = review(tmp_path, settings, decision, "u", "q")
    assert "Đã hoàn tác" in shown
    assert shown.count(f"“{WORDS[0]}”") == 2
    assert "Đã xử lý 0 câu, còn 3 câu chờ." in shown
    assert run(tmp_path, "nlu", "review", "--list", **settings).stdout.splitlines()[0].startswith(f"“{WORDS[0]}”")


def test_undoing_goes_back_over_what_was_skipped(tmp_path, settings):
    shown = review(tmp_path, settings, "s", "u", "d", "q")
    assert "Đã hoàn tác" not in shown
    assert "Đã xóa câu này." in shown
    assert WORDS[0] not in run(tmp_path, "nlu", "review", "--list", **settings).stdout


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("9", "Không có số đó"),
        ("0", "Không có số đó"),
        ("zzzz", "Không tìm thấy"),
        ("x", "Gõ số"),
        ("u", "Chưa có câu"),
    ],
)
def test_what_means_nothing_is_told_and_asked_again(tmp_path, settings, typed, said):
    shown = review(tmp_path, settings, typed, "q")
    assert said in shown.partition("1/3")[2]
    assert "còn 3 câu chờ" in shown


def test_the_file_is_the_owner_s_and_none_is_written_over(tmp_path, settings):
    review(tmp_path, settings, "1")
    ended = command.run(tmp_path, "nlu", "export", "--out", tmp_path / "new.yml", **settings)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    assert stat.S_IMODE((tmp_path / "new.yml").stat().st_mode) == 0o600
    assert "ghi đè" in the_sentence(export(tmp_path, settings))


@pytest.mark.parametrize("arguments", [(), ("--out", "cau.txt"), ("--out", ".")])
def test_a_file_that_is_none_is_told_so(tmp_path, settings, arguments):
    assert ".yml" in the_sentence(run(tmp_path, "nlu", "export", *arguments, **settings))


def test_a_folder_that_is_not_there_is_named(tmp_path, settings):
    review(tmp_path, settings, "1")
    assert "nowhere" in the_sentence(export(tmp_path, settings, "nowhere/new.yml"))


def test_without_labels_no_file_is_written(tmp_path, settings):
    ended = export(tmp_path, settings)
    assert (ended.returncode, ended.stderr) == (0, "Chưa có câu nào được gán nhãn nên không ghi tệp.\n")
    assert not (tmp_path / "new.yml").exists()


def test_the_statistics_tell_what_waits_and_how_good_the_guesses_were(tmp_path, settings):
    review(tmp_path, settings, "1", "d")
    exported(tmp_path, settings)
    assert run(tmp_path, "nlu", "stats", **settings).stdout.splitlines() == [
        "Đang chờ: 1",
        "  trang web: 1",
        "  máy không hiểu: 1",
        "Đã gán nhãn: 1, trong đó đã xuất ra tệp: 1",
        "Mục máy đoán đầu tiên là đúng: 1 trên 1",
        "  Có miễn phí không, giá bao nhiêu: 1",
        "Đã xóa: 1",
    ]


def test_a_name_that_is_too_long_is_refused(tmp_path, settings):
    assert "64 ký tự" in the_sentence(run(tmp_path, "nlu", "review", "--by", "x" * 65, **settings))


@pytest.mark.parametrize("command", [("review",), ("export", "--out", "a.yml"), ("stats",)])
def test_without_a_database_one_is_told_how_to_make_it(tmp_path, command):
    assert "make run" in the_sentence(run(tmp_path, "nlu", *command))


@pytest.mark.parametrize("command", [(), ("review",), ("export",), ("stats",)])
def test_help_is_in_vietnamese(tmp_path, command):
    ended = run(tmp_path, "nlu", *command, "--help")
    assert ended.returncode == 0
    assert "câu" in ended.stdout


@pytest.mark.parametrize("value", ["perhaps", "2"])
def test_a_setting_that_is_neither_on_nor_off_is_told_so(tmp_path, value):
    assert "HIENDIEN_KEEP_MISREAD phải là on hoặc off" in the_sentence(
        run(tmp_path, "nlu", "stats", KEEP_MISREAD=value)
    )
