"""The pages of consultations: planning one, its steps, its questions, its attachments, the data for its documents."""

import app.consultations.timetable
import app.consultations.views.attachments
import app.consultations.views.briefing
import app.consultations.views.inquiries
import app.consultations.views.planning
import app.consultations.views.questions
import app.consultations.views.steps
import app.consultations.views.turns  # noqa: F401 — importing them puts their routes on the blueprint
from app.consultations.views.room import blueprint

__all__ = ["blueprint"]
