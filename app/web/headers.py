"""Headers of every answer: a strict content policy with a nonce, no framing, no guessing of types, no caching."""

from __future__ import annotations

import secrets

from flask import Flask, Response, g, request

from app.core.headers import EVERYWHERE


def csp_nonce() -> str:
    """The nonce of this answer; only scripts that carry it run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def init_app(app: Flask, *, https: bool) -> None:
    """Set the headers on every answer."""

    @app.after_request
    def _set(response: Response) -> Response:
        headers = response.headers
        headers.setdefault(
            "Content-Security-Policy",
            f"default-src 'none'; script-src 'nonce-{csp_nonce()}'; style-src 'self'; img-src 'self' data:; "
            "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        )
        for name, value in EVERYWHERE.items():
            headers.setdefault(name, value)
        headers.setdefault("Referrer-Policy", "same-origin")
        if request.endpoint != "static" or response.status_code >= 400:
            headers["Cache-Control"] = "no-store"
        if https:
            headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
        return response
