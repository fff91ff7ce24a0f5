"""Channels: when something was said and parked updates' second chance; windows; exchanges of tokens that may be lost.

Revision: 0012, after 0011. The release before it goes on working: it writes none of this, and what is missing is taken
as said when it came, and as a window that is open.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.core.db import RowId, UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_PARKED = sa.text("state = 3")
_UNDELIVERED = sa.text("state > 2 AND conversation_id IS NOT NULL")


def upgrade() -> None:
    op.add_column(
        "inbox",
        sa.Column("said_at", UTCDateTime(), nullable=True, comment="by the platform's own date, where it tells one"),
    )
    op.add_column(
        "inbox",
        sa.Column("retry_of", RowId, nullable=True, comment="the parked update whose second chance this is"),
    )
    op.create_index("ix_inbox_parked", "inbox", ["id"], sqlite_where=_PARKED, postgresql_where=_PARKED)
    op.create_index(
        "ix_deliveries_undelivered", "deliveries", ["id"], sqlite_where=_UNDELIVERED, postgresql_where=_UNDELIVERED
    )
    op.add_column(
        "conversations",
        sa.Column("apologised_at", UTCDateTime(), nullable=True, comment="for what had waited too long, in one go"),
    )
    op.add_column(
        "conversations",
        sa.Column(
            "last_interaction_at", UTCDateTime(), nullable=True, comment="where the platform counts days from it"
        ),
    )
    # Nobody was answered later than they wrote, so that a window that looks open is.
    op.execute(sa.text("UPDATE conversations SET last_interaction_at = last_active_at WHERE channel = 'zalo'"))
    op.add_column(
        "channel_tokens",
        sa.Column(
            "exchange_began_at", UTCDateTime(), nullable=True, comment="the refresh token may be used up since then"
        ),
    )


def downgrade() -> None:
    op.drop_column("channel_tokens", "exchange_began_at")
    op.drop_column("conversations", "last_interaction_at")
    op.drop_column("conversations", "apologised_at")
    op.drop_index("ix_deliveries_undelivered", "deliveries")
    op.drop_index("ix_inbox_parked", "inbox")
    op.drop_column("inbox", "retry_of")
    op.drop_column("inbox", "said_at")
