"""What a therapy plans at agencies abroad."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "foreign_milestone",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("therapy_id", sa.String(length=20), nullable=False),
        sa.Column("agency", sa.String(length=20), nullable=False),
        sa.Column("milestone", sa.String(length=64), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("actual_day", sa.Date(), nullable=True),
        sa.Column("remark", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["therapy_id"], ["therapy.id"], name=op.f("fk_foreign_milestone_therapy_id_therapy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_foreign_milestone")),
    )
    op.create_index("ix_foreign_milestone_therapy", "foreign_milestone", ["therapy_id"])


def downgrade() -> None:
    op.drop_index("ix_foreign_milestone_therapy", table_name="foreign_milestone")
    op.drop_table("foreign_milestone")
