"""The pages of histories: recording and correcting, looking back, importing files, public precedents and rules."""

import app.pathways.places
import app.pathways.views.history
import app.pathways.views.importing
import app.pathways.views.public
import app.pathways.views.recording  # noqa: F401 — importing them puts their routes on the blueprint
from app.pathways.views.room import blueprint

__all__ = ["blueprint"]
