"""The tables of staff."""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, SmallInteger, String, Table, Text, UniqueConstraint

from bot.core.db import RowId, UTCDateTime, metadata

ID_LENGTH = 64
"""Of an id in statements."""


class ProposalState(IntEnum):
    """Where something stands that is decided by signature."""

    PROPOSED = 0
    PROVEN = 1
    """An enrolment whose holder has shown that they have the key; a grant begins here."""
    APPROVED = 2
    REJECTED = 3
    ENDED = 4


staff_accounts = Table(
    "staff_accounts",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("name", Text, nullable=False, comment="as colleagues know them"),
    Column("person", String(64), nullable=True, comment="SHA-256 of the identity their certificates name"),
    Column("created_at", UTCDateTime, nullable=False),
    Column("ended_at", UTCDateTime, nullable=True),
    UniqueConstraint("person"),
)

staff_roles = Table(
    "staff_roles",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("staff_id", String(ID_LENGTH), ForeignKey("staff_accounts.id"), nullable=False, index=True),
    Column("role", String(16), nullable=False),
    Column("areas", Text, nullable=False, comment="codes between blanks; empty: all"),
    Column("not_before", UTCDateTime, nullable=False),
    Column("not_after", UTCDateTime, nullable=False),
    Column("substitute_for", String(ID_LENGTH), nullable=True),
    Column("grant_id", String(ID_LENGTH), nullable=False, comment="by which it was given"),
    Column("taken_by", String(ID_LENGTH), nullable=True, comment="the grant by which it was taken"),
)

staff_tokens = Table(
    "staff_tokens",
    metadata,
    Column("prefix", String(16), primary_key=True),
    Column("staff_id", String(ID_LENGTH), ForeignKey("staff_accounts.id"), nullable=False, index=True),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256"),
    Column("scopes", String(200), nullable=False, comment="between blanks"),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("revoked_at", UTCDateTime, nullable=True),
    UniqueConstraint("digest"),
)

staff_enrolments = Table(
    "staff_enrolments",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("staff_id", String(ID_LENGTH), ForeignKey("staff_accounts.id"), nullable=False, index=True),
    Column("state", SmallInteger, nullable=False),
    Column("subject", LargeBinary, nullable=False, comment="canonical JSON, as it is signed"),
    Column("certificate", LargeBinary, nullable=False, comment="DER"),
    Column("certificate_sha256", String(64), nullable=False, index=True),
    Column("key_sha256", String(64), nullable=False),
    Column("person", String(64), nullable=False, comment="SHA-256 of the identity it names"),
    Column("not_after", UTCDateTime, nullable=False),
    Column("proof_statement", LargeBinary, nullable=True),
    Column("proof_signature", LargeBinary, nullable=True),
    Column("created_at", UTCDateTime, nullable=False),
    Column("decided_at", UTCDateTime, nullable=True),
    Column("ended_at", UTCDateTime, nullable=True),
)

staff_keys = Table(
    "staff_keys",
    metadata,
    Column("key_sha256", String(64), primary_key=True, comment="of a public key that was ever enrolled"),
    Column("staff_id", String(ID_LENGTH), ForeignKey("staff_accounts.id"), nullable=False),
)

staff_grants = Table(
    "staff_grants",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("staff_id", String(ID_LENGTH), ForeignKey("staff_accounts.id"), nullable=False, index=True),
    Column("state", SmallInteger, nullable=False),
    Column("subject", LargeBinary, nullable=False, comment="canonical JSON, as it is signed"),
    Column("created_at", UTCDateTime, nullable=False),
    Column("decided_at", UTCDateTime, nullable=True),
)

staff_bootstrap = Table(
    "staff_bootstrap",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("first_id", String(ID_LENGTH), nullable=False),
    Column("second_id", String(ID_LENGTH), nullable=False),
    Column("closed_at", UTCDateTime, nullable=False),
)
"""At most one row: once it is there, the first admins are enrolled, and never again."""
