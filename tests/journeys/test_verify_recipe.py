"""The recipe for outsiders, run as it is written: on bundles from the admin API, and on what forgers make of them."""

from __future__ import annotations

import base64
import re
import subprocess
from pathlib import Path

import pytest
import pytest_asyncio
from cryptography import x509

from bot.cli.recipe import DOCUMENT, USUAL, follow, missing_tools, read_steps, run_commands
from bot.core.approvals.verification import examine
from bot.core.audit.findings import Verdict
from bot.core.audit.unpacking import unpack
from bot.core.signatures import OcspAnswer
from bot.core.staff.roles import Role
from tests.attacks.world import opened_world, person
from tests.evidence import FORGERIES, Forger, approved_twice, fetch, write
from tests.pki import DAY, DOCUMENT_SIGNING, SIGNING, key_usage, make_pki, make_root, pem

STEPS = read_steps()


@pytest.fixture(scope="module", autouse=True)
def tools(missing_tool):
    lacking = missing_tools()
    if lacking:
        missing_tool(f"not installed: {', '.join(lacking)}")


@pytest_asyncio.fixture
async def world(product):
    async with opened_world(product) as opened:
        yield opened


@pytest_asyncio.fixture
async def handed(world, tmp_path) -> Path:
    """Give a directory with an unpacked bundle of two approvals, both roots, and a checkpoint from before."""
    earlier = (await world.client.post("/api/v1/audit/checkpoints", headers=world.an.headers)).json()
    files = await approved_twice(world)
    for kind, part in (("json", "statement"), ("p7s", "signature")):
        files[f"earlier.{kind}"] = base64.b64decode(earlier[part])
    return write(files, tmp_path / "handed")


def run(directory: Path, step: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return run_commands(directory, STEPS[step], **variables)


def verdict(directory: Path, *, earlier: bytes | None = None) -> Verdict:
    """Give what our own tool says."""
    roots, log_roots = (directory / "ca.pem").read_bytes(), (directory / "log-ca.pem").read_bytes()
    return examine(unpack(directory).files, roots=roots, log_roots=log_roots, earlier=earlier).verdict


def test_the_document_has_the_steps_and_names_each_in_its_table():
    assert tuple(STEPS) == ("1", "2", "3", "4", "4b", *USUAL[4:])
    table = DOCUMENT.read_text("utf-8").partition("## Which step finds what")[2]
    assert set(re.findall(r"\| (\d)", table)) == {"2", "3", "4", "5", "6", "7", "8"}


async def test_an_honest_bundle_passes_every_step_and_our_tool(handed):
    assert follow(handed) is None
    assert verdict(handed) is Verdict.PROVEN
    assert "Người thứ 1" in run(handed, "5").stdout
    assert "Ngày hội chuyển đổi số" in run(handed, "2").stdout


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.__name__)
async def test_what_a_forger_does_is_found_by_the_step_that_the_text_names_and_by_our_tool(world, tmp_path, forgery):
    forger = Forger(world, await approved_twice(world))
    forgery(forger)
    directory = write(forger.files, tmp_path / "forged")
    assert follow(directory) == FORGERIES[forgery][0]
    assert verdict(directory) is Verdict.REFUTED


async def test_a_bundle_cannot_bring_what_the_steps_write_down(handed):
    stranger = make_pki().issuing.person("Người không hề ký", number=9)
    (handed / "approval-9.who.pem").write_bytes(pem([stranger.certificate]))
    assert follow(handed) is None
    assert "Người không hề ký" not in run(handed, "5").stdout


