"""What plans abroad spoil at home, for pages about more than the way abroad: the plans come along with the therapy."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from sqlalchemy import ScalarSelect, String, cast, func, select

from app.abroad import queries
from app.abroad.models import ForeignMilestone
from app.engine.conflicts import Planned, Warned
from app.engine.machine import Days, Tracks
from app.therapies.models import Therapy
from app.therapies.queries import TherapyView


@cache
def plans() -> ScalarSelect[str]:
    """What a therapy plans at agencies, as a value of the statement that reads the therapy; NULL for nothing.

    It lists ``id/agency/milestone/first day/last day``, divided by blanks.
    """
    told = (
        ForeignMilestone.id.concat("/").concat(ForeignMilestone.agency).concat("/").concat(ForeignMilestone.milestone)
    )
    for day in (ForeignMilestone.first_day, ForeignMilestone.last_day):
        told = told.concat("/").concat(cast(func.coalesce(ForeignMilestone.actual_day, day), String))
    chosen = select(func.aggregate_strings(told, " ")).where(ForeignMilestone.therapy_id == Therapy.id)
    return chosen.correlate(Therapy).scalar_subquery()


def conflicts(therapy: TherapyView, tracks: Tracks, told: str | None) -> tuple[Warned, ...]:
    """What conflicts, or may, each sentence once; ``told`` is the value of ``plans``.

    What is only to be checked is no conflict.
    """
    warned = queries.warned(therapy, tracks, _planned(told))
    return tuple({each.says: each for each in reversed(warned) if each.conflict.level == "conflict"}.values())[::-1]


def name(therapy_id: str, warned: Warned) -> str:
    """What a conflict is, whatever its days: it is none that is new when a day moves."""
    planned = warned.milestone
    return f"{therapy_id}/{warned.conflict.key}/{planned.agency}/{planned.milestone}"


def _planned(told: str | None) -> Iterator[Planned]:
    for each in (told or "").split():
        key, agency, milestone, first, last = each.split("/")
        if queries.is_known(agency, milestone):
            yield Planned(key, agency, milestone, Days.parse(f"{first}/{last}"))
