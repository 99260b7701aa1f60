"""What rule keepers of hubs enter and verify, and who keeps rules."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("member", sa.Column("keeps_rules", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "rule_entry",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("hub_id", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("source_id", sa.String(length=16), nullable=False),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("entered_by", sa.String(length=200), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_by", sa.String(length=200), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.String(length=200), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hub_id"], ["organisation.id"], name=op.f("fk_rule_entry_hub_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_entry")),
        sa.UniqueConstraint("source_id", name=op.f("uq_rule_entry_source_id")),
    )
    op.create_index("ix_rule_entry_hub", "rule_entry", ["hub_id", "standing"])
    op.create_table(
        "rule_verification",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("hub_id", sa.String(length=20), nullable=False),
        sa.Column("entry", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=20), nullable=False),
        sa.Column("person", sa.String(length=200), nullable=False),
        sa.Column("verified_on", sa.Date(), nullable=False),
        sa.Column("compared", sa.Text(), nullable=False),
        sa.Column("document", sa.String(length=500), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_back_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_back_by", sa.String(length=200), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.ForeignKeyConstraint(["hub_id"], ["organisation.id"], name=op.f("fk_rule_verification_hub_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_verification")),
    )
    op.create_index("ix_rule_verification_entry", "rule_verification", ["hub_id", "entry"])


def downgrade() -> None:
    op.drop_index("ix_rule_verification_entry", table_name="rule_verification")
    op.drop_table("rule_verification")
    op.drop_index("ix_rule_entry_hub", table_name="rule_entry")
    op.drop_table("rule_entry")
    op.drop_column("member", "keeps_rules")
