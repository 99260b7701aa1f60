"""The frame of every page: navigation by what the person may do, language, names and filters for templates."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask, Response, current_app, request, url_for
from werkzeug.exceptions import MethodNotAllowed

from app.access.policy import POLICY, allows
from app.config import Settings
from app.core import clock, i18n, signs
from app.core.i18n import gettext as _
from app.core.i18n import lazy
from app.web import links
from app.web.components import NavigationItem, Shell, ShellUrls
from app.web.filters import FILTERS, MARKS
from app.web.guard import scope
from app.web.headers import csp_nonce


@dataclass(frozen=True)
class Entry:
    """One possible entry of the navigation; it shows where the policy lets the person in."""

    key: str
    endpoint: str
    label: object  # a lazy text, said in the language of the reader
    own: bool = False  # only for people with therapies of their own


ENTRIES = (
    Entry("today", "desk.today", lazy("Today"), own=True),
    Entry("therapies", "therapies.index", lazy("Therapies")),
    Entry("hub", "hub.pipeline", lazy("Pipeline")),
    Entry("companies", "organisations.companies", lazy("Companies")),
    Entry("precedents", "pathways.precedents", lazy("Precedents")),
    Entry("rules", "rules.index", lazy("Rules")),
    Entry("notices", "notices.index", lazy("Notices")),
)

BESIDE_THERAPIES = {
    "desk.today",
    "pathways.precedent",
    "pathways.precedents",
}


def settings() -> Settings:
    """The settings of this program."""
    found: Settings = current_app.extensions["settings"]
    return found


def init_app(app: Flask) -> None:
    """Give templates the shell, the formats and the texts."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        i18n.gettext, i18n.ngettext, newstyle=False, pgettext=i18n.pgettext
    )
    app.jinja_env.globals.update(_=i18n.gettext, ngettext=i18n.ngettext, csp_nonce=csp_nonce, **MARKS)
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True

    @app.after_request
    def _legible(response: Response) -> Response:
        """A page holds text only, whatever was typed into its address or its form."""
        if response.mimetype == "text/html" and not response.is_streamed:
            page = response.get_data(as_text=True)
            if not signs.is_text(page):
                response.set_data(signs.legible(page))
        return response

    @app.context_processor
    def _shell() -> dict[str, object]:
        return {"shell": shell(), "today": clock.today(), "page_of": links.page}


def shell() -> Shell:
    """The frame of this page."""
    actor = scope().actor
    read = request.method == "GET" and not isinstance(request.routing_exception, MethodNotAllowed)
    here = links.local_address(request.full_path.rstrip("?") if read else links.readable(request.path))
    exists = current_app.view_functions
    urls = ShellUrls(
        home="/",
        language=url_for("web.language"),
        sign_in=None if actor else url_for("security.login"),
        sign_out=url_for("security.logout") if actor else None,
        account=url_for("people.account") if actor and "people.account" in exists else None,
        rules=url_for("rules.index") if "rules.index" in exists else None,
        here=here,
    )
    room = (request.endpoint or "").partition(".")[0]
    navigation = tuple(
        NavigationItem(e.key, str(e.label), url_for(e.endpoint), _in_room(e, room))
        for e in ENTRIES
        if actor and e.endpoint in exists and allows(POLICY[e.endpoint], actor) and not (e.own and not scope().own)
    )
    return Shell(
        title="Shirube",
        language=i18n.language(),
        urls=urls,
        navigation=navigation,
        person=actor.name if actor else None,
        organisation=actor.memberships[0].organisation(i18n.language()) if actor and actor.memberships else None,
        notice=_("Demonstration: every company and therapy here is invented; only the precedents are public facts.")
        if settings().demo
        else None,
    )


def _in_room(entry: Entry, room: str) -> bool:
    if request.endpoint == entry.endpoint:
        return True
    home = {"today": "desk", "hub": "hub", "companies": "organisations", "notices": "notices", "rules": "rules"}
    if entry.key == "therapies":
        return room in {"therapies", "evidence", "consultations", "schedule", "documents", "abroad"} or (
            room in {"pathways", "desk"} and request.endpoint not in BESIDE_THERAPIES
        )
    if entry.key == "precedents":
        return request.endpoint == "pathways.precedent"
    return home.get(entry.key) == room and room != "desk"
