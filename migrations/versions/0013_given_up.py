"""Mails that the server keeps refusing are given up in the end, and kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox_mail", sa.Column("refused", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("outbox_mail", sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("outbox_mail") as table:
        table.alter_column("refused", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("outbox_mail") as table:
        table.drop_column("failed_at")
        table.drop_column("refused")
