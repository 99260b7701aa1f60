"""What is still open by therapy, so that a list of a thousand therapies reads an index and not every milestone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

COLUMNS = ["therapy_id", "duty_day", "position", "id", "role", "latest", "is_window", "done_on"]
OPEN = sa.text("done_on IS NULL")


def upgrade() -> None:
    op.create_index("ix_milestone_ahead", "milestone", COLUMNS, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_index("ix_milestone_ahead", table_name="milestone")
