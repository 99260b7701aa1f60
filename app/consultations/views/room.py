"""The blueprint of the room, and what all its pages need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from app.consultations import queries
from app.consultations.queries import ConsultationView, Counts
from app.consultations.tabs import tabs
from app.core.errors import Refused
from app.core.i18n import language
from app.therapies import services as therapy_services
from app.therapies.queries import TherapyView
from app.web import files, links
from app.web.fields import version
from app.web.guard import scope

__all__ = ["Opened", "Page", "blueprint", "both", "opened", "own", "page", "say", "version"]

blueprint = Blueprint("consultations", __name__, template_folder="../templates")
Page = str | Response | tuple[str, int]


@blueprint.url_value_preprocessor
def _room_for_files(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    if endpoint == "consultations.attachments":
        files.make_room()


@dataclass(frozen=True)
class Opened:
    """A consultation that was asked for, with its therapy."""

    consultation: ConsultationView
    therapy: TherapyView
    counts: Counts | None

    @property
    def mine(self) -> bool:
        """Whether the reader may change it."""
        return self.counts is not None


def opened(consultation_id: str) -> Opened:
    """The consultation of a page that outside readers may see, too; their read is written down."""
    consultation, therapy, counts = queries.opened(scope(), consultation_id)
    therapy_services.log_view(scope(), therapy, request.endpoint or "")
    return Opened(consultation, therapy, counts)


def own(consultation_id: str) -> Opened:
    """The consultation of a page that belongs to its own people."""
    return Opened(*queries.opened(scope(), consultation_id, own=True))


def page(template: str, here: Opened, tab: str, **context: Any) -> str:
    """A page of one consultation, with its tabs."""
    return render_template(
        f"consultations/{template}",
        consultation=here.consultation,
        therapy=here.therapy,
        mine=here.mine,
        bundle=links.page("documents.bundles", consultation_id=here.consultation.id) if here.mine else None,
        tabs=tabs(here.consultation.id, here.counts, tab),
        **context,
    )


def both(template: str, here: Opened, tab: str, *, changed: Any, **context: Any) -> Page:
    """The page of a form; with 409 and both versions where somebody else saved first (``changed``)."""
    answer = page(template, here, tab, **context)
    return (answer, 409) if changed else answer


def say(form: Any, refusal: Refused, field: str) -> None:
    """Put the sentence of a refusal at its field, or at ``field``."""
    name = refusal.field if refusal.field in form else field
    form[name].errors = [*form[name].errors, refusal.sentence.say(language())]
