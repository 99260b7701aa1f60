"""The page of one consultation, and recording what happened at its steps."""

from __future__ import annotations

import datetime as dt

from flask import flash, redirect, request, url_for

from app.consultations import costs, planning, queries, services
from app.consultations.course import RECEIVED, step_of_round
from app.consultations.forms import StepForm, choices
from app.consultations.occasions import Occasion, occasions
from app.consultations.places import PLACES
from app.consultations.planning import Move
from app.consultations.views import parts, room
from app.consultations.views.planning import said
from app.core import clock, formats
from app.core.errors import Changed, NotFound, Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.engine.calendar import japan
from app.engine.consultation import ConsultationPlan, PlannedStep
from app.engine.definition.common import Basis, Text
from app.rules.pages import standing
from app.schedule import boards
from app.web.guard import scope

NOTICE = "date_notice"  # the step with which PMDA names the day of the meeting


@room.blueprint.get("/consultations/<consultation_id>")
def show(consultation_id: str) -> str:
    """The rail of steps, what to do next, and what has moved so far."""
    here = room.opened(consultation_id)
    known, rounds, verified = queries.with_verified(scope(), consultation_id, costs.entries(here.consultation.kind))
    today = clock.today()
    plan, open_now = known.course(rounds).plan(today), here.consultation.open

    def link(step: PlannedStep) -> str | None:
        if not here.mine or here.consultation.end:
            return None
        return url_for(".step", consultation_id=consultation_id, key=step.key)

    rail = parts.rail(plan, link)
    ahead = next((i for i, step in enumerate(rail) if step.standing == "now"), None)
    first = plan.first_step if open_now else None
    return room.page(
        "show.html",
        here,
        "show",
        plan=plan,
        rail=rail,
        now=plan.steps[ahead] if open_now and ahead is not None else None,
        first=first,
        days_left=japan().count(today, plan.last_safe_day) if first and plan.last_safe_day else None,
        board=boards.plan_board(
            planning.drafts(plan) if open_now else [],
            today,
            language(),
            heading=_("What comes next"),
            empty=_("Nothing is waiting."),
            foot=_price(plan) if open_now else None,
        ),
        warnings=parts.warnings(plan) if open_now else [],
        place=PLACES[here.consultation.place].say(language()),
        changes=parts.changes(scope(), consultation_id, plan) if here.mine else [],
        marks=parts.marks,
        costs=costs.of_plan(plan, known.entered, today),
        verified=standing(verified),
        **(_occasions(here) if here.mine else {}),
    )


@room.blueprint.route("/consultations/<consultation_id>/steps/<key>", methods=["GET", "POST"])
def step(consultation_id: str, key: str) -> room.Page:
    """What happened at a step: first what moves with it, then saved."""
    here = room.own(consultation_id)
    plan = services.current_plan(scope(), here.consultation)
    if named := step_of_round(key):
        return redirect(_round_page(here, *named))
    known = next((one for one in plan.steps if one.key == key), None)
    if known is None:
        raise NotFound
    fact = here.consultation.facts.get(key)
    form = StepForm(
        day=fact.day if fact else clock.today(),
        what=_offered(known)[0][0],
        version=str(here.consultation.version),
    )
    form.what.choices = choices(_offered(known))
    moves: list[Move] | None = None
    stored = None
    reopening = "reopen" in request.form
    if form.validate_on_submit() and form.day.day:
        try:
            moves = _record(here, known, form, form.day.day, sure="sure" in request.form, reopening=reopening)
        except Changed:
            stored = [(form.day.label.text, fact and formats.day(fact.day))]
            form.version.data = str(here.consultation.version)
        except Refused as refusal:
            room.say(form, refusal, "day")
        else:
            if "sure" in request.form or all(move.key == key for move in moves):
                if "sure" not in request.form:
                    _record(here, known, form, form.day.day, sure=True, reopening=reopening)
                flash(_("Recorded: %(moves)s", moves=said(moves)), "success")
                return redirect(url_for(".show", consultation_id=consultation_id))
    return room.both(
        "step.html",
        here,
        "show",
        changed=stored,
        stored=stored,
        form=form,
        step=known,
        fact=fact,
        only=_offered(known)[0][0] if len(_offered(known)) == 1 else None,
        names_meeting=key == NOTICE,
        reopening=reopening,
        moves=parts.move_rows(moves) if moves is not None else None,
        date=boards.date_view(planning.draft(plan, known), language()),
        note=parts.note(known),
    )


def _occasions(here: room.Opened) -> dict[str, list[parts.Offer]]:
    """What can be recorded now with the page for it, and what cannot."""
    identity, found = here.consultation.id, occasions(scope(), here.consultation)

    def page_for(one: Occasion) -> str:
        if one.step is None:
            return url_for(".happened", consultation_id=identity, what=one.event)
        return url_for(".step", consultation_id=identity, key=one.step)

    offers = [parts.offer(one, page_for(one) if one.possible else None) for one in found]
    return {"possible": [o for o in offers if o.href], "impossible": [o for o in offers if not o.href]}


def _round_page(here: room.Opened, step: str, number: int) -> str:
    """Where a round of inquiries is recorded: its own page, a new one, or all of them."""
    identity, known = here.consultation.id, queries.inquiries(scope(), here.consultation.id)
    open_round = next((one for one in known if one.number == number), None)
    if step == RECEIVED and (not known or (known[-1].days.answered_on and open_round is None)):
        return url_for(".add_inquiry", consultation_id=identity)
    if open_round is None:
        return url_for(".inquiries", consultation_id=identity)
    return url_for(".edit_inquiry", consultation_id=identity, inquiry_id=open_round.id)


def _record(
    here: room.Opened, known: PlannedStep, form: StepForm, day: dt.date, *, sure: bool, reopening: bool
) -> list[Move]:
    version, identity = room.version(form.version.data), here.consultation.id
    if reopening:
        return services.reopen_step(scope(), identity, known.key, version=version, dry=not sure)
    if known.key == NOTICE and form.meeting.day:
        return services.record_notice(
            scope(), identity, known.key, day, form.meeting.day, version=version, dry=not sure
        )
    basis = Basis(form.what.data) if form.what.data in dict(_offered(known)) else Basis.ACTUAL
    return services.record_step(scope(), identity, known.key, day, basis=basis, version=version, dry=not sure)


def _offered(known: PlannedStep) -> list[tuple[str, str]]:
    """What can be said about a step: that it happened, and for two of them that PMDA named the day."""
    happened = [(str(Basis.ACTUAL), _("It happened on this day"))]
    if known.step.place == "meeting":
        return [(str(Basis.AGREED), _("PMDA named this day for the meeting")), *happened]
    if known.step.place == "reception" and known.span is not None:
        return [*happened, (str(Basis.PUBLISHED), _("PMDA has published this day; we have not filed yet"))]
    return happened


def _price(plan: ConsultationPlan) -> Text | None:
    asked = next(step for step in plan.steps if step.step.place == "reception")
    return None if asked.done else planning.price(plan)
