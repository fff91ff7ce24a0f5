"""The table of deliveries."""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import (
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.core.db import RowId, UTCDateTime, metadata


class DeliveryState(IntEnum):
    """Where a delivery stands; everything below ``SENT`` still holds up its conversation."""

    PENDING = 0
    SENDING = 1
    SENT = 2
    FAILED = 3
    CANCELLED = 4
    UNKNOWN = 5


_UNFINISHED = text("state < 2 AND carrier IS NOT NULL")
_UNFINISHED_BULK = text("state < 2 AND edition_id IS NOT NULL")
UNDELIVERED = text("state > 2 AND conversation_id IS NOT NULL")
"""What a citizen did not get, or may not have got."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("conversation_id", RowId, ForeignKey("conversations.id"), nullable=True, comment="or edition_id"),
    Column("inbox_id", RowId, ForeignKey("inbox.id"), nullable=True, comment="the update it answers, if any"),
    Column("position", Integer, nullable=True, comment="1, 2, 3 … within the conversation"),
    Column("edition_id", String(64), ForeignKey("editions.id"), nullable=True),
    Column("destination_id", String(64), ForeignKey("destinations.id"), nullable=True),
    Column("dedupe_key", String(96), nullable=False),
    Column("state", SmallInteger, nullable=False, server_default="0"),
    Column("payload", LargeBinary, nullable=True, comment="sealed JSON, ready for the channel; an edition has its own"),
    Column("carrier", String(16), nullable=True, comment="channel that sends it; null where it is fetched"),
    Column("attempt", SmallInteger, nullable=False, server_default="0"),
    Column("not_before", Float, nullable=False, server_default="0", comment="seconds, database clock"),
    Column("owner", String(64), nullable=True),
    Column("lease_until", Float, nullable=True, comment="seconds, database clock"),
    Column("begun_at", Float, nullable=True, comment="seconds, database clock; from then on it may have been sent"),
    Column("message_id", String(64), nullable=True, comment="the platform's name for it"),  # or its picture's
    Column("error", Text, nullable=True, comment="code of the last failure"),
    Column("case_id", RowId, nullable=True, comment="said in a case; null: by the assistant"),
    Column("created_at", UTCDateTime, nullable=False),
    Column("sent_at", UTCDateTime, nullable=True),
    UniqueConstraint("conversation_id", "position"),
    UniqueConstraint("dedupe_key"),
    UniqueConstraint("edition_id", "destination_id"),
    CheckConstraint("(conversation_id IS NULL) <> (edition_id IS NULL)", name="to_whom"),
    Index(None, "inbox_id"),
    Index(
        "ix_deliveries_unfinished",
        "carrier",
        "conversation_id",
        "position",
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    ),
    Index(
        "ix_deliveries_unfinished_bulk",
        "edition_id",
        "id",
        sqlite_where=_UNFINISHED_BULK,
        postgresql_where=_UNFINISHED_BULK,
    ),
    Index("ix_deliveries_undelivered", "id", sqlite_where=UNDELIVERED, postgresql_where=UNDELIVERED),
)

held_messages = Table(
    "held_messages",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("conversation_id", RowId, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("name", String(80), nullable=False, comment="as write_later was given it"),
    Column("payload", LargeBinary, nullable=False, comment="sealed JSON"),
    Column("created_at", UTCDateTime, nullable=False),
    UniqueConstraint("name"),
)
"""What the assistant has to tell as soon as no person speaks any more."""
