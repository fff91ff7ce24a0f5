"""Staff, approvals by signature, and the audit log.

Revision: 0005, after 0004. The release before it goes on working: it knows nothing of them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.core.db import RowId, UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

APPROVED = sa.text("state = 2")


def upgrade() -> None:
    op.create_table(
        "approval_proofs",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False, comment="crl or ocsp"),
        sa.Column("der", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_approval_proofs")),
    )
    op.create_table(
        "audit_checkpoints",
        sa.Column("id", RowId, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False, comment="CMS, DER"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_checkpoints")),
    )
    op.create_index(op.f("ix_audit_checkpoints_size"), "audit_checkpoints", ["size"], unique=False)
    op.create_table(
        "audit_entries",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False, comment="canonical JSON and a line feed"),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256 of the line"),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_entries")),
    )
    audit_head = op.create_table(
        "audit_head",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.bulk_insert(audit_head, [{"id": 1, "size": 0, "head": "0" * 64}])
    op.create_table(
        "policy_changes",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False, comment="canonical JSON, as it is signed"),
        sa.Column("roots", sa.LargeBinary(), nullable=False, comment="PEM"),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_changes")),
    )
    op.create_index(
        "uq_policy_changes_approved",
        "policy_changes",
        ["version"],
        unique=True,
        sqlite_where=APPROVED,
        postgresql_where=APPROVED,
    )
    op.create_table(
        "staff_accounts",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="as colleagues know them"),
        sa.Column(
            "person", sa.String(length=64), nullable=True, comment="SHA-256 of the identity their certificates name"
        ),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_accounts")),
        sa.UniqueConstraint("person", name=op.f("uq_staff_accounts_person")),
    )
    op.create_table(
        "staff_bootstrap",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first_id", sa.String(length=64), nullable=False),
        sa.Column("second_id", sa.String(length=64), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_bootstrap")),
    )
    op.create_table(
        "approval_challenges",
        sa.Column("jti", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False, comment="what is to be signed"),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("used_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_accounts.id"], name=op.f("fk_approval_challenges_staff_id_staff_accounts")
        ),
        sa.PrimaryKeyConstraint("jti", name=op.f("pk_approval_challenges")),
    )
    op.create_index(op.f("ix_approval_challenges_staff_id"), "approval_challenges", ["staff_id"], unique=False)
    op.create_table(
        "approvals",
        sa.Column("id", RowId, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject_id", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False, comment="SHA-256 of the identity in the certificate"),
        sa.Column("key_sha256", sa.String(length=64), nullable=False),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False, comment="CMS, DER, built anew"),
        sa.Column("proofs", sa.Text(), nullable=False, comment="digests of the revocation evidence, between blanks"),
        sa.Column("approved_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_accounts.id"], name=op.f("fk_approvals_staff_id_staff_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
        sa.UniqueConstraint("kind", "subject_id", "version", "key_sha256", name="uq_approvals_key"),
        sa.UniqueConstraint("kind", "subject_id", "version", "person", name="uq_approvals_person"),
        sa.UniqueConstraint("kind", "subject_id", "version", "staff_id", name="uq_approvals_staff"),
    )
    op.create_table(
        "staff_enrolments",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False, comment="canonical JSON, as it is signed"),
        sa.Column("certificate", sa.LargeBinary(), nullable=False, comment="DER"),
        sa.Column("certificate_sha256", sa.String(length=64), nullable=False),
        sa.Column("key_sha256", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False, comment="SHA-256 of the identity it names"),
        sa.Column("not_after", UTCDateTime(), nullable=False),
        sa.Column("proof_statement", sa.LargeBinary(), nullable=True),
        sa.Column("proof_signature", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_accounts.id"], name=op.f("fk_staff_enrolments_staff_id_staff_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_enrolments")),
    )
    op.create_index(
        op.f("ix_staff_enrolments_certificate_sha256"), "staff_enrolments", ["certificate_sha256"], unique=False
    )
    op.create_index(op.f("ix_staff_enrolments_staff_id"), "staff_enrolments", ["staff_id"], unique=False)
    op.create_table(
        "staff_grants",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False, comment="canonical JSON, as it is signed"),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_accounts.id"], name=op.f("fk_staff_grants_staff_id_staff_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_grants")),
    )
    op.create_index(op.f("ix_staff_grants_staff_id"), "staff_grants", ["staff_id"], unique=False)
    op.create_table(
        "staff_keys",
        sa.Column("key_sha256", sa.String(length=64), nullable=False, comment="of a public key that was ever enrolled"),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_accounts.id"], name=op.f("fk_staff_keys_staff_id_staff_accounts")
        ),
        sa.PrimaryKeyConstraint("key_sha256", name=op.f("pk_staff_keys")),
    )
    op.create_table(
        "staff_roles",
        sa.Column("id", RowId, nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("areas", sa.Text(), nullable=False, comment="codes between blanks; empty: all"),
        sa.Column("not_before", UTCDateTime(), nullable=False),
        sa.Column("not_after", UTCDateTime(), nullable=False),
        sa.Column("substitute_for", sa.String(length=64), nullable=True),
        sa.Column("grant_id", sa.String(length=64), nullable=False, comment="by which it was given"),
        sa.Column("taken_by", sa.String(length=64), nullable=True, comment="the grant by which it was taken"),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_accounts.id"], name=op.f("fk_staff_roles_staff_id_staff_accounts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_roles")),
    )
    op.create_index(op.f("ix_staff_roles_staff_id"), "staff_roles", ["staff_id"], unique=False)
    op.create_table(
        "staff_tokens",
        sa.Column("prefix", sa.String(length=16), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256"),
        sa.Column("scopes", sa.String(length=200), nullable=False, comment="between blanks"),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_accounts.id"], name=op.f("fk_staff_tokens_staff_id_staff_accounts")
        ),
        sa.PrimaryKeyConstraint("prefix", name=op.f("pk_staff_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_staff_tokens_digest")),
    )
    op.create_index(op.f("ix_staff_tokens_staff_id"), "staff_tokens", ["staff_id"], unique=False)


def downgrade() -> None:
    for table in (
        "approval_challenges",
        "approvals",
        "approval_proofs",
        "policy_changes",
        "staff_bootstrap",
        "staff_grants",
        "staff_keys",
        "staff_enrolments",
        "staff_tokens",
        "staff_roles",
        "staff_accounts",
        "audit_checkpoints",
        "audit_head",
        "audit_entries",
    ):
        op.drop_table(table)
