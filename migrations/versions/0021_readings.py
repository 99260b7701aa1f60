"""What late events pass over and why, how sure their days are, other readings of a day, and files to be imported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

EVENT = "pathway_event"
ADDED = ("passed", "because", "certainty", "about_id")


def upgrade() -> None:
    # Added one by one: a copy of the table would lose the triggers that keep it.
    op.add_column(EVENT, sa.Column("passed", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column(EVENT, sa.Column("because", sa.String(length=1000), nullable=True))
    op.add_column(EVENT, sa.Column("certainty", sa.String(length=10), nullable=True))
    op.add_column(EVENT, sa.Column("about_id", sa.String(length=26), nullable=True))
    op.create_table(
        "pathway_upload",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("organisation_id", sa.String(length=26), nullable=False),
        sa.Column("therapy_id", sa.String(length=26), nullable=True),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_pathway_upload_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["therapy_id"], ["therapy.id"], name=op.f("fk_pathway_upload_therapy_id_therapy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathway_upload")),
    )
    op.create_index("ix_pathway_upload_expires_at", "pathway_upload", ["expires_at"])
    op.create_table(
        "pathway_case",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("organisation_id", sa.String(length=26), nullable=False),
        sa.Column("case_id", sa.String(length=64), nullable=False),
        sa.Column("therapy_id", sa.String(length=26), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_pathway_case_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["therapy_id"], ["therapy.id"], name=op.f("fk_pathway_case_therapy_id_therapy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathway_case")),
        sa.UniqueConstraint("organisation_id", "case_id", name=op.f("uq_pathway_case_organisation_id_case_id")),
    )


def downgrade() -> None:
    op.drop_table("pathway_case")
    op.drop_index("ix_pathway_upload_expires_at", "pathway_upload")
    op.drop_table("pathway_upload")
    # The older program knows no other readings: they, and what corrected them, would be refused as unknown events.
    _keep(kept=False)
    event = sa.table(EVENT, sa.column("id"), sa.column("event"), sa.column("supersedes_id"))
    readings = sa.select(event.c.id).where(event.c.event == "ALSO_READ")
    op.execute(event.delete().where(event.c.event == "RETRACTED", event.c.supersedes_id.in_(readings)))
    while op.get_bind().scalar(sa.select(sa.func.count()).select_from(readings.subquery())):
        corrected = sa.select(event.c.supersedes_id).where(event.c.supersedes_id.is_not(None))
        op.execute(event.delete().where(event.c.event == "ALSO_READ", event.c.id.not_in(corrected)))
    _keep(kept=True)
    for column in reversed(ADDED):
        op.execute(f"ALTER TABLE {EVENT} DROP COLUMN {column}")


def _keep(*, kept: bool) -> None:
    """Take the triggers that keep the history away, or put them back (as migration 0006 made them)."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER pathway_event_no_{verb.lower()} BEFORE {verb} ON pathway_event "
                "BEGIN SELECT RAISE(ABORT, 'a history is only added to'); END"
                if kept
                else f"DROP TRIGGER pathway_event_no_{verb.lower()}"
            )
    else:
        op.execute(f"ALTER TABLE pathway_event {'ENABLE' if kept else 'DISABLE'} TRIGGER pathway_event_no_change")
