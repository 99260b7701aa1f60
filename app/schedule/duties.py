"""The duties that follow from a history, as dates of the therapy: on Today, in the plan, in mails and calendars."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

from app.access.scope import Scope
from app.core import clock
from app.core.errors import Refused
from app.engine.clocks import Duty
from app.engine.counting import counted, source_of
from app.engine.definition.common import Basis, Text
from app.engine.explain import explain
from app.engine.trace import Span
from app.engine.wording import span_text
from app.pathways import duties
from app.pathways.rules import library, line_names
from app.schedule import departures, services
from app.schedule.queries import FOLLOWING, MilestoneView
from app.schedule.services import Draft

KIND = FOLLOWING
LONGEST_KEY = 64  # signs, as the column has it
PATH = "/therapies/{subject}/history"
HERE = Text(
    ja="行ったことを経過に記録すると、この期限はなくなります。ここでは完了にできません。",
    en="Record in the history what was done, and the deadline ends; it cannot be called done here.",
)


def put(scope: Scope | None, therapy_id: str, found: Sequence[Duty]) -> None:
    """See app.pathways.duties.Timetable. What no longer runs vanishes: it was done, or its line ended.

    What had passed before anybody told of it has no day: no mail helps years later, but the plan says that there is no
    record of it.
    """
    known = services.dated(KIND, therapy_id)
    drafts = [each if each.key in known else _without_past_day(each) for each in map(draft, found)]
    drafts.sort(key=lambda each: (each.duty_day or dt.date.max, each.key))
    services.put(KIND, therapy_id, therapy_id, drafts, scope=scope, keep_done=False)


def draft(one: Duty) -> Draft:
    """A duty as a milestone, with everything that pages say about it."""
    dated, day = one.dated, one.dated.day
    return Draft(
        key=_key(one),
        title=one.clock.name,
        about=line_names(one.machine, one.instance),
        role=dated.role,
        basis=dated.basis,
        certainty=dated.certainty,
        on_day=day,
        earliest=dated.span.earliest if dated.span and not day else None,
        latest=dated.span.latest if dated.span and not day else None,
        is_window=dated.span is not None and day is None,
        trace={**dated.trace.to_json(), "pairs": _pairs(one)},
        why=explain(dated.trace, library().sources),
    )


def _key(one: Duty) -> str:
    """The clock and its track; the name of a track may be longer than a key."""
    key = f"{one.clock.key}/{one.instance}"
    return key if len(key) <= LONGEST_KEY else f"{key[: LONGEST_KEY - 17]}~{sha256(key.encode()).hexdigest()[:16]}"


def _without_past_day(each: Draft) -> Draft:
    first, last = each.duty_day, each.on_day or each.latest
    if first is None or last is None or last >= clock.today():
        return each
    days = span_text(Span(first, last))
    why = Text(
        ja=f"期日({days.ja})は、この経過を記録した時点ですでに過ぎており、行ったという記録がありません。"
        "実際に行ったことを経過に記録してください。",
        en=f"The day ({days.en}) had passed when this history was recorded, and nothing says that it was done. "
        "Record in the history what happened.",
    )
    undated = replace(each, on_day=None, earliest=None, latest=None, is_window=False)
    return replace(undated, basis=Basis.UNKNOWN, certainty=None, why=why)


def _pairs(one: Duty) -> list[list[dict[str, str]]]:
    """The parts of the derivation as pairs of name and value, in both languages."""
    trace, found = one.dated.trace, []
    if trace.rule and trace.inputs:
        found.append((Text(ja="起点", en="Counted from"), source_of(trace.inputs[0])))
        found.append((Text(ja="数え方", en="Counting"), counted(trace.rule, trace.inputs[0])))
    if one.clock.note:
        found.append((Text(ja="注意", en="Note"), one.clock.note))
    return [[{"ja": name.ja, "en": name.en}, {"ja": said.ja, "en": said.en}] for name, said in found]


def _record(_scope: Scope, _milestone: MilestoneView, _on: dt.date | None) -> None:
    raise Refused(HERE)


duties.register(put)
services.owned_by(KIND, _record, PATH)
departures.serve(KIND, departures.of_therapies, windows=False)
