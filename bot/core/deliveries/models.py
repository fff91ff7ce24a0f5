"""The table of deliveries."""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, SmallInteger, String, Table, UniqueConstraint

from bot.core.db import RowId, UTCDateTime, metadata


class DeliveryState(IntEnum):
    """Where a delivery stands, numbered as in reference/engine.md."""

    PENDING = 0
    SENT = 2


deliveries = Table(
    "deliveries",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("conversation_id", RowId, ForeignKey("conversations.id"), nullable=False),
    Column("inbox_id", RowId, ForeignKey("inbox.id"), nullable=True, comment="the update it answers, if any"),
    Column("position", Integer, nullable=False, comment="1, 2, 3 … within the conversation"),
    Column("dedupe_key", String(96), nullable=False),
    Column("state", SmallInteger, nullable=False, server_default="0"),
    Column("payload", LargeBinary, nullable=False, comment="sealed JSON, ready for the channel"),
    Column("created_at", UTCDateTime, nullable=False),
    Column("sent_at", UTCDateTime, nullable=True),
    UniqueConstraint("conversation_id", "position"),
    UniqueConstraint("dedupe_key"),
    Index(None, "inbox_id"),
)
