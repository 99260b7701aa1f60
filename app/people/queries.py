"""People, as other rooms may know them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.access.scope import Scope
from app.core.db import session
from app.engine.definition.common import Language
from app.people.models import Person
from app.web.models import WebSession


@dataclass(frozen=True)
class PersonView:
    """A person."""

    id: str
    name: str
    email: str
    language: Language


def person(person_id: str) -> PersonView | None:
    """The active person with this id (for the program itself: the id comes from a session or a membership)."""
    row = session.get(Person, person_id)
    return PersonView(row.id, row.name, row.email, row.language) if row and row.active else None


def sessions(scope: Scope) -> list[WebSession]:
    """The sign-ins of the person who asks, newest first."""
    mine = select(WebSession).where(WebSession.person_id == scope.person().id).order_by(WebSession.seen_at.desc())
    return list(session.scalars(mine))
