"""``hiendien dev`` and ``hiendien crl`` as they are typed by somebody who tries signatures out."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding

from bot.cli.demonstration import PASSWORD, Demonstration
from bot.core.db import Database
from bot.migrations import migrate
from bot.signing.keys import sign_detached
from bot.signing.softcert import read_softcert
from tests.cli.command import in_plain_vietnamese, run, the_sentence
from tests.pki import DAY, make_root

STRONG = {"SECRET_KEY": "q7Yz0mB4xN1vR8tK2wL5cJ9sD3fH6gPa", "ACTIONS_SECRET": "a7Yz0mB4xN1vR8tK2wL5cJ9sD3fH6gPb"}
LINK = {"PORT": 8765}
"""The address stands in what is signed, so that all commands of a test share it."""


def hiendien(directory: Path, *arguments: str, **settings):
    return run(directory, *arguments, **(LINK | settings))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Give a directory in which there is a demonstration authority; for copying."""
    directory = tmp_path_factory.mktemp("made")
    ended = hiendien(directory, "dev", "ca")
    assert ended.returncode == 0, ended.stderr
    return directory


@pytest.fixture(scope="module")
def sown(made, tmp_path_factory) -> tuple[Path, str]:
    """Give a directory with a province too, and what was said while it was seeded; for copying."""
    directory = tmp_path_factory.mktemp("sown")
    shutil.copytree(made, directory, dirs_exist_ok=True)
    ended = hiendien(directory, "dev", "seed")
    assert ended.returncode == 0, ended.stderr
    return directory, ended.stdout


@pytest.fixture
def tried(made, tmp_path) -> Path:
    """Give a directory in which there is a demonstration authority."""
    return shutil.copytree(made, tmp_path, dirs_exist_ok=True)


@pytest.fixture
def seeded(sown, tmp_path) -> Path:
    """Give a directory in which there is a province too."""
    return shutil.copytree(sown[0], tmp_path, dirs_exist_ok=True)


def finding(ended, part):
    return next(line for line in ended.stdout.splitlines() if line[2:].startswith(f"{part}:"))


def test_the_authority_has_keys_of_both_kinds_and_nobody_else_can_read_them(tried):
    directory = tried / "var" / "dev-ca"
    keys = {
        short: read_softcert((directory / f"{short}.p12").read_bytes(), PASSWORD).key for short in ("an", "binh", "chi")
    }
    assert isinstance(keys["an"], ec.EllipticCurvePrivateKey)
    assert isinstance(keys["binh"], rsa.RSAPrivateKey)
    modes = {path.stat().st_mode & 0o077 for path in (tried / "var").rglob("*")}
    assert modes == {0}


def test_openssl_follows_the_authoritys_paths_and_lists(tried):
    directory = tried / "var" / "dev-ca"
    lists = [
        x509.load_der_x509_crl((directory / f"{name}.crl").read_bytes()).public_bytes(Encoding.PEM)
        for name in ("root", "issuing")
    ]
    trust = tried / "trust.pem"
    trust.write_bytes((directory / "root.pem").read_bytes() + b"".join(lists))
    for person in ("an", "binh", "chi"):
        command = ["openssl", "verify", "-x509_strict", "-crl_check_all", "-CAfile", str(trust)]
        command += ["-untrusted", str(directory / "issuing.pem"), str(directory / f"{person}.pem")]
        subprocess.run(command, check=True, capture_output=True)


def test_a_province_is_seeded_once_with_what_waits_and_the_commands_to_type(sown, seeded):
    said = sown[1]
    assert said.count("hdt_") == 3
    assert len(re.findall(r"hiendien sign --server http://127.0.0.1:8765 --kind grants --subject grt-", said)) == 2
    listed = hiendien(seeded, "staff", "list").stdout
    assert listed.count("quản trị viên") == 2
    assert "Lê Thị Chi" in listed
    assert "nguyên vẹn" in hiendien(seeded, "audit", "check").stdout
    assert "đã được đăng ký" in the_sentence(hiendien(seeded, "dev", "seed"))


def test_without_the_authority_nothing_is_seeded_or_revoked(tmp_path):
    assert "hiendien dev ca" in the_sentence(hiendien(tmp_path, "dev", "seed"))
    assert "hiendien dev ca" in the_sentence(hiendien(tmp_path, "dev", "revoke", "an"))


