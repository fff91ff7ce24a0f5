"""What was not understood and may be learnt from.

Revision: 0004, after 0003. The release before it goes on working: it knows nothing of them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.core.db import RowId, UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "misreadings",
        sa.Column("id", RowId, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="of the folded words"),
        sa.Column("words", sa.String(length=300), nullable=True, comment="scrubbed; null once dismissed"),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=False, comment="as it was understood"),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("guesses", sa.String(length=400), nullable=False, comment="likeliest intents, a blank between"),
        sa.Column("why", sa.String(length=16), nullable=False),
        sa.Column("state", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("first_on", sa.Date(), nullable=False, comment="local day"),
        sa.Column("last_on", sa.Date(), nullable=False, comment="local day"),
        sa.Column("label", sa.String(length=64), nullable=True),
        sa.Column("decided_by", sa.String(length=64), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("exported_at", UTCDateTime(), nullable=True, comment="first time"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_misreadings")),
        sa.UniqueConstraint("digest", name=op.f("uq_misreadings_digest")),
    )


def downgrade() -> None:
    op.drop_table("misreadings")
