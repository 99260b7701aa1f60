"""Addresses of pages: of rooms that one may not know (by name, never by import), and such as came from outside."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request, url_for
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from app.access.policy import POLICY, allows
from app.web.guard import scope


def page(endpoint: str, **values: Any) -> str | None:
    """The address of a page that this person may knock at; None where there is none."""
    if endpoint not in current_app.view_functions or endpoint not in POLICY:
        return None
    if not allows(POLICY[endpoint], scope().actor):
        return None
    return url_for(endpoint, **{key: value for key, value in values.items() if value is not None})


def readable(path: str) -> str:
    """``path``, or the nearest page above it where the path itself only takes what is sent, as a refused form does."""
    routes, above = current_app.create_url_adapter(request), path
    while routes and above:
        try:
            routes.match(above, method="GET")
        except RequestRedirect:
            return above
        except (MethodNotAllowed, NotFound) as fault:
            if above == path and isinstance(fault, NotFound):
                return path
        else:
            return above
        above = above.rpartition("/")[0]
    return "/"


def local_address(address: str | None) -> str:
    """``address`` if it leads to a page of this program, else the first page: nobody is sent elsewhere."""
    wish = address or ""
    if not wish.startswith("/") or wish.startswith(("//", "/\\")) or any(ord(sign) < 32 for sign in wish):
        return "/"
    try:
        parts = urlsplit(wish)
    except ValueError:  # brackets that are no address
        return "/"
    return "/" if parts.netloc or parts.scheme else wish
