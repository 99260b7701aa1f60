"""A keeper sees what an edition of a machine would do to the lines that run, and accepts it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core.errors import Changed, Refused
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.engine.library import shipped
from app.rules import describing, services
from app.rules import editions as reading
from app.rules.views.room import blueprint
from app.therapies import queries as therapies_read
from app.therapies import services as therapies
from app.web.guard import scope

CONFLICT, PAGE = 409, "rules.edition"


@blueprint.get("/rules/editions")
def editions() -> str:
    """Every edition after the first of its machine, and whether it counts for the hub."""
    return render_template("rules/editions.html", editions=reading.of_hub(scope()))


@blueprint.route("/rules/editions/<key>", methods=["GET", "POST"])
def edition(key: str) -> str | Response | tuple[str, int]:
    """The edition of a machine that waits: which lines go over, which stay and why, which days move; accepting it."""
    changed, refused = False, ""
    if request.method == "POST":
        try:
            services.accept_edition(scope(), key, digest=request.form.get("digest", ""))
        except Changed:
            changed = True
        except Refused as refusal:
            refused = refusal.sentence.say(language())
        else:
            flash(_("Accepted. It counts for the hub and its companies from its day on."), "success")
            return redirect(url_for("rules.editions"))
    found = reading.of_machine(scope(), key)
    waiting = next((each for each in found if each.first_in_line), None)
    then = _looked(waiting) if waiting else None
    told = {"edition": waiting, "then": then, "changed": changed, "refused": refused}
    page = render_template(
        "rules/edition.html",
        names=shipped().machines[key].names,
        changes=describing.difference(waiting.old, waiting.new) if waiting else (),
        **told,
    )
    return (page, CONFLICT) if changed or refused else page


def _looked(waiting: reading.EditionView) -> reading.Outlook:
    """What accepting would do; that outsiders looked at these therapies is written down for their owners."""
    granted = therapies_read.listed(scope(), PAGE)
    then = reading.outlook(waiting, visible={one.id for one, _logged in granted})
    shown = {each.therapy_id for each in then.lines}
    therapies.log_list(scope(), [one for one, logged in granted if one.id in shown and not logged], PAGE)
    return then
