"""Notices, what people chose about them, and partial indexes of waiting mails and open milestones."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

WAITING = sa.text("sent_at IS NULL")
OPEN = sa.text("done_on IS NULL")


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.String(length=20), nullable=False),
        sa.Column("milestone_id", sa.String(length=20), nullable=False),
        sa.Column("therapy_id", sa.String(length=20), nullable=False),
        sa.Column("rule", sa.String(length=20), nullable=False),
        sa.Column("subject_day", sa.Date(), nullable=False),
        sa.Column("person_id", sa.String(length=20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("mail_key", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("mail_key", name=op.f("uq_notice_mail_key")),
        sa.UniqueConstraint(
            "milestone_id",
            "rule",
            "subject_day",
            "person_id",
            name=op.f("uq_notice_milestone_id_rule_subject_day_person_id"),
        ),
    )
    op.create_index("ix_notice_person", "notice", ["person_id", "made_at"])
    op.create_table(
        "notice_choice",
        sa.Column("person_id", sa.String(length=20), nullable=False),
        sa.Column("mails", sa.Boolean(), nullable=False),
        sa.Column("hide_names", sa.Boolean(), nullable=False),
        sa.Column("feed_seed", sa.String(length=64), nullable=True),
        sa.Column("feed_sha256", sa.String(length=64), nullable=True),
        sa.Column("feed_made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_choice_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notice_choice")),
        sa.UniqueConstraint("feed_sha256", name=op.f("uq_notice_choice_feed_sha256")),
    )
    op.drop_index("ix_outbox_mail_waiting", table_name="outbox_mail")
    op.create_index(
        "ix_outbox_mail_waiting", "outbox_mail", ["not_before"], sqlite_where=WAITING, postgresql_where=WAITING
    )
    op.drop_index("ix_milestone_open", table_name="milestone")
    op.create_index(
        "ix_milestone_open",
        "milestone",
        ["duty_day", "role", "alarm_from", "on_day", "latest", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_index("ix_milestone_open", table_name="milestone")
    op.create_index("ix_milestone_open", "milestone", ["done_on", "duty_day"])
    op.drop_index("ix_outbox_mail_waiting", table_name="outbox_mail")
    op.create_index("ix_outbox_mail_waiting", "outbox_mail", ["not_before"], sqlite_where=WAITING)
    op.drop_table("notice_choice")
    op.drop_index("ix_notice_person", table_name="notice")
    op.drop_table("notice")
