"""Events of therapies: rows are added, never changed or removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pathway_event",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("therapy_id", sa.String(length=20), nullable=False),
        sa.Column("event", sa.String(length=48), nullable=False),
        sa.Column("machine", sa.String(length=64), nullable=True),
        sa.Column("instance", sa.String(length=120), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("history", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("confidence", sa.String(length=20), nullable=True),
        sa.Column("note_ja", sa.String(length=1000), nullable=False),
        sa.Column("note_en", sa.String(length=1000), nullable=False),
        sa.Column("supersedes_id", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=20), nullable=True),
        sa.Column("recorded_by_name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["therapy_id"], ["therapy.id"], name=op.f("fk_pathway_event_therapy_id_therapy")),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["pathway_event.id"], name=op.f("fk_pathway_event_supersedes_id_pathway_event")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pathway_event")),
    )
    with op.batch_alter_table("pathway_event", schema=None) as batch_op:
        batch_op.create_index("ix_pathway_event_therapy", ["therapy_id", "recorded_at"], unique=False)

    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER pathway_event_no_{verb.lower()} BEFORE {verb} ON pathway_event "
                "BEGIN SELECT RAISE(ABORT, 'a history is only added to'); END"
            )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION pathway_event_keep() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'a history is only added to'; END $$"
        )
        op.execute(
            "CREATE TRIGGER pathway_event_no_change BEFORE UPDATE OR DELETE ON pathway_event "
            "FOR EACH ROW EXECUTE FUNCTION pathway_event_keep()"
        )


def downgrade() -> None:
    with op.batch_alter_table("pathway_event", schema=None) as batch_op:
        batch_op.drop_index("ix_pathway_event_therapy")
    op.drop_table("pathway_event")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION pathway_event_keep()")
