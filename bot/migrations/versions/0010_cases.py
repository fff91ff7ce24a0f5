"""People's rights and a person to talk to: cases, who speaks in a conversation, and what was erased.

Revision: 0010, after 0009. The release before it goes on working: it knows nothing of cases, and none is open yet.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.core.db import RowId, UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column("case_id", RowId, nullable=True, comment="a case whose staff speak instead of the assistant"),
        sa.Column("case_from", sa.Integer(), nullable=True, comment="the first position that is theirs"),
        sa.Column("recent", sa.LargeBinary(), nullable=True, comment="sealed JSON: the last turns"),
        sa.Column("forgotten_from", UTCDateTime(), nullable=True, comment="sooner than when idle"),
    ):
        op.add_column("conversations", column)
    op.add_column(
        "deliveries", sa.Column("case_id", RowId, nullable=True, comment="said in a case; null: by the assistant")
    )
    op.create_table(
        "held_messages",
        sa.Column("id", RowId, nullable=False),
        sa.Column("conversation_id", RowId, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False, comment="as write_later was given it"),
        sa.Column("payload", sa.LargeBinary(), nullable=False, comment="sealed JSON"),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_held_messages_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_messages")),
        sa.UniqueConstraint("name", name=op.f("uq_held_messages_name")),
    )
    op.create_index(op.f("ix_held_messages_conversation_id"), "held_messages", ["conversation_id"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", RowId, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("conversation_id", RowId, nullable=False),
        sa.Column("citizen_id", sa.String(length=32), nullable=False),
        sa.Column(
            "area", sa.String(length=64), server_default="", nullable=False, comment="whose staff see to it; empty: all"
        ),
        sa.Column("why", sa.String(length=16), nullable=False, comment="what led to it"),
        sa.Column("state", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column(
            "consent", sa.String(length=32), nullable=False, comment="wording agreed to; empty: nothing was passed on"
        ),
        sa.Column("opened_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False, comment="when an answer is due"),
        sa.Column("escalated_at", UTCDateTime(), nullable=True),
        sa.Column(
            "last_word_at", UTCDateTime(), nullable=False, comment="of staff, or since when one waits for theirs"
        ),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True, comment="of the staff; null: the citizen, or time"),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name=op.f("fk_cases_citizen_id_citizens")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_cases_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("reference", name=op.f("uq_cases_reference")),
    )
    op.create_index(op.f("ix_cases_conversation_id"), "cases", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_cases_state_due_at"), "cases", ["state", "due_at"], unique=False)
    op.create_table(
        "case_messages",
        sa.Column("id", RowId, nullable=False),
        sa.Column("case_id", RowId, nullable=False),
        sa.Column("author", sa.SmallInteger(), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="sealed JSON"),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_messages_case_id_cases")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_messages")),
    )
    op.create_index(op.f("ix_case_messages_case_id"), "case_messages", ["case_id"], unique=False)
    op.create_table(
        "erasures",
        sa.Column("receipt", sa.String(length=16), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False, comment="keyed digest of the citizen's id"),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=False, comment="when the key was destroyed"),
        sa.Column(
            "cleaned_at", UTCDateTime(), nullable=True, comment="when no old page of the database held it any more"
        ),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_erasures")),
        sa.UniqueConstraint("person", name=op.f("uq_erasures_person")),
    )


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_index(op.f("ix_case_messages_case_id"), table_name="case_messages")
    op.drop_table("case_messages")
    op.drop_index(op.f("ix_cases_state_due_at"), table_name="cases")
    op.drop_index(op.f("ix_cases_conversation_id"), table_name="cases")
    op.drop_table("cases")
    op.drop_index(op.f("ix_held_messages_conversation_id"), table_name="held_messages")
    op.drop_table("held_messages")
    op.drop_column("deliveries", "case_id")
    for name in ("forgotten_from", "recent", "case_from", "case_id"):
        op.drop_column("conversations", name)
