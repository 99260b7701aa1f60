"""The pages of the rules: reading them, verifying them, and entering what PMDA publishes."""

import app.rules.views.editions
import app.rules.views.entering
import app.rules.views.keepers
import app.rules.views.public
import app.rules.views.verifying  # noqa: F401 — importing them puts their routes on the blueprint
from app.rules.views.room import blueprint

__all__ = ["blueprint"]
