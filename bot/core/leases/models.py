"""The table of leases."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, String, Table

from bot.core.db import metadata

leases = Table(
    "leases",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("fence", BigInteger, nullable=False, comment="rises with each new owner"),
    Column("until", Float, nullable=False, comment="seconds, database clock"),
)
