"""The rooms that speak HTTP, in the order of the house."""

from __future__ import annotations

from flask import Flask

from app.abroad import views as abroad
from app.consultations import views as consultations
from app.desk import views as desk
from app.documents import views as documents
from app.evidence import views as evidence
from app.hub import views as hub
from app.notices import views as notices
from app.organisations import views as organisations
from app.pathways import views as pathways
from app.people import views as people
from app.rules import views as rules
from app.schedule import views as schedule
from app.therapies import views as therapies
from app.web import views as web

ROOMS = (
    web,
    people,
    organisations,
    therapies,
    rules,
    pathways,
    evidence,
    schedule,
    consultations,
    abroad,
    documents,
    notices,
    hub,
    desk,
)


def register(app: Flask) -> None:
    """Open every room."""
    for room in ROOMS:
        app.register_blueprint(room.blueprint)
