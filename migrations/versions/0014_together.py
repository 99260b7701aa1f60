"""Several notices may leave in one mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("notice") as table:
        table.drop_constraint("uq_notice_mail_key", type_="unique")
        table.create_index("ix_notice_mail_key", ["mail_key"])


def downgrade() -> None:
    # One notice keeps the mail that they shared; the others stay too, so that nobody is told a second time.
    notice = sa.table("notice", sa.column("id", sa.String), sa.column("mail_key", sa.String))
    other = notice.alias()
    shared = sa.select(other.c.id).where(other.c.mail_key == notice.c.mail_key, other.c.id < notice.c.id).exists()
    ids = list(op.get_bind().scalars(sa.select(notice.c.id).where(shared)))
    for name in ids:
        key = notice.c.mail_key + ":" + name
        op.execute(notice.update().where(notice.c.id == name).values(mail_key=key))
    with op.batch_alter_table("notice") as table:
        table.drop_index("ix_notice_mail_key")
        table.create_unique_constraint("uq_notice_mail_key", ["mail_key"])
