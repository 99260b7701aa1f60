"""The plan of a consultation: computed before it is saved, saved with its milestones, moved when something happens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace

from sqlalchemy import func, select

from app.access.scope import Scope
from app.consultations import planning, queries
from app.consultations.course import step_of_round
from app.consultations.models import Consultation, Status
from app.consultations.planning import Move
from app.consultations.queries import ConsultationView
from app.consultations.services import inquiries, rows, settling
from app.consultations.services.settling import KIND
from app.consultations.wish import Wish
from app.core import clock
from app.core.db import session, transaction
from app.core.errors import Refused
from app.engine.consultation import ConsultationPlan, Fact
from app.engine.definition.common import Basis, Text
from app.engine.wording import day_text
from app.pathways import designations
from app.rules import queries as rules
from app.schedule import queries as schedule
from app.schedule import services as milestones
from app.schedule.queries import MilestoneView
from app.therapies import queries as therapies

SENT_TWICE = dt.timedelta(minutes=10)
PATH = "/consultations/{subject}/steps/{key}"


def preview(scope: Scope, therapy_id: str, kind: str, wish: Wish) -> ConsultationPlan:
    """A plan that is not saved. NotFound for another's therapy, Refused where nothing can be said."""
    return previewing(scope, therapy_id, kind)(wish)


def previewing(scope: Scope, therapy_id: str, kind: str) -> Callable[[Wish], ConsultationPlan]:
    """The same for any wish, such as other months to compare with: what they all rest on is read once."""
    therapies.own(scope, therapy_id)
    return _planner(kind, {}, therapy_id)


def confirm(scope: Scope, therapy_id: str, kind: str, wish: Wish, *, place: str = "") -> str:
    """Save a consultation with its milestones and open its track; returns its id.

    Sent twice (an impatient click, a form sent again), it is one: the same wish to which nothing has happened yet.
    """
    plan = preview(scope, therapy_id, kind, wish)
    _must_be_possible(plan, "meeting")
    month = str(wish.month) if wish.month and not wish.meeting else None
    with transaction():
        same = select(Consultation.id).where(
            Consultation.therapy_id == therapy_id,
            Consultation.kind == kind,
            Consultation.wished_month == month if month else Consultation.wished_month.is_(None),
            Consultation.meeting_on == wish.meeting if wish.meeting else Consultation.meeting_on.is_(None),
            Consultation.status == Status.CONFIRMED,
            Consultation.version == 1,
            Consultation.created_at > clock.now() - SENT_TWICE,
        )
        if known := session.scalar(same.order_by(Consultation.number)):
            return known
        last = session.scalar(select(func.max(Consultation.number)).where(Consultation.therapy_id == therapy_id)) or 0
        row = Consultation(
            therapy_id=therapy_id,
            kind=kind,
            kind_version=plan.kind.version,
            number=last + 1,
            wished_month=month,
            meeting_on=wish.meeting,
            agreed=False,
            facts={},
            turns=[],
            line={},
            status=Status.CONFIRMED,
            place=place,
            version=1,
            created_at=clock.now(),
            created_by=scope.actor.id if scope.actor else None,
            confirmed_at=clock.now(),
        )
        session.add(row)
        session.flush()
        settling.settle(scope, row)
        rows.record(scope, row, "consultation:planned", after={"kind": kind, **wish.query})
    return row.id


def current_plan(scope: Scope, view: ConsultationView) -> ConsultationPlan:
    """The plan of a saved consultation as of today."""
    view, rounds = queries.with_rounds(scope, view.id)
    return view.course(rounds).plan(clock.today())


def record_step(
    scope: Scope,
    consultation_id: str,
    key: str,
    day: dt.date,
    *,
    basis: Basis = Basis.ACTUAL,
    version: int | None = None,
    dry: bool = False,
) -> list[Move]:
    """Something happened (or was agreed, or published) on a day: everything that counts from it moves.

    Returns what moves. ``dry``: say it, save nothing. Raises Refused at the field for a day that cannot be.
    """
    if step_of_round(key):
        return inquiries.record_day(scope, consultation_id, key, day, basis=basis, dry=dry)
    return _record(scope, consultation_id, {key: Fact(day=day, basis=basis)}, version=version, dry=dry)


def record_notice(
    scope: Scope,
    consultation_id: str,
    key: str,
    day: dt.date,
    meeting: dt.date,
    *,
    version: int | None = None,
    dry: bool = False,
) -> list[Move]:
    """PMDA's notice came on ``day`` and names the day of the meeting; the fee counts from the notice."""
    view = queries.own(scope, consultation_id)
    facts = {
        key: Fact(day=day, basis=Basis.ACTUAL),
        view.meeting_key: Fact(day=meeting, basis=Basis.AGREED),
    }
    return _record(scope, consultation_id, facts, version=version, dry=dry)


def reopen_step(
    scope: Scope, consultation_id: str, key: str, *, version: int | None = None, dry: bool = False
) -> list[Move]:
    """It was not so after all: the step is open again and counts by its rule."""
    if step_of_round(key):
        return inquiries.record_day(scope, consultation_id, key, None, dry=dry)
    return _record(scope, consultation_id, {key: None}, version=version, dry=dry)


