"""The table of answered requests."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, SmallInteger, String, Table, Text

from bot.core.db import UTCDateTime, metadata
from bot.core.staff.models import ID_LENGTH

answered_requests = Table(
    "answered_requests",
    metadata,
    Column("staff_id", String(ID_LENGTH), primary_key=True),
    Column("key", String(128), primary_key=True),
    Column("request_sha256", String(64), nullable=False, comment="of method, path and body"),
    Column("status", SmallInteger, nullable=False),
    Column("headers", Text, nullable=False, comment="JSON of those that go with the answer"),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Index(None, "created_at"),
)
