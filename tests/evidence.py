"""Bundles of evidence from the real admin API, and what forgers make of them."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.core.audit.chain import EMPTY
from bot.core.audit.findings import Check, Problem
from bot.core.audit.keys import LogKeyFile, make_log_key
from bot.core.statements import Checkpoint, canonical, digest
from bot.core.statements.values import read_moment
from tests.attacks.world import World
from tests.pki import Signer, make_root, pem

Files = dict[str, bytes]
SUBJECT = "broadcast"


async def fetch(world: World, *, kind: str = "broadcasts", subject: str = "tb-1") -> Files:
    """Fetch a bundle and unpack it; `ca.pem` and `log-ca.pem` are the roots as a reader has them from elsewhere."""
    answer = await world.client.get(f"/api/v1/{kind}/{subject}/evidence", headers=world.an.headers)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    return files | {"ca.pem": pem([world.pki.root.certificate]), "log-ca.pem": files["log-roots.pem"]}


def write(files: Mapping[str, bytes], directory: Path) -> Path:
    directory.mkdir()
    for name, data in files.items():
        (directory / name).write_bytes(data)
    return directory


async def approved_twice(world: World) -> Files:
    """Give the bundle of a broadcast that two admins approved; the log went on since."""
    await world.approve(world.an)
    world.clock.advance(minutes=7)
    await world.approve(world.binh)
    await world.hire("Em")
    return await fetch(world)


@dataclass
class Forger:
    """Somebody with the files of a bundle, and, as far as a forgery needs them, with keys."""

    world: World
    files: Files

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.files["log.jsonl"].splitlines()]

    def chain(self, lines: Sequence[dict[str, Any]]) -> None:
        """Write the log anew, each line following from the one before."""
        head, written = EMPTY.head, []
        for seq, line in enumerate(lines, 1):
            written.append(canonical({**line, "seq": seq, "prev": head}) + b"\n")
            head = digest(written[-1])
        self.files["log.jsonl"] = b"".join(written)

    def checkpoint(self, signer: LogKeyFile | None = None) -> None:
        """Have the log as it now is signed, by its own key unless another is given."""
        lines = self.files["log.jsonl"].splitlines(keepends=True)
        told = json.loads(self.files["checkpoint.json"])
        moment = read_moment(told["at"])
        raw = Checkpoint(aud=told["aud"], size=len(lines), head=digest(lines[-1]), at=moment).to_bytes()
        by = signer or self.world.approving.signer
        self.files |= {"checkpoint.json": raw, "checkpoint.p7s": by.sign(raw)}

    def other_log_key(self) -> LogKeyFile:
        path = Path(tempfile.mkdtemp()) / "log_key.pem"
        make_log_key(path, now=self.world.clock.now())
        return LogKeyFile(path)

    def rewrite(self, change: Callable[[dict[str, Any]], None], signers: Sequence[Signer | None]) -> None:
        """Change every statement, sign it anew where there is a key, and let subject, log and checkpoint follow."""
        lines = self.lines
        given = [number for number, line in enumerate(lines) if line["event"] == "approval.given"]
        for number, (at, signer) in enumerate(zip(given, signers, strict=True), 1):
            statement = json.loads(self.files[f"approval-{number}.json"])
            change(statement)
            size = statement["log"]["size"]
            self.chain(lines)
            statement["log"]["head"] = digest(self.files["log.jsonl"].splitlines(keepends=True)[size - 1])
            raw = canonical(statement)
            signature = signer.sign(raw) if signer else self.files[f"approval-{number}.p7s"]
            self.files |= {f"approval-{number}.json": raw, f"approval-{number}.p7s": signature}
            self.files["subject.json"] = canonical(statement[SUBJECT])
            lines[at] |= {
                "statement_sha256": digest(raw),
                "cms_sha256": digest(signature),
                "subject_sha256": digest(self.files["subject.json"]),
            }
            if signer:
                lines[at]["cert_sha256"] = signer.certificate.fingerprint(
                    signer.certificate.signature_hash_algorithm
                ).hex()
        self.chain(lines)
        self.checkpoint()

    @property
    def keys(self) -> list[Signer]:
        assert self.world.an.signer is not None
        assert self.world.binh.signer is not None
        return [self.world.an.signer, self.world.binh.signer]


def _severity(statement: dict[str, Any]) -> None:
    statement[SUBJECT]["severity"] = "emergency"


def another_subject(forger: Forger) -> None:
    forger.files["subject.json"] = forger.files["subject.json"].replace(b'"notice"', b'"alarm"')


def statement_and_subject(forger: Forger) -> None:
    for name in ("subject.json", "approval-1.json", "approval-2.json"):
        forger.files[name] = forger.files[name].replace(b'"notice"', b'"alarm"')


def statement_subject_and_log(forger: Forger) -> None:
    forger.rewrite(_severity, [None, None])


def signature_of_another(forger: Forger) -> None:
    forger.files["approval-1.p7s"] = forger.files["approval-2.p7s"]


def authority_of_the_same_name(forger: Forger) -> None:
    forger.files["ca.pem"] = pem([make_root(number=77).certificate])


def revoked_before(forger: Forger) -> None:
    pki, signer = forger.world.pki, forger.keys[0]
    _drop_lists(forger)
    for der in (pki.root.crl(), pki.issuing.crl([signer.certificate])):
        forger.files[f"{digest(der)[:16]}.crl.der"] = der


def lists_left_out(forger: Forger) -> None:
    _drop_lists(forger)


def _drop_lists(forger: Forger) -> None:
    forger.files = {name: data for name, data in forger.files.items() if not name.endswith(".crl.der")}


def approved_by_its_author(forger: Forger) -> None:
    def change(statement: dict[str, Any]) -> None:
        statement[SUBJECT]["drafter"] = forger.world.an.staff_id

    forger.rewrite(change, forger.keys)


def by_the_policy_of_something_smaller(forger: Forger) -> None:
    """For a certificate one signature is enough."""
    forger.rewrite(lambda statement: statement["policy"].update(id="enrolment", required=1), forger.keys)


def one_person_twice(forger: Forger) -> None:
    forger.rewrite(lambda _: None, [forger.keys[0], forger.keys[0]])


def approval_left_out(forger: Forger) -> None:
    del forger.files["approval-2.json"], forger.files["approval-2.p7s"]


def line_removed(forger: Forger) -> None:
    lines = forger.files["log.jsonl"].splitlines(keepends=True)
    forger.files["log.jsonl"] = b"".join(lines[:2] + lines[3:])


def end_cut_off(forger: Forger) -> None:
    lines = forger.files["log.jsonl"].splitlines(keepends=True)
    forger.files["log.jsonl"] = b"".join(lines[:-1])


def end_cut_off_and_signed_with_another_key(forger: Forger) -> None:
    end_cut_off(forger)
    forger.checkpoint(forger.other_log_key())


def history_written_anew(forger: Forger) -> None:
    lines = forger.lines
    lines[1]["by"] = "nv-00000000"
    forger.chain(lines)
    forger.checkpoint()


FORGERIES: Mapping[Callable[[Forger], None], tuple[str, Check, str]] = {
    another_subject: ("2", Check.STATEMENT, Problem.SUBJECT_DIFFERS),
    statement_and_subject: ("3", Check.SIGNATURE, "content-mismatch"),
    statement_subject_and_log: ("4", Check.SIGNATURE, "content-mismatch"),
    signature_of_another: ("3", Check.SIGNATURE, "content-mismatch"),
    authority_of_the_same_name: ("4", Check.SIGNATURE, "certificate-untrusted"),
    revoked_before: ("4", Check.SIGNATURE, "certificate-revoked"),
    lists_left_out: ("4", Check.SIGNATURE, "revocation-unavailable"),
    approved_by_its_author: ("5", Check.AUTHORS, Problem.AUTHOR_APPROVED),
    by_the_policy_of_something_smaller: ("5", Check.STATEMENT, Problem.STATEMENT_UNREADABLE),
    one_person_twice: ("5", Check.PEOPLE, Problem.SAME_PERSON),
    approval_left_out: ("5", Check.ENTRIES, Problem.APPROVALS_LEFT_OUT),
    line_removed: ("6", Check.LOG, Problem.LOG_BROKEN),
    end_cut_off: ("6", Check.LOG_END, Problem.LOG_SHORT),
    end_cut_off_and_signed_with_another_key: ("7", Check.CHECKPOINT, "certificate-untrusted"),
    history_written_anew: ("8", Check.WITNESS, Problem.LOG_OTHER),
}
"""What a forger does, the step of the recipe that finds it, and what our own tool says."""
