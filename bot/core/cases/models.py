"""The tables of cases."""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import Boolean, Column, ForeignKey, Index, LargeBinary, SmallInteger, String, Table, UniqueConstraint

from bot.core.citizens.models import PERSON_ID_LENGTH
from bot.core.db import RowId, UTCDateTime, metadata
from bot.core.staff.models import ID_LENGTH


class CaseState(IntEnum):
    """Where a case stands; everything below ``CLOSED`` can be answered."""

    WAITING = 0
    """What the citizen said last is unanswered, the opening included; the assistant is silent."""
    ANSWERED = 1
    """A person spoke last; the assistant is silent."""
    LAPSED = 2
    """Nobody answered for a day: the assistant speaks again, and staff are still to answer."""
    CLOSED = 3


class Author(IntEnum):
    """Who said something that stands in a case."""

    CITIZEN = 0
    STAFF = 1
    SHARED_BY_CITIZEN = 2
    """What the citizen had told the assistant before, and agreed to pass on."""
    SHARED_ANSWER = 3
    """What the assistant had answered to that."""


cases = Table(
    "cases",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("reference", String(16), nullable=False),
    Column("conversation_id", RowId, ForeignKey("conversations.id"), nullable=False, index=True),
    Column("citizen_id", String(PERSON_ID_LENGTH), ForeignKey("citizens.id"), nullable=False),
    Column("area", String(ID_LENGTH), nullable=False, server_default="", comment="whose staff see to it; empty: all"),
    Column("why", String(16), nullable=False, comment="what led to it"),
    Column("state", SmallInteger, nullable=False, server_default="0"),
    Column("urgent", Boolean, nullable=False),
    Column("consent", String(32), nullable=False, comment="wording agreed to; empty: nothing was passed on"),
    Column("opened_at", UTCDateTime, nullable=False),
    Column("due_at", UTCDateTime, nullable=False, comment="when an answer is due"),
    Column("escalated_at", UTCDateTime, nullable=True),
    Column("last_word_at", UTCDateTime, nullable=False, comment="of staff, or since when one waits for theirs"),
    Column("closed_at", UTCDateTime, nullable=True),
    Column("closed_by", String(ID_LENGTH), nullable=True, comment="of the staff; null: the citizen, or time"),
    UniqueConstraint("reference"),
    Index(None, "state", "due_at"),
)

case_messages = Table(
    "case_messages",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("case_id", RowId, ForeignKey("cases.id"), nullable=False, index=True),
    Column("author", SmallInteger, nullable=False),
    Column("staff_id", String(ID_LENGTH), nullable=True),
    Column("body", LargeBinary, nullable=False, comment="sealed JSON"),
    Column("created_at", UTCDateTime, nullable=False),
)
