"""Rounds of inquiries, and what happens to a consultation beside the steps of its plan."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from alembic import op

from app.core.ids import new_id

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

WITHDRAWN = "CONSULTATION_WITHDRAWN"
FROM_PMDA = ("cancelled", "rejected")  # standings that 0011 does not know


def upgrade() -> None:
    op.add_column("consultation", sa.Column("turns", sa.JSON(), nullable=False, server_default=sa.text("'[]'")))
    op.create_table(
        "consultation_inquiry",
        sa.Column("id", sa.String(length=26), nullable=False),  # 0019 widens the others; here rows come at once
        sa.Column("consultation_id", sa.String(length=26), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultation.id"],
            name=op.f("fk_consultation_inquiry_consultation_id_consultation"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consultation_inquiry")),
    )
    op.create_index("ix_consultation_inquiry_place", "consultation_inquiry", ["consultation_id", "number"])
    talks, rounds, link = _tables()
    for talk in link.execute(sa.select(talks)).mappings().all():
        facts, turns = dict(talk["facts"]), []
        received, answered = facts.pop("inquiries", None), facts.pop("answers", None)
        if received:
            link.execute(
                rounds.insert().values(
                    id=new_id(),
                    consultation_id=talk["id"],
                    number=1,
                    asked="",
                    answer="",
                    received_on=_day(received),
                    answer_by=None,
                    answered_on=_day(answered) if answered else None,
                    version=1,
                )
            )
        if talk["status"] == "withdrawn" and talk["ended_on"]:
            turns = [_turn(WITHDRAWN, talk["ended_on"].isoformat())]
        if turns or received or answered:
            link.execute(talks.update().where(talks.c.id == talk["id"]).values(facts=facts, turns=turns))


def downgrade() -> None:
    """The first round goes back among the steps; later rounds, their texts and the turns have no place there."""
    talks, rounds, link = _tables()
    for talk in link.execute(sa.select(talks)).mappings().all():
        facts, line = dict(talk["facts"]), dict(talk["line"])
        first = (
            link.execute(sa.select(rounds).where(rounds.c.consultation_id == talk["id"]).order_by(rounds.c.number))
            .mappings()
            .first()
        )
        if first:
            facts["inquiries"] = {"day": first["received_on"].isoformat(), "basis": "actual"}
            if first["answered_on"]:
                facts["answers"] = {"day": first["answered_on"].isoformat(), "basis": "actual"}
        events: dict[str, Any] = {}
        for slot, stored in dict(line.get("events", {})).items():
            events.setdefault(slot.partition(":")[0], stored)  # there was one place for each event
        link.execute(
            talks.update()
            .where(talks.c.id == talk["id"])
            .values(
                facts=facts,
                line={**line, "events": events} if line else line,
                status="withdrawn" if talk["status"] in FROM_PMDA else talk["status"],  # what is nearest: it is over
            )
        )
    op.drop_index("ix_consultation_inquiry_place", table_name="consultation_inquiry")
    op.drop_table("consultation_inquiry")
    op.drop_column("consultation", "turns")


def _tables() -> tuple[sa.Table, sa.Table, sa.Connection]:
    text, day = sa.String(20), sa.Date()
    talks = sa.Table(
        "consultation",
        sa.MetaData(),
        sa.Column("id", text),
        sa.Column("facts", sa.JSON()),
        sa.Column("line", sa.JSON()),
        sa.Column("turns", sa.JSON()),
        sa.Column("status", text),
        sa.Column("ended_on", day),
    )
    rounds = sa.Table(
        "consultation_inquiry",
        sa.MetaData(),
        *(sa.Column(name, text) for name in ("id", "consultation_id")),
        *(sa.Column(name, sa.Integer()) for name in ("number", "version")),
        *(sa.Column(name, sa.Text()) for name in ("asked", "answer")),
        *(sa.Column(name, day) for name in ("received_on", "answer_by", "answered_on")),
    )
    return talks, rounds, op.get_bind()


def _turn(event: str, day: str) -> dict[str, Any]:
    return {"id": new_id(), "event": event, "day": day, "note": "", "set_aside": {}}


def _day(fact: dict[str, str]) -> dt.date:
    return dt.date.fromisoformat(fact["day"])
