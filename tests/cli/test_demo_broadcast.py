"""``hiendien dev demo-broadcast`` as a newcomer runs and watches it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bot.cli import recipe
from bot.settings import ROOT
from tests.cli.command import in_plain_vietnamese

STRONG = {"SECRET_KEY": "q7Yz0mB4xN1vR8tK2wL5cJ9sD3fH6gPa", "ACTIONS_SECRET": "a7Yz0mB4xN1vR8tK2wL5cJ9sD3fH6gPb"}
SECONDS = 600
WITHOUT_TESTS = (
    "import sys; sys.modules['tests'] = None; sys.argv = ['hiendien', 'dev', 'demo-broadcast'];"
    "from bot.cli import main; main()"
)


def watch(directory: Path, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HIENDIEN_")}
    # What an operator has set is for the real product: the demonstration must not use it.
    own = {"VAR_DIR": str(directory), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/real", **settings}
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=environment | {f"HIENDIEN_{name}": value for name, value in own.items()},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def test_the_whole_line_goes_before_the_newcomers_eyes(tmp_path, missing_tool):
    lacking = recipe.missing_tools()
    if lacking:
        missing_tool(f"not installed: {', '.join(lacking)}")
    (ROOT / "var" / "models").mkdir(parents=True, exist_ok=True)
    (tmp_path / "models").symlink_to(ROOT / "var" / "models")
    ended = watch(tmp_path, "-m", "bot.cli", "dev", "demo-broadcast")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert ended.stdout.count("Đã ký và hệ thống đã nhận.") == 2
    assert ended.stdout.count("nhận được 1 tin:") == 2
    assert ended.stdout.count("Ngày hội đăng ký tên miền .vn") == 6, "signed twice, received twice, told twice"
    assert "Cả 9 bước đều qua." in ended.stdout
    assert {path.name for path in tmp_path.iterdir()} == {"models", "demo-broadcast"}, "nothing outside its directory"
    own = [path for path in (tmp_path / "demo-broadcast").iterdir() if not path.is_symlink()]
    assert {path.stat().st_mode & 0o077 for path in own} == {0}


def test_in_production_nothing_is_demonstrated(tmp_path):
    ended = watch(tmp_path, "-m", "bot.cli", "dev", "demo-broadcast", ENVIRONMENT="production", **STRONG)
    assert (ended.returncode, list(tmp_path.iterdir())) == (2, [])
    assert "dùng thử" in in_plain_vietnamese(ended.stderr.strip())


def test_where_the_tests_are_not_installed_it_says_so(tmp_path):
    ended = watch(tmp_path, "-c", WITHOUT_TESTS)
    assert ended.returncode == 2
    assert "thư mục tests" in in_plain_vietnamese(ended.stderr.strip())
