"""The table of reports."""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import Column, ForeignKey, LargeBinary, SmallInteger, String, Table, UniqueConstraint

from bot.core.citizens.models import PERSON_ID_LENGTH
from bot.core.db import RowId, UTCDateTime, metadata


class ReportState(IntEnum):
    """Where a report stands."""

    UNREAD = 0
    READ = 1
    CLOSED = 2


reports = Table(
    "reports",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("reference", String(16), nullable=False),
    Column("citizen_id", String(PERSON_ID_LENGTH), ForeignKey("citizens.id"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("state", SmallInteger, nullable=False, server_default="0"),
    Column("words", LargeBinary, nullable=True, comment="sealed; blanked when closed"),
    Column("consent", String(32), nullable=False, comment="the wording that was agreed to"),
    Column("created_at", UTCDateTime, nullable=False, index=True),
    Column("read_at", UTCDateTime, nullable=True),
    Column("closed_at", UTCDateTime, nullable=True),
    UniqueConstraint("reference"),
)
