"""People, as other rooms may know them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select

from app.access.scope import Scope
from app.config import Settings
from app.core.db import session
from app.web.models import WebSession, is_over


@dataclass(frozen=True)
class SessionView:
    """One browser in which a person is signed in."""

    token_sha256: str
    browser: str
    began_at: dt.datetime
    seen_at: dt.datetime
    here: bool


def sessions(scope: Scope, current: str, settings: Settings) -> list[SessionView]:
    """The sign-ins of the person who asks, newest first; ``current`` is the digest of the one they use now."""
    mine = select(WebSession).where(WebSession.person_id == scope.person().id, ~is_over(settings))
    mine = mine.order_by(WebSession.seen_at.desc())
    return [
        SessionView(s.token_sha256, _browser(s.browser), s.began_at, s.seen_at, s.token_sha256 == current)
        for s in session.scalars(mine)
    ]


def _browser(agent: str) -> str:
    """A browser and system that a person recognises, from what the browser calls itself."""
    browsers = ("Edg", "Firefox", "Chrome", "Safari")
    systems = ("iPhone", "iPad", "Android", "Windows", "Mac OS X", "Linux")
    found = [next((name for name in names if name in agent), "") for names in (browsers, systems)]
    return " / ".join(part.replace("Edg", "Edge") for part in found if part) or agent[:40] or "–"
