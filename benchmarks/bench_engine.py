"""The engine: reading the rules, planning a consultation, folding a history."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from typing import Any

import numpy as np
from ruamel.yaml import YAML

from app.engine.bounds import Given, Milestone, Rule
from app.engine.calendar import japan
from app.engine.cases import events_of
from app.engine.catalogue import consultation_type
from app.engine.consultation import plan_consultation
from app.engine.definition.common import Basis, Confidence, Provenance, Role, Text
from app.engine.definition.rules import DateRule, Unit
from app.engine.library import Library, shipped
from app.engine.loader import WORKFLOWS
from app.engine.machine import NOTHING_KNOWN, Days, Event, available, fold
from app.engine.schedule import forward
from app.engine.trace import Dated, Span
from benchmarks.registry import Benchmark, Goal, NotHere, Pair

MEETING = dt.date(2027, 2, 17)
EVENTS = 10_000
THERAPIES, MILESTONES, OFFSET = 1000, 80, 7  # office days from one to the next


def plan() -> Pair:
    kind, calendar = consultation_type("drug_eop2"), japan()
    steps = plan_consultation(kind, meeting=MEETING, today=dt.date(2026, 9, 1)).steps
    closed = [day.date for day in calendar.days(dt.date(2026, 1, 1), dt.date(2027, 12, 31)) if not day.open]
    weekdays = np.busdaycalendar(holidays=closed)

    def other() -> list[object]:
        return [np.busday_offset(MEETING, -5 * n, roll="backward", busdaycal=weekdays) for n in range(len(steps))]

    return Pair(lambda: plan_consultation(kind, meeting=MEETING, today=dt.date(2026, 9, 1)), other)


def histories() -> Pair:
    """As many histories of workflows/cases as make ten thousand events, each folded by itself."""
    library = shipped()
    if not library.cases:
        raise NotHere("workflows/cases holds no history yet")
    known: list[tuple[dt.date, list[Event]]] = []
    for case in itertools.cycle(library.cases.values()):
        if sum(len(events) for _as_of, events in known) >= EVENTS:
            break
        known.append((case.as_of, events_of(case)))
    return Pair(
        lambda: [fold(library, events, as_of) for as_of, events in known],
        lambda: [_sorted(events) for _as_of, events in known],
        remarks=lambda: {"histories": len(known)},
    )


def one_history() -> Pair:
    """Ten thousand events of one therapy: years of notes about a programme."""
    library, begun = shipped(), dt.date(1995, 1, 1)
    events = [Event(f"{n:05}", "NOTE", Days.of(begun + dt.timedelta(days=n)), {}, history=True) for n in range(EVENTS)]
    return Pair(lambda: fold(library, events, dt.date(2026, 1, 1)), lambda: _sorted(events))


def therapy() -> Pair:
    """A therapy of three hundred events, folded, and every guard of what may come next asked."""
    rules, begun = shipped().course("regenerative_cell"), dt.date(2015, 1, 1)
    names = ["NONCLINICAL_STARTED", "CTN_FILED", "CTN_CLEARED", "FIRST_PATIENT"]
    names += ["TRIAL_PAUSED" if n % 2 else "TRIAL_RESUMED" for n in range(1, 297)]
    days = [begun + dt.timedelta(days=12 * n) for n in range(len(names))]
    events = [
        Event(f"{n:03}", name, Days.of(day), {}, history=True)
        for n, (name, day) in enumerate(zip(names, days, strict=True))
    ]

    def ours() -> object:
        return available(rules, rules.pathway, fold(rules, events, dt.date(2026, 1, 1)), NOTHING_KNOWN)

    machine = rules.machines["programme"]
    steps = {
        (origin, event): each.to for each in machine.transitions for event in each.events for origin in each.origins
    }

    def other() -> str | None:
        state: str | None = machine.initial
        for event in events:
            state = steps.get((state or "", event.name)) or state
        return state

    return Pair(ours, other)


def _sorted(events: list[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event.on.first, event.id))


def propagation() -> Pair:
    """A thousand therapies of eighty milestones each, every date with its trace, against bare dates in columns.

    The program never does this at once: it dates one consultation when something happens to it.
    """
    calendar, random_days = japan(), random.Random(1)
    firsts = [dt.date(2027, 1, 4) + dt.timedelta(days=random_days.randrange(360)) for _ in range(THERAPIES)]
    nodes = [node(number) for number in range(MILESTONES)]
    given = [{"m0": Given(Span.on(day), Basis.ACTUAL)} for day in firsts]
    days = calendar.days(dt.date(2026, 1, 1), dt.date(2036, 12, 31))
    open_days = np.array([day.date for day in days if day.open], dtype="M8[D]")

    def ours() -> list[dict[str, Dated]]:
        return [forward(nodes, known, calendar) for known in given]

    def other() -> list[Any]:
        columns = [np.array(firsts, dtype="M8[D]")]
        for _number in range(1, MILESTONES):
            at = np.searchsorted(open_days, columns[-1], side="right") - 1 + OFFSET
            columns.append(open_days[at])
        return list(columns)

    few = [forward(nodes, known, calendar)[f"m{MILESTONES - 1}"].span for known in given[:20]]
    assert [span.earliest for span in few if span] == other()[-1][:20].tolist(), "the two ways disagree"
    return Pair(ours, other, per=THERAPIES)


def node(number: int) -> Milestone:
    """One milestone, some office days after the one before."""
    name, mark = Text(ja=f"m{number}", en=f"m{number}"), Provenance(confidence=Confidence.READ, sources=("C1",))
    if not number:
        return Milestone("m0", name, Role.OWN)
    rule = Rule(DateRule(anchor=f"m{number - 1}", offset=OFFSET, unit=Unit.BUSINESS_DAYS), Role.OWN, mark)
    return Milestone(f"m{number}", name, Role.OWN, (rule,))


def rules() -> Pair:
    texts = [path.read_text() for path in sorted(WORKFLOWS.rglob("*.yaml"))]

    def other() -> object:
        return [YAML(typ="safe", pure=True).load(text) for text in texts]

    return Pair(lambda: Library.load(WORKFLOWS), other)


BENCHMARKS = [
    Benchmark("plan of end-of-phase-2 advice, with traces", "as many bare np.busday_offset, no traces", plan),
    Benchmark("fold of 10,000 events of many therapies", "only sorting the same events", histories),
    Benchmark("fold of 10,000 events of one therapy", "only sorting the same events", one_history),
    Benchmark(
        "300 events of a therapy and all guards of its next steps",
        "a bare dictionary of the same steps",
        therapy,
        Goal(0.003),
    ),
    Benchmark("dating the 80 milestones of a therapy", "a plain NumPy table loop over 1,000, no traces", propagation),
    Benchmark("reading and checking all rules", "only parsing the same YAML with ruamel", rules, Goal(1.0)),
]
