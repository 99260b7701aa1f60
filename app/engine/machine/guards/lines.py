"""Guards that look at the lines of the therapy: where they stand, and what has happened on them."""

from __future__ import annotations

from app.engine.definition.common import Text
from app.engine.definition.guards import ConsultationRecorded, Counted, DesignationHeld, TrackInState
from app.engine.machine.guards.situation import MET, UNMET, Finding, Situation, Verdict
from app.engine.machine.words import filled

CONSULTATION, DESIGNATION = "consultation", "designation"
_OPEN_CONSULTATION = Finding(Verdict.NOT_YET, blocks=True)  # its answer may still change the step


def track_in_state(guard: TrackInState, at: Situation) -> Finding:
    """See TrackInState."""
    if guard.own:
        return MET if at.track and at.track.state in guard.states else UNMET
    found = [track for track in at.tracks.of(guard.machine) if track.matches(guard.where)]
    return MET if any(track.state in guard.states for track in found) else UNMET


def consultation_recorded(guard: ConsultationRecorded, at: Situation) -> Finding:
    """See ConsultationRecorded."""
    tagged = at.rules.machines[CONSULTATION].tagged(guard.tag)
    found = [track for track in at.tracks.of(CONSULTATION) if track.attributes.get("type") in guard.types]
    if any(visit.state in tagged for track in found for visit in track.history):
        return MET
    return _OPEN_CONSULTATION if any(not track.ended for track in found) else UNMET


def designation_held(guard: DesignationHeld, at: Situation) -> Finding:
    """See DesignationHeld."""
    in_force = at.rules.machines[DESIGNATION].tagged("in_force")
    held = [track for track in at.tracks.of(DESIGNATION) if track.state in in_force]
    return MET if any(track.attributes.get("kind") in guard.kinds for track in held) else UNMET


def counted(guard: Counted, at: Situation) -> Finding:
    """See Counted."""
    count = at.tracks.count(guard.event)
    if count >= guard.at_least:
        return MET
    number = Text(ja=str(count), en=str(count))
    return Finding(Verdict.NOT_YET, filled(guard.because, count=number))
