"""Reading what a therapy plans abroad, and what has to be warned of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.abroad.models import ForeignMilestone
from app.access.scope import Scope
from app.core.db import session
from app.core.errors import NotFound
from app.engine import abroad, conflicts
from app.engine.abroad import ClockPart, World
from app.engine.conflicts import Facts, Planned, Warned
from app.engine.definition import abroad as definitions
from app.engine.definition.abroad import Agency
from app.engine.definition.common import Basis, Text
from app.engine.entries_abroad import of_abroad
from app.engine.library import shipped
from app.engine.machine import Days, Tracks
from app.rules import queries as rules
from app.rules.models import RuleVerification
from app.therapies import queries as therapies
from app.therapies.models import Therapy
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


@dataclass(frozen=True, slots=True)
class LostView:
    """What was planned at a milestone that the definitions no longer have; ``agency`` is None where it is gone, too."""

    id: str
    agency: Text | None
    what: str
    target: Days | None
    actual: dt.date | None
    remark: str
    version: int

    @property
    def on(self) -> Days | None:
        """Its day: the actual one where it is known, else the planned one."""
        return Days.of(self.actual) if self.actual else self.target


def world() -> World:
    """Japan and the agencies abroad, as they travel with the program."""
    return shipped().abroad


def of_therapy(scope: Scope, therapy_id: str) -> list[ForeignView]:
    """Everything planned at agencies for a therapy that the reader may see, in the order of its days."""
    return read(scope, therapy_id)[0]


def read(scope: Scope, therapy_id: str) -> tuple[list[ForeignView], list[LostView], set[tuple[str, str]]]:
    """The same; what was planned at milestones that the definitions no longer have; and which entries of the rules
    about agencies stand verified for the reader, with their hashes. One statement.
    """
    entries = [each.id for each in of_abroad(world())]
    found: Sequence[Any] = session.execute(
        select(ForeignMilestone, RuleVerification)
        .select_from(Therapy)
        .outerjoin(ForeignMilestone, ForeignMilestone.therapy_id == Therapy.id)
        .outerjoin(RuleVerification, rules.stands(scope, entries))
        .where(Therapy.id == therapy_id, Therapy.id.in_(therapies.visible_ids(scope)))
    ).all()
    rows = {row.id: row for row, _verified in found if row is not None}.values()
    known = sorted((view(row) for row in rows if _is_known(row)), key=lambda each: (each.on, each.what, each.id))
    verified = {(each.entry, each.digest) for _row, each in found if each is not None}
    return known, [_lost(row) for row in rows if not _is_known(row)], verified


def one_of(scope: Scope, foreign_id: str) -> tuple[TherapyView, ForeignView]:
    """One milestone of one's own with its therapy, for a change; else NotFound."""
    therapy, found = to_drop(scope, foreign_id)
    if isinstance(found, LostView):
        raise NotFound
    return therapy, found


def to_drop(scope: Scope, foreign_id: str) -> tuple[TherapyView, ForeignView | LostView]:
    """The same for dropping it, which can be done also to what the definitions no longer have."""
    therapy, row = therapies.of_row(scope, ForeignMilestone, foreign_id, own=True)
    return therapy, view(row) if _is_known(row) else _lost(row)


def warned(therapy: TherapyView, tracks: Tracks, planned: Iterable[Planned]) -> tuple[Warned, ...]:
    """What has to be warned of, given what is planned and where the therapy stands; reads nothing."""
    return conflicts.warnings(world(), facts_of(therapy, tracks, list(planned)))


def facts_of(therapy: TherapyView, tracks: Tracks, planned: list[Planned]) -> Facts:
    """What conditions may ask of the therapy."""
    return Facts(therapy.product_class, therapy.material, tracks, planned)


def is_known(agency: str, milestone: str) -> bool:
    """Whether the definitions still have that milestone of that agency."""
    found = world().agencies.get(agency)
    return found is not None and milestone in found.by_key


def _is_known(row: ForeignMilestone) -> bool:
    return is_known(row.agency, row.milestone)


def _lost(row: ForeignMilestone) -> LostView:
    agency = world().agencies.get(row.agency)
    short, what = agency.short if agency else None, f"{row.agency}.{row.milestone}"
    return LostView(row.id, short, what, _target(row), row.actual_day, row.remark, row.version)


def view(row: ForeignMilestone) -> ForeignView:
    """A row as its readers see it."""
    agency, milestone = world().agencies[row.agency], world().milestone(row.agency, row.milestone)
    return ForeignView(row.id, row.therapy_id, agency, milestone, _target(row), row.actual_day, row.remark, row.version)


def _target(row: ForeignMilestone) -> Days | None:
    return Days(row.first_day, row.last_day) if row.first_day and row.last_day else None
