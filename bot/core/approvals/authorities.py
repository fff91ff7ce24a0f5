"""The certificates that signatures rest on here: those that count or are about to, and the path above each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TypeAlias

from cryptography import x509
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.core.approvals.policies import Rules, rules_in_force
from bot.core.approvals.ports import Office
from bot.core.signatures import SignatureRefusedError, verify
from bot.core.staff import proposals
from bot.core.staff.models import ProposalState
from bot.core.staff.proposals import EnrolmentRow

Path: TypeAlias = tuple[x509.Certificate, ...]
"""A certificate, those above it, the root last."""

_USED = frozenset({ProposalState.PROVEN, ProposalState.APPROVED})


async def list_paths(connection: AsyncConnection, office: Office, *, now: datetime) -> Sequence[Path]:
    """Return the path of every certificate that somebody has shown the key of, as far as it leads to a root today."""
    rules = await rules_in_force(connection, office)
    return list(_paths(await proposals.list_enrolments(connection), rules, office, now))


def _paths(rows: Sequence[EnrolmentRow], rules: Rules, office: Office, now: datetime) -> Iterator[Path]:
    for row in rows:
        if row.state not in _USED or row.proof_statement is None or row.proof_signature is None:
            continue
        try:
            verified = verify(
                row.proof_signature,
                row.proof_statement,
                trust=rules.trust,
                revocation=None,
                at=now,
                policy=office.signatures,
            )
        except SignatureRefusedError:
            continue
        yield read_path(verified.path)


def read_path(path: Sequence[bytes]) -> Path:
    """Return the certificates of `Verified.path`."""
    return tuple(x509.load_der_x509_certificate(der) for der in path)
