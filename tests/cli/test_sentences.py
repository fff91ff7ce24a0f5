"""Every failure an operator can mend is one sentence that says what to do, and no traceback."""

import errno
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot.cli.plain import sentence_for
from bot.settings import ROOT
from tests.fixtures.database import free_port


def run(tmp_path: Path, *arguments: str, **settings: object) -> subprocess.CompletedProcess[str]:
    own = {"VAR_DIR": tmp_path / "var", "PORT": free_port(), "NLU_PORT": free_port(), "ACTIONS_PORT": free_port()}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HIENDIEN_")}
    environment |= {f"HIENDIEN_{name}": str(value) for name, value in (own | settings).items()}
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def the_sentence(ended: subprocess.CompletedProcess[str]) -> str:
    assert ended.returncode == 2, ended.stderr
    lines = ended.stderr.strip().splitlines()
    assert len(lines) == 1, ended.stderr
    assert lines[0].startswith("Lỗi: ")
    assert lines[0].endswith(".")
    return lines[0]


@pytest.mark.parametrize("setting", ["PORT", "ACTIONS_PORT", "NLU_PORT"])
def test_a_port_in_use_names_the_port_and_its_setting(tmp_path, setting):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        sentence = the_sentence(run(tmp_path, "up", **{setting: port}))
    assert str(port) in sentence
    assert f"HIENDIEN_{setting}" in sentence


@pytest.mark.parametrize(
    "broken", ["operator: [", "operator:\n  name: 5\n", "operator:\n  surprise: yes\n", "\ufeff\x00", ""]
)
def test_a_broken_content_file_is_named_with_its_line(tmp_path, broken):
    content = shutil.copytree(ROOT / "bot" / "content", tmp_path / "content")
    (content / "operator.yaml").write_text(broken, encoding="utf-8")
    sentence = the_sentence(run(tmp_path, "up", CONTENT_DIR=content))
    assert "operator.yaml" in sentence
    assert "dòng" in sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "many"),
        ("HOST", "0.0.0.0"),
        ("TODAY", "hôm nay"),
        ("CHAT_RATE_LIMIT", "x"),
        ("ENVIRONMENT", "production"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, name, value):
    assert "HIENDIEN_" in the_sentence(run(tmp_path, "up", **{name: value}))


def test_without_the_nlu_environment_it_says_how_to_install_it(tmp_path):
    (tmp_path / "nlu").mkdir()
    assert "make run" in the_sentence(run(tmp_path, "up", NLU_DIR=tmp_path / "nlu"))


@pytest.mark.parametrize("role", ["web", "worker", "scheduler"])
def test_a_single_role_on_sqlite_says_to_run_everything_in_one_process(tmp_path, role):
    sentence = the_sentence(run(tmp_path, role))
    assert "hiendien up" in sentence
    assert "HIENDIEN_DATABASE_URL" in sentence


def test_a_database_that_does_not_answer_is_named(tmp_path):
    url = f"postgresql://nobody:secret-password@127.0.0.1:{free_port()}/nothing"
    sentence = the_sentence(run(tmp_path, "up", DATABASE_URL=url, NLU_URL="http://127.0.0.1:1"))
    assert "secret-password" not in sentence


def test_a_full_disk_is_told_as_such(tmp_path):
    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root can make a small disk")
    disk = tmp_path / "var"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], check=False)
    if mounted.returncode != 0:
        pytest.skip("this machine does not let root mount a small disk")
    try:
        sentence = the_sentence(run(tmp_path, "up", NLU_URL="http://127.0.0.1:1"))
    finally:
        subprocess.run(["umount", disk], check=True)
    assert "đĩa" in sentence


def test_chat_without_a_running_assistant_says_how_to_start_it(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "bot.cli", "chat", "--url", f"http://127.0.0.1:{free_port()}"],
        cwd=ROOT,
        input="chào\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "make run" in the_sentence(ended)


def test_check_reports_every_part_and_how_to_mend_it(tmp_path):
    ended = run(tmp_path, "check")
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    for part in ("Thiết lập", "Nội dung", "Mẫu câu", "Cơ sở dữ liệu", "Mô hình NLU", "Máy chủ NLU"):
        assert part in ended.stdout
    assert "make run" in ended.stdout


@pytest.mark.parametrize("command", ["", "up", "web", "worker", "scheduler", "nlu", "chat", "check"])
def test_every_command_explains_itself(tmp_path, command):
    ended = run(tmp_path, *command.split(), "--help")
    assert ended.returncode == 0
    assert "hiendien" in ended.stdout.lower() or "Usage" in ended.stdout


def test_what_nobody_foresaw_has_no_sentence():
    assert sentence_for(ValueError("surprise")) is None
    assert "đĩa" in (sentence_for(OSError(errno.ENOSPC, "No space left on device")) or "")
