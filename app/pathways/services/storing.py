"""The one place where a history gets a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from app.access.scope import Scope
from app.audit import services as audit
from app.core.db import session
from app.engine.machine import RETRACTED, Event
from app.pathways.models import PathwayEvent
from app.therapies.queries import TherapyView

Follower = Callable[[Scope, TherapyView, Event], None]
_followers: list[Follower] = []


def follow(follower: Follower) -> None:
    """Let ``follower`` bring its room in line with every event that is stored, in the same transaction."""
    if follower not in _followers:
        _followers.append(follower)


def store(
    scope: Scope,
    therapy: TherapyView,
    new: Event,
    *,
    note: str = "",
    reason: str | None = None,
    passed: Sequence[Mapping[str, str]] = (),
    because: str = "",
    about: str | None = None,
) -> None:
    """Add one event and its line of the trail to the caller's transaction, which has looked whether it can be."""
    speaks_english = scope.actor is not None and scope.actor.language == "en"
    row = PathwayEvent(
        id=new.id,
        therapy_id=therapy.id,
        event=new.name,
        machine=new.machine,
        instance=new.instance,
        first_day=new.on.first,
        last_day=new.on.last,
        attributes=dict(new.attributes),
        history=new.history,
        source=new.source,
        passed=[dict(each) for each in passed],
        because=because.strip() if passed else None,
        certainty=new.certainty,
        note_ja="" if speaks_english else note.strip(),
        note_en=note.strip() if speaks_english else "",
        supersedes_id=new.supersedes,
        about_id=about,
        reason=reason.strip() if reason else None,
        recorded_at=new.recorded_at,
        recorded_by=scope.actor.id if scope.actor else None,
        recorded_by_name=scope.actor.name if scope.actor else "",
    )
    session.add(row)
    verb = "withdrawn" if new.name == RETRACTED else "corrected" if new.supersedes else "recorded"
    audit.record(
        scope.actor,
        f"pathways:event:{verb}",
        organisation_id=therapy.organisation_id,
        subject_id=therapy.id,
        before={"event": new.supersedes} if new.supersedes else None,
        after={
            "id": new.id,
            "event": new.name,
            "on": str(new.on),
            "attributes": dict(new.attributes),
            **({"about": about} if about else {}),
            **({"passed": row.passed, "because": row.because} if passed else {}),
        },
        reason=row.reason,
    )
    for follower in _followers:
        follower(scope, therapy, new)
