"""The table of misreadings."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from sqlalchemy import Column, Date, Float, Integer, SmallInteger, String, Table, UniqueConstraint

from bot.core.db import RowId, UTCDateTime, metadata
from bot.core.misreadings.scrubbing import LONGEST_WORDS

DIGEST_LENGTH = 64
LONGEST_INTENT = 64
LONGEST_GUESSES = 400


class MisreadingState(IntEnum):
    """Where a misreading stands."""

    WAITING = 0
    LABELLED = 1
    DISMISSED = 2


class Why(StrEnum):
    """How it was found out."""

    FALLBACK = "fallback"
    DENIED = "denied"


misreadings = Table(
    "misreadings",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("digest", String(DIGEST_LENGTH), nullable=False, comment="of the folded words"),
    Column("words", String(LONGEST_WORDS), nullable=True, comment="scrubbed; null once dismissed"),
    Column("channel", String(16), nullable=False),
    Column("intent", String(LONGEST_INTENT), nullable=False, comment="as it was understood"),
    Column("confidence", Float, nullable=False),
    Column("guesses", String(LONGEST_GUESSES), nullable=False, comment="likeliest intents, a blank between"),
    Column("why", String(16), nullable=False),
    Column("state", SmallInteger, nullable=False, server_default="0"),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("first_on", Date, nullable=False, comment="local day"),
    Column("last_on", Date, nullable=False, comment="local day"),
    Column("label", String(LONGEST_INTENT), nullable=True),
    Column("decided_by", String(64), nullable=True),
    Column("decided_at", UTCDateTime, nullable=True),
    Column("exported_at", UTCDateTime, nullable=True, comment="first time"),
    UniqueConstraint("digest"),
)
