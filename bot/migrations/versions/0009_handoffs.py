"""Consents, requests handed on to registrars, and registrars' access to them.

Revision: 0009, after 0008. The release before it goes on working: it knows nothing of them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.core.db import RowId, UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "consents",
        sa.Column("id", RowId, nullable=False),
        sa.Column("citizen_id", sa.String(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("wording", sa.String(length=32), nullable=False, comment="the version that was shown"),
        sa.Column(
            "about",
            sa.String(length=32),
            server_default="",
            nullable=False,
            comment="a reference; empty: no single thing",
        ),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.Column("withdrawn_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name=op.f("fk_consents_citizen_id_citizens")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_citizen_id"), "consents", ["citizen_id"], unique=False)
    _create_handoffs()
    op.create_table(
        "registrar_tokens",
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("registrar", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256"),
        sa.Column("scopes", sa.String(length=64), nullable=False, comment="between blanks"),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_registrar_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_registrar_tokens_digest")),
    )
    op.create_index(op.f("ix_registrar_tokens_registrar"), "registrar_tokens", ["registrar"], unique=False)
    op.create_table(
        "registrar_endpoints",
        sa.Column("registrar", sa.String(length=64), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False, comment="what the secret is sealed with"),
        sa.Column("secret", sa.LargeBinary(), nullable=False, comment="sealed; what deliveries are signed with"),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("registrar", name=op.f("pk_registrar_endpoints")),
    )


def _create_handoffs() -> None:
    op.create_table(
        "handoffs",
        sa.Column("id", RowId, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("citizen_id", sa.String(length=32), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("registrar", sa.String(length=64), nullable=False, comment="who has it now, by key"),
        sa.Column(
            "tried",
            sa.String(length=1000),
            server_default="",
            nullable=False,
            comment="who had it before, between blanks",
        ),
        sa.Column("product", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column(
            "reason", sa.String(length=32), server_default="", nullable=False, comment="a code; never free words"
        ),
        sa.Column("may_cost", sa.Boolean(), nullable=False),
        sa.Column("consent", sa.String(length=32), nullable=False, comment="the wording that was agreed to"),
        sa.Column("domain", sa.LargeBinary(), nullable=True, comment="sealed; null once erased"),
        sa.Column("contact", sa.LargeBinary(), nullable=True, comment="sealed JSON; null once its purpose ended"),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("handed_at", UTCDateTime(), nullable=False, comment="to the registrar that has it now"),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.Column(
            "changes", sa.Integer(), server_default="0", nullable=False, comment="how often it changed: names its news"
        ),
        sa.Column(
            "offered_next_at", UTCDateTime(), nullable=True, comment="when the citizen was offered another registrar"
        ),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name=op.f("fk_handoffs_citizen_id_citizens")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoffs")),
        sa.UniqueConstraint("reference", name=op.f("uq_handoffs_reference")),
    )
    op.create_index(op.f("ix_handoffs_citizen_id"), "handoffs", ["citizen_id"], unique=False)
    op.create_index(op.f("ix_handoffs_registrar_state"), "handoffs", ["registrar", "state"], unique=False)
    op.create_index(op.f("ix_handoffs_state_changed_at"), "handoffs", ["state", "changed_at"], unique=False)
    op.create_table(
        "handoff_messages",
        sa.Column("id", RowId, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False, comment="the webhook's id, the same at every try"),
        sa.Column("handoff_id", RowId, nullable=False),
        sa.Column("registrar", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("attempt", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("not_before", sa.Float(), server_default="0", nullable=False, comment="seconds, database clock"),
        sa.Column("lease_until", sa.Float(), nullable=True, comment="seconds, database clock"),
        sa.Column("owner", sa.String(length=64), nullable=True),
        sa.Column("error", sa.String(length=32), nullable=True, comment="code of the last failure"),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["handoff_id"], ["handoffs.id"], name=op.f("fk_handoff_messages_handoff_id_handoffs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff_messages")),
        sa.UniqueConstraint("name", name=op.f("uq_handoff_messages_name")),
    )
    op.create_index(op.f("ix_handoff_messages_handoff_id"), "handoff_messages", ["handoff_id"], unique=False)
    op.create_index(
        op.f("ix_handoff_messages_state_not_before"), "handoff_messages", ["state", "not_before"], unique=False
    )
    op.create_table(
        "handoff_reminders",
        sa.Column("id", RowId, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("citizen_id", sa.String(length=32), nullable=False),
        sa.Column("product", sa.String(length=16), nullable=False),
        sa.Column("domain", sa.LargeBinary(), nullable=False, comment="sealed"),
        sa.Column("free_until", sa.Date(), nullable=False, comment="the last free day"),
        sa.Column("days_before", sa.SmallInteger(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["citizen_id"], ["citizens.id"], name=op.f("fk_handoff_reminders_citizen_id_citizens")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handoff_reminders")),
        sa.UniqueConstraint("reference", "days_before", name=op.f("uq_handoff_reminders_reference_days_before")),
    )
    op.create_index(op.f("ix_handoff_reminders_citizen_id"), "handoff_reminders", ["citizen_id"], unique=False)
    op.create_index(op.f("ix_handoff_reminders_due_at"), "handoff_reminders", ["due_at"], unique=False)
    op.create_table(
        "handoff_survey",
        sa.Column("question", sa.String(length=16), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("question", "answer", name=op.f("pk_handoff_survey")),
    )


def downgrade() -> None:
    op.drop_table("registrar_endpoints")
    op.drop_table("registrar_tokens")
    op.drop_table("handoff_survey")
    op.drop_table("handoff_reminders")
    op.drop_table("handoff_messages")
    op.drop_table("handoffs")
    op.drop_table("consents")
