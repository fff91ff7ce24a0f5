"""The table of revocation evidence."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table

from bot.core.db import UTCDateTime, metadata

LONGEST_SOURCE = 500

revocation_evidence = Table(
    "revocation_evidence",
    metadata,
    Column("kind", String(8), primary_key=True, comment="crl or ocsp"),
    Column("about", String(64), primary_key=True, comment="SHA-256: a list's issuer's name, an answer's certificate"),
    Column("source", String(LONGEST_SOURCE), primary_key=True, comment="an address, or whose hand brought it"),
    Column("sha256", String(64), nullable=False),
    Column("der", LargeBinary, nullable=False),
    Column("this_update", UTCDateTime, nullable=False),
    Column("next_update", UTCDateTime, nullable=False),
    Column("fetched_at", UTCDateTime, nullable=False),
)
