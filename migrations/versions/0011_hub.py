"""Weekly digests of hubs that were sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hub_digest",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("hub_id", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.String(length=20), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hub_id"], ["organisation.id"], name=op.f("fk_hub_digest_hub_id_organisation")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hub_digest_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hub_digest")),
        sa.UniqueConstraint("hub_id", "person_id", "week", name=op.f("uq_hub_digest_hub_id_person_id_week")),
    )


def downgrade() -> None:
    op.drop_table("hub_digest")