def change_wish(
    scope: Scope, consultation_id: str, wish: Wish, *, version: int | None = None, dry: bool = False
) -> list[Move]:
    """Another month or day. Refused once PMDA has named the day: then only a new notice moves the meeting."""
    view, rounds = queries.own_with_rounds(scope, consultation_id)
    settling.must_be_open(view)
    if view.meeting_fact is not None:
        raise Refused(
            Text(
                ja="面談の日はPMDAとの調整で決まっています。変更になったときは、面談の新しい日を「面談」の欄に記録してください。",
                en="The day is agreed with PMDA. If it changes, record the new day at the step of the meeting.",
            ),
            field="month",
        )
    wished = _planner(view.kind.key, view.facts, view.therapy_id)(wish)
    _must_be_possible(wished, "meeting" if wish.meeting else "month")
    plan = replace(view.course(rounds), wish=wish).plan(clock.today())
    moves = planning.moves(schedule.of_subject(scope, KIND, consultation_id), plan)
    if dry:
        return moves
    with transaction():
        row = rows.own_row(scope, consultation_id, version or view.version)
        before = view.wish.query
        row.wished_month = str(wish.month) if wish.month and not wish.meeting else None
        row.meeting_on, row.version = wish.meeting, row.version + 1
        settling.settle(scope, row)
        rows.record(scope, row, "consultation:wish_changed", before=dict(before), after=dict(wish.query))
    return moves


def _record(
    scope: Scope,
    consultation_id: str,
    changes: Mapping[str, Fact | None],
    *,
    version: int | None,
    dry: bool,
) -> list[Move]:
    view, rounds = queries.own_with_rounds(scope, consultation_id)
    settling.must_run(view)
    facts = {key: fact for key, fact in {**view.facts, **changes}.items() if fact is not None}
    for key, fact in changes.items():
        _check(view, key, fact, facts)
    plan = replace(view.course(rounds), facts=facts).plan(clock.today())
    moves = planning.moves(schedule.of_subject(scope, KIND, consultation_id), plan)
    if dry:
        return moves
    with transaction():
        row = rows.own_row(scope, consultation_id, version or view.version)
        before = {key: row.facts.get(key) for key in changes}
        row.facts = planning.write_facts(facts)
        row.agreed, row.version = view.meeting_key in facts, row.version + 1
        settling.settle(scope, row)
        rows.record(
            scope,
            row,
            "consultation:step_recorded",
            before=before,
            after={key: row.facts.get(key) for key in changes},
        )
    return moves


def _planner(kind: str, facts: Mapping[str, Fact], therapy_id: str) -> Callable[[Wish], ConsultationPlan]:
    more, holds = rules.for_therapy(therapy_id), designations.held(therapy_id)

    def wished(wish: Wish) -> ConsultationPlan:
        plan = planning.plan_of(kind, wish, facts, clock.today(), more, holds=holds)
        if wish.in_month is None and plan.kind.reception.mode != "any_time":
            raise Refused(
                Text(ja="面談を希望する月を選んでください。", en="Please choose the month you wish for."), field="month"
            )
        return plan

    return wished


def _must_be_possible(plan: ConsultationPlan, field: str) -> None:
    for caution in plan.warnings:
        if caution.code in ("meeting_on_closed_day", "meeting_past"):
            raise Refused(caution.text, field=field)


def _check(view: ConsultationView, key: str, fact: Fact | None, facts: Mapping[str, Fact]) -> None:
    """Refuse a day that cannot be; the rules of the consultation say what must have come before."""
    step = view.kind.step(key)
    if fact is None:
        depends = [
            s for s in view.kind.steps if s.key in facts and s.rule and s.rule.anchor == key and s.rule.offset > 0
        ]
        if depends:
            names = "、".join(s.name.ja for s in depends), ", ".join(s.name.en for s in depends)
            raise Refused(
                Text(
                    ja=f"先に「{names[0]}」の記録を取り消してください。この日から数えています。",
                    en=f"First take back the record of {names[1]}, which counts from this day.",
                )
            )
        return
    if fact.basis is Basis.ACTUAL and fact.day > clock.today():
        raise Refused(settling.future(fact.day), field="day")
    if step.rule and step.rule.offset > 0:
        anchor, name = facts.get(step.rule.anchor), view.kind.step(step.rule.anchor).name
        if view.written and step.rule.anchor == view.meeting_key:
            anchor, name = Fact(day=view.written.day), view.written.names
        if anchor is None or (fact.basis is Basis.ACTUAL and anchor.basis is not Basis.ACTUAL):
            raise Refused(
                Text(
                    ja=f"先に「{name.ja}」の日を記録してください。その日から数えるためです。",
                    en=f"Please record {name.en} first, for this step counts from it.",
                ),
                field="day",
            )
        if fact.basis is Basis.ACTUAL and fact.day < anchor.day:
            before = day_text(anchor.day)
            raise Refused(
                Text(
                    ja=f"「{name.ja}」({before.ja})より前の日は記録できません。",
                    en=f"This cannot lie before {name.en} ({before.en}).",
                ),
                field="day",
            )


def _owner_records(scope: Scope, milestone: MilestoneView, on: dt.date | None) -> None:
    if on is None:
        reopen_step(scope, milestone.subject_id, milestone.key)
    else:
        record_step(scope, milestone.subject_id, milestone.key, on)


milestones.owned_by(KIND, _owner_records, PATH)
