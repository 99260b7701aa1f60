"""Tries of passwords and mails, counted over all processes, and the browsers that a person uses."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("pool", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_pool"), "attempt", ["pool", "at"])
    op.create_index(op.f("ix_attempt_at"), "attempt", ["at"])
    op.create_table(
        "known_browser",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.String(length=20), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_known_browser_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_browser")),
        sa.UniqueConstraint("token_sha256", "person_id", name=op.f("uq_known_browser_token_sha256_person_id")),
    )
    op.create_index(op.f("ix_known_browser_person_id"), "known_browser", ["person_id"])
    op.create_index(op.f("ix_known_browser_seen_at"), "known_browser", ["seen_at"])


def downgrade() -> None:
    op.drop_table("known_browser")
    op.drop_table("attempt")
