"""The index of open milestones holds all that the search for due mails reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

OPEN = sa.text("done_on IS NULL")
BEFORE = ["duty_day", "role", "alarm_from", "on_day", "latest", "id"]


def upgrade() -> None:
    _index([*BEFORE, "done_on"])


def downgrade() -> None:
    _index(BEFORE)


def _index(columns: list[str]) -> None:
    op.drop_index("ix_milestone_open", table_name="milestone")
    op.create_index("ix_milestone_open", "milestone", columns, sqlite_where=OPEN, postgresql_where=OPEN)
