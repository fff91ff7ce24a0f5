"""Whether a log that somebody hands over is whole, and signed as far as it goes; no database, no clock, no network."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import UnsupportedAlgorithm

from bot.core.audit.chain import EMPTY, Head, follow
from bot.core.audit.errors import AuditLogBrokenError
from bot.core.audit.findings import Check, Finding, Problem, doubtful, fails, holds
from bot.core.audit.unpacking import LARGEST_ARCHIVE, BundleProblem, BundleUnusableError
from bot.core.errors import InvalidInputError
from bot.core.signatures import SignatureRefusedError, TrustStore, read_certificate, verify
from bot.core.statements import Checkpoint, digest, read_json, read_statement
from bot.core.statements.canonical import Json
from bot.core.statements.values import write_moment

SHORTEST_LINE = 100
"""Bytes; the digest of the line before has 64 of them."""
MOST_LINES = LARGEST_ARCHIVE // SHORTEST_LINE
"""Tiny lines pack well, and each of them would take the memory of a long one."""


@dataclass(frozen=True)
class HandedLog:
    """The lines of a log, each with its line feed."""

    lines: Sequence[bytes]

    @classmethod
    def read(cls, raw: bytes) -> HandedLog:
        """Cut a file into lines; what is in them is not looked at yet.

        Raises:
            BundleUnusableError: there are more than a log of that size can have.
        """
        if raw.count(b"\n") > MOST_LINES:
            raise BundleUnusableError(BundleProblem.TOO_LARGE, "log.jsonl")
        return cls(io.BytesIO(raw).readlines())

    @cached_property
    def end(self) -> Head:
        """Return where it ends, whole or not."""
        return self.head_at(len(self.lines)) or EMPTY

    def head_at(self, size: int) -> Head | None:
        """Return where the log stood when it had so many lines; None where it never had."""
        if size == 0:
            return EMPTY
        return Head(size, digest(self.lines[size - 1])) if 0 < size <= len(self.lines) else None

    def entries(self, event: str) -> Iterator[tuple[int, Mapping[str, Json]]]:
        """Give the numbers and members of the lines that tell of such an event, as far as they can be read."""
        marker = f'"event":"{event}"'.encode()
        for seq, line in enumerate(self.lines, 1):
            if marker not in line:
                continue
            try:
                value = read_json(line)
            except InvalidInputError:
                continue
            if isinstance(value, Mapping) and value.get("event") == event:
                yield seq, value


def required(files: Mapping[str, bytes], name: str) -> bytes:
    """Return a file of the bundle.

    Raises:
        BundleUnusableError: it is missing.
    """
    if name not in files:
        raise BundleUnusableError(BundleProblem.MISSING, name)
    return files[name]


def choose_roots(check: Check, given: bytes | None, bundled: bytes | None) -> tuple[TrustStore | None, Finding]:
    """Return the roots to rely on: those that the reader has from elsewhere, else those that came along.

    Raises:
        BundleUnusableError: there are neither.
    """
    if given is None and bundled is None:
        raise BundleUnusableError(BundleProblem.MISSING, "roots.pem" if check is Check.ROOTS else "log-roots.pem")
    try:
        trust = _read_roots(given if given is not None else bundled or b"")
    except (InvalidInputError, ValueError, UnsupportedAlgorithm):
        return None, fails(check, Problem.ROOTS_UNREADABLE)
    if given is None:
        return trust, doubtful(check, Problem.ROOTS_OF_THE_BUNDLE)
    return trust, holds(check, count=len(trust.roots))


def examine_log(
    log: HandedLog, statement: bytes, signature: bytes, trust: TrustStore | None
) -> tuple[Checkpoint | None, list[Finding]]:
    """Check the chain, the checkpoint's signature, and that it tells of the end of this log."""
    findings = [_check_chain(log)]
    try:
        told = read_statement(statement)
    except InvalidInputError as error:
        findings.append(fails(Check.CHECKPOINT, Problem.STATEMENT_UNREADABLE, code=error.code))
        return None, findings
    if not isinstance(told, Checkpoint):
        findings.append(fails(Check.CHECKPOINT, Problem.STATEMENT_OF_OTHER_KIND))
        return None, findings
    if trust is not None:
        findings.append(_check_signature(told, statement, signature, trust))
    findings.append(_check_end(log, told))
    return told, findings


def check_earlier(log: HandedLog, statement: bytes) -> Finding:
    """Compare the log with a checkpoint that its reader kept: the log must go on from there."""
    try:
        told = read_statement(statement)
    except InvalidInputError as error:
        return fails(Check.EARLIER, Problem.STATEMENT_UNREADABLE, code=error.code)
    if not isinstance(told, Checkpoint):
        return fails(Check.EARLIER, Problem.STATEMENT_OF_OTHER_KIND)
    if log.head_at(told.size) != Head(told.size, told.head):
        problem = Problem.LOG_SHORT if told.size > len(log.lines) else Problem.LOG_OTHER
        return fails(Check.EARLIER, problem, size=len(log.lines), told=told.size)
    return holds(Check.EARLIER, size=told.size, at=write_moment(told.at))


def _read_roots(data: bytes) -> TrustStore:
    if data.lstrip().startswith(b"-----"):
        return TrustStore.from_pem(data)
    return TrustStore([read_certificate(data)])  # as authorities also hand them out: one, in DER


def _check_chain(log: HandedLog) -> Finding:
    try:
        end = follow(log.lines)
    except AuditLogBrokenError as error:
        return fails(Check.LOG, Problem.LOG_BROKEN, seq=int(str(error.facts["seq"])))
    return holds(Check.LOG, size=end.size, head=end.head)


def _check_signature(told: Checkpoint, statement: bytes, signature: bytes, trust: TrustStore) -> Finding:
    try:
        verified = verify(signature, statement, trust=trust, revocation=None, at=told.at)
    except SignatureRefusedError as error:
        return fails(Check.CHECKPOINT, error.code)
    return holds(Check.CHECKPOINT, at=write_moment(told.at), holder=verified.certificate.subject)


def _check_end(log: HandedLog, told: Checkpoint) -> Finding:
    size = len(log.lines)
    if log.head_at(told.size) != Head(told.size, told.head):
        problem = Problem.LOG_SHORT if told.size > size else Problem.LOG_OTHER
        return fails(Check.LOG_END, problem, size=size, told=told.size)
    if told.size < size:
        return fails(Check.LOG_END, Problem.LOG_LONG, size=size, told=told.size)
    return holds(Check.LOG_END, size=size)
