"""The hub's companies, inviting one, and the door of an invitation."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, session, url_for
from werkzeug.wrappers import Response

from app.access.actor import Position
from app.core.clock import now
from app.core.errors import Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.organisations import queries, services
from app.organisations.forms import AcceptForm, InviteCompanyForm
from app.web.guard import scope, speak
from app.web.lists import Column

blueprint = Blueprint("organisations", __name__, template_folder="templates")


@blueprint.get("/companies")
def companies() -> str:
    """The companies of the hub and what became of their invitations."""
    return render_template(
        "organisations/companies.html",
        companies=queries.companies(scope()),
        columns=[
            Column(_("Company")),
            Column(_("Regulatory lead")),
            Column(_("E-mail address")),
            Column(_("Invitation")),
        ],
        now=now(),
        may_invite=Position.ADMIN in scope().person().positions(),
    )


@blueprint.route("/companies/invite", methods=["GET", "POST"])
def invite_company() -> str | Response:
    """Invite a company and its lead."""
    form = InviteCompanyForm()
    if form.validate_on_submit():
        hub = next(m.organisation_id for m in scope().person().memberships if m.position is Position.ADMIN)
        values = {key: value for key, value in form.data.items() if key != "csrf_token"}
        try:
            services.invite_company(scope(), hub, **values)
        except Refused as refusal:
            form[refusal.field or "email"].errors = [refusal.sentence.say(language())]
        else:
            flash(_("The invitation is on its way to %(email)s.", email=form.email.data), "success")
            return redirect(url_for("organisations.companies"))
    return render_template("organisations/invite.html", form=form)


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
def accept_invitation(token: str) -> str | Response:
    """The door: choose a password and come in."""
    invitation = queries.open_invitation(token)
    if "language" not in session:
        session["language"] = invitation.language
        speak()
    form = AcceptForm(name=invitation.name, language=invitation.language)
    if form.validate_on_submit():
        try:
            services.accept(token, name=form.name.data, language=form.language.data, password=form.password.data)
        except Refused as refusal:
            form.name.errors = [refusal.sentence.say(language())]
        else:
            flash(_("Welcome. Please sign in with your new password."), "success")
            return redirect(url_for("security.login"))
    return render_template("organisations/accept.html", form=form, invitation=invitation)
