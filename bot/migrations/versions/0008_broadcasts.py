"""Broadcasts: drafts and their history, editions, fire records, destinations, notices, and answered requests.

Deliveries may go to a destination, not only to a conversation, and remember when they were begun. What senders have in
hand at this moment counts as begun, since nobody knows: if they die with it, it may have been sent.
Revision: 0008, after 0007. The release before it goes on working beside this one: it writes deliveries of conversations
only, its senders know no carrier of editions and so take none of them, and what they lease is told by its owner.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.core.db import RowId, UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

IN_USE = sa.text("ended_at IS NULL")
UNFINISHED = sa.text("state < 2 AND carrier IS NOT NULL")
UNFINISHED_BULK = sa.text("state < 2 AND edition_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "answered_requests",
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("request_sha256", sa.String(length=64), nullable=False, comment="of method, path and body"),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False, comment="JSON of those that go with the answer"),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "key", name=op.f("pk_answered_requests")),
    )
    op.create_index(op.f("ix_answered_requests_created_at"), "answered_requests", ["created_at"], unique=False)
    op.create_table(
        "destinations",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False, comment="as audiences name it: telegram-group"),
        sa.Column("address", sa.String(length=128), nullable=False, comment="the platform's name for it"),
        sa.Column("title", sa.Text(), nullable=False, comment="as staff know it"),
        sa.Column("is_training", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.Column("added_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.Column("unreachable_since", UTCDateTime(), nullable=True, comment="the platform takes no message for it"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destinations")),
    )
    op.create_index(op.f("ix_destinations_area"), "destinations", ["area"], unique=False)
    op.create_index(
        "uq_destinations_in_use",
        "destinations",
        ["channel", "address"],
        unique=True,
        sqlite_where=IN_USE,
        postgresql_where=IN_USE,
    )
    op.create_table(
        "broadcasts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False, comment="broadcasts or series, as approvals name it"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False, comment="rises with every change, of state too"),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False, comment="canonical JSON, as it is signed"),
        sa.Column("drafter", sa.String(length=64), nullable=False),
        sa.Column("next_fire_at", UTCDateTime(), nullable=True, comment="null: the clock does not have it"),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["drafter"], ["staff_accounts.id"], name=op.f("fk_broadcasts_drafter_staff_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcasts")),
    )
    op.create_index(op.f("ix_broadcasts_created_at"), "broadcasts", ["created_at"], unique=False)
    op.create_index(op.f("ix_broadcasts_state_next_fire_at"), "broadcasts", ["state", "next_fire_at"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", RowId, nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False, comment="names the sentence"),
        sa.Column("facts", sa.Text(), nullable=False, comment="JSON, for the sentence"),
        sa.Column("dedupe_key", sa.String(length=160), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_accounts.id"], name=op.f("fk_notices_staff_id_staff_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_notices_dedupe_key")),
    )
    op.create_index(op.f("ix_notices_staff_id_read_at"), "notices", ["staff_id", "read_at"], unique=False)
    op.create_table(
        "broadcast_areas",
        sa.Column("broadcast_id", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_areas_broadcast_id_broadcasts")
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "area", name=op.f("pk_broadcast_areas")),
    )
    op.create_index(op.f("ix_broadcast_areas_area"), "broadcast_areas", ["area"], unique=False)
    op.create_table(
        "broadcast_history",
        sa.Column("id", RowId, nullable=False),
        sa.Column("broadcast_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False, comment="that it came to"),
        sa.Column("by", sa.String(length=64), nullable=False, comment="a member of staff, or machine"),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["broadcast_id"], ["broadcasts.id"], name=op.f("fk_broadcast_history_broadcast_id_broadcasts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast_history")),
    )
    op.create_index(op.f("ix_broadcast_history_broadcast_id"), "broadcast_history", ["broadcast_id"], unique=False)
    op.create_table(
        "editions",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("broadcast_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False, comment="the approved bytes"),
        sa.Column("fire_at", UTCDateTime(), nullable=False),
        sa.Column("not_after", UTCDateTime(), nullable=False),
        sa.Column("check_code", sa.String(length=6), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("fired_at", UTCDateTime(), nullable=True),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_editions_broadcast_id_broadcasts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
        sa.UniqueConstraint(
            "broadcast_id", "version", "fire_at", name=op.f("uq_editions_broadcast_id_version_fire_at")
        ),
        sa.UniqueConstraint("check_code", name=op.f("uq_editions_check_code")),
    )
    op.create_index(op.f("ix_editions_state"), "editions", ["state"], unique=False)
    op.create_table(
        "fires",
        sa.Column("broadcast_id", sa.String(length=64), nullable=False),
        sa.Column("fire_at", UTCDateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False, comment="fired, missed or refused"),
        sa.Column("edition_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True, comment="code of what refused it"),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["broadcast_id"], ["broadcasts.id"], name=op.f("fk_fires_broadcast_id_broadcasts")),
        sa.ForeignKeyConstraint(["edition_id"], ["editions.id"], name=op.f("fk_fires_edition_id_editions")),
        sa.PrimaryKeyConstraint("broadcast_id", "fire_at", name=op.f("pk_fires")),
    )
    # SQLite copies the table, and its copy would lose what makes the index a partial one.
    op.drop_index("ix_deliveries_unfinished", table_name="deliveries")
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.alter_column(
            "conversation_id", existing_type=RowId, nullable=True, comment="or edition_id", existing_comment=None
        )
        deliveries.alter_column("position", existing_type=sa.Integer(), nullable=True)
        deliveries.alter_column(
            "payload",
            existing_type=sa.LargeBinary(),
            nullable=True,
            comment="sealed JSON, ready for the channel; an edition has its own",
        )
        deliveries.add_column(sa.Column("edition_id", sa.String(length=64), nullable=True))
        deliveries.add_column(sa.Column("destination_id", sa.String(length=64), nullable=True))
        deliveries.add_column(
            sa.Column(
                "begun_at",
                sa.Float(),
                nullable=True,
                comment="seconds, database clock; from then on it may have been sent",
            )
        )
        deliveries.create_unique_constraint(
            op.f("uq_deliveries_edition_id_destination_id"), ["edition_id", "destination_id"]
        )
        deliveries.create_check_constraint(
            op.f("ck_deliveries_to_whom"), "(conversation_id IS NULL) <> (edition_id IS NULL)"
        )
        deliveries.create_foreign_key(op.f("fk_deliveries_edition_id_editions"), "editions", ["edition_id"], ["id"])
        deliveries.create_foreign_key(
            op.f("fk_deliveries_destination_id_destinations"), "destinations", ["destination_id"], ["id"]
        )
    op.execute("UPDATE deliveries SET begun_at = 0 WHERE state = 1")
    _create_delivery_index()
    op.create_index(
        "ix_deliveries_unfinished_bulk",
        "deliveries",
        ["edition_id", "id"],
        unique=False,
        sqlite_where=UNFINISHED_BULK,
        postgresql_where=UNFINISHED_BULK,
    )


def downgrade() -> None:
    op.drop_index("ix_deliveries_unfinished_bulk", table_name="deliveries")
    op.drop_index("ix_deliveries_unfinished", table_name="deliveries")
    op.execute("DELETE FROM deliveries WHERE conversation_id IS NULL")
    with op.batch_alter_table("deliveries") as deliveries:
        deliveries.drop_constraint(op.f("fk_deliveries_destination_id_destinations"), type_="foreignkey")
        deliveries.drop_constraint(op.f("fk_deliveries_edition_id_editions"), type_="foreignkey")
        deliveries.drop_constraint(op.f("ck_deliveries_to_whom"), type_="check")
        deliveries.drop_constraint(op.f("uq_deliveries_edition_id_destination_id"), type_="unique")
        deliveries.alter_column("payload", existing_type=sa.LargeBinary(), nullable=False)
        deliveries.alter_column("position", existing_type=sa.Integer(), nullable=False)
        deliveries.alter_column("conversation_id", existing_type=RowId, nullable=False)
        for name in ("begun_at", "destination_id", "edition_id"):
            deliveries.drop_column(name)
    _create_delivery_index()
    op.drop_table("fires")
    op.drop_index(op.f("ix_editions_state"), table_name="editions")
    op.drop_table("editions")
    op.drop_index(op.f("ix_broadcast_history_broadcast_id"), table_name="broadcast_history")
    op.drop_table("broadcast_history")
    op.drop_index(op.f("ix_broadcast_areas_area"), table_name="broadcast_areas")
    op.drop_table("broadcast_areas")
    op.drop_index(op.f("ix_notices_staff_id_read_at"), table_name="notices")
    op.drop_table("notices")
    op.drop_index(op.f("ix_broadcasts_state_next_fire_at"), table_name="broadcasts")
    op.drop_index(op.f("ix_broadcasts_created_at"), table_name="broadcasts")
    op.drop_table("broadcasts")
    op.drop_index("uq_destinations_in_use", table_name="destinations", sqlite_where=IN_USE, postgresql_where=IN_USE)
    op.drop_index(op.f("ix_destinations_area"), table_name="destinations")
    op.drop_table("destinations")
    op.drop_index(op.f("ix_answered_requests_created_at"), table_name="answered_requests")
    op.drop_table("answered_requests")


def _create_delivery_index() -> None:
    op.create_index(
        "ix_deliveries_unfinished",
        "deliveries",
        ["carrier", "conversation_id", "position"],
        unique=False,
        sqlite_where=UNFINISHED,
        postgresql_where=UNFINISHED,
    )
