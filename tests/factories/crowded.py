"""A made-up therapy with all twelve kinds of line over twenty years, some of them several times; for pictures only."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from app.engine.diagram import LineMap
from app.engine.library import shipped
from app.engine.machine import Days, Event, fold
from app.pathways.maps import line_map
from app.pathways.rules import leading

HISTORY = Path(__file__).with_name("crowded.csv")
TODAY = dt.date(2026, 11, 24)


def crowded_map() -> LineMap:
    """The line map of ``crowded.csv`` as of TODAY."""
    with HISTORY.open(encoding="utf-8", newline="") as file:
        events = [
            Event(
                id=str(number),
                name=row["event"],
                on=Days.parse(row["on"]),
                attributes=dict(pair.split("=") for pair in row["attributes"].split(";") if pair),
                machine=row["machine"] or None,
                instance=row["instance"] or None,
                history=True,
            )
            for number, row in enumerate(csv.DictReader(file))
        ]
    tracks = fold(shipped(), events, TODAY)
    assert not tracks.refused, tracks.refused
    therapy = SimpleNamespace(pathway="regenerative_gene_ex_vivo", is_public=False)
    view = SimpleNamespace(therapy=therapy, tracks=tracks, today=TODAY, leading=leading(tracks))
    return line_map(cast(Any, view))
