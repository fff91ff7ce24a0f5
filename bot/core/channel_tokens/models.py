"""The table of channels' tokens."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table, Text

from bot.core.db import UTCDateTime, metadata

channel_tokens = Table(
    "channel_tokens",
    metadata,
    Column("name", String(64), primary_key=True, comment="channel:app"),
    Column("access", LargeBinary, nullable=False, comment="sealed"),
    Column("refresh", LargeBinary, nullable=False, comment="sealed"),
    Column("expires_at", UTCDateTime, nullable=False, comment="of the access token"),
    Column("renew_at", UTCDateTime, nullable=False),
    Column("seed_sha256", String(64), nullable=False, comment="of the setting that the first pair came from; or empty"),
    Column("stored_at", UTCDateTime, nullable=False),
    Column("dead_since", UTCDateTime, nullable=True, comment="a person must authorise anew"),
    Column("error", Text, nullable=True, comment="what the platform said then"),
    Column("exchange_began_at", UTCDateTime, nullable=True, comment="the refresh token may be used up since then"),
)
