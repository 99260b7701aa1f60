"""The editions of machines that hubs accepted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

ACCEPTANCE = "rule_edition_acceptance"


def upgrade() -> None:
    op.create_table(
        ACCEPTANCE,
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("hub_id", sa.String(length=26), nullable=False),
        sa.Column("machine", sa.String(length=50), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("accepted_by", sa.String(length=200), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hub_id"], ["organisation.id"], name=op.f(f"fk_{ACCEPTANCE}_hub_id_organisation")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{ACCEPTANCE}")),
        sa.UniqueConstraint("hub_id", "machine", "version", name=op.f(f"uq_{ACCEPTANCE}_hub_id_machine_version")),
    )


def downgrade() -> None:
    op.drop_table(ACCEPTANCE)
