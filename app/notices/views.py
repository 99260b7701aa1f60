"""One's notices, one's choices, and the calendar feed, which works without signing in."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from app.access.actor import Position
from app.core import heartbeat, outbox
from app.core.addresses import address
from app.core.errors import Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.notices import queries, services
from app.notices.forms import MailsForm, NamesForm
from app.notices.queries import ChoiceView
from app.notices.wording import rule_name
from app.schedule.boards import date_view
from app.schedule.services import path_of
from app.web.fields import version
from app.web.guard import scope
from app.web.lists import Column, Pagination
from app.web.shell import settings

blueprint = Blueprint("notices", __name__, template_folder="templates")

PER_PAGE, LAST_PAGE = 50, 10**6  # nobody has more; a database cannot count as far as an address can


@blueprint.get("/notices")
def index() -> str:
    """What was mailed to me, and what will be if nothing changes."""
    choice = queries.choice(scope())
    return _index(MailsForm(formdata=None, mails=choice.mails, version=choice.version), choice)


@blueprint.post("/notices")
def choose_mails() -> str | BaseResponse:
    """Get deadline mails or not."""
    form = MailsForm()
    if form.validate_on_submit():
        try:
            services.choose_mails(scope(), bool(form.mails.data), version=version(form.version.data))
        except Refused as refusal:
            form.mails.errors = [refusal.sentence.say(language())]
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("notices.index"))
    return _index(form, queries.choice(scope()))


@blueprint.get("/account/calendar")
def calendar() -> str:
    """The address of one's calendar feed, and what it shows."""
    choice = queries.choice(scope())
    token = queries.feed_token(settings().key(), choice.feed_seed) if choice.feed_seed else None
    return render_template(
        "notices/calendar.html",
        choice=choice,
        address=address(url_for("notices.feed", token=token)) if token else None,
        form=NamesForm(formdata=None, hide_names=choice.hide_names, version=choice.version),
    )


@blueprint.post("/account/calendar")
def renew_feed() -> BaseResponse:
    """A new secret address; the old one ends."""
    services.renew_feed(scope(), settings().key())
    flash(_("The calendar has a new address."), "success")
    return redirect(url_for("notices.calendar"))


@blueprint.post("/account/calendar/end")
def end_feed() -> BaseResponse:
    """No feed any more."""
    services.revoke_feed(scope())
    flash(_("The calendar address has been ended."), "success")
    return redirect(url_for("notices.calendar"))


@blueprint.post("/account/calendar/names")
def choose_names() -> BaseResponse:
    """Names of therapies in the feed or not."""
    form = NamesForm()
    if form.validate_on_submit():
        services.choose_names(scope(), bool(form.hide_names.data), version=version(form.version.data))
        flash(_("Saved."), "success")
    return redirect(url_for("notices.calendar"))


@blueprint.get("/calendar/<token>.ics")
def feed(token: str) -> Response:
    """The calendar for programs that subscribe to it."""
    return Response(
        queries.feed(token),
        content_type="text/calendar; charset=utf-8",
        headers={"Cache-Control": "private, no-store", "Content-Disposition": 'inline; filename="shirube.ics"'},
    )


def _index(form: MailsForm, choice: ChoiceView) -> str:
    number = min(max(request.args.get("page", 1, type=int), 1), LAST_PAGE)
    sent, count = queries.sent(scope(), page=number, size=PER_PAGE)
    return render_template(
        "notices/index.html",
        form=form,
        may_choose=Position.LEAD not in scope().person().positions(),
        unreachable=outbox.unreachable([scope().person().email]),
        sleeping=not heartbeat.alive(settings()),
        coming=[
            (each, rule_name(each.due.rule), date_view(each.milestone, language()), path_of(each.milestone))
            for each in queries.coming(scope(), choice)
        ],
        coming_columns=[Column(_("Mail on")), Column(_("What")), Column(_("Therapy")), Column(_("Its day"))],
        sent=sent,
        sent_columns=[Column(_("Mailed")), Column(_("Subject"))],
        pages=Pagination.of(number, PER_PAGE, count, lambda page: url_for("notices.index", page=page)),
    )
