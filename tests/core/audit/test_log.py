"""The audit log beside its attacks (tests/attacks/test_log.py): what it writes, and that nobody forks it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.core.audit.chain import EMPTY, FactNotACodeError, Head, follow, next_entry
from bot.core.audit.checkpoints import Checkpoints
from bot.core.audit.errors import AuditLogBehindError, AuditLogBrokenError, AuditLogForkedError, CheckpointUnknownError
from bot.core.audit.keys import LogKeyFile, LogKeyUnusableError, WitnessFiles, make_log_key
from bot.core.audit.log import AuditLog
from bot.core.audit.models import audit_entries
from bot.core.db import Database
from bot.core.statements import Checkpoint, read_statement
from tests.fakes import MORNING

AUD = "https://tinh.example.vn"


@pytest.fixture
def witness(tmp_path):
    return WitnessFiles(tmp_path / "audit")


@pytest.fixture
def log(witness):
    return AuditLog(witness)


@pytest.fixture
def key(tmp_path):
    make_log_key(tmp_path / "audit" / "log_key.pem", now=MORNING)
    return LogKeyFile(tmp_path / "audit" / "log_key.pem")


@pytest.fixture
def checkpoints(database, log, key, witness):
    return Checkpoints(database, log, signer=key, witness=witness, aud=AUD)


async def write(database, log, count=1):
    for number in range(count):
        async with database.unit_of_work() as connection:
            head = await log.append(connection, "staff.added", {"staff": f"nv-{number}"}, now=MORNING)
    return head


async def lines_of(database, log):
    async with database.reading() as connection:
        return [line async for page in log.pages(connection) for line in page]


async def test_each_line_names_the_digest_of_the_one_before(database, log):
    head = await write(database, log, 3)
    lines = await lines_of(database, log)
    first, second, _ = (json.loads(line) for line in lines)
    assert first == {"seq": 1, "prev": "0" * 64, "at": "2026-11-20T01:00:00Z", "event": "staff.added", "staff": "nv-0"}
    assert second["prev"] == follow(lines[:1]).head
    assert follow(lines) == head


async def test_a_line_goes_with_the_transaction_that_it_tells_of(database, log):
    with pytest.raises(RuntimeError):
        async with database.unit_of_work() as connection:
            await log.append(connection, "staff.added", {}, now=MORNING)
            raise RuntimeError
    assert await lines_of(database, log) == []
    await write(database, log)
    assert len(await lines_of(database, log)) == 1


async def test_writers_at_once_make_one_chain(database, database_url, log):
    others = [Database(database_url) for _ in range(4)]
    try:
        await asyncio.gather(*(write(other, log, 5) for other in others))
    finally:
        for other in others:
            await other.close()
    async with database.reading() as connection:
        assert (await log.check(connection)).size == 20


@pytest.mark.parametrize(
    "facts",
    [{"name": "Nguyễn Văn An"}, {"mail": "an@example.vn"}, {"words": "two words"}, {"seq": 3}, {"list": ["a b"]}],
)
def test_what_could_be_somebody_s_name_or_words_is_refused(facts):
    with pytest.raises(FactNotACodeError):
        next_entry(EMPTY, "staff.added", facts, now=MORNING)


def test_following_finds_whatever_is_not_as_it_was():
    entries, at = [], EMPTY
    for number in range(3):
        entries.append(next_entry(at, "staff.added", {"staff": f"nv-{number}"}, now=MORNING))
        at = entries[-1].head
    lines = [entry.line for entry in entries]
    assert follow(lines) == at
    assert follow(lines[1:], after=entries[0].head) == at
    for broken in ([lines[0], lines[2]], [lines[1], lines[0]], [lines[0].replace(b"nv-0", b"nv-9"), *lines[1:]]):
        with pytest.raises(AuditLogBrokenError):
            follow(broken)
    for unreadable in (b"{}\n", b"x\n", lines[0].rstrip(), b" " + lines[0]):
        with pytest.raises(AuditLogBrokenError):
            follow([unreadable])
    with pytest.raises(AuditLogBehindError):
        follow(lines[:2], known=[at])
    with pytest.raises(AuditLogForkedError):
        follow(lines, known=[Head(2, "f" * 64)])


async def test_a_checkpoint_says_where_the_log_stood(database, log, checkpoints):
    head = await write(database, log, 2)
    made = await checkpoints.make(now=MORNING)
    statement = read_statement(made.statement)
    assert isinstance(statement, Checkpoint)
    assert (statement.aud, Head(statement.size, statement.head)) == (AUD, head)
    assert await checkpoints.newest() == made


async def test_a_checkpoint_is_due_after_a_hundred_lines_or_five_minutes_and_never_without_a_new_line(
    database, log, checkpoints
):
    with pytest.raises(CheckpointUnknownError):
        await checkpoints.newest()
    assert await checkpoints.make_if_due(now=MORNING) is None
    await write(database, log)
    assert (await checkpoints.make_if_due(now=MORNING)).size == 1
    await write(database, log)
    assert await checkpoints.make_if_due(now=MORNING + timedelta(minutes=4)) is None
    assert (await checkpoints.make_if_due(now=MORNING + timedelta(minutes=5))).size == 2
    await write(database, log, 100)
    assert (await checkpoints.make_if_due(now=MORNING + timedelta(minutes=6))).size == 102
    assert await checkpoints.make_if_due(now=MORNING + timedelta(hours=6)) is None


async def test_the_key_signs_no_log_that_is_not_what_it_signed_before(database, log, checkpoints):
    await write(database, log, 2)
    await checkpoints.make(now=MORNING)
    await write(database, log, 2)
    async with database.unit_of_work() as connection:
        line = (await connection.execute(select(audit_entries.c.line).where(audit_entries.c.seq == 3))).scalar_one()
        changed = line.replace(b"nv-0", b"nv-9")
        await connection.execute(audit_entries.update().where(audit_entries.c.seq == 3).values(line=changed))
    with pytest.raises(AuditLogBrokenError):
        await checkpoints.make(now=MORNING)


async def test_the_witness_keeps_the_furthest_checkpoint(database, log, checkpoints, witness):
    assert witness.newest() is None
    await write(database, log)
    first = await checkpoints.make(now=MORNING)
    await write(database, log)
    second = await checkpoints.make(now=MORNING)
    witness.keep(first)
    assert witness.newest() == Head(second.size, second.head)


def test_a_key_is_made_once_for_its_owner_only(tmp_path):
    path = tmp_path / "audit" / "log_key.pem"
    make_log_key(path, now=MORNING)
    made = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    make_log_key(path, now=MORNING)
    assert path.read_bytes() == made
    path.chmod(0o640)
    with pytest.raises(LogKeyUnusableError):
        LogKeyFile(path).sign(b"x")


def test_a_file_that_is_no_key_is_told(tmp_path):
    path = tmp_path / "log_key.pem"
    with pytest.raises(LogKeyUnusableError):
        LogKeyFile(path).certificates()
    path.write_text("x")
    path.chmod(0o600)
    with pytest.raises(LogKeyUnusableError):
        LogKeyFile(path).certificates()
