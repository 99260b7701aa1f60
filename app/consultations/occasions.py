"""What the machine says can be recorded of a consultation now, and why not what cannot."""

from __future__ import annotations

from dataclasses import dataclass

from app.access.scope import Scope
from app.consultations.course import ANSWERS, RECEIVED
from app.consultations.lines import DRAFT, EVENTS, MACHINE, WITHOUT_RECORD
from app.consultations.queries import ConsultationView
from app.core import clock
from app.engine.definition.common import Provenance, Text
from app.engine.machine import Days, Event, Refusal, Track, advance
from app.engine.machine.words import days_text
from app.pathways import queries as pathways
from app.pathways.rules import event_names, pathway, rules_of, station

OF_ROUNDS = {"INQUIRIES_RECEIVED": RECEIVED, "ANSWERS_SUBMITTED": ANSWERS}
NO_SUCH_PROCEDURE = Text(
    ja="この種類の相談にこの手続はありません。",
    en="This kind of consultation has no such procedure.",
)
FREE = {"CONSULTATION_CLOSED", "RESCHEDULE_REQUESTED", *(EVENTS[key] for key in WITHOUT_RECORD)}


@dataclass(frozen=True)
class Occasion:
    """One event of the machine. ``why``: from where it is possible, or why it is not."""

    event: str
    name: Text
    possible: bool
    why: Text
    provenance: Provenance | None = None
    step: str | None = None  # the step of the plan on which it is recorded; None: beside the steps


def occasions(scope: Scope, view: ConsultationView) -> list[Occasion]:
    """Every event of the machine of consultations, in the order of its file; only for its own people."""
    overview = pathways.overview(scope, view.therapy_id, clock.today(), own=True)
    track = overview.tracks.get(MACHINE, view.instance) if view.instance else None
    if track is None or not overview.therapy.pathway:
        return []
    rules, path = rules_of(overview.therapy), pathway(overview.therapy.pathway)
    steps = {EVENTS[step.key]: step.key for step in view.kind.steps if step.key in EVENTS and EVENTS[step.key] != DRAFT}
    names = dict.fromkeys(each.event for each in rules.machines[MACHINE].transitions if not each.opens)
    here, since = station(MACHINE, track.state).names, days_text(track.since)
    why = Text(ja=f"現在の状態は「{here.ja}」です(到着 {since.ja})。", en=f"It stands in “{here.en}” ({since.en}).")
    found = []
    for name in names:
        event = Event("", name, Days.of(clock.today()), machine=MACHINE, instance=track.instance)
        outcome = advance(rules, path, overview.tracks, event, overview.facts)
        title, step = event_names(name), steps.get(name)
        if name in OF_ROUNDS:
            step = _of_round(name, track)
        if not _belongs(view, name):
            found.append(Occasion(name, title, possible=False, why=NO_SUCH_PROCEDURE))
        elif isinstance(outcome, Refusal):
            found.append(Occasion(name, title, possible=False, why=_joined(outcome)))
        else:
            mark = outcome.moves[0].transition.provenance
            found.append(Occasion(name, title, possible=True, why=why, provenance=mark, step=step))
    return found


def _of_round(event: str, track: Track) -> str:
    """The step of the round that is due: the next one to come, or the one that waits for its answer."""
    came = sum(visit.event == "INQUIRIES_RECEIVED" for visit in track.history)
    number = came + 1 if event == "INQUIRIES_RECEIVED" else max(came, 1)
    return OF_ROUNDS[event] if number == 1 else f"{OF_ROUNDS[event]}_{number}"


def _belongs(view: ConsultationView, event: str) -> bool:
    """A free meeting without a record has only a few of the procedures; it can end in the same ways."""
    ends = ("CONSULTATION_WITHDRAWN", "CONSULTATION_CANCELLED", "CONSULTATION_REJECTED")
    return view.kind.outcome == "record" or event in FREE or event in ends


def _joined(refusal: Refusal) -> Text:
    return Text(ja="".join(r.ja for r in refusal.reasons), en=" ".join(r.en for r in refusal.reasons))
