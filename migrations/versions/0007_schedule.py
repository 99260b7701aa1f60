"""Milestones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "milestone",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("therapy_id", sa.String(length=20), nullable=False),
        sa.Column("subject_kind", sa.String(length=20), nullable=False),
        sa.Column("subject_id", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("title_ja", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("about_ja", sa.String(length=200), nullable=False),
        sa.Column("about_en", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("basis", sa.String(length=20), nullable=False),
        sa.Column("certainty", sa.String(length=10), nullable=True),
        sa.Column("on_day", sa.Date(), nullable=True),
        sa.Column("earliest", sa.Date(), nullable=True),
        sa.Column("latest", sa.Date(), nullable=True),
        sa.Column("duty_day", sa.Date(), nullable=True),
        sa.Column("alarm_from", sa.Date(), nullable=True),
        sa.Column("hours", sa.String(length=40), nullable=True),
        sa.Column("is_window", sa.Boolean(), nullable=False),
        sa.Column("trace", sa.JSON(), nullable=False),
        sa.Column("why_ja", sa.Text(), nullable=False),
        sa.Column("why_en", sa.Text(), nullable=False),
        sa.Column("price_ja", sa.String(length=500), nullable=False),
        sa.Column("price_en", sa.String(length=500), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("done_by", sa.String(length=20), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["therapy_id"], ["therapy.id"], name=op.f("fk_milestone_therapy_id_therapy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_milestone")),
        sa.UniqueConstraint("subject_kind", "subject_id", "key", name=op.f("uq_milestone_subject_kind_subject_id_key")),
    )
    op.create_index("ix_milestone_therapy", "milestone", ["therapy_id", "duty_day"])
    op.create_index("ix_milestone_open", "milestone", ["done_on", "duty_day"])


def downgrade() -> None:
    op.drop_index("ix_milestone_open", table_name="milestone")
    op.drop_index("ix_milestone_therapy", table_name="milestone")
    op.drop_table("milestone")
