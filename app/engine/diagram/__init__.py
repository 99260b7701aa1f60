"""Tracks × time → the geometry of a line map. Pure: no drawing, no database, no clock; lengths are in pixels.

``across(line_map, …)`` runs from left to right for wide pages, ``down(line_map, …)`` from top to bottom.
"""

from app.engine.diagram.axis import arrivals
from app.engine.diagram.horizontal import across
from app.engine.diagram.model import (
    Drawing,
    Lane,
    LaneHead,
    LineMap,
    PlacedStation,
    Rule,
    Standing,
    Station,
    Stretch,
    StretchKind,
    Transfer,
    TransferPath,
)
from app.engine.diagram.vertical import down

__all__ = [
    "Drawing",
    "Lane",
    "LaneHead",
    "LineMap",
    "PlacedStation",
    "Rule",
    "Standing",
    "Station",
    "Stretch",
    "StretchKind",
    "Transfer",
    "TransferPath",
    "across",
    "arrivals",
    "down",
]
