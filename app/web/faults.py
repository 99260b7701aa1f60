"""Errors as pages: a sentence in the reader's language, never a stack trace, nothing about what exists."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from flask import Flask, g, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.access.policy import Denial
from app.core import db, disk, signs
from app.core.addresses import without_secrets
from app.core.errors import Changed, Forbidden, NotFound
from app.core.ids import new_id
from app.web import guard

log = logging.getLogger(__name__)
LONGEST_NAME = 200
PAGES = (400, 403, 404, 405, 409, 413, 429, 500, 503)


def init_app(app: Flask, who: Callable[[], None], note: Callable[[Denial], None]) -> None:
    """Answer every error with a page of its own; ``who`` finds out whose request this is, and which language to speak.

    That is known already, except where the turn to write cannot be had. ``note`` writes down a denied request.
    """

    @app.errorhandler(NotFound)
    @app.errorhandler(Forbidden)
    def _absent(_error: Exception) -> tuple[str, int]:
        _tell(note)
        return page(404)

    @app.errorhandler(Changed)
    def _changed(_error: Exception) -> tuple[str, int]:
        return page(409, typed=_typed())

    @app.errorhandler(CSRFError)
    def _forged(_error: Exception) -> tuple[str, int]:
        return page(400)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> tuple[str, int] | HTTPException:
        if error.code is None or error.code < 400:
            return error
        if disk.cannot_store(getattr(error, "original_exception", None) or error):  # it failed while the page ended
            return _cannot_store(error, who)
        return page(error.code if error.code in PAGES else 400, error.code)

    @app.errorhandler(Exception)
    def _fault(error: Exception) -> tuple[str, int]:
        if disk.cannot_store(error):
            return _cannot_store(error, who)
        reference = new_id()[:8]
        log.error("fault %s at %s %s", reference, request.method, _asked(), exc_info=error)
        if app.testing and app.config.get("PROPAGATE_FAULTS", True):
            raise error
        return page(500, reference=reference)


def _tell(note: Callable[[Denial], None]) -> None:
    """Have the trail take the denied request, if it is one."""
    if denial := guard.denial():
        _only_read()
        note(denial)


def _cannot_store(error: Exception, who: Callable[[], None]) -> tuple[str, int]:
    """The disk is full or may not be written to: for the operator one line, for the person what to do."""
    reference, path = new_id()[:8], _asked()
    reason = getattr(error, "original_exception", None) or error
    log.critical("fault %s at %s %s: nothing can be stored: %s", reference, request.method, path, reason)
    _only_read()
    if "scope" not in g:
        who()
    return page(503, reference=reference)


def _asked() -> str:
    """The address for the log: without secrets, on one line, and not endless."""
    return signs.short(without_secrets(request.path), LONGEST_NAME)


def _typed() -> list[str]:
    """The sentences that somebody typed, so that they can take them along from a page without their form."""
    return [text for name, text in request.form.items() if name not in {"csrf_token", "version"} and len(text) > 1]


def page(
    code: int, status: int | None = None, reference: str | None = None, typed: Sequence[str] = ()
) -> tuple[str, int]:
    """The page of one error; ``reference`` is the number under which the log tells more."""
    _only_read()
    return render_template("web/error.html", code=code, reference=reference, typed=typed), status or code


def _only_read() -> None:
    """What comes now reads only, also where no writing transaction can be begun."""
    db.session.rollback()
    db.expect_writes(False)
