"""The table of consents."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table

from bot.core.citizens.models import PERSON_ID_LENGTH
from bot.core.db import RowId, UTCDateTime, metadata

consents = Table(
    "consents",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("citizen_id", String(PERSON_ID_LENGTH), ForeignKey("citizens.id"), nullable=False, index=True),
    Column("purpose", String(16), nullable=False),
    Column("wording", String(32), nullable=False, comment="the version that was shown"),
    Column("about", String(32), nullable=False, server_default="", comment="a reference; empty: no single thing"),
    Column("channel", String(16), nullable=False),
    Column("given_at", UTCDateTime, nullable=False),
    Column("withdrawn_at", UTCDateTime, nullable=True),
)
