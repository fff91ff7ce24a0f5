"""Attacks on the audit log: it is found out at start, at the next line, and by whoever has a checkpoint."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from bot.core.audit.chain import Head, follow
from bot.core.audit.errors import (
    AuditLogBehindError,
    AuditLogBrokenError,
    AuditLogForkedError,
    WitnessUnreadableError,
)
from bot.core.audit.models import audit_checkpoints, audit_entries, audit_head
from bot.core.db import sqlite_file
from bot.core.signatures import verify
from bot.core.statements import read_statement
from tests.attacks.world import refused


async def tamper(world, *statements):
    async with world.database.unit_of_work() as connection:
        for statement in statements:
            await connection.execute(statement)


async def set_head(world, size: int):
    """Let the head's row say what the line of a number says, as a careful forger would."""
    async with world.database.unit_of_work() as connection:
        query = select(audit_entries.c.digest).where(audit_entries.c.seq == size)
        digest = (await connection.execute(query)).scalar_one()
        await connection.execute(update(audit_head).values(size=size, head=digest))


async def checkpoint(world):
    return await world.approving.checkpoints.make(now=world.clock.now())


async def test_a_deleted_line_is_found(world):
    await tamper(world, delete(audit_entries).where(audit_entries.c.seq == 2))
    with pytest.raises(AuditLogBrokenError):
        await world.approving.check_log(world.database)


async def test_a_changed_line_is_found(world):
    async with world.database.unit_of_work() as connection:
        (line,) = (await connection.execute(select(audit_entries.c.line).where(audit_entries.c.seq == 1))).one()
        changed = line.replace(b"bootstrapped", b"bootstrapper")
        await connection.execute(update(audit_entries).where(audit_entries.c.seq == 1).values(line=changed))
    with pytest.raises(AuditLogBrokenError):
        await world.approving.check_log(world.database)


async def test_a_log_whose_end_was_cut_off_takes_no_line_and_nobody_decides_any_more(world):
    await checkpoint(world)
    async with world.database.reading() as connection:
        size = (await world.approving.log.head(connection)).size
    await tamper(world, delete(audit_entries).where(audit_entries.c.seq == size))
    refused(await world.ask(world.an), 503, "audit-log-broken")
    with pytest.raises(AuditLogBehindError):
        await world.approving.check_log(world.database)


async def test_a_log_cut_off_with_its_head_is_behind_its_checkpoint(world):
    await checkpoint(world)
    async with world.database.reading() as connection:
        size = (await world.approving.log.head(connection)).size
    await tamper(world, delete(audit_entries).where(audit_entries.c.seq == size))
    await set_head(world, size - 1)
    refused(await world.ask(world.an), 503, "audit-log-behind")
    with pytest.raises(AuditLogBehindError):
        await world.approving.check_log(world.database)


async def test_a_log_cut_off_with_its_head_and_checkpoints_is_behind_its_witness(world):
    await checkpoint(world)
    async with world.database.reading() as connection:
        size = (await world.approving.log.head(connection)).size
    await tamper(world, delete(audit_checkpoints), delete(audit_entries).where(audit_entries.c.seq == size))
    await set_head(world, size - 1)
    refused(await world.ask(world.an), 503, "audit-log-behind")
    answer = await world.client.post("/api/v1/staff", headers=world.an.headers, json={"name": "Em"})
    refused(answer, 503, "audit-log-behind")


async def test_a_log_cut_off_before_an_approval_is_behind_what_the_approver_signed(world):
    """No checkpoint was made: those who signed an approval are the witnesses."""
    await world.approve(world.an)
    async with world.database.reading() as connection:
        size = (await world.approving.log.head(connection)).size
    await tamper(world, delete(audit_entries).where(audit_entries.c.seq > size - 3))
    await set_head(world, size - 3)
    with pytest.raises(AuditLogBehindError):
        await world.approving.check_log(world.database)


async def test_a_history_written_anew_is_another_than_the_witnessed_one(world):
    made = await checkpoint(world)
    async with world.database.unit_of_work() as connection:
        await connection.execute(delete(audit_checkpoints))
        await connection.execute(delete(audit_entries))
        await connection.execute(update(audit_head).values(size=0, head="0" * 64))
    witness = world.approving.checkpoints._witness
    witness_free = type(world.approving.log)(Forgetful())
    async with world.database.unit_of_work() as connection:
        for number in range(made.size + 3):
            await witness_free.append(connection, "staff.added", {"staff": f"nv-{number}"}, now=world.clock.now())
    assert witness.newest() == Head(made.size, made.head)
    refused(await world.ask(world.an), 503, "audit-log-forked")
    with pytest.raises(AuditLogForkedError):
        await world.approving.check_log(world.database)