def test_somebody_is_revoked_and_stays_so_when_the_lists_are_renewed(tried):
    assert hiendien(tried, "dev", "revoke", "binh").returncode == 0
    renewed = hiendien(tried, "dev", "ca")
    assert "làm mới" in renewed.stdout
    crl = x509.load_der_x509_crl((tried / "var" / "crls" / "dev-issuing.crl").read_bytes())
    binh = Demonstration(tried / "var" / "dev-ca").certificate("binh")
    assert [entry.serial_number for entry in crl] == [binh.serial_number]
    assert "đã bị thu hồi" in the_sentence(hiendien(tried, "dev", "seed"))
    assert "an, binh, chi" in the_sentence(hiendien(tried, "dev", "revoke", "dung"))


@pytest.mark.parametrize("command", [["ca"], ["seed"], ["revoke", "an"]])
def test_nothing_of_it_is_there_in_production(tmp_path, command):
    ended = hiendien(tmp_path, "dev", *command, ENVIRONMENT="production", **STRONG)
    assert "dùng thử" in the_sentence(ended)
    assert not (tmp_path / "var" / "dev-ca").exists()


def test_what_was_tried_out_does_not_count_in_production(seeded):
    ended = hiendien(seeded, "audit", "checkpoint", ENVIRONMENT="production", **STRONG)
    assert "thử nghiệm" in the_sentence(ended)


def test_the_first_two_admins_need_no_option_for_lists_that_lie_where_lists_are(tried):
    asyncio.run(_migrate(f"sqlite+aiosqlite:///{tried / 'var' / 'hiendien.sqlite3'}"))
    authority, papers = Demonstration(tried / "var" / "dev-ca"), tried / "papers"
    names = ("an", "binh")
    people = [
        part
        for name in names
        for part in ("--name", name, "--certificate", str(tried / "var" / "dev-ca" / f"{name}.pem"))
    ]
    hiendien(tried, "staff", "bootstrap", str(papers), *people)
    for paper in papers.glob("signer-*.json"):
        signer = read_softcert(authority.softcert(names[int(paper.name.split("-")[1]) - 1]), PASSWORD)
        paper.with_suffix(".p7s").write_bytes(sign_detached(paper.read_bytes(), signer))
    ended = hiendien(tried, "staff", "bootstrap", str(papers))
    assert ended.stdout.count("hdt_") == 2, ended.stderr


async def _migrate(url):
    database = Database(url)
    await migrate(database)
    await database.close()


def test_check_names_an_authority_without_a_fresh_list_and_a_list_that_is_added_mends_it(seeded):
    blind = finding(hiendien(seeded, "check"), "Dữ liệu thu hồi")
    assert blind.startswith("✗")
    assert "Hiện Diện: đơn vị cấp thử nghiệm" in in_plain_vietnamese(blind)
    for name in ("dev-root.crl", "dev-issuing.crl"):
        added = hiendien(seeded, "crl", "add", str(seeded / "var" / "crls" / name))
        assert added.returncode == 0, added.stderr
    well = hiendien(seeded, "check")
    assert finding(well, "Dữ liệu thu hồi").startswith("✓")
    assert finding(well, "Hạn chứng thư số").startswith("✓")
    assert hiendien(seeded, "crl", "list").stdout.count("dev-") == 2


def test_check_names_a_certificate_that_ends_soon(seeded):
    now = datetime.now(UTC)
    old = make_root("Gốc sắp hết hạn", number=95, not_after=now + timedelta(days=20, hours=1))
    (seeded / "var" / "roots" / "old.pem").write_bytes(old.certificate.public_bytes(Encoding.PEM))
    told = finding(hiendien(seeded, "check"), "Hạn chứng thư số")
    assert told.startswith("✗")
    assert "chứng thư số gốc Gốc sắp hết hạn còn 20 ngày" in in_plain_vietnamese(told)


@pytest.mark.parametrize("content", [b"x", b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"])
def test_a_file_that_is_no_list_is_not_added(tmp_path, content):
    (tmp_path / "a.crl").write_bytes(content)
    assert "a.crl" in the_sentence(hiendien(tmp_path, "crl", "add", str(tmp_path / "a.crl")))


def test_a_list_is_added_as_pem_too(seeded):
    now = datetime.now(UTC)
    crl = x509.load_der_x509_crl(make_root().crl(this_update=now - DAY, next_update=now + DAY))
    (seeded / "a.pem").write_bytes(crl.public_bytes(Encoding.PEM))
    assert hiendien(seeded, "crl", "add", str(seeded / "a.pem")).returncode == 0
    assert "file:a.pem" in hiendien(seeded, "crl", "list").stdout


@pytest.mark.parametrize("command", [["dev"], ["crl"]])
def test_help_is_in_vietnamese(tmp_path, command):
    ended = hiendien(tmp_path, *command, "--help")
    assert ended.returncode == 0
    assert "thu hồi" in ended.stdout or "thử nghiệm" in ended.stdout
