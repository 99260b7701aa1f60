"""One's own account: language, password, where one is signed in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask_security.utils import logout_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.people import queries
from app.web.guard import scope
from app.web.sessions import end_session as end

blueprint = Blueprint("people", __name__, template_folder="templates")


@blueprint.get("/account")
def account() -> str:
    """The account of the person who asks."""
    return render_template(
        "people/account.html",
        person=scope().person(),
        sessions=queries.sessions(scope()),
        current=session.token_digest,  # type: ignore[attr-defined]
        form=FlaskForm(),
    )


@blueprint.post("/account/sessions/<digest>/end")
def end_session(digest: str) -> Response:
    """End one of one's own sign-ins at once."""
    if digest not in {row.token_sha256 for row in queries.sessions(scope())}:
        raise NotFound
    if digest == session.token_digest:  # type: ignore[attr-defined]
        logout_user()
        return redirect(url_for("security.login"))
    end(digest)
    flash(_("That sign-in has been ended."), "success")
    return redirect(url_for("people.account"))
