"""Tokens of channels that change by themselves.

Revision: 0011, after 0010. The release before it goes on working: it knows nothing of them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.core.db import UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channel_tokens",
        sa.Column("name", sa.String(length=64), nullable=False, comment="channel:app"),
        sa.Column("access", sa.LargeBinary(), nullable=False, comment="sealed"),
        sa.Column("refresh", sa.LargeBinary(), nullable=False, comment="sealed"),
        sa.Column("expires_at", UTCDateTime(), nullable=False, comment="of the access token"),
        sa.Column("renew_at", UTCDateTime(), nullable=False),
        sa.Column(
            "seed_sha256",
            sa.String(length=64),
            nullable=False,
            comment="of the setting that the first pair came from; or empty",
        ),
        sa.Column("stored_at", UTCDateTime(), nullable=False),
        sa.Column("dead_since", UTCDateTime(), nullable=True, comment="a person must authorise anew"),
        sa.Column("error", sa.Text(), nullable=True, comment="what the platform said then"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_channel_tokens")),
    )


def downgrade() -> None:
    op.drop_table("channel_tokens")
