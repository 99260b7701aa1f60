"""The plan of a therapy: every date of it, as a diagram and as its table."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, render_template, request, url_for

from app.core import clock
from app.core.i18n import gettext as _
from app.core.i18n import language, ngettext
from app.engine.calendar import japan
from app.engine.definition.common import Text
from app.schedule import boards, departures, diagram, duties, evidence, queries, services
from app.schedule.queries import MilestoneView, may_be_over
from app.therapies import queries as therapies
from app.therapies import services as therapy_services
from app.web import links
from app.web.guard import scope
from app.web.lists import Pagination

blueprint = Blueprint("schedule", __name__, template_folder="templates")

OTHER = Text(ja="そのほか", en="Other")
PER_PAGE = 100  # dates of the table; the picture shows all
SOONEST = 3  # dates whose derivation is printed

__all__ = ["blueprint", "duties", "evidence"]  # the rooms of histories and of evidence tell their days


@blueprint.get("/therapies/<therapy_id>/plan")
def plan(therapy_id: str) -> str:
    """The timetable diagram, and under it the same as a table with the derivation of every date."""
    therapy = therapies.get(scope(), therapy_id)
    therapy_services.log_view(scope(), therapy, "schedule.plan")
    today, speak, calendar = clock.today(), language(), japan()
    milestones = queries.of_therapy(scope(), therapy_id)
    numbered = [
        (number, m, m.title.say(speak), (m.about or OTHER).say(speak)) for number, m in enumerate(milestones, start=1)
    ]
    pages = Pagination.of(
        request.args.get("page", _present(milestones), int),
        PER_PAGE,
        len(milestones),
        lambda number: url_for("schedule.plan", therapy_id=therapy_id, page=number, _anchor="dates"),
    )
    rows = [
        {
            "number": number,
            "milestone": m,
            "title": title,
            "about": about,
            "date": boards.date_view(m, speak),
            "left": boards.days_left(m, today, calendar),
            "may_be_over": m.done_on is None and may_be_over(m, today),
            "href": services.path_of(m) if therapy.may_write else None,
        }
        for number, m, title, about in pages.cut(numbered)
    ]
    span = diagram.months_of(numbered, today)
    subjects = {(m.subject_kind, m.subject_id) for m in milestones}
    lines = departures.lines(scope(), subjects, *span) if span else {}
    return render_template(
        "schedule/plan.html",
        therapy=therapy,
        rows=rows,
        soonest={m.id for m in [m for m in milestones if m.done_on is None and m.duty_day][:SOONEST]},
        pages=pages,
        wide=diagram.draw(numbered, today, lines),
        narrow=diagram.draw(numbered, today, lines, diagram.NARROW),
        delay=delay(milestones),
        new=links.page("consultations.choose", therapy_id=therapy_id) if therapy.may_write else None,
    )


def _present(milestones: Sequence[MilestoneView]) -> int:
    """The page of the table on which the first date stands that is still to come; what is done is before it."""
    coming = (place for place, each in enumerate(milestones) if each.done_on is None)
    return next(coming, 0) // PER_PAGE + 1


def delay(milestones: list[MilestoneView]) -> str | None:
    """What a delay costs, in words: how many office days are left for the next step that has a price, and the price."""
    today, calendar = clock.today(), japan()
    open_ones = [each for each in milestones if each.done_on is None and each.duty_day and each.duty_day >= today]
    milestone = boards.first_that_costs(open_ones)
    if milestone is None or milestone.price is None:
        return None
    left = boards.days_left(milestone, today, calendar) or 0
    what = _("%(step)s (%(about)s)", step=milestone.title.say(language()), about=_about(milestone))
    rest = (
        _("%(what)s: the day is today.", what=what)
        if milestone.duty_day == today
        else ngettext(
            "%(what)s: %(num)s office day is left.",
            "%(what)s: %(num)s office days are left.",
            left,
            what=what,
        )
    )
    return rest + ("" if language() == "ja" else " ") + milestone.price.say(language())


def _about(milestone: MilestoneView) -> str:
    return milestone.about.say(language()) if milestone.about else ""
