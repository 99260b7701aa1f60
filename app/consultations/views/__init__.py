"""The pages of consultations: planning one, its steps, its questions, its attachments, the data for its documents."""

from app.consultations.views import attachments, briefing, planning, questions, steps
from app.consultations.views.room import blueprint

__all__ = ["attachments", "blueprint", "briefing", "planning", "questions", "steps"]
