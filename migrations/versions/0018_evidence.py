"""Evidence: how far each piece is at its gates, its documents, the planned days of the gates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "evidence_part",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("therapy_id", sa.String(length=20), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("gate", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.String(length=20), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=1000), nullable=False),
        sa.Column("kept_at", sa.String(length=300), nullable=False),
        sa.Column("kept_on", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_evidence_part_owner_id_person")),
        sa.ForeignKeyConstraint(["therapy_id"], ["therapy.id"], name=op.f("fk_evidence_part_therapy_id_therapy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_part")),
        sa.UniqueConstraint("therapy_id", "item", "gate", name=op.f("uq_evidence_part_therapy_id_item_gate")),
    )
    op.create_table(
        "evidence_document",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("part_id", sa.String(length=20), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("mimetype", sa.String(length=100), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=20), nullable=True),
        sa.Column("added_by_name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["part_id"], ["evidence_part.id"], name=op.f("fk_evidence_document_part_id_evidence_part")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_document")),
    )
    op.create_index("ix_evidence_document_part", "evidence_document", ["part_id"])
    op.create_table(
        "evidence_gate",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("therapy_id", sa.String(length=20), nullable=False),
        sa.Column("gate", sa.String(length=64), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["therapy_id"], ["therapy.id"], name=op.f("fk_evidence_gate_therapy_id_therapy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_gate")),
        sa.UniqueConstraint("therapy_id", "gate", name=op.f("uq_evidence_gate_therapy_id_gate")),
    )


def downgrade() -> None:
    """Milestones of evidence belong to nothing below; the files stay in the store and the trail says what was."""
    op.execute("DELETE FROM milestone WHERE subject_kind = 'evidence'")
    op.drop_table("evidence_gate")
    op.drop_index("ix_evidence_document_part", table_name="evidence_document")
    op.drop_table("evidence_document")
    op.drop_table("evidence_part")
