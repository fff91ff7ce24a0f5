"""The table of notices."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, String, Table, Text, UniqueConstraint

from bot.core.db import RowId, UTCDateTime, metadata
from bot.core.staff.models import ID_LENGTH

notices = Table(
    "notices",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("staff_id", String(ID_LENGTH), ForeignKey("staff_accounts.id"), nullable=False),
    Column("kind", String(32), nullable=False, comment="names the sentence"),
    Column("facts", Text, nullable=False, comment="JSON, for the sentence"),
    Column("dedupe_key", String(160), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("read_at", UTCDateTime, nullable=True),
    UniqueConstraint("dedupe_key"),
    Index(None, "staff_id", "read_at"),
)