async def test_an_authority_that_the_machine_trusts_is_not_the_one_that_the_reader_got(world, tmp_path):
    files = await approved_twice(world)
    usual = {"approvers": files["ca.pem"], "log": files["log-ca.pem"]}
    trusted = tmp_path / "trusted"
    trusted.mkdir()
    for name, root in usual.items():
        (trusted / f"{name}.pem").write_bytes(root)
    assert run_commands(trusted, "openssl rehash .").returncode == 0
    stranger = pem([make_root("Gốc của người khác", number=77).certificate])
    directory = write(files | {"ca.pem": stranger}, tmp_path / "approvers")
    assert follow(directory, SSL_CERT_DIR=str(trusted)) == "4"
    assert follow(directory, steps=("4b",), SSL_CERT_DIR=str(trusted)) == "4b"
    directory = write(files | {"log-ca.pem": stranger}, tmp_path / "log")
    assert follow(directory, SSL_CERT_DIR=str(trusted)) == "7"
    for commands in (*STEPS.values(), (directory / "README").read_text("utf-8")):
        assert commands.count("-no-CApath -no-CAstore") == commands.count("-CAfile ")


async def test_a_certificate_for_documents_only_passes_with_the_purpose_that_the_text_names(world, tmp_path):
    extensions = ((SIGNING, True), (x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), False))
    dung = await world.enrol(await world.hire("Dũng", Role.ADMIN), person(world.pki, 4, extensions=extensions))
    assert (await world.approve(dung)).status_code == 201
    assert (await world.approve(world.an)).status_code == 201
    directory = write(await fetch(world), tmp_path / "handed")
    assert follow(directory) == "4"
    assert "purpose" in run(directory, "4").stderr
    assert follow(directory, PURPOSE="-purpose any") is None
    assert verdict(directory) is Verdict.PROVEN


async def test_with_that_purpose_the_key_usage_is_read_and_refused(handed):
    stranger = make_pki().issuing.person(extensions=((key_usage("key_encipherment"), True),))
    (handed / "approval-1.p7s").write_bytes(stranger.sign((handed / "approval-1.json").read_bytes()))
    run(handed, "1")
    run(handed, "3")  # fails, and leaves the line of the log
    failed = run(handed, "4", PURPOSE="-purpose any")
    assert failed.returncode != 0
    assert "Verification successful" in failed.stderr


async def test_an_archived_answer_takes_the_place_of_a_list(world, tmp_path):
    pki = world.pki
    world.revocations.crls[:] = [pki.root.crl()]
    for member in (world.an, world.binh):
        answer = pki.issuing.ocsp(
            member.signer.certificate,
            responder=pki.issuing.responder(),
            this_update=world.clock.now(),
            next_update=world.clock.now() + DAY,
        )
        world.revocations.ocsp.append(OcspAnswer(answer))
    directory = write(await approved_twice(world), tmp_path / "handed")
    assert follow(directory) == "4"
    assert "unable to get certificate CRL" in run(directory, "4").stderr
    assert follow(directory, steps=("4b", "5", "6", "7", "8", "9")) is None
    assert verdict(directory) is Verdict.PROVEN
    for answer in directory.glob("*.ocsp.der"):
        answer.unlink()
    assert follow(directory, steps=("4b",)) == "4b"
    assert verdict(directory) is Verdict.REFUTED


async def test_a_history_written_anew_after_the_last_approval_is_found_by_an_earlier_checkpoint(world, tmp_path):
    forger = Forger(world, await approved_twice(world))
    earlier = {"earlier.json": forger.files["checkpoint.json"], "earlier.p7s": forger.files["checkpoint.p7s"]}
    lines = forger.lines
    lines[-1]["by"] = "nv-00000000"
    forger.chain(lines)
    forger.checkpoint()
    directory = write(forger.files | earlier, tmp_path / "forged")
    assert follow(directory) == "9"
    assert verdict(directory) is Verdict.PROVEN, "the text says so: nobody else witnessed these lines"
    assert verdict(directory, earlier=earlier["earlier.json"]) is Verdict.REFUTED


async def test_the_bundle_s_own_read_me_names_commands_that_work(handed):
    text = (handed / "README").read_text("utf-8")
    part = text.partition("-------------------------------------------------------\n")[2].partition("Cách làm đầy đủ")[
        0
    ]
    commands = "\n".join(line.removeprefix("  ") for line in part.splitlines() if line.startswith("  "))
    (handed / "goc.pem").write_bytes((handed / "ca.pem").read_bytes())
    ended = run_commands(handed, commands)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.count("Verification successful") == 2
    assert "Người thứ 1" in ended.stdout
