"""``hiendien verify`` as an auditor runs it, and what it says."""

from __future__ import annotations

import json
import os
import string
import subprocess
import sys
import unicodedata

import pytest
import pytest_asyncio

from bot.cli.verify import print_json
from bot.cli.verify_sentences import BUNDLES, HOLDS, PARTS, PROBLEMS, sentence_of, visible
from bot.core.audit.bundle import pack
from bot.core.audit.findings import Check, Finding, Outcome, Problem, fails
from bot.core.audit.unpacking import BundleProblem
from bot.core.signatures import SignatureRefusedError
from bot.settings import ROOT
from tests.attacks.world import opened_world
from tests.cli.command import LIBRARIES_WORDS
from tests.evidence import approved_twice, write


@pytest_asyncio.fixture
async def evidence(product, tmp_path):
    async with opened_world(product) as world:
        files = await approved_twice(world)
    (tmp_path / "bundle.zip").write_bytes(pack({name: data for name, data in files.items() if "ca.pem" not in name}))
    write(files, tmp_path / "unpacked")
    return tmp_path


def verify(directory, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command where there are no settings, no database, and no directory for one."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": "/nonexistent"}
    command = [sys.executable, "-m", "bot.cli", "verify", *arguments]
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_a_bundle_is_proven_line_by_line_with_roots_from_elsewhere(evidence):
    roots = ("--roots", "unpacked/ca.pem", "--log-roots", "unpacked/log-ca.pem")
    ended = verify(evidence, "bundle.zip", *roots)
    assert ended.returncode == 0, ended.stderr
    assert "✗" not in ended.stdout
    assert "Người thứ 1" in ended.stdout
    assert "08:07:00 ngày 20/11/2026 (giờ Việt Nam)" in ended.stdout
    assert ended.stdout.splitlines()[-1].startswith("KẾT LUẬN: ĐÚNG. Bản tin tb-1, phiên bản 1 đã được 2 người")
    assert not any(evidence.glob("var*"))


def test_without_roots_it_says_loudly_where_they_must_come_from(evidence):
    ended = verify(evidence, "bundle.zip")
    assert ended.returncode == 2
    last = ended.stdout.splitlines()[-1]
    assert last.startswith("KẾT LUẬN: CHƯA XONG")
    assert "TỪ ĐƠN VỊ CẤP, không phải từ nơi đưa gói này" in last
    assert "--roots" in last


def test_what_does_not_hold_is_told_with_what_to_do(evidence):
    statement = evidence / "unpacked" / "approval-1.json"
    statement.write_bytes(statement.read_bytes().replace(b'"notice"', b'"alarm"'))
    ended = verify(evidence, "unpacked", "--roots", "unpacked/ca.pem")
    assert ended.returncode == 1
    wrong = [line for line in ended.stdout.splitlines() if line.startswith("✗")]
    assert any("Người duyệt 1, chữ ký" in line and "Đừng tin gói này" in line for line in wrong)
    assert ended.stdout.splitlines()[-1].startswith(f"KẾT LUẬN: KHÔNG ĐẠT. {len(wrong)} chỗ sai")


def test_programs_read_the_same_as_json(evidence):
    told = json.loads(verify(evidence, "bundle.zip", "--roots", "unpacked/ca.pem", "--json").stdout)
    assert told["verdict"] == "proven"
    assert told["subject"]["id"] == "tb-1"
    assert {finding["check"] for finding in told["findings"]} <= {check.value for check in Check}
    assert told["not_looked_at"] == ["README"]


@pytest.mark.parametrize("as_json", [False, True])
def test_a_hostile_bundle_is_one_sentence_and_no_traceback(tmp_path, as_json):
    (tmp_path / "bundle.zip").write_bytes(pack({"../../log.jsonl": b""}))
    ended = verify(tmp_path, "bundle.zip", *(["--json"] if as_json else []))
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    if as_json:
        told = json.loads(ended.stdout)
        assert (told["verdict"], told["problem"]) == ("unreadable", "name-refused")
    else:
        assert ended.stderr.startswith("Lỗi: ")
        assert len(ended.stderr.splitlines()) == 1


def test_a_path_that_leads_nowhere_is_told(tmp_path):
    ended = verify(tmp_path, "nothing.zip")
    assert (ended.returncode, ended.stderr) == (2, "Lỗi: không có nothing.zip. Hãy kiểm tra đường dẫn.\n")


def _codes() -> set[str]:
    return {error.code for error in SignatureRefusedError.__subclasses__()} | {problem.value for problem in Problem}


def test_every_check_every_problem_and_every_bundle_has_its_sentence():
    assert set(PARTS) == set(HOLDS) == set(Check)
    assert set(PROBLEMS) == _codes()
    assert set(BUNDLES) == set(BundleProblem)
    for text in (*PARTS.values(), *HOLDS.values(), *PROBLEMS.values(), *BUNDLES.values()):
        plain = "".join(part for part, *_ in string.Formatter().parse(text) if part)
        assert unicodedata.is_normalized("NFC", text)
        assert not LIBRARIES_WORDS.search(plain), text
    assert all(text.endswith(".") for text in (*HOLDS.values(), *PROBLEMS.values(), *BUNDLES.values()))
    assert all("ãy" in text or "ừng tin" in text or "chưa được duyệt" in text for text in PROBLEMS.values())


def test_a_moment_at_the_end_of_the_calendar_is_told():
    told = Finding(Check.EARLIER, Outcome.HOLDS, facts={"size": 1, "at": "9999-12-31T23:59:59Z"})
    assert "31/12/9999" in sentence_of(told)


def test_what_others_wrote_cannot_move_a_terminal_that_shows_the_json_either(capsys):
    print_json({"holder": "CN=An\x9b2J\u202e\x7f"})
    shown = capsys.readouterr().out
    assert shown.replace("\n", "").isascii()
    assert shown.replace("\n", "").isprintable()
    assert json.loads(shown) == {"holder": "CN=An\x9b2J\u202e\x7f"}


def test_what_others_wrote_stays_in_its_line():
    forged = "An\n✓ Chữ ký: đúng\u202e"
    assert visible(forged).isprintable()
    holder = {"holder": forged, "serial": "1", "issuer": "CA", "algorithm": "ES256"}
    sentence = sentence_of(Finding(Check.SIGNATURE, Outcome.HOLDS, number=1, facts=holder))
    assert "\n" not in sentence
    assert "\\n" in sentence
    assert "{" not in sentence_of(fails(Check.LOG, Problem.LOG_BROKEN, seq=3))
