"""Therapies, grants and the log of outside reads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "therapy",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", sa.String(length=20), nullable=False),
        sa.Column("name_ja", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("product_class", sa.String(length=20), nullable=False),
        sa.Column("indication_ja", sa.String(length=300), nullable=False),
        sa.Column("indication_en", sa.String(length=300), nullable=False),
        sa.Column("material", sa.String(length=40), nullable=False),
        sa.Column("pathway", sa.String(length=64), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_therapy_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_therapy")),
        sa.UniqueConstraint("reference", name=op.f("uq_therapy_reference")),
    )
    with op.batch_alter_table("therapy", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_therapy_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "therapy_grant",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("therapy_id", sa.String(length=20), nullable=False),
        sa.Column("organisation_id", sa.String(length=20), nullable=False),
        sa.Column("granted_by", sa.String(length=20), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["therapy_id"], ["therapy.id"], name=op.f("fk_therapy_grant_therapy_id_therapy")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_therapy_grant_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["granted_by"], ["person.id"], name=op.f("fk_therapy_grant_granted_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_therapy_grant")),
    )
    with op.batch_alter_table("therapy_grant", schema=None) as batch_op:
        batch_op.create_index("ix_therapy_grant_organisation", ["organisation_id", "therapy_id"], unique=False)
        batch_op.create_index("ix_therapy_grant_therapy", ["therapy_id"], unique=False)

    op.create_table(
        "therapy_read",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("therapy_id", sa.String(length=20), nullable=False),
        sa.Column("person_id", sa.String(length=20), nullable=True),
        sa.Column("organisation_id", sa.String(length=20), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("page", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["therapy_id"], ["therapy.id"], name=op.f("fk_therapy_read_therapy_id_therapy")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_therapy_read")),
    )
    with op.batch_alter_table("therapy_read", schema=None) as batch_op:
        batch_op.create_index("ix_therapy_read_therapy", ["therapy_id", "at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("therapy_read", schema=None) as batch_op:
        batch_op.drop_index("ix_therapy_read_therapy")
    op.drop_table("therapy_read")
    with op.batch_alter_table("therapy_grant", schema=None) as batch_op:
        batch_op.drop_index("ix_therapy_grant_therapy")
        batch_op.drop_index("ix_therapy_grant_organisation")
    op.drop_table("therapy_grant")
    with op.batch_alter_table("therapy", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_therapy_organisation_id"))
    op.drop_table("therapy")
