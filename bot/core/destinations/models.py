"""The table of destinations."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, String, Table, Text, false, text

from bot.core.db import UTCDateTime, metadata
from bot.core.staff.models import ID_LENGTH

_IN_USE = text("ended_at IS NULL")

destinations = Table(
    "destinations",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("area", String(ID_LENGTH), nullable=False, index=True),
    Column("channel", String(32), nullable=False, comment="as audiences name it: telegram-group"),
    Column("address", String(128), nullable=False, comment="the platform's name for it"),
    Column("title", Text, nullable=False, comment="as staff know it"),
    Column("is_training", Boolean, nullable=False, server_default=false()),
    Column("added_by", String(ID_LENGTH), nullable=False),
    Column("added_at", UTCDateTime, nullable=False),
    Column("ended_at", UTCDateTime, nullable=True),
    Column("unreachable_since", UTCDateTime, nullable=True, comment="the platform takes no message for it"),
    Index("uq_destinations_in_use", "channel", "address", unique=True, sqlite_where=_IN_USE, postgresql_where=_IN_USE),
)
