"""Everything an outsider needs to check one subject's approvals without us (reference, section 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals import repository
from bot.core.approvals.policies import rules_in_force
from bot.core.approvals.ports import Office
from bot.core.audit.bundle import pem
from bot.core.audit.chain import Head
from bot.core.audit.checkpoints import LogSigner
from bot.core.audit.repository import StoredCheckpoint
from bot.core.statements import Approval, digest, read_statement


async def witnessed_heads(connection: AsyncConnection) -> Sequence[Head]:
    """Return where the log stood by the word of everybody who has signed an approval."""
    statements = [read_statement(statement) for statement in await repository.list_statements(connection)]
    approvals = [statement for statement in statements if isinstance(statement, Approval)]
    return [Head(statement.log.size, statement.log.head) for statement in approvals]


async def log_files(
    connection: AsyncConnection, office: Office, signer: LogSigner, checkpoint: StoredCheckpoint, *, readme: bytes
) -> Mapping[str, bytes]:
    """Return the log as far as a checkpoint tells of it, the checkpoint, the roots of both, and how to check them.

    The roots are a convenience: an outsider gets them from the authority, not from us.
    """
    lines = [line async for page in office.log.pages(connection) for line in page]
    rules = await rules_in_force(connection, office)
    return {
        "log.jsonl": b"".join(lines[: checkpoint.size]),
        "checkpoint.json": checkpoint.statement,
        "checkpoint.p7s": checkpoint.signature,
        "roots.pem": pem(rules.trust.roots),
        "log-roots.pem": pem(signer.certificates()[-1:]),
        "README": readme,
    }


async def approval_files(
    connection: AsyncConnection, office: Office, *, kind: str, subject_id: str, log: bytes
) -> Mapping[str, bytes]:
    """Return the approvals of a subject's present version: statements, signatures, and revocation evidence.

    One that `log` does not tell of came after its checkpoint: nothing in the bundle would show when it was given.

    Raises:
        NotFoundError: there is no such subject.
    """
    subject = (await office.source(kind).load(connection, subject_id, locked=False)).subject
    rows = await repository.list_approvals(connection, kind=kind, subject_id=subject_id, version=subject.version)
    files = {"subject.json": subject.to_bytes()}
    digests = set()
    logged = [row for row in rows if digest(row.statement).encode() in log]
    for number, row in enumerate(logged, 1):
        files[f"approval-{number}.json"] = row.statement
        files[f"approval-{number}.p7s"] = row.signature
        digests |= set(row.proofs)
    for proof_sha256, (proof_kind, der) in (await repository.find_proofs(connection, digests)).items():
        files[f"{proof_sha256[:16]}.{proof_kind}.der"] = der
    return files
