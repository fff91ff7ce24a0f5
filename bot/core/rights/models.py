"""The table of erasures."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, UniqueConstraint

from bot.core.db import UTCDateTime, metadata

erasures = Table(
    "erasures",
    metadata,
    Column("receipt", String(16), primary_key=True),
    Column("person", String(64), nullable=False, comment="keyed digest of the citizen's id"),
    Column("asked_at", UTCDateTime, nullable=False),
    Column("due_at", UTCDateTime, nullable=False),
    Column("done_at", UTCDateTime, nullable=False, comment="when the key was destroyed"),
    Column("cleaned_at", UTCDateTime, nullable=True, comment="when no old page of the database held it any more"),
    UniqueConstraint("person"),
)
