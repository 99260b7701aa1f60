"""One's own account: language, password, where one is signed in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask_security.utils import logout_user
from werkzeug.wrappers import Response

from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.people import queries
from app.web.guard import scope
from app.web.lists import Column
from app.web.sessions import end_session as end
from app.web.sessions import end_sessions
from app.web.shell import settings
from app.web.words import typed

blueprint = Blueprint("people", __name__, template_folder="templates")


@blueprint.get("/account")
def account() -> str:
    """The account of the person who asks."""
    person = scope().person()
    facts = [(_("Name"), typed(person.name)), (_("E-mail address"), typed(person.email))]
    facts += [(_("Organisation"), typed(place.organisation(language()))) for place in person.memberships]
    return render_template(
        "people/account.html",
        facts=facts,
        sessions=mine(),
        columns=[Column(_("Browser")), Column(_("Since")), Column(_("Last seen")), Column(_("Action"))],
    )


@blueprint.post("/account/sessions/<digest>/end")
def end_session(digest: str) -> Response:
    """End one of one's own sign-ins at once."""
    if digest not in {row.token_sha256 for row in mine()}:
        raise NotFound
    if digest == here():
        logout_user()
        return redirect(url_for("security.login"))
    end(digest)
    flash(_("That sign-in has been ended."), "success")
    return redirect(url_for("people.account"))


@blueprint.post("/account/sessions/end-others")
def end_other_sessions() -> Response:
    """End all of one's sign-ins but this one."""
    end_sessions(scope().person().id, but=here())
    flash(_("All other sign-ins have been ended."), "success")
    return redirect(url_for("people.account"))


def mine() -> list[queries.SessionView]:
    """The sign-ins of the person who asks."""
    return queries.sessions(scope(), here(), settings())


def here() -> str:
    """The digest of the sign-in of this request."""
    return str(session.token_digest)  # type: ignore[attr-defined]
