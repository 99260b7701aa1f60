"""The page of one therapy, composed from the rooms below; its own people and the hub it is shared with read it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Select

from app.abroad import cautions, spoilt
from app.abroad.cautions import Caution
from app.access.scope import Reads, Scope
from app.consultations import queries as consultations
from app.consultations.queries import ConsultationView
from app.core.i18n import Language
from app.core.i18n import gettext as _
from app.pathways import pictures
from app.pathways import queries as histories
from app.pathways.links import help_for
from app.pathways.maps import line_map
from app.pathways.pictures import Planned, Step, TrackRow
from app.pathways.queries import TherapyOverview
from app.pathways.rules import CONSULTATION
from app.schedule import ahead, boards, duties, evidence
from app.schedule.queries import MilestoneView
from app.schedule.services import path_of
from app.therapies.queries import Standing, TherapyView
from app.web import links
from app.web.components import DateView, DepartureBoard, StationSign
from app.web.linemap import LineMapView, line_map_view

BOARD, LATEST, STEPS = 6, 5, 4  # rows of the board, of the history and of the next steps


@dataclass(frozen=True)
class Meeting:
    """One consultation of the therapy and the day of its meeting."""

    consultation: ConsultationView
    date: DateView


@dataclass(frozen=True)
class TherapyPage:
    """Everything on the page of a therapy."""

    therapy: TherapyView
    overview: TherapyOverview
    sign: StationSign | None
    map: LineMapView
    tracks: tuple[TrackRow, ...]
    steps: tuple[Step, ...]
    more_steps: int
    board: DepartureBoard
    meetings: tuple[Meeting, ...]
    abroad: tuple[Caution, ...] = ()  # what plans abroad spoil at home


def overview(scope: Scope, therapy_id: str, today: dt.date, *, own: bool = False) -> TherapyOverview:
    """What ``page`` composes from: how far the therapy is, with its plans abroad, in one statement."""
    return histories.overview(scope, therapy_id, today, spoilt.plans(), own=own)


def page(scope: Scope, overview: TherapyOverview, language: Language) -> TherapyPage:
    """Compose the page of a therapy from what ``overview`` read; two more statements."""
    therapy, day = overview.therapy, overview.today
    held = consultations.of_therapy(scope, therapy.id)
    keys = list({each.meeting_key for each in held})
    milestones = ahead.read(scope, _parts, therapy_ids=[therapy.id], keys=keys)
    meetings = tuple(_meeting(each, milestones, language) for each in held)
    planned = _planned(held, milestones)
    helping = help_for(therapy)
    steps = [step for step in pictures.steps(overview, helping) if step.there and not step.usual]
    near = [step for step in steps if step.choice.possible or _same_line(step, overview)]
    coming = [each for each in milestones if each.done_on is None and each.duty_day]
    return TherapyPage(
        therapy=therapy,
        overview=overview,
        sign=pictures.sign(overview, helping, planned),
        map=line_map_view(line_map(overview, planned), language, _("Line map")),
        tracks=pictures.track_rows(overview.tracks),
        steps=tuple(near[:STEPS]),
        more_steps=len(steps) - len(near[:STEPS]),
        board=_board(therapy, coming[:BOARD], day, language),
        meetings=meetings,
        abroad=cautions.said(spoilt.conflicts(therapy, overview.tracks, *overview.beside)),
    )


def _parts(_reader: Reads) -> tuple[Select[str], ...]:
    return ahead.first(ahead.THESE, BOARD), ahead.steps(ahead.THESE)


def as_the_hub(overview: TherapyOverview) -> TherapyOverview:
    """The overview as somebody with a grant sees it."""
    return replace(overview, therapy=replace(overview.therapy, standing=Standing.GRANTED, may_share=False))


def _board(therapy: TherapyView, coming: Sequence[MilestoneView], day: dt.date, language: Language) -> DepartureBoard:
    """The next dates; readers who may change nothing are led to the consultation, not to the form of its step."""
    board = boards.departure_board(coming, day, language, therapy=False)
    if therapy.may_write:
        return board
    addresses = [_to_read(each) for each in coming]
    led = zip(board.departures, addresses, strict=True)
    return replace(board, departures=tuple(replace(row, href=address) for row, address in led))


def _to_read(milestone: MilestoneView) -> str | None:
    """The page about a date that changes nothing: the history, what the evidence is, or the consultation of a step."""
    if milestone.subject_kind in (duties.KIND, evidence.KIND):
        return path_of(milestone)
    return links.page("consultations.show", consultation_id=milestone.subject_id)


def _same_line(step: Step, overview: TherapyOverview) -> bool:
    return overview.leading is not None and step.choice.machine == overview.leading.machine


def _meeting(held: ConsultationView, milestones: Sequence[MilestoneView], language: Language) -> Meeting:
    milestone = _of_meeting(held, milestones)
    return Meeting(held, boards.date_view(milestone, language) if milestone else pictures.date_of(None))


def _planned(held: Sequence[ConsultationView], milestones: Sequence[MilestoneView]) -> tuple[Planned, ...]:
    """The days of meetings to come, for the line of consultations."""
    found = []
    for each in held:
        milestone = _of_meeting(each, milestones)
        if each.open and each.instance and milestone:
            days = (milestone.on_day, milestone.earliest, milestone.latest)
            days = (milestone.on_day, None, None) if milestone.on_day else days
            found.append(Planned(CONSULTATION, milestone.basis, None, each.instance, each.kind.name, *days))
    return tuple(found)


def _of_meeting(held: ConsultationView, milestones: Sequence[MilestoneView]) -> MilestoneView | None:
    return next((each for each in milestones if each.subject_id == held.id and each.key == held.meeting_key), None)
