"""The kernel of all tracks: what may happen next, what has happened, and why a step is not yet possible.

A track is one running instance of a machine of ``workflows/machines/``. Its state is never stored: it is the fold of
events in the order in which they *happened*, whatever order they were typed in::

    library = shipped()  # app.engine.library
    tracks = fold(
        library,
        [
            Event("1", "CTN_FILED", Days.parse("2026-04-01"), history=True),
            Event("2", "FIRST_PATIENT", Days.parse("2026-06"), history=True),  # known by its month only
        ],
        as_of=date(2026, 11, 22),
    )
    programme = tracks.get("programme")
    programme.state  # 'TRIAL_ACTIVE'
    [visit.state for visit in programme.history if visit.inferred]  # passed through, day unknown

    for choice in available(library, pathway, tracks, facts):
        choice.event, choice.possible, [answer.because for answer in choice.unmet]

    outcome = advance(library, pathway, tracks, Event("3", "TRIAL_PAUSED", Days.of(today)), facts)
    # Advanced(event, moves, warnings), or Refusal(reasons) in sentences that say what to do
"""

from app.engine.machine.advance import Advanced, Choice, Refusal, advance, available
from app.engine.machine.days import Days, Precision
from app.engine.machine.events import RETRACTED, STATE_DECLARED, Event, effective
from app.engine.machine.facts import NOTHING_KNOWN, Facts, KnownFacts, Lack, Truth
from app.engine.machine.fold import ImpossibleEventError, fold
from app.engine.machine.guards import Answer, Situation, Verdict, ask
from app.engine.machine.late import Moved, PassedOver, passed_over
from app.engine.machine.tracks import Note, Refused, Rules, Track, Tracks, Visit

__all__ = [
    "NOTHING_KNOWN",
    "RETRACTED",
    "STATE_DECLARED",
    "Advanced",
    "Answer",
    "Choice",
    "Days",
    "Event",
    "Facts",
    "ImpossibleEventError",
    "KnownFacts",
    "Lack",
    "Moved",
    "Note",
    "PassedOver",
    "Precision",
    "Refusal",
    "Refused",
    "Rules",
    "Situation",
    "Track",
    "Tracks",
    "Truth",
    "Verdict",
    "Visit",
    "advance",
    "ask",
    "available",
    "effective",
    "fold",
    "passed_over",
]
