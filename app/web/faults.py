"""Errors as pages: a sentence in the reader's language, never a stack trace, nothing about what exists."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Literal

from flask import Flask, g, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.access.policy import Denial
from app.core import db, disk, signs
from app.core.addresses import without_secrets
from app.core.errors import Changed, Forbidden, NotFound
from app.core.ids import new_id
from app.web import guard
from app.web.sessions import SAFE

log = logging.getLogger(__name__)
LONGEST_NAME = 200
Code = int | Literal["busy", "late"]  # the number of an error, or the word for a wait that took too long
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
        if answer := _not_now(getattr(error, "original_exception", None) or error, who):  # failed while the page ended
            return answer
        return page(error.code if error.code in PAGES else 400, error.code)

    @app.errorhandler(Exception)
    def _fault(error: Exception) -> tuple[str, int]:
        if answer := _not_now(error, who):
            return answer
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


def _not_now(error: BaseException, who: Callable[[], None]) -> tuple[str, int] | None:
    """The page, if nothing can be stored now: for the operator one line in the log, for the person what to do."""
    code: Code
    reference = new_id()[:8]
    if disk.cannot_store(error):
        code, level, why = 503, logging.CRITICAL, "nothing can be stored"
    elif db.turn_was_not_had(error):
        code, level, why = "late" if request.method in SAFE else "busy", logging.ERROR, "others wrote for too long"
    else:
        return None
    log.log(level, "fault %s at %s %s: %s: %s", reference, request.method, _asked(), why, error)
    _only_read()
    if "scope" not in g:
        who()
    return page(code, 503, reference=reference)


def _asked() -> str:
    """The address for the log: without secrets, on one line, and not endless."""
    return signs.short(without_secrets(request.path), LONGEST_NAME)


def _typed() -> list[str]:
    """The sentences that somebody typed, so that they can take them along from a page without their form."""
    return [text for name, text in request.form.items() if name not in {"csrf_token", "version"} and len(text) > 1]


def page(code: Code, status: int = 0, reference: str | None = None, typed: Sequence[str] = ()) -> tuple[str, int]:
    """The page of one error, whose number is the status unless one is given.

    ``reference`` is the number under which the log tells more.
    """
    _only_read()
    return render_template("web/error.html", code=code, reference=reference, typed=typed), status or int(code)


def _only_read() -> None:
    """What comes now reads only, also where no writing transaction can be begun."""
    db.session.rollback()
    db.expect_writes(False)
