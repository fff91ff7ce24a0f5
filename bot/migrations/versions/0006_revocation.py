"""Revocation evidence that was fetched.

Revision: 0006, after 0005. The release before it goes on working: it knows nothing of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.core.db import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revocation_evidence",
        sa.Column("kind", sa.String(length=8), nullable=False, comment="crl or ocsp"),
        sa.Column(
            "about",
            sa.String(length=64),
            nullable=False,
            comment="SHA-256: a list's issuer's name, an answer's certificate",
        ),
        sa.Column("source", sa.String(length=500), nullable=False, comment="an address, or whose hand brought it"),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.Column("this_update", UTCDateTime(), nullable=False),
        sa.Column("next_update", UTCDateTime(), nullable=False),
        sa.Column("fetched_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "about", "source", name=op.f("pk_revocation_evidence")),
    )


def downgrade() -> None:
    op.drop_table("revocation_evidence")
