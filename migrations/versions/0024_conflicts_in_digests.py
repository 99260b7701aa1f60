"""Which conflicts with plans abroad there were when a weekly digest was written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("hub_digest", sa.Column("conflicts", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("hub_digest") as table:
        table.alter_column("conflicts", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("hub_digest") as table:
        table.drop_column("conflicts")
