"""The tables of registrars' access."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table, UniqueConstraint

from bot.core.db import UTCDateTime, metadata

REGISTRAR_LENGTH = 64

registrar_tokens = Table(
    "registrar_tokens",
    metadata,
    Column("prefix", String(16), primary_key=True),
    Column("registrar", String(REGISTRAR_LENGTH), nullable=False, index=True),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256"),
    Column("scopes", String(64), nullable=False, comment="between blanks"),
    Column("created_at", UTCDateTime, nullable=False),
    Column("expires_at", UTCDateTime, nullable=False),
    Column("revoked_at", UTCDateTime, nullable=True),
    UniqueConstraint("digest"),
)

registrar_endpoints = Table(
    "registrar_endpoints",
    metadata,
    Column("registrar", String(REGISTRAR_LENGTH), primary_key=True),
    Column("url", String(500), nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False, comment="what the secret is sealed with"),
    Column("secret", LargeBinary, nullable=False, comment="sealed; what deliveries are signed with"),
    Column("created_at", UTCDateTime, nullable=False),
)
