"""The table of the inbox."""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from bot.core.db import RowId, UTCDateTime, metadata


class UpdateState(IntEnum):
    """Where an update stands; everything below ``FINISHED`` still holds up its conversation."""

    WAITING = 0
    WORKING = 1
    FINISHED = 2
    PARKED = 3
    ERASED = 4
    """Its citizen was erased; only its name is left, as `bot.core.inbox.erased` tells."""


_UNFINISHED = text("state < 2")
_PARKED = text("state = 3")

inbox = Table(
    "inbox",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("channel", String(16), nullable=False),
    Column("account", String(64), nullable=False, comment="the bot or official account; empty on the web"),
    Column("update_id", String(160), nullable=False),
    Column("conversation_id", RowId, ForeignKey("conversations.id"), nullable=False),
    Column("payload", LargeBinary, nullable=True, comment="sealed; blanked when finished"),
    Column("state", SmallInteger, nullable=False, server_default="0"),
    Column("attempt", SmallInteger, nullable=False, server_default="0"),
    Column("not_before", Float, nullable=False, server_default="0", comment="seconds, database clock"),
    Column("owner", String(64), nullable=True),
    Column("lease_until", Float, nullable=True, comment="seconds, database clock"),
    Column("error", Text, nullable=True, comment="class of the last failure"),
    Column("received_at", UTCDateTime, nullable=False),
    Column("finished_at", UTCDateTime, nullable=True),
    Column("said_at", UTCDateTime, nullable=True, comment="by the platform's own date, where it tells one"),
    Column("retry_of", RowId, nullable=True, comment="the parked update whose second chance this is"),
    UniqueConstraint("channel", "account", "update_id"),
    Index(
        "ix_inbox_unfinished_conversation",
        "conversation_id",
        "id",
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    ),
    Index("ix_inbox_unfinished", "id", sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED),
    Index("ix_inbox_parked", "id", sqlite_where=_PARKED, postgresql_where=_PARKED),
)
