"""Addresses of pages in rooms that one may not know: a room above links down by name, never by import."""

from __future__ import annotations

from typing import Any

from flask import current_app, url_for

from app.access.policy import POLICY, allows
from app.web.guard import scope


def page(endpoint: str, **values: Any) -> str | None:
    """The address of a page that this person may knock at; None where there is none."""
    if endpoint not in current_app.view_functions or endpoint not in POLICY:
        return None
    if not allows(POLICY[endpoint], scope().actor):
        return None
    return url_for(endpoint, **{key: value for key, value in values.items() if value is not None})
