"""A keeper verifies an entry, or takes that back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import Changed, Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.rules import queries, services
from app.rules.forms import ReasonForm, VerifyForm
from app.rules.views.room import address, blueprint, reader
from app.web.guard import scope

CONFLICT = 409


@blueprint.route("/rules/entries/<entry>/verify", methods=["GET", "POST"])
def verify(entry: str) -> str | Response | tuple[str, int]:
    """Say what was compared with what, and on which day; the entry is shown as it stands."""
    mine = reader()
    found = mine.find(entry)
    form, changed = VerifyForm(data={"on": clock.today()} if request.method == "GET" else None), False
    if form.validate_on_submit():
        try:
            services.verify(
                scope(),
                found,
                digest=request.form.get("digest", ""),
                on=form.on.day or clock.today(),
                compared=form.compared.data,
                document=form.document.data or "",
            )
        except Changed:
            changed = True
        except Refused as refusal:
            form[refusal.field or "on"].errors = [refusal.sentence.say(language())]
        else:
            flash(_("Verified as it stands. If it changes, it is unverified again."), "success")
            return redirect(address(found))
    page = render_template("rules/verify.html", row=mine.row(found), form=form, changed=changed)
    return (page, CONFLICT) if changed else page


@blueprint.route("/rules/verifications/<verification_id>", methods=["GET", "POST"])
def take_back(verification_id: str) -> str | Response:
    """It was not right after all."""
    found, form = queries.verification(scope(), verification_id), ReasonForm()
    if form.validate_on_submit():
        try:
            services.take_back(scope(), verification_id, reason=form.reason.data)
        except Refused as refusal:
            form.reason.errors = [refusal.sentence.say(language())]
        except Changed:
            flash(_("This was already taken back."), "info")
            return redirect(url_for("rules.index"))
        else:
            flash(_("Taken back. The entry is unverified again."), "success")
            return redirect(url_for("rules.index"))
    names = next((each.names for each in reader().all() if each.id == found.entry), None)
    return render_template("rules/take_back.html", found=found, names=names, form=form)
