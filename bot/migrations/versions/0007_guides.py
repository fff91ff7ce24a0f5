"""Where people are in a guide, and how each step of a guide goes.

Revision: 0007, after 0006. The release before it goes on working: it knows nothing of them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.core.db import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guide_counts",
        sa.Column("guide", sa.String(length=32), nullable=False),
        sa.Column("step", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("reached", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("stuck", sa.Integer(), server_default="0", nullable=False),
        sa.Column("left", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("guide", "step", name=op.f("pk_guide_counts")),
    )
    op.create_table(
        "guide_progress",
        sa.Column("citizen_id", sa.String(length=32), nullable=False),
        sa.Column("guide", sa.String(length=32), nullable=False),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column(
            "place",
            sa.String(length=64),
            nullable=False,
            comment="the step and the way back, as Walk.encode writes them",
        ),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("has_left", sa.Boolean(), nullable=False, comment="said so: is not counted again when forgotten"),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name=op.f("fk_guide_progress_citizen_id_citizens")),
        sa.PrimaryKeyConstraint("citizen_id", name=op.f("pk_guide_progress")),
    )
    op.create_index(op.f("ix_guide_progress_updated_at"), "guide_progress", ["updated_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_guide_progress_updated_at"), table_name="guide_progress")
    op.drop_table("guide_progress")
    op.drop_table("guide_counts")
