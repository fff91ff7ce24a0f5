"""The table of conversations."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint, false

from bot.core.citizens.models import PERSON_ID_LENGTH
from bot.core.db import RowId, UTCDateTime, metadata

conversations = Table(
    "conversations",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("external_id", String(128), nullable=False),
    Column("citizen_id", String(PERSON_ID_LENGTH), ForeignKey("citizens.id"), nullable=False),
    Column("token_digest", LargeBinary, nullable=True),
    Column("is_guest", Boolean, nullable=False, server_default=false()),
    Column("state", LargeBinary, nullable=True, comment="sealed JSON"),
    Column("introduced", Boolean, nullable=False, server_default=false()),
    Column("last_position", Integer, nullable=False, server_default="0"),
    Column("unreachable_since", UTCDateTime, nullable=True, comment="the platform takes no message for them"),
    Column("case_id", RowId, nullable=True, comment="a case whose staff speak instead of the assistant"),
    Column("case_from", Integer, nullable=True, comment="the first position that is theirs"),
    Column("recent", LargeBinary, nullable=True, comment="sealed JSON: the last turns"),
    Column("forgotten_from", UTCDateTime, nullable=True, comment="sooner than when idle"),
    Column("apologised_at", UTCDateTime, nullable=True, comment="for what had waited too long, in one go"),
    Column("last_interaction_at", UTCDateTime, nullable=True, comment="where the platform counts days from it"),
    Column("created_at", UTCDateTime, nullable=False),
    Column("last_active_at", UTCDateTime, nullable=False),
    UniqueConstraint("channel", "external_id"),
    Index(None, "last_active_at"),
)