class Forgetful:
    """A witness that was told nothing."""

    def newest(self):
        return None


async def test_a_restored_backup_is_refused_at_start_and_at_the_next_line(world, sqlite_url):
    file = sqlite_file(sqlite_url)
    assert file is not None
    await world.database.drop_old_pages()
    backup = shutil.copy(file, file.with_suffix(".backup"))
    await world.approve(world.an)
    await checkpoint(world)
    await world.database.close()
    for leftover in file.parent.glob(f"{file.name}-*"):
        leftover.unlink()
    shutil.copy(backup, file)
    with pytest.raises(AuditLogBehindError):
        await world.approving.check_log(world.database)
    refused(await world.ask(world.an), 503, "audit-log-behind")
    with pytest.raises(AuditLogBehindError):
        await world.hire("Em")


async def test_a_damaged_witness_is_no_witness_less(world):
    await checkpoint(world)
    kept = world.product.runtime.settings.audit_dir / "checkpoint.json"
    kept.write_bytes(kept.read_bytes()[:-5])
    refused(await world.ask(world.an), 503, "witness-unreadable")
    with pytest.raises(WitnessUnreadableError):
        await world.approving.check_log(world.database)


async def test_a_log_without_its_head_takes_no_line(world):
    await tamper(world, delete(audit_head))
    refused(await world.ask(world.an), 503, "audit-log-broken")
    await tamper(world, insert(audit_head).values(id=1, size=0, head="0" * 64))
    refused(await world.ask(world.an), 503, "audit-log-broken")


async def test_the_bundle_tells_an_outsider_everything_and_a_cut_bundle_is_found(world):
    await world.approve(world.an)
    answer = await world.client.get("/api/v1/audit/bundle", headers=world.an.headers)
    files = unpacked(answer.content)
    assert set(files) == {"README", "log.jsonl", "checkpoint.json", "checkpoint.p7s", "roots.pem", "log-roots.pem"}
    told = json.loads(files["checkpoint.json"])
    lines = files["log.jsonl"].splitlines(keepends=True)
    assert follow(lines, known=[Head(told["size"], told["head"])]) == Head(told["size"], told["head"])
    with pytest.raises(AuditLogBehindError):
        follow(lines[:-1], known=[Head(told["size"], told["head"])])


async def test_evidence_holds_each_statement_its_signature_and_what_showed_that_nothing_was_revoked(world):
    await world.approve(world.an)
    await world.approve(world.binh)
    answer = await world.client.get("/api/v1/broadcasts/tb-1/evidence", headers=world.an.headers)
    files = unpacked(answer.content)
    for number in (1, 2):
        statement = read_statement(files[f"approval-{number}.json"])
        assert statement.subject.to_bytes() == files["subject.json"]
        verify_stored(world, files[f"approval-{number}.p7s"], files[f"approval-{number}.json"])
    assert sum(name.endswith(".crl.der") for name in files) == 2
    log = [json.loads(line) for line in files["log.jsonl"].splitlines()]
    assert [line["count"] for line in log if line["event"] == "approval.given"] == [1, 2]


def unpacked(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def verify_stored(world, signature: bytes, statement: bytes) -> None:
    verify(signature, statement, trust=world.pki.trust, revocation=world.revocations, at=world.clock.now())


async def test_the_log_s_own_key_signs_checkpoints_that_openssl_accepts(world, tmp_path):
    await checkpoint(world)
    answer = await world.client.get("/api/v1/audit/bundle", headers=world.an.headers)
    for name, data in unpacked(answer.content).items():
        Path(tmp_path, name).write_bytes(data)
    ended = verified_by_openssl(tmp_path)
    assert ended.returncode == 0, ended.stderr


def verified_by_openssl(directory: Path) -> subprocess.CompletedProcess[str]:
    command = ["openssl", "cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", "checkpoint.p7s"]
    options = ["-content", "checkpoint.json", "-CAfile", "log-roots.pem", "-purpose", "any", "-out", "/dev/null"]
    return subprocess.run([*command, *options], cwd=directory, capture_output=True, text=True, check=False)
