"""The tables of the audit log."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, LargeBinary, SmallInteger, String, Table

from bot.core.db import RowId, UTCDateTime, metadata

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("line", LargeBinary, nullable=False, comment="canonical JSON and a line feed"),
    Column("digest", String(64), nullable=False, comment="SHA-256 of the line"),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", SmallInteger, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("head", String(64), nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
"""One row, made by the migration; whoever appends holds its lock."""

audit_checkpoints = Table(
    "audit_checkpoints",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("size", BigInteger, nullable=False, index=True),
    Column("head", String(64), nullable=False),
    Column("at", UTCDateTime, nullable=False),
    Column("statement", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False, comment="CMS, DER"),
)
