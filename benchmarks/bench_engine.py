"""The engine: reading the rules, planning a consultation, folding a history."""

from __future__ import annotations

import datetime as dt

import numpy as np
from ruamel.yaml import YAML

from app.engine.calendar import japan
from app.engine.catalogue import consultation_type
from app.engine.consultation import plan_consultation
from app.engine.library import Library, shipped
from app.engine.loader import WORKFLOWS
from app.engine.machine import Days, Event, fold
from benchmarks.registry import Benchmark, NotHere, Work

MEETING = dt.date(2027, 2, 17)


def plan() -> tuple[Work, Work]:
    kind, calendar = consultation_type("drug_eop2"), japan()
    steps = plan_consultation(kind, meeting=MEETING, today=dt.date(2026, 9, 1)).steps
    closed = [day.date for day in calendar.days(dt.date(2026, 1, 1), dt.date(2027, 12, 31)) if not day.open]
    weekdays = np.busdaycalendar(holidays=closed)

    def other() -> list[object]:
        return [np.busday_offset(MEETING, -5 * n, roll="backward", busdaycal=weekdays) for n in range(len(steps))]

    return lambda: plan_consultation(kind, meeting=MEETING, today=dt.date(2026, 9, 1)), other


def histories() -> tuple[Work, Work]:
    library = shipped()
    if not library.cases:
        raise NotHere("workflows/cases holds no history yet")
    known = [
        (
            case.as_of,
            [
                Event(
                    id=f"{n:03}", name=event.event, on=Days.parse(event.on), attributes=event.attributes, history=True
                )
                for n, event in enumerate(case.events)
            ],
        )
        for case in library.cases.values()
    ]

    def ours() -> object:
        return [fold(library, events, as_of) for as_of, events in known]

    def other() -> object:
        return [sorted(events, key=lambda event: (event.on.first, event.id)) for _as_of, events in known]

    return ours, other


def rules() -> tuple[Work, Work]:
    texts = [path.read_text() for path in sorted(WORKFLOWS.rglob("*.yaml"))]

    def other() -> object:
        return [YAML(typ="safe", pure=True).load(text) for text in texts]

    return lambda: Library.load(WORKFLOWS), other


BENCHMARKS = [
    Benchmark("plan of end-of-phase-2 advice, with traces", "as many bare np.busday_offset, no traces", plan),
    Benchmark("folding every history of workflows/cases", "only sorting the same events", histories),
    Benchmark("reading and checking all rules", "only parsing the same YAML with ruamel", rules),
]
