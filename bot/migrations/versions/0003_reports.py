"""Reports of fraud that citizens pass on to the operator's staff.

Revision: 0003, after 0002. The release before it goes on working: it knows nothing of them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.core.db import RowId, UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reports",
        sa.Column("id", RowId, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("citizen_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("state", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True, comment="sealed; blanked when closed"),
        sa.Column("consent", sa.String(length=32), nullable=False, comment="the wording that was agreed to"),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name=op.f("fk_reports_citizen_id_citizens")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("reference", name=op.f("uq_reports_reference")),
    )
    op.create_index(op.f("ix_reports_created_at"), "reports", ["created_at"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_reports_created_at"), table_name="reports")
    op.drop_table("reports")
