"""From when to when an entry counts; both ends included, and no end means until the next entry of its key begins."""

from __future__ import annotations

import datetime as dt
from typing import Self

from pydantic import model_validator

from app.engine.definition.common import Definition


class InForce(Definition):
    """An entry that a regulator replaces by another one. Without ``valid_from`` it counts from the beginning."""

    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self
