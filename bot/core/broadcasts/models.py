"""The tables of broadcasts, editions and fire records."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text, UniqueConstraint

from bot.core.db import RowId, UTCDateTime, metadata
from bot.core.staff.models import ID_LENGTH

STATE_LENGTH = 16
CODE_LENGTH = 6

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("kind", String(16), nullable=False, comment="broadcasts or series, as approvals name it"),
    Column("version", Integer, nullable=False),
    Column("revision", Integer, nullable=False, comment="rises with every change, of state too"),
    Column("state", String(STATE_LENGTH), nullable=False),
    Column("subject", LargeBinary, nullable=False, comment="canonical JSON, as it is signed"),
    Column("drafter", String(ID_LENGTH), ForeignKey("staff_accounts.id"), nullable=False),
    Column("next_fire_at", UTCDateTime, nullable=True, comment="null: the clock does not have it"),
    Column("created_at", UTCDateTime, nullable=False),
    Column("changed_at", UTCDateTime, nullable=False),
    Index(None, "state", "next_fire_at"),
    Index(None, "created_at"),
)

broadcast_areas = Table(
    "broadcast_areas",
    metadata,
    Column("broadcast_id", String(ID_LENGTH), ForeignKey("broadcasts.id"), primary_key=True),
    Column("area", String(ID_LENGTH), primary_key=True, index=True),
)
"""The areas of the present version, for lists; what counts stands in the subject."""

broadcast_history = Table(
    "broadcast_history",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("broadcast_id", String(ID_LENGTH), ForeignKey("broadcasts.id"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("state", String(STATE_LENGTH), nullable=False, comment="that it came to"),
    Column("by", String(ID_LENGTH), nullable=False, comment="a member of staff, or machine"),
    Column("reason", Text, nullable=True),
    Column("at", UTCDateTime, nullable=False),
)

editions = Table(
    "editions",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("broadcast_id", String(ID_LENGTH), ForeignKey("broadcasts.id"), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("subject", LargeBinary, nullable=False, comment="the approved bytes"),
    Column("fire_at", UTCDateTime, nullable=False),
    Column("not_after", UTCDateTime, nullable=False),
    Column("check_code", String(CODE_LENGTH), nullable=False),
    Column("state", String(STATE_LENGTH), nullable=False),
    Column("created_at", UTCDateTime, nullable=False),
    Column("fired_at", UTCDateTime, nullable=True),
    Column("finished_at", UTCDateTime, nullable=True),
    UniqueConstraint("broadcast_id", "version", "fire_at"),
    UniqueConstraint("check_code"),
    Index(None, "state"),
)

fires = Table(
    "fires",
    metadata,
    Column("broadcast_id", String(ID_LENGTH), ForeignKey("broadcasts.id"), primary_key=True),
    Column("fire_at", UTCDateTime, primary_key=True),
    Column("outcome", String(16), nullable=False, comment="fired, missed or refused"),
    Column("edition_id", String(ID_LENGTH), ForeignKey("editions.id"), nullable=True),
    Column("reason", Text, nullable=True, comment="code of what refused it"),
    Column("at", UTCDateTime, nullable=False),
)
"""One row per moment that the clock came to, whatever came of it."""
