"""Choosing a kind and a wish, looking at the plan, confirming it; changing the wish."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.consultations import catalogue, planning, queries, services
from app.consultations.forms import ChangeWishForm, ConfirmForm, PlanForm, WishForm, choices
from app.consultations.views import parts, room
from app.consultations.wish import Wish
from app.core import clock, formats
from app.core.errors import Changed, Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.engine.calendar import Month, japan
from app.engine.consultation import ConsultationPlan
from app.schedule import boards
from app.therapies import queries as therapies
from app.therapies.queries import TherapyView
from app.web.components import Link
from app.web.guard import scope

MONTHS_OFFERED = 20


@room.blueprint.get("/therapies/<therapy_id>/consultations/new")
def choose(therapy_id: str) -> str:
    """Which kind of consultation, and when."""
    therapy = therapies.own(scope(), therapy_id)
    form = PlanForm(data={"month": str(Month.of(clock.today()).plus(3)), "kind": request.args.get("kind")})
    return _choose(therapy, form)


@room.blueprint.get("/therapies/<therapy_id>/consultations/plan")
def preview(therapy_id: str) -> str:
    """The plan, computed and not saved; the address can be kept and comes back to the same wish."""
    therapy = therapies.own(scope(), therapy_id)
    form = PlanForm(request.args)
    _offer_months(form)
    if not form.validate() or form.kind.data not in {offer.kind.key for offer in catalogue.offers(therapy)}:
        return _choose(therapy, form)
    try:
        wish = Wish.read(form.month.data, form.meeting.day.isoformat() if form.meeting.day else None)
        plan_of = services.previewing(scope(), therapy_id, form.kind.data)
        plan = plan_of(wish)
        beside = parts.months(plan_of, wish, clock.today())
    except Refused as refusal:
        room.say(form, refusal, "month")
        return _choose(therapy, form)
    return _preview(therapy, form, wish, plan, beside)


@room.blueprint.post("/therapies/<therapy_id>/consultations")
def confirm(therapy_id: str) -> str | Response:
    """Save the plan that was looked at."""
    therapy = therapies.own(scope(), therapy_id)
    form = ConfirmForm()
    if not form.validate_on_submit() or form.kind.data not in {offer.kind.key for offer in catalogue.offers(therapy)}:
        return redirect(url_for(".choose", therapy_id=therapy_id))
    try:
        wish = Wish.read(form.month.data, form.meeting.data)
        new = services.confirm(scope(), therapy_id, form.kind.data, wish, place=form.place.data)
    except Refused as refusal:
        flash(refusal.sentence.say(language()), "error")
        return redirect(url_for(".choose", therapy_id=therapy_id, kind=form.kind.data))
    flash(_("Planned. Its dates now stand on Today, in the plan of the therapy and in the calendar."), "success")
    return redirect(url_for(".show", consultation_id=new))


@room.blueprint.route("/consultations/<consultation_id>/wish", methods=["GET", "POST"])
def change_wish(consultation_id: str) -> room.Page:
    """Another month or day: first what moves, then saved."""
    here = room.own(consultation_id)
    wish = here.consultation.wish
    form = ChangeWishForm(
        month=str(wish.month) if wish.month else "", meeting=wish.meeting, version=str(here.consultation.version)
    )
    _offer_months(form)
    moves, stored = None, None
    if form.validate_on_submit():
        try:
            seen = room.version(form.version.data)
            wish = Wish.read(form.month.data, form.meeting.day.isoformat() if form.meeting.day else None)
            sure = "sure" in request.form
            moves = services.change_wish(scope(), consultation_id, wish, version=seen, dry=not sure)
        except Changed:
            stored = [
                (form.month.label.text, here.consultation.wish.month),
                (form.meeting.label.text, here.consultation.wish.meeting),
            ]
            form.version.data = str(here.consultation.version)
        except Refused as refusal:
            room.say(form, refusal, "month")
        else:
            if sure:
                flash(_("Changed: %(moves)s", moves=said(moves)), "success")
                return redirect(url_for(".show", consultation_id=consultation_id))
    rows = parts.move_rows(moves) if moves is not None else None
    return room.both("wish.html", here, "show", changed=stored, form=form, moves=rows, wish=wish, stored=stored)


def said(moves: list[planning.Move], most: int = 3) -> str:
    """The first moves in one line."""
    glue, speak = ("、" if language() == "ja" else "; "), language()
    line = glue.join(move.text.say(speak) for move in moves[:most])
    more = len(moves) - most
    return line + (glue + _("and %(count)s more", count=more) if more > 0 else "") if moves else _("no date moves")


def _choose(therapy: TherapyView, form: PlanForm) -> str:
    offers = catalogue.offers(therapy)
    form.kind.choices = choices((offer.kind.key, offer.kind.name.say(language())) for offer in offers)
    if form.kind.data is None:
        form.kind.data = next((offer.kind.key for offer in offers if offer.fits), None)
    _offer_months(form)
    asked = request.args.get("kind")  # what a condition waits for is often under way already
    return render_template(
        "consultations/choose.html",
        therapy=therapy,
        form=form,
        offers={o.kind.key: o for o in offers},
        under_way=[one for one in queries.open_of(scope(), [therapy.id]) if one.kind.key == asked] if asked else [],
    )


def _preview(
    therapy: TherapyView, form: PlanForm, wish: Wish, plan: ConsultationPlan, beside: list[parts.MonthRow]
) -> str:
    today, speak = clock.today(), language()
    drafts = planning.drafts(plan)
    month = wish.in_month
    return render_template(
        "consultations/preview.html",
        therapy=therapy,
        plan=plan,
        wish=wish,
        form=form,
        sure=ConfirmForm(data={"kind": plan.kind.key, **wish.query}),
        rail=parts.rail(plan),
        board=boards.plan_board(
            [draft for draft in drafts if draft.ours],
            today,
            speak,
            heading=_("What you must meet"),
            empty=_("No step of this consultation has a day yet."),
            foot=planning.price(plan),
        ),
        warnings=parts.warnings(plan),
        months=beside,
        days_left=japan().count(today, plan.last_safe_day) if plan.last_safe_day else None,
        earlier=month.plus(-1) if month else None,
        later=month.plus(1) if month else None,
        marks=parts.marks,
        plan_link=lambda kind: Link(_("Plan it first"), url_for(".choose", therapy_id=therapy.id, kind=kind.key)),
        before=catalogue.missing_before(scope(), therapy.id, plan.kind),
    )


def _offer_months(form: WishForm) -> None:
    """The months that can be chosen, and the one that stands in the address."""
    first = Month.of(clock.today())
    offered = [first.plus(n) for n in range(MONTHS_OFFERED)]
    chosen = form.month.data or ""
    if chosen and chosen not in map(str, offered):
        try:
            offered = sorted([*offered, Month.parse(chosen)])
        except ValueError:
            form.month.data = ""
    form.month.choices = choices([("", _("Please choose")), *((str(m), formats.month(m)) for m in offered)])
