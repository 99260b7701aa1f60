"""The company's therapies, adding and changing one, and the page 'Who sees what'."""

from __future__ import annotations

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.errors import Changed, Refused
from app.core.i18n import gettext as _
from app.core.i18n import language, pgettext
from app.organisations import queries as organisations
from app.therapies import places, queries, services
from app.therapies.forms import AddTherapyForm, EditTherapyForm, GrantForm
from app.therapies.kinds import class_of
from app.web.fields import version
from app.web.guard import scope
from app.web.lists import Pagination

blueprint = Blueprint("therapies", __name__, template_folder="templates")
PER_PAGE = 50  # therapies of the list


@blueprint.get("/therapies")
def index() -> str:
    """The company's own therapies by name, in pages, and where each stands."""
    stations = places.known()
    number = request.args.get("page", 1, int)
    shown = queries.own_page(scope(), number, PER_PAGE, stations.history())
    return render_template(
        "therapies/index.html",
        therapies=[view for view, _history in shown.rows],
        places=stations.places(shown.rows),
        pages=Pagination.of(number, PER_PAGE, shown.total, _list_page),
    )


def _list_page(number: int) -> str:
    return url_for("therapies.index", page=number)


@blueprint.route("/therapies/add", methods=["GET", "POST"])
def add() -> str | Response:
    """One short form; the therapy's page follows."""
    form = AddTherapyForm()
    if form.validate_on_submit():
        typed = {f"name_{language()}": form.name.data, f"indication_{language()}": form.indication.data}
        try:
            new = services.add(
                scope(),
                **typed,
                product_class=class_of(form.material.data),
                material=form.material.data,
                stage=form.stage.data,
                because=form.because.data or "",
            )
        except Refused as refusal:
            field = {"name_ja": "name"}.get(refusal.field or "", refusal.field or "name")
            form[field].errors = [refusal.sentence.say(language())]
        else:
            flash(_("Added. Nobody outside your organisation sees it until you share it."), "success")
            return redirect(url_for("desk.therapy", therapy_id=new))
    return render_template("therapies/add.html", form=form)


@blueprint.route("/therapies/<therapy_id>/edit", methods=["GET", "POST"])
def edit(therapy_id: str) -> str | Response | tuple[str, int]:
    """Names, indication, class and material, in both languages."""
    therapy = queries.own(scope(), therapy_id)
    form = EditTherapyForm(obj=therapy)
    if form.validate_on_submit():
        values = {key: value for key, value in form.data.items() if key not in {"csrf_token", "version"}}
        try:
            services.edit(
                scope(),
                therapy_id,
                version=version(form.version.data),
                product_class=class_of(form.material.data),
                **values,
            )
        except Changed:
            form.version.data = str(therapy.version)
            return render_template(
                "therapies/edit.html", form=form, therapy=therapy, stored=_stored(form, therapy)
            ), 409
        except Refused as refusal:
            form[refusal.field or "name_ja"].errors = [refusal.sentence.say(language())]
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("desk.therapy", therapy_id=therapy_id))
    return render_template("therapies/edit.html", form=form, therapy=therapy)


def _stored(form: EditTherapyForm, therapy: queries.TherapyView) -> list[tuple[str, str]]:
    """What is stored now, by the labels of the form."""
    names = ("name_ja", "name_en", "indication_ja", "indication_en")
    found = [(form[name].label.text, str(getattr(therapy, name))) for name in names]
    return [*found, (form.material.label.text, therapy.material_text.say(language()))]


@blueprint.route("/therapies/<therapy_id>/sharing", methods=["GET", "POST"])
def sharing(therapy_id: str) -> str | Response:
    """Who sees what: grants, what they show, and every read by somebody outside."""
    therapy, grants = queries.shared(scope(), therapy_id)
    hub = organisations.hub_of(scope(), therapy.organisation_id)
    form = GrantForm()
    if form.validate_on_submit() and hub:
        try:
            services.grant(scope(), therapy_id, hub.id, form.until.day)
        except Refused as refusal:
            form.until.errors = [refusal.sentence.say(language())]
        else:
            flash(_("Shared with %(hub)s.", hub=hub.name(language())), "success")
            return redirect(url_for("therapies.sharing", therapy_id=therapy_id))
    today = clock.today()
    return render_template(
        "therapies/sharing.html",
        therapy=therapy,
        hub=hub,
        form=form,
        open_grants=[grant for grant in grants if grant.in_force(today)],
        closed_grants=[grant for grant in grants if not grant.in_force(today)],
        reads=queries.reads(scope(), therapy_id),
        can_preview="desk.preview" in current_app.view_functions,
        pages={
            "desk.therapy": _("The therapy's page"),
            "schedule.plan": _("Plan of the dates"),
            "pathways.history": _("History"),
            "evidence.matrix": pgettext("evidence", "Evidence"),
            "evidence.part": _("A piece of evidence"),
            "evidence.download": _("A document of the evidence"),
            "abroad.show": _("Abroad"),
            "consultations.show": _("A consultation"),
            "hub.pipeline": _("The pipeline of the hub"),
            "hub.digest": _("The weekly mail of the hub"),
        },
    )


@blueprint.post("/therapies/grants/<grant_id>/revoke")
def revoke(grant_id: str) -> Response:
    """Take a grant back; it holds from the next request on."""
    therapy_id = services.revoke(scope(), grant_id)
    flash(_("The grant is taken back. From now on the hub finds nothing."), "success")
    return redirect(url_for("therapies.sharing", therapy_id=therapy_id))
