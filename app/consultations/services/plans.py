"""The plan of a consultation: computed before it is saved, saved with its milestones, moved when something happens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sqlalchemy import func, select

from app.access.scope import Scope
from app.consultations import lines, planning, queries
from app.consultations.models import Consultation, Status
from app.consultations.planning import Move
from app.consultations.queries import ConsultationView
from app.consultations.services import rows
from app.consultations.wish import Wish
from app.core import clock
from app.core.db import session, transaction
from app.core.errors import Refused
from app.engine.consultation import ConsultationPlan, Fact, PlannedStep
from app.engine.definition.common import Basis, Text
from app.engine.wording import day_text
from app.schedule import queries as schedule
from app.schedule import services as milestones
from app.schedule.queries import MilestoneView
from app.therapies import queries as therapies

KIND = "consultation"  # the kind of subject in the room of the schedule
PATH = "/consultations/{subject}/steps/{key}"


def preview(scope: Scope, therapy_id: str, kind: str, wish: Wish) -> ConsultationPlan:
    """A plan that is not saved. NotFound for another's therapy, Refused where nothing can be said."""
    therapies.own(scope, therapy_id)
    return _wished(kind, wish, {})


def confirm(scope: Scope, therapy_id: str, kind: str, wish: Wish, *, place: str = "") -> str:
    """Save a consultation with its milestones and open its track; returns its id."""
    plan = preview(scope, therapy_id, kind, wish)
    _must_be_possible(plan, "meeting")
    with transaction():
        last = session.scalar(select(func.max(Consultation.number)).where(Consultation.therapy_id == therapy_id)) or 0
        row = Consultation(
            therapy_id=therapy_id,
            kind=kind,
            kind_version=plan.kind.version,
            number=last + 1,
            wished_month=str(wish.month) if wish.month and not wish.meeting else None,
            meeting_on=wish.meeting,
            agreed=False,
            facts={},
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
        milestones.put(KIND, row.id, therapy_id, planning.drafts(plan), scope=scope, keep_done=False)
        rows.record(scope, row, "consultation:planned", after={"kind": kind, **wish.query})
        lines.follow(scope, row)
    return row.id


def current_plan(view: ConsultationView) -> ConsultationPlan:
    """The plan of a saved consultation as of today."""
    return planning.plan_of(view.kind.key, view.wish, view.facts, clock.today())


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
    return _record(scope, consultation_id, {key: None}, version=version, dry=dry)


def change_wish(
    scope: Scope, consultation_id: str, wish: Wish, *, version: int | None = None, dry: bool = False
) -> list[Move]:
    """Another month or day. Refused once PMDA has named the day: then only a new notice moves the meeting."""
    view = queries.own(scope, consultation_id)
    if view.status is Status.WITHDRAWN:
        raise Refused(_withdrawn(), field="month")
    if view.meeting_fact is not None:
        raise Refused(
            Text(
                ja="面談の日はPMDAとの調整で決まっています。変更になったときは、面談の新しい日を「面談」の欄に記録してください。",
                en="The day is agreed with PMDA. If it changes, record the new day at the step of the meeting.",
            ),
            field="month",
        )
    plan = _wished(view.kind.key, wish, view.facts)
    _must_be_possible(plan, "meeting" if wish.meeting else "month")
    stored = schedule.of_subject(scope, KIND, consultation_id)
    moves = planning.moves(stored, plan)
    if dry:
        return moves
    with transaction():
        row = rows.own_row(scope, consultation_id, _seen(view, version))
        _must_be_open(row)
        before = view.wish.query
        row.wished_month = str(wish.month) if wish.month and not wish.meeting else None
        row.meeting_on, row.version = wish.meeting, row.version + 1
        milestones.put(KIND, row.id, row.therapy_id, planning.drafts(plan), scope=scope, keep_done=False)
        rows.record(scope, row, "consultation:wish_changed", before=dict(before), after=dict(wish.query))
    return moves


def withdraw(scope: Scope, consultation_id: str, on: dt.date, *, version: int | None = None) -> None:
    """The applicant takes the consultation back: nothing of it is due any more; what was done stays in the history."""
    if on > clock.today():
        raise Refused(_future(on), field="day")
    with transaction():
        row = rows.own_row(scope, consultation_id, version)
        _must_be_open(row)
        row.status, row.ended_on, row.version = Status.WITHDRAWN, on, row.version + 1
        milestones.end(KIND, row.id)
        rows.record(scope, row, "consultation:withdrawn", after={"on": on.isoformat()})
        lines.follow(scope, row)


def _record(
    scope: Scope,
    consultation_id: str,
    changes: Mapping[str, Fact | None],
    *,
    version: int | None,
    dry: bool,
) -> list[Move]:
    view = queries.own(scope, consultation_id)
    facts = {key: fact for key, fact in {**view.facts, **changes}.items() if fact is not None}
    for key, fact in changes.items():
        _check(view, key, fact, facts)
    plan = planning.plan_of(view.kind.key, view.wish, facts, clock.today())
    stored = schedule.of_subject(scope, KIND, consultation_id)
    moves = planning.moves(stored, plan)
    if dry:
        return moves
    with transaction():
        row = rows.own_row(scope, consultation_id, _seen(view, version))
        if Status(row.status) is Status.WITHDRAWN:
            raise Refused(_withdrawn())
        before = {key: row.facts.get(key) for key in changes}
        row.facts = planning.write_facts(facts)
        meeting = facts.get(view.meeting_key)
        row.agreed, row.version = meeting is not None, row.version + 1
        _settle(row, plan)
        milestones.put(KIND, row.id, row.therapy_id, _drafts(row, plan), scope=scope, keep_done=False)
        rows.record(
            scope,
            row,
            "consultation:step_recorded",
            before=before,
            after={key: row.facts.get(key) for key in changes},
        )
        lines.follow(scope, row)
    return moves


def _wished(kind: str, wish: Wish, facts: Mapping[str, Fact]) -> ConsultationPlan:
    plan = planning.plan_of(kind, wish, facts, clock.today())
    if wish.in_month is None and plan.kind.reception.mode != "any_time":
        raise Refused(
            Text(ja="面談を希望する月を選んでください。", en="Please choose the month you wish for."), field="month"
        )
    return plan


def _must_be_possible(plan: ConsultationPlan, field: str) -> None:
    for caution in plan.warnings:
        if caution.code in ("meeting_on_closed_day", "meeting_past"):
            raise Refused(caution.text, field=field)


def _seen(view: ConsultationView, version: int | None) -> int:
    """The version that a plan was made from: whoever saved in between must not be overwritten."""
    return view.version if version is None else version


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
        raise Refused(_future(fact.day), field="day")
    if step.rule and step.rule.offset > 0:
        anchor = facts.get(step.rule.anchor)
        name = view.kind.step(step.rule.anchor).name
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


def _settle(row: Consultation, plan: ConsultationPlan) -> None:
    """It is closed when its last official step has happened: the record, or the meeting where there is no record."""
    last = plan.step("record") if plan.kind.outcome == "record" else _meeting(plan)
    if last.done and last.span:
        row.status, row.ended_on = Status.CLOSED, last.span.earliest
    elif Status(row.status) is Status.CLOSED:
        row.status, row.ended_on = Status.CONFIRMED, None


def _drafts(row: Consultation, plan: ConsultationPlan) -> list[milestones.Draft]:
    """While it runs every step, when it is closed only what happened."""
    everything = planning.drafts(plan)
    return [one for one in everything if one.done_on] if Status(row.status) is Status.CLOSED else everything


def _meeting(plan: ConsultationPlan) -> PlannedStep:
    return next(step for step in plan.steps if step.step.place == "meeting")


def _must_be_open(row: Consultation) -> None:
    if Status(row.status) is Status.WITHDRAWN:
        raise Refused(_withdrawn())
    if Status(row.status) is Status.CLOSED:
        raise Refused(Text(ja="この相談は終了しています。", en="This consultation is closed."))


def _withdrawn() -> Text:
    return Text(ja="この相談は取り下げられています。", en="This consultation was withdrawn.")


def _future(day: dt.date) -> Text:
    said = day_text(day)
    return Text(
        ja=f"{said.ja}はまだ来ていません。実際にあった日を入力してください。",
        en=f"{said.en} has not come yet. Please give the day on which it happened.",
    )


def _owner_records(scope: Scope, milestone: MilestoneView, on: dt.date | None) -> None:
    if on is None:
        reopen_step(scope, milestone.subject_id, milestone.key)
    else:
        record_step(scope, milestone.subject_id, milestone.key, on)


milestones.owned_by(KIND, _owner_records, PATH)
