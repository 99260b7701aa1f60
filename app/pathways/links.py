"""Where a guard's answer sends the reader: to the page that helps with what is missing."""

from __future__ import annotations

from app.core.i18n import language
from app.engine.definition.guards import EvidenceComplete, FactPresent, LicenceHeld
from app.engine.machine import Answer
from app.pathways import conditions
from app.pathways.pictures import Help
from app.therapies.queries import TherapyView
from app.web.components import Link
from app.web.links import page


def help_for(therapy: TherapyView) -> Help:
    """The helping links of one therapy for this reader; nobody who may only read gets one."""

    def help_with(answer: Answer) -> Link | None:
        if not therapy.may_write or answer.do is None:
            return None
        address = _address(therapy.id, answer)
        return Link(answer.do.say(language()), address) if address else None

    return help_with


def _address(therapy_id: str, answer: Answer) -> str | None:
    if isinstance(answer.guard, LicenceHeld):
        asked = "LICENCE_APPLIED" if answer.guard.applied_suffices else "LICENCE_GRANTED"
        return page("pathways.record_event", therapy_id=therapy_id, event=answer.record or asked)
    if isinstance(answer.guard, EvidenceComplete):
        return page("evidence.matrix", therapy_id=therapy_id, gate=answer.guard.gate)
    if isinstance(answer.guard, FactPresent) and answer.target and answer.target.room == "evidence":
        return page("evidence.item", therapy_id=therapy_id, item=answer.target.key)
    if condition := conditions.of(answer.guard):
        return page("pathways.condition", therapy_id=therapy_id, kind=condition.kind, key=condition.key)
    if answer.target and answer.target.room == "consultation":
        return page("consultations.choose", therapy_id=therapy_id, kind=answer.target.key)
    if answer.target and answer.target.room in ("track", "designation"):
        return page("pathways.record", therapy_id=therapy_id)
    return None
