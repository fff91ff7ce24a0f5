"""``hiendien staff`` and ``hiendien audit`` as they are typed on the machine."""

from __future__ import annotations

import asyncio
import json
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import delete

from bot.core.audit.models import audit_entries
from bot.core.db import Database
from tests.cli.command import in_plain_vietnamese, run, the_sentence
from tests.pki import DAY, crl_pem, make_root, pem

TODAY = datetime.now(UTC)
"""Commands read the machine's own clock."""
DATES = {"not_before": TODAY - DAY, "not_after": TODAY + DAY}
ROOT = make_root()
ISSUING = ROOT.authority("Đơn vị cấp thử nghiệm", **DATES)
PEOPLE = [ISSUING.person(f"Người thứ {n}", uid=f"CCCD:{n:012d}", number=10 + n, **DATES) for n in (1, 2)]


@pytest.fixture
def machine(tmp_path, migrated_sqlite):
    """Give a directory with an empty database, the roots, both people's certificates, and the lists."""
    shutil.copy(migrated_sqlite, tmp_path / "staff.sqlite3")
    (tmp_path / "roots").mkdir()
    (tmp_path / "roots" / "root.pem").write_bytes(pem([ROOT.certificate]))
    for number, signer in enumerate(PEOPLE, 1):
        (tmp_path / f"{number}.pem").write_bytes(signer.certificate.public_bytes(Encoding.PEM))
    dates = {"this_update": TODAY - DAY, "next_update": TODAY + DAY}
    (tmp_path / "root.crl").write_bytes(ROOT.crl(**dates))
    (tmp_path / "issuing.crl.pem").write_bytes(crl_pem(ISSUING.crl(**dates)))
    return tmp_path


def hiendien(machine: Path, *arguments: str, **settings: str):
    own = {
        "DATABASE_URL": f"sqlite:///{machine / 'staff.sqlite3'}",
        "SIGNING_ROOTS": machine / "roots",
        "PUBLIC_URL": "https://tinh.example.vn",
    }
    return run(machine, *arguments, **(own | settings))


def sit_down(machine: Path):
    people = [part for n in (1, 2) for part in ("--name", f"Người {n}", "--certificate", str(machine / f"{n}.pem"))]
    return hiendien(machine, "staff", "bootstrap", str(machine / "papers"), *people)


def sign(machine: Path) -> None:
    for paper in (machine / "papers").glob("signer-*.json"):
        signer = PEOPLE[int(paper.name.split("-")[1]) - 1]
        paper.with_suffix(".p7s").write_bytes(signer.sign(paper.read_bytes()))


def finish(machine: Path):
    lists = [part for name in ("root.crl", "issuing.crl.pem") for part in ("--crl", str(machine / name))]
    return hiendien(machine, "staff", "bootstrap", str(machine / "papers"), *lists)


def test_two_people_sign_four_papers_and_become_the_first_admins_once(machine):
    begun = sit_down(machine)
    assert begun.returncode == 0, begun.stderr
    assert begun.stdout.count("ký ") >= 4
    sign(machine)
    ended = finish(machine)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.count("hdt_") == 2
    listed = hiendien(machine, "staff", "list").stdout
    assert listed.count("quản trị viên") == 2
    assert "hiendien" not in listed
    assert "Hai quản trị viên đầu tiên đã được đăng ký" in the_sentence(sit_down(machine))


def test_a_paper_that_is_not_signed_is_named(machine):
    sit_down(machine)
    assert "signer-1-certificate-1.p7s" in the_sentence(finish(machine))


def test_two_people_are_wanted(machine):
    ended = hiendien(machine, "staff", "bootstrap", str(machine / "papers"), "--name", "An")
    assert "hai --certificate" in the_sentence(ended)


def test_a_paper_signed_by_the_wrong_person_is_refused_with_what_to_do(machine):
    sit_down(machine)
    sign(machine)
    paper = machine / "papers" / "signer-2-certificate-1.json"
    paper.with_suffix(".p7s").write_bytes(PEOPLE[0].sign(paper.read_bytes()))
    assert "chưa được đăng ký" in the_sentence(finish(machine))
    assert "Chưa có tài khoản nào" in hiendien(machine, "staff", "list").stdout


def test_without_lists_of_what_was_revoked_nobody_is_enrolled(machine):
    sit_down(machine)
    sign(machine)
    assert "thu hồi" in the_sentence(hiendien(machine, "staff", "bootstrap", str(machine / "papers")))


def test_an_account_a_token_and_their_end(machine):
    added = hiendien(machine, "staff", "add", "Trần Thị Bình").stdout
    staff_id = added.split()[4]
    token = hiendien(machine, "staff", "token", staff_id, "--scope", "draft", "--days", "7").stdout.splitlines()[-1]
    assert token.startswith("hdt_")
    assert "Đã hủy" in hiendien(machine, "staff", "revoke", token[:12]).stdout
    assert "Không có mã truy cập này" in the_sentence(hiendien(machine, "staff", "revoke", "hdt_00000000"))
    assert "Đã ngừng" in hiendien(machine, "staff", "end", staff_id).stdout
    assert "(đã ngừng)" in hiendien(machine, "staff", "list").stdout
    assert "tài khoản" in the_sentence(hiendien(machine, "staff", "token", staff_id, "--scope", "draft"))


def test_the_log_is_checked_signed_and_taken_along(machine):
    hiendien(machine, "staff", "add", "An")
    assert "1 dòng" in hiendien(machine, "audit", "check").stdout
    assert "1 dòng" in hiendien(machine, "audit", "checkpoint").stdout
    exported = machine / "log.zip"
    assert hiendien(machine, "audit", "export", str(exported)).returncode == 0
    with zipfile.ZipFile(exported) as packed:
        assert json.loads(packed.read("checkpoint.json"))["size"] == 1
    assert "1 dòng, nguyên vẹn" in hiendien(machine, "check").stdout


def test_a_log_that_was_cut_off_is_told_by_every_command_and_nothing_starts_on_it(machine):
    hiendien(machine, "staff", "add", "An")
    hiendien(machine, "audit", "checkpoint")
    asyncio.run(_cut_off(f"sqlite+aiosqlite:///{machine / 'staff.sqlite3'}"))
    assert "ít hơn 1 dòng đã được ký" in the_sentence(hiendien(machine, "audit", "check"))
    the_sentence(hiendien(machine, "staff", "add", "Bình"))
    assert "bản sao lưu" in the_sentence(hiendien(machine, "up", NLU_URL="http://127.0.0.1:1"))
    line = next(line for line in hiendien(machine, "check").stdout.splitlines() if "Nhật ký kiểm tra" in line)
    assert line.startswith("✗")
    in_plain_vietnamese(line)


async def _cut_off(url):
    database = Database(url)
    async with database.unit_of_work() as connection:
        await connection.execute(delete(audit_entries))
    await database.close()


@pytest.mark.parametrize("command", [["staff"], ["audit"], ["staff", "bootstrap"], ["audit", "export"]])
def test_help_is_in_vietnamese(tmp_path, command):
    ended = run(tmp_path, *command, "--help")
    assert ended.returncode == 0
    assert "nhật ký" in ended.stdout.lower() or "quản trị viên" in ended.stdout
