"""The first tables: citizens and their keys, conversations, the inbox and the deliveries.

Revision: 0001, the first
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.core.db import RowId, UTCDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "citizens",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=True, comment="null once erased"),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("erased_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_citizens")),
    )
    op.create_table(
        "conversations",
        sa.Column("id", RowId, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("citizen_id", sa.String(length=32), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=True),
        sa.Column("is_guest", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True, comment="sealed JSON"),
        sa.Column("introduced", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("last_position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("last_active_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name=op.f("fk_conversations_citizen_id_citizens")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("channel", "external_id", name=op.f("uq_conversations_channel_external_id")),
    )
    op.create_index(op.f("ix_conversations_last_active_at"), "conversations", ["last_active_at"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("id", RowId, nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column(
            "account", sa.String(length=64), nullable=False, comment="the bot or official account; empty on the web"
        ),
        sa.Column("update_id", sa.String(length=160), nullable=False),
        sa.Column("conversation_id", RowId, nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True, comment="sealed; blanked when finished"),
        sa.Column("state", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("attempt", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("not_before", sa.Float(), server_default="0", nullable=False, comment="seconds, database clock"),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.Float(), nullable=True, comment="seconds, database clock"),
        sa.Column("error", sa.Text(), nullable=True, comment="class of the last failure"),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_inbox_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("channel", "account", "update_id", name=op.f("uq_inbox_channel_account_update_id")),
    )
    op.create_index(
        "ix_inbox_unfinished",
        "inbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state < 2"),
        postgresql_where=sa.text("state < 2"),
    )
    op.create_index(
        "ix_inbox_unfinished_conversation",
        "inbox",
        ["conversation_id", "id"],
        unique=False,
        sqlite_where=sa.text("state < 2"),
        postgresql_where=sa.text("state < 2"),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", RowId, nullable=False),
        sa.Column("conversation_id", RowId, nullable=False),
        sa.Column("inbox_id", RowId, nullable=True, comment="the update it answers, if any"),
        sa.Column("position", sa.Integer(), nullable=False, comment="1, 2, 3 … within the conversation"),
        sa.Column("dedupe_key", sa.String(length=96), nullable=False),
        sa.Column("state", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False, comment="sealed JSON, ready for the channel"),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_deliveries_conversation_id_conversations")
        ),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_deliveries_inbox_id_inbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("conversation_id", "position", name=op.f("uq_deliveries_conversation_id_position")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_deliveries_dedupe_key")),
    )
    op.create_index(op.f("ix_deliveries_inbox_id"), "deliveries", ["inbox_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_deliveries_inbox_id"), table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_index(
        "ix_inbox_unfinished_conversation",
        table_name="inbox",
        sqlite_where=sa.text("state < 2"),
        postgresql_where=sa.text("state < 2"),
    )
    op.drop_index(
        "ix_inbox_unfinished",
        table_name="inbox",
        sqlite_where=sa.text("state < 2"),
        postgresql_where=sa.text("state < 2"),
    )
    op.drop_table("inbox")
    op.drop_index(op.f("ix_conversations_last_active_at"), table_name="conversations")
    op.drop_table("conversations")
    op.drop_table("citizens")
