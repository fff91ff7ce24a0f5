"""The tables of the guides: where people are, and how each step goes for all of them together."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, SmallInteger, String, Table

from bot.core.citizens.models import PERSON_ID_LENGTH
from bot.core.db import UTCDateTime, metadata

guide_progress = Table(
    "guide_progress",
    metadata,
    Column("citizen_id", String(PERSON_ID_LENGTH), ForeignKey("citizens.id"), primary_key=True),
    Column("guide", String(32), nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("place", String(64), nullable=False, comment="the step and the way back, as Walk.encode writes them"),
    Column("language", String(2), nullable=False),
    Column("has_left", Boolean, nullable=False, comment="said so: is not counted again when forgotten"),
    Column("updated_at", UTCDateTime, nullable=False, index=True),
)

guide_counts = Table(
    "guide_counts",
    metadata,
    Column("guide", String(32), primary_key=True),
    Column("step", SmallInteger, primary_key=True, autoincrement=False),
    Column("reached", Integer, nullable=False, server_default="0"),
    Column("done", Integer, nullable=False, server_default="0"),
    Column("stuck", Integer, nullable=False, server_default="0"),
    Column("left", Integer, nullable=False, server_default="0"),
)
