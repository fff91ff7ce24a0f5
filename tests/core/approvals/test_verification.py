"""What a bundle shows: nothing tampered with passes, each problem is named, and hostile bytes raise nothing else."""

from __future__ import annotations

import json
import os
import random
from collections import Counter

import pytest
import pytest_asyncio

from bot.core.approvals.verification import Report, examine
from bot.core.audit.findings import Check, Finding, Outcome, Problem, Verdict
from bot.core.audit.unpacking import BundleProblem, BundleUnusableError
from bot.core.statements import canonical, digest
from tests.attacks.world import opened_world
from tests.evidence import FORGERIES, SUBJECT, Files, Forger, approved_twice, fetch
from tests.pki import NOW

SEED = 20261121
USUAL = 200
MUTANTS = int(os.environ.get("TORTURE_BUNDLES", USUAL))
REQUIRED = ("log.jsonl", "checkpoint.json", "checkpoint.p7s", "subject.json", "approval-1.json", "approval-2.p7s")


@pytest_asyncio.fixture
async def world(product):
    async with opened_world(product) as opened:
        yield opened


@pytest_asyncio.fixture
async def files(world) -> Files:
    return await approved_twice(world)


def checked(files: Files) -> Report:
    return examine(files, roots=files["ca.pem"], log_roots=files["log-ca.pem"])


def failed(report: Report) -> set[tuple[Check, str]]:
    return {(finding.check, finding.problem) for finding in report.findings if finding.outcome is Outcome.FAILS}


def finding(report: Report, check: Check, number: int = 0) -> Finding:
    (found,) = (one for one in report.findings if (one.check, one.number) == (check, number))
    return found


async def test_an_honest_bundle_is_proven_by_roots_from_elsewhere(files):
    report = checked(files)
    assert report.verdict is Verdict.PROVEN
    assert {one.outcome for one in report.findings} == {Outcome.HOLDS}
    assert {one.check for one in report.findings} == set(Check) - {Check.EARLIER}
    assert finding(report, Check.COUNT).facts == {"count": 2, "required": 2}
    assert finding(report, Check.ENTRY, 2).facts["at"] == "2026-11-20T01:07:00Z"


async def test_roots_that_came_along_prove_nothing(files):
    report = examine(files)
    assert report.verdict is Verdict.UNPROVEN
    assert finding(report, Check.ROOTS).problem == Problem.ROOTS_OF_THE_BUNDLE
    assert failed(report) == set()
    assert examine(files, roots=files["ca.pem"]).verdict is Verdict.PROVEN
    assert examine(files, log_roots=files["log-ca.pem"]).verdict is Verdict.UNPROVEN


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.__name__)
async def test_what_a_forger_does_is_found_and_named(world, files, forgery):
    forger = Forger(world, files)
    forgery(forger)
    report = checked(forger.files)
    assert report.verdict is Verdict.REFUTED
    _, check, problem = FORGERIES[forgery]
    assert (check, str(problem)) in failed(report)


async def test_a_log_alone_is_proven_by_its_own_root(files):
    log = {name: files[name] for name in ("log.jsonl", "checkpoint.json", "checkpoint.p7s", "log-roots.pem")}
    assert examine(log).verdict is Verdict.UNPROVEN
    report = examine(log, log_roots=files["log-ca.pem"])
    assert (report.verdict, report.approvals) == (Verdict.PROVEN, ())


async def test_a_log_must_go_on_from_a_checkpoint_that_its_reader_kept(world, files):
    await world.hire("Giang")
    later = await fetch(world)
    kept = {"roots": files["ca.pem"], "log_roots": files["log-ca.pem"]}
    assert examine(later, **kept, earlier=files["checkpoint.json"]).verdict is Verdict.PROVEN
    assert failed(examine(files, **kept, earlier=later["checkpoint.json"])) == {(Check.EARLIER, Problem.LOG_SHORT)}
    assert failed(examine(files, **kept, earlier=b"{}")) == {(Check.EARLIER, Problem.STATEMENT_UNREADABLE)}
    forger = Forger(world, later)
    lines = forger.lines
    lines[-3]["by"] = "nv-00000000"
    forger.chain(lines)
    forger.checkpoint()
    report = examine(forger.files, **kept, earlier=files["checkpoint.json"])
    assert failed(report) == {(Check.EARLIER, Problem.LOG_OTHER)}


async def test_one_approval_where_two_must_sign_is_too_few(world):
    await world.approve(world.an)
    report = checked(await fetch(world))
    assert failed(report) == {(Check.COUNT, Problem.TOO_FEW)}


