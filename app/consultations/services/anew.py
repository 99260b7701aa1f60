"""Plans of consultations when a rule changes: what would move, and moving it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select

from app.access.scope import EVERYTHING, Scope
from app.consultations import planning, queries
from app.consultations.models import Consultation, Status
from app.consultations.planning import Move
from app.consultations.services import settling
from app.consultations.services.settling import KIND
from app.core import clock
from app.core.db import session
from app.core.errors import Refused
from app.engine.catalogue import consultation_types
from app.engine.consultation import ConsultationPlan
from app.engine.definition.common import Text
from app.engine.definition.published import Published
from app.engine.errors import EngineError
from app.engine.machine import Event
from app.pathways import designations
from app.pathways.services import storing
from app.rules import moving
from app.rules.moving import DateMove, Moved
from app.schedule import queries as schedule
from app.therapies import queries as therapies
from app.therapies.models import Therapy
from app.therapies.queries import TherapyView


@dataclass(frozen=True)
class Unplannable:
    """A consultation that other definitions no longer know, or whose facts they do not fit."""

    therapy: TherapyView
    consultation_id: str
    name: Text
    reason: str


class Consultations:
    """See app.rules.moving.Plans."""

    def would_move(self, scope: Scope, companies: Collection[str], published: Published) -> Sequence[Moved]:
        """The open consultations of these companies with a date that would be another one."""
        shared = (view for view, _logged in therapies.listed(scope, ""))
        seen = {one.id: one for one in (*therapies.of_own(scope), *shared)}
        mine = {key: one for key, one in seen.items() if one.organisation_id in companies}
        found = []
        views = queries.open_of(scope, list(mine))
        rounds = queries.rounds_of(scope, [view.id for view in views])
        stored = schedule.of_subjects(scope, KIND, [view.id for view in views])
        for view in views:
            plan = view.course(rounds[view.id], published).plan(clock.today())
            moves = planning.moves(stored[view.id], plan)
            if moves:
                found.append(moved(mine[view.therapy_id], view.id, plan, moves))
        return found

    def compute_anew(self, companies: Collection[str]) -> None:
        """Settle every open consultation of these companies, as after every other change."""
        rows = select(Consultation).join(Therapy, Therapy.id == Consultation.therapy_id)
        wanted = Therapy.organisation_id.in_(companies), Consultation.status == Status.CONFIRMED
        for row in session.scalars(rows.where(*wanted).order_by(Consultation.id)).all():
            settling.settle(EVERYTHING, row)


def _follow(scope: Scope, therapy: TherapyView, event: Event) -> None:
    """A designation may change how a request is received, so what is still to be asked for is planned anew."""
    if not designations.concerned(event):
        return
    kinds = [key for key, kind in consultation_types().items() if kind.reception.any_time_if]
    rows = select(Consultation).where(Consultation.therapy_id == therapy.id, Consultation.kind.in_(kinds))
    for row in session.scalars(rows.where(Consultation.status == Status.CONFIRMED).order_by(Consultation.id)).all():
        settling.settle(scope, row)


def under(scope: Scope, root: Path) -> tuple[list[Moved], list[Unplannable]]:
    """What would move under the definitions of the folder ``root``, and what could not be planned by them at all."""
    seen = {one.id: one for one in therapies.every(scope)}
    found, lost = [], []
    for view in queries.open_of(scope, list(seen)):
        course = replace(view.course(queries.rounds(scope, view.id)), root=root)
        try:
            plan = course.plan(clock.today())
        except (EngineError, ValueError, Refused) as error:
            lost.append(Unplannable(seen[view.therapy_id], view.id, view.kind.name, str(error)))
            continue
        stored = schedule.of_subject(scope, KIND, view.id)
        moves = [*planning.moves(stored, plan), *planning.vanishing(stored, plan)]
        if moves:
            found.append(moved(seen[view.therapy_id], view.id, plan, moves))
    return found, lost


def moved(therapy: TherapyView, consultation_id: str, plan: ConsultationPlan, moves: Sequence[Move]) -> Moved:
    """One consultation with what would move, and why each date would be the new one."""
    why = {step.key: step.why for step in plan.steps}
    dates = (DateMove(m.title, m.old, m.new, m.old_basis, m.new_basis, why.get(m.key)) for m in moves)
    return Moved(
        therapy.id,
        Text(ja=therapy.name("ja"), en=therapy.name("en")),
        Text(ja=therapy.organisation_ja, en=therapy.organisation_en),
        plan.kind.name,
        f"/consultations/{consultation_id}",
        tuple(dates),
    )


moving.register(Consultations())
storing.follow(_follow)
