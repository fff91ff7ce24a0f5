"""The tables of hand-offs."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)

from bot.core.citizens.models import PERSON_ID_LENGTH
from bot.core.db import RowId, UTCDateTime, metadata
from bot.core.registrars.models import REGISTRAR_LENGTH

REFERENCE_LENGTH = 16

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("reference", String(REFERENCE_LENGTH), nullable=False),
    Column("citizen_id", String(PERSON_ID_LENGTH), ForeignKey("citizens.id"), nullable=False),
    Column("channel", String(16), nullable=False),
    Column("registrar", String(REGISTRAR_LENGTH), nullable=False, comment="who has it now, by key"),
    Column("tried", String(1000), nullable=False, server_default="", comment="who had it before, between blanks"),
    Column("product", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(32), nullable=False, server_default="", comment="a code; never free words"),
    Column("may_cost", Boolean, nullable=False),
    Column("consent", String(32), nullable=False, comment="the wording that was agreed to"),
    Column("domain", LargeBinary, nullable=True, comment="sealed; null once erased"),
    Column("contact", LargeBinary, nullable=True, comment="sealed JSON; null once its purpose ended"),
    Column("created_at", UTCDateTime, nullable=False),
    Column("handed_at", UTCDateTime, nullable=False, comment="to the registrar that has it now"),
    Column("changed_at", UTCDateTime, nullable=False),
    Column("changes", Integer, nullable=False, server_default="0", comment="how often it changed: names its news"),
    Column("offered_next_at", UTCDateTime, nullable=True, comment="when the citizen was offered another registrar"),
    UniqueConstraint("reference"),
    Index(None, "citizen_id"),
    Index(None, "registrar", "state"),
    Index(None, "state", "changed_at"),
)

handoff_messages = Table(
    "handoff_messages",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(64), nullable=False, comment="the webhook's id, the same at every try"),
    Column("handoff_id", RowId, ForeignKey("handoffs.id"), nullable=False, index=True),
    Column("registrar", String(REGISTRAR_LENGTH), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", SmallInteger, nullable=False, server_default="0"),
    Column("attempt", SmallInteger, nullable=False, server_default="0"),
    Column("not_before", Float, nullable=False, server_default="0", comment="seconds, database clock"),
    Column("lease_until", Float, nullable=True, comment="seconds, database clock"),
    Column("owner", String(64), nullable=True),
    Column("error", String(32), nullable=True, comment="code of the last failure"),
    Column("created_at", UTCDateTime, nullable=False),
    Column("sent_at", UTCDateTime, nullable=True),
    UniqueConstraint("name"),
    Index(None, "state", "not_before"),
)
"""What a registrar's own endpoint is told. The content is made when it is sent: nothing of a citizen waits here."""

handoff_reminders = Table(
    "handoff_reminders",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("reference", String(REFERENCE_LENGTH), nullable=False),
    Column("citizen_id", String(PERSON_ID_LENGTH), ForeignKey("citizens.id"), nullable=False, index=True),
    Column("product", String(16), nullable=False),
    Column("domain", LargeBinary, nullable=False, comment="sealed"),
    Column("free_until", Date, nullable=False, comment="the last free day"),
    Column("days_before", SmallInteger, nullable=False),
    Column("due_at", UTCDateTime, nullable=False, index=True),
    UniqueConstraint("reference", "days_before"),
)

handoff_survey = Table(
    "handoff_survey",
    metadata,
    Column("question", String(16), primary_key=True),
    Column("answer", String(16), primary_key=True),
    Column("count", Integer, nullable=False),
)
"""How often each answer was given: nobody's answers are kept."""