async def test_an_approval_that_came_after_the_checkpoint_waits_for_the_next_bundle(world):
    await world.approve(world.an)
    before = await world.approving.checkpoints.up_to_date(now=world.clock.now())
    await world.approve(world.binh)
    files = await fetch(world)
    assert json.loads(files["checkpoint.json"])["size"] > before.size
    assert "approval-2.json" in files


async def test_a_policy_lowered_in_what_was_signed_is_seen(world, files):
    forger = Forger(world, files)
    forger.rewrite(lambda statement: statement["policy"].update(required=1), forger.keys)
    assert (Check.POLICY, Problem.POLICY_ALTERED) in failed(checked(forger.files))
    forger.rewrite(lambda statement: statement["policy"].update(version=2), forger.keys)
    report = checked(forger.files)
    assert finding(report, Check.POLICY).problem == Problem.POLICY_CHANGED
    assert finding(report, Check.POLICY).outcome is Outcome.DOUBTFUL


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"cms_sha256": "0" * 64}, Problem.ENTRY_DIFFERS),
        ({"cert_sha256": "0" * 64}, Problem.ENTRY_DIFFERS),
        ({"alg": "RS256"}, Problem.ENTRY_DIFFERS),
        ({"staff": "nv-00000000"}, Problem.ENTRY_DIFFERS),
        ({"at": "2026-11-20T02:00:00Z"}, Problem.ENTRY_OUT_OF_TIME),
        ({"at": "2026-02-31T02:00:00Z"}, Problem.ENTRY_OUT_OF_TIME),
        ({"at": "yesterday"}, Problem.ENTRY_OUT_OF_TIME),
        ({"event": "approval.refused"}, Problem.ENTRY_MISSING),
    ],
    ids=str,
)
async def test_a_line_of_the_log_that_tells_otherwise_is_found(world, files, change, problem):
    forger = Forger(world, files)
    lines = forger.lines
    at = max(number for number, line in enumerate(lines) if line["event"] == "approval.given")
    lines[at] |= change
    forger.chain(lines)
    forger.checkpoint()
    assert (Check.ENTRY, problem) in failed(checked(forger.files))


async def test_an_approval_told_twice_or_before_its_challenge_is_found(world, files):
    forger = Forger(world, dict(files))
    lines = forger.lines
    given = [line for line in lines if line["event"] == "approval.given"]
    forger.chain([*lines, given[1]])
    forger.checkpoint()
    assert (Check.ENTRY, Problem.ENTRY_TWICE) in failed(checked(forger.files))
    forger.chain([given[1], *(line for line in lines if line != given[1])])
    forger.checkpoint()
    assert (Check.ENTRY, Problem.ENTRY_BEFORE_CHALLENGE) in failed(checked(forger.files))


async def test_a_proof_of_having_the_key_is_no_approval(world, files):
    forger = Forger(world, files)
    forger.rewrite(lambda statement: statement["approver"].update(role="holder"), forger.keys)
    assert (Check.STATEMENT, Problem.NOT_AS_APPROVER) in failed(checked(forger.files))


async def test_statements_for_two_deployments_are_not_taken_together(world, files):
    forger = Forger(world, files)
    forger.rewrite(lambda statement: statement.update(aud="https://other.example.vn"), forger.keys)
    assert (Check.DEPLOYMENT, Problem.DEPLOYMENTS_DIFFER) in failed(checked(forger.files))


async def test_a_checkpoint_in_place_of_an_approval_is_no_approval(files):
    files |= {"approval-2.json": files["checkpoint.json"], "approval-2.p7s": files["checkpoint.p7s"]}
    assert (Check.STATEMENT, Problem.STATEMENT_OF_OTHER_KIND) in failed(checked(files))


async def test_an_approval_in_place_of_the_checkpoint_is_no_checkpoint(files):
    files |= {"checkpoint.json": files["approval-2.json"], "checkpoint.p7s": files["approval-2.p7s"]}
    assert (Check.CHECKPOINT, Problem.STATEMENT_OF_OTHER_KIND) in failed(checked(files))


