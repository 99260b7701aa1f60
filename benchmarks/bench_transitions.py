"""One transition of a trial: recorded with its audit row and commit, and in the engine alone; against a dictionary."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Sequence
from functools import partial

from app.engine.library import shipped
from app.engine.machine import Days, Event, fold
from app.pathways import services
from benchmarks import office
from benchmarks.office import POSTGRESQL, SQLITE
from benchmarks.registry import Benchmark, Goal, Pair
from tests.factories.therapies import add_therapy, happened, set_clock
from tests.factories.world import build_world, scope_of

BEGINNING = ("NONCLINICAL_STARTED", "CTN_FILED", "CTN_CLEARED", "FIRST_PATIENT")
MANY = 1000  # transitions of the engine at once
BEGUN = dt.date(2015, 1, 1)


def recorded(database: str) -> Pair:
    """The trial of one therapy paused and resumed, a day later each time, as a person would record its next step."""
    app = office.program(database)
    office.enter(app)
    with app.app_context():
        set_clock()
        lead = build_world().lead
        therapy = add_therapy(lead)
        for event, on in zip(BEGINNING, _days(), strict=False):
            happened(lead, therapy, event, on.isoformat())
    steps = zip(itertools.cycle(("TRIAL_PAUSED", "TRIAL_RESUMED")), itertools.islice(_days(), 4, None), strict=False)
    scope, taken = scope_of(lead), itertools.count()

    def ours() -> None:
        event, on = next(steps)
        next(taken)
        with app.app_context():
            services.record(scope, therapy, event=event, on=on)

    return Pair(ours, _bare(["TRIAL_PAUSED"]), remarks=lambda: {"recorded in all": next(taken)})


def folded() -> Pair:
    """As many transitions of one trial, folded from its history."""
    rules = shipped().course("regenerative_cell")
    names = [*BEGINNING, *itertools.islice(itertools.cycle(("TRIAL_PAUSED", "TRIAL_RESUMED")), MANY - len(BEGINNING))]
    events = [
        Event(f"{n:04}", name, Days.of(on), history=True)
        for n, (name, on) in enumerate(zip(names, _days(), strict=False))
    ]
    ours = partial(fold, rules, events, dt.date(2026, 1, 1))
    moved = [visit for visit in ours().tracks[0].history if visit.since and not visit.inferred]
    assert len(moved) == MANY, "every event moves the trial"
    return Pair(ours, _bare(names), per=MANY)


def _days() -> itertools.accumulate[dt.date]:
    return itertools.accumulate(itertools.repeat(dt.timedelta(days=1)), lambda day, more: day + more, initial=BEGUN)


def _bare(events: Sequence[str]) -> Callable[[], str | None]:
    """The same steps in a dictionary: no days, no guards, no holes, nothing kept."""
    machine = shipped().machines["programme"]
    steps = {
        (origin, event): each.to for each in machine.transitions for event in each.events for origin in each.leaves
    }

    def run() -> str | None:
        state = machine.initial
        for event in events:
            state = steps.get((state, event)) or state
        return state

    return run


DICTIONARY = "the same in a bare dictionary"
BENCHMARKS = [
    *(
        Benchmark(f"recording a transition, audit and commit, {db}", DICTIONARY, partial(recorded, db), Goal(0.001))
        for db in (SQLITE, POSTGRESQL)
    ),
    Benchmark("a transition in the engine, nothing stored", DICTIONARY, folded, Goal(0.000001)),
]
