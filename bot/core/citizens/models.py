"""The table of citizens and their keys."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table

from bot.core.db import UTCDateTime, metadata

PERSON_ID_LENGTH = 32

citizens = Table(
    "citizens",
    metadata,
    Column("id", String(PERSON_ID_LENGTH), primary_key=True),
    Column("wrapped_key", LargeBinary, nullable=True, comment="null once erased"),
    Column("created_at", UTCDateTime, nullable=False),
    Column("erased_at", UTCDateTime, nullable=True),
)