async def test_what_was_accepted_on_a_list_that_had_ended_is_shown_as_doubtful_where_the_log_says_so(world, files):
    pki, forger = world.pki, Forger(world, files)
    for name in [name for name in files if name.endswith(".crl.der")]:
        del files[name]
    lists = [
        authority.crl(this_update=NOW.replace(day=1), next_update=NOW.replace(day=19))
        for authority in (pki.root, pki.issuing)
    ]
    for der in lists:
        files[f"{digest(der)[:16]}.crl.der"] = der
    assert (Check.SIGNATURE, "revocation-unavailable") in failed(checked(files))
    lines = forger.lines
    for line in lines:
        if line["event"] == "approval.given":
            line["revocation"] = "stale"
    forger.chain(lines)
    forger.rewrite(lambda _: None, forger.keys)
    report = checked(forger.files)
    assert report.verdict is Verdict.PROVEN
    assert finding(report, Check.SIGNATURE, 1).outcome is Outcome.DOUBTFUL
    assert finding(report, Check.SIGNATURE, 1).problem == Problem.REVOCATION_STALE


async def test_a_list_under_another_name_is_told(files):
    (name, *_) = (name for name in files if name.endswith(".crl.der"))
    files["0123456789abcdef.crl.der"] = files.pop(name)
    assert failed(checked(files)) == {(Check.PROOFS, Problem.PROOF_RENAMED)}


@pytest.mark.parametrize("name", REQUIRED)
async def test_a_bundle_without_what_it_needs_is_told_by_the_name_of_the_file(files, name):
    del files[name]
    with pytest.raises(BundleUnusableError) as refused:
        checked(files)
    assert (refused.value.problem, refused.value.file) == (BundleProblem.MISSING, name)


async def test_an_approval_s_number_may_not_be_left_out(files):
    for kind in ("json", "p7s"):
        files[f"approval-7.{kind}"] = files.pop(f"approval-1.{kind}")
    with pytest.raises(BundleUnusableError):
        checked(files)


@pytest.mark.parametrize("roots", [b"", b"-----BEGIN CERTIFICATE-----\n", b"\x30\x03\x02\x01\x00", b"no certificate"])
async def test_roots_that_cannot_be_read_are_told(files, roots):
    report = examine(files, roots=roots, log_roots=roots)
    assert {(Check.ROOTS, Problem.ROOTS_UNREADABLE), (Check.LOG_ROOTS, Problem.ROOTS_UNREADABLE)} <= failed(report)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"null",
        b"[1.5]",
        b'{"typ":1}',
        b'{"typ":"urn:hiendien:checkpoint:1"}',
        b"[" * 5_000,
        b"\xff",
        b"1" * 9_999,
    ],
    ids=lambda raw: raw[:20].decode("latin-1"),
)
async def test_whatever_stands_in_place_of_json_is_a_finding(files, raw):
    for name in ("checkpoint.json", "approval-1.json", "subject.json", "log.jsonl"):
        assert checked({**files, name: raw}).verdict is Verdict.REFUTED


async def test_changed_anywhere_a_bundle_is_refuted_or_says_the_same_and_nothing_is_raised(files):
    """Every byte matters, but for those of roots and lists that no check has use for."""
    chance = random.Random(SEED)  # noqa: S311 - the same changes in every run
    names = sorted(
        name for name in files if name not in {"README", "ca.pem", "log-ca.pem", "roots.pem", "log-roots.pem"}
    )
    passed = 0
    found: Counter[str] = Counter()
    for _ in range(MUTANTS):
        name = chance.choice(names)
        data = bytearray(files[name])
        at = chance.randrange(len(data))
        match chance.randrange(3):
            case 0:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                del data[at:]
            case _:
                data[at:at] = chance.randbytes(4)
        report = checked({**files, name: bytes(data)})
        passed += report.verdict is Verdict.PROVEN
        found.update(problem for _, problem in failed(report))
    print(f"\ntorture: {MUTANTS} bundles with one change each, seed {SEED}: {passed} passed")
    print(f"torture: what was found: {dict(found.most_common())}")
    assert passed == 0


async def test_canonical_bytes_are_what_the_forger_s_tools_make_too(world, files):
    """The forgeries of these tests fail for what they forge, not for how they are written."""
    forger = Forger(world, files)
    forger.rewrite(lambda _: None, forger.keys)
    assert checked(forger.files).verdict is Verdict.PROVEN
    assert json.loads(forger.files["approval-1.json"])[SUBJECT] == json.loads(forger.files["subject.json"])
    assert canonical(json.loads(forger.files["subject.json"])) == forger.files["subject.json"]


async def test_a_log_of_millions_of_tiny_lines_is_not_taken_apart(files):
    with pytest.raises(BundleUnusableError) as caught:
        checked({**files, "log.jsonl": b"x\n" * 3_000_000})
    assert (caught.value.problem, caught.value.file) == (BundleProblem.TOO_LARGE, "log.jsonl")
