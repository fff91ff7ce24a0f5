"""What sending needs: who carries a delivery and how far it came, who cannot be reached, and leases.

Revision: 0002, after 0001. The release before it goes on working: it writes deliveries that are fetched.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.core.db import UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

UNFINISHED = sa.text("state < 2 AND carrier IS NOT NULL")


def upgrade() -> None:
    carrier_comment = "channel that sends it; null where it is fetched"
    for column in (
        sa.Column("carrier", sa.String(length=16), nullable=True, comment=carrier_comment),
        sa.Column("attempt", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("not_before", sa.Float(), server_default="0", nullable=False, comment="seconds, database clock"),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.Float(), nullable=True, comment="seconds, database clock"),
        sa.Column("message_id", sa.String(length=64), nullable=True, comment="the platform's name for it"),
        sa.Column("error", sa.Text(), nullable=True, comment="code of the last failure"),
    ):
        op.add_column("deliveries", column)
    op.create_index(
        "ix_deliveries_unfinished",
        "deliveries",
        ["carrier", "conversation_id", "position"],
        unique=False,
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )
    op.add_column(
        "conversations",
        sa.Column("unreachable_since", UTCDateTime(), nullable=True, comment="the platform takes no message for them"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.String(length=64), nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False, comment="rises with each new owner"),
        sa.Column("until", sa.Float(), nullable=False, comment="seconds, database clock"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )


def downgrade() -> None:
    op.drop_table("leases")
    op.drop_column("conversations", "unreachable_since")
    op.drop_index("ix_deliveries_unfinished", table_name="deliveries")
    for name in ("error", "message_id", "lease_until", "owner", "not_before", "attempt", "carrier"):
        op.drop_column("deliveries", name)
