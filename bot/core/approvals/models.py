"""The tables of approvals."""

from __future__ import annotations

from sqlalchemy import (
    Column,
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
from bot.core.staff.models import ID_LENGTH

_APPROVED = text("state = 2")

approval_challenges = Table(
    "approval_challenges",
    metadata,
    Column("jti", String(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("subject_id", String(ID_LENGTH), nullable=False),
    Column("version", Integer, nullable=False),
    Column("staff_id", String(ID_LENGTH), ForeignKey("staff_accounts.id"), nullable=False, index=True),
    Column("statement", LargeBinary, nullable=False, comment="what is to be signed"),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("used_at", UTCDateTime, nullable=True),
)

approvals = Table(
    "approvals",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("subject_id", String(ID_LENGTH), nullable=False),
    Column("version", Integer, nullable=False),
    Column("staff_id", String(ID_LENGTH), ForeignKey("staff_accounts.id"), nullable=False),
    Column("person", String(64), nullable=False, comment="SHA-256 of the identity in the certificate"),
    Column("key_sha256", String(64), nullable=False),
    Column("certificate_sha256", String(64), nullable=False),
    Column("statement", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False, comment="CMS, DER, built anew"),
    Column("proofs", Text, nullable=False, comment="digests of the revocation evidence, between blanks"),
    Column("approved_at", UTCDateTime, nullable=False),
    UniqueConstraint("kind", "subject_id", "version", "staff_id", name="uq_approvals_staff"),
    UniqueConstraint("kind", "subject_id", "version", "person", name="uq_approvals_person"),
    UniqueConstraint("kind", "subject_id", "version", "key_sha256", name="uq_approvals_key"),
)

approval_proofs = Table(
    "approval_proofs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("kind", String(8), nullable=False, comment="crl or ocsp"),
    Column("der", LargeBinary, nullable=False),
)
"""Lists and answers that showed that a certificate was not revoked: each kept once."""

policy_changes = Table(
    "policy_changes",
    metadata,
    Column("id", String(ID_LENGTH), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("subject", LargeBinary, nullable=False, comment="canonical JSON, as it is signed"),
    Column("roots", LargeBinary, nullable=False, comment="PEM"),
    Column("created_at", UTCDateTime, nullable=False),
    Column("decided_at", UTCDateTime, nullable=True),
    # No two proposals become the same version.
    Index("uq_policy_changes_approved", "version", unique=True, sqlite_where=_APPROVED, postgresql_where=_APPROVED),
)
