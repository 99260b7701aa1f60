"""Cases of ``workflows/cases/``: their events for the fold, and whether they fold to what they promise."""

from __future__ import annotations

from app.engine.definition.case import Case, ExpectedTrack
from app.engine.library import Library
from app.engine.machine import Days, Event, Track, Tracks, fold


def events_of(case: Case) -> list[Event]:
    """The events of a case in the order of its file; ids are ``<case>-<number>``."""
    return [
        Event(
            f"{case.id}-{number:03d}",
            each.event,
            Days.parse(each.on),
            each.attributes,
            source=" ".join(each.provenance.sources) or None if each.provenance else None,
            confidence=each.provenance.confidence.value if each.provenance else None,
            history=True,
            also=tuple(Days.parse(other.on) for other in each.also_read),
            certainty=each.certainty,
        )
        for number, each in enumerate(case.events, start=1)
    ]


def differences(case: Case, library: Library) -> list[str]:
    """What the case promises and does not fold to, as sentences; empty when it keeps its promise."""
    tracks = fold(library, events_of(case), case.as_of)
    found = [sentence for expected in case.expected for sentence in _differs(expected, tracks)]
    refused = sorted(each.event.name for each in tracks.refused)
    if refused != sorted(case.refused):
        found.append(f"refused {refused}, expected {sorted(case.refused)}")
    return [f"{case.id}: {sentence}" for sentence in found]


def _differs(expected: ExpectedTrack, tracks: Tracks) -> list[str]:
    track = tracks.get(expected.machine, expected.instance)
    name = f"{expected.machine} {expected.instance or ''}".strip()
    if track is None:
        return [f"there is no track {name}"]
    since, end = (str(days) if days else None for days in (track.since, track.term_end))
    pairs = {
        "state": (track.state, expected.state),
        "since": (since, expected.since),
        "term end": (end, expected.term_end),
        "inferred": (track.inferred, expected.inferred),
    }
    found = [f"{name}: {what} is {is_}, expected {be}" for what, (is_, be) in pairs.items() if be not in (None, is_)]
    return found + (
        [] if _passed(track, expected.through) else [f"{name} did not pass {expected.through} in this order"]
    )


def _passed(track: Track, through: tuple[str, ...]) -> bool:
    visited = iter(visit.state for visit in track.history)
    return all(state in visited for state in through)
