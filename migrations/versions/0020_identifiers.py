"""Room for identifiers of 128 random bits; those that exist keep their 100."""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

COLUMNS = {
    "audit_event": "id actor_id organisation_id subject_id",
    "organisation": "id hub_id",
    "outbox_mail": "id",
    "person": "id",
    "role": "id",
    "hub_digest": "id hub_id person_id",
    "invitation": "id organisation_id invited_by",
    "member": "id person_id organisation_id",
    "notice": "id milestone_id therapy_id person_id",
    "notice_choice": "person_id",
    "person_role": "person_id role_id",
    "therapy": "id organisation_id",
    "web_session": "person_id",
    "foreign_milestone": "id therapy_id",
    "evidence_document": "id part_id added_by",
    "evidence_gate": "id therapy_id",
    "evidence_part": "id therapy_id owner_id",
    "rule_entry": "id hub_id",
    "rule_verification": "id hub_id person_id",
    "attempt": "id",
    "known_browser": "id person_id",
    "consultation": "id therapy_id created_by",
    "milestone": "id therapy_id subject_id done_by",
    "pathway_event": "id therapy_id supersedes_id recorded_by",
    "therapy_grant": "id therapy_id organisation_id granted_by",
    "therapy_read": "id therapy_id person_id organisation_id",
    "bundle": "id consultation_id requested_by",
    "consultation_attachment": "id consultation_id added_by",
    "consultation_briefing": "consultation_id",
    "consultation_inquiry": "id consultation_id",
    "consultation_question": "id consultation_id",
}


def upgrade() -> None:
    link = op.get_bind()
    if link.dialect.name == "sqlite":
        _say_so_in_sqlite(link)
    else:  # a longer limit changes no row, so PostgreSQL rewrites no table
        for table, columns in COLUMNS.items():
            wider = ", ".join(f"ALTER COLUMN {column} TYPE varchar(26)" for column in columns.split())
            op.execute(f"ALTER TABLE {table} {wider}")
    op.create_index("ix_audit_event_actor", "audit_event", ["actor_id", "at"])


def downgrade() -> None:
    """The columns stay wide: narrow ones would lose identifiers, and an older program reads the longer ones."""
    op.drop_index("ix_audit_event_actor", "audit_event")


def _say_so_in_sqlite(link: sa.Connection) -> None:
    """SQLite holds nobody to a length, so only the words of its schema change.

    The usual way, copying every table, would drop the triggers and tear the foreign keys between them.
    """
    version = link.exec_driver_sql("PRAGMA schema_version").scalar_one()
    link.exec_driver_sql("PRAGMA writable_schema = ON")
    for table, columns in COLUMNS.items():
        wanted = sa.text("SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = :name")
        said = link.execute(wanted, {"name": table}).scalar_one()
        column = re.compile(rf"([(,]\s*\"?(?:{columns.replace(' ', '|')})\"?\s+VARCHAR)\(20\)")
        link.execute(
            sa.text("UPDATE sqlite_schema SET sql = :sql WHERE type = 'table' AND name = :name"),
            {"sql": column.sub(r"\1(26)", said), "name": table},
        )
    link.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")  # other connections read the schema anew
    link.exec_driver_sql("PRAGMA writable_schema = OFF")
