"""Reading what a therapy plans abroad, and what has to be warned of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from app.abroad.models import ForeignMilestone
from app.access.scope import Scope
from app.core.db import session
from app.engine import abroad, conflicts
from app.engine.abroad import ClockPart, World
from app.engine.conflicts import Facts, Planned, Warned
from app.engine.definition import abroad as definitions
from app.engine.definition.abroad import Agency
from app.engine.definition.common import Basis
from app.engine.library import shipped
from app.engine.machine import Days, Tracks
from app.therapies import queries as therapies
from app.therapies.queries import TherapyView


@dataclass(frozen=True, slots=True)
class ForeignView:
    """A milestone of an agency as its readers see it."""

    id: str
    therapy_id: str
    agency: Agency
    milestone: definitions.ForeignMilestone
    target: Days | None
    actual: dt.date | None
    remark: str
    version: int

    @property
    def on(self) -> Days:
        """Its day: the actual one where it is known, else the planned one."""
        day = Days.of(self.actual) if self.actual else self.target
        assert day is not None
        return day

    @property
    def basis(self) -> Basis:
        """How firm that day is."""
        return Basis.ACTUAL if self.actual else Basis.TARGET

    @property
    def what(self) -> str:
        """Agency and milestone as forms name them."""
        return f"{self.agency.key}.{self.milestone.key}"

    @property
    def parts(self) -> tuple[ClockPart, ...]:
        """What the clocks of its agency say."""
        return abroad.run(self.agency, self.milestone, self.on, self.basis)

    @property
    def planned(self) -> Planned:
        """It as conflicts ask for it."""
        return Planned(self.id, self.agency.key, self.milestone.key, self.on)


def world() -> World:
    """Japan and the agencies abroad, as they travel with the program."""
    return shipped().abroad


def of_therapy(scope: Scope, therapy_id: str) -> list[ForeignView]:
    """Everything planned at agencies for a therapy that the reader may see, in the order of its days."""
    chosen = select(ForeignMilestone).where(
        ForeignMilestone.therapy_id == therapy_id, ForeignMilestone.therapy_id.in_(therapies.visible_ids(scope))
    )
    return sorted((view(row) for row in session.scalars(chosen)), key=lambda each: (each.on, each.what, each.id))


def one_of(scope: Scope, foreign_id: str) -> tuple[TherapyView, ForeignView]:
    """One milestone of one's own with its therapy, for a change; else NotFound."""
    therapy, row = therapies.of_row(scope, ForeignMilestone, foreign_id, own=True)
    return therapy, view(row)


def warned(therapy: TherapyView, tracks: Tracks, known: Iterable[ForeignView]) -> tuple[Warned, ...]:
    """What has to be warned of, given what is planned and where the therapy stands; reads nothing."""
    return conflicts.warnings(world(), facts_of(therapy, tracks, [each.planned for each in known]))


def facts_of(therapy: TherapyView, tracks: Tracks, planned: list[Planned]) -> Facts:
    """What conditions may ask of the therapy."""
    return Facts(therapy.product_class, therapy.material, tracks, planned)


def view(row: ForeignMilestone) -> ForeignView:
    """A row as its readers see it."""
    target = Days(row.first_day, row.last_day) if row.first_day and row.last_day else None
    agency, milestone = world().agencies[row.agency], world().milestone(row.agency, row.milestone)
    return ForeignView(row.id, row.therapy_id, agency, milestone, target, row.actual_day, row.remark, row.version)
