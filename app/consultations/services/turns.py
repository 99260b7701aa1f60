"""What happens beside the steps of a plan: closed in writing, cancelled, withdrawn, another day asked for …"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from app.access.scope import Scope
from app.consultations import planning, queries
from app.consultations.course import ENDS, SET_ASIDE, WRITTEN, Round, Turn
from app.consultations.models import Consultation
from app.consultations.occasions import occasions
from app.consultations.planning import Move
from app.consultations.queries import ConsultationView
from app.consultations.services import rows, settling
from app.consultations.services.settling import KIND
from app.core import clock
from app.core.db import transaction
from app.core.errors import NotFound, Refused
from app.core.ids import new_id
from app.engine.definition.common import Text
from app.schedule import queries as schedule

LONGEST_NOTE = 2_000  # characters of a note
ACTIONS = {"CONSULTATION_WITHDRAWN": "consultation:withdrawn"}  # in the trail; all others are turns


def record_turn(
    scope: Scope,
    consultation_id: str,
    event: str,
    on: dt.date,
    *,
    note: str = "",
    version: int | None = None,
    dry: bool = False,
) -> list[Move]:
    """Something happened beside the steps: the plan follows. Returns the dates that move or end.

    ``dry``: say it, save nothing. NotFound for what is no such event, Refused with the sentence of the machine for one
    that is not possible now.
    """
    view, rounds = queries.own_with_rounds(scope, consultation_id)
    known = next((one for one in occasions(scope, view) if one.event == event), None)
    if known is None or (known.possible and known.step):
        raise NotFound
    if not known.possible:
        raise Refused(known.why, field="day")
    _check(on, note)
    aside = {key: view.facts[key] for key in SET_ASIDE.get(event, ()) if key in view.facts}
    new = Turn(new_id(), event, on, note.strip(), aside)
    facts = {key: fact for key, fact in view.facts.items() if key not in aside}
    after = replace(view, facts=facts, turns=(*view.turns, new))
    moves = _moves(scope, after, rounds)
    if dry:
        return moves
    with transaction():
        row = rows.own_row(scope, consultation_id, version or view.version)
        row.facts = planning.write_facts(facts)
        row.agreed = view.meeting_key in facts
        _put(scope, row, after.turns)
        rows.record(scope, row, ACTIONS.get(event, "turn:recorded"), after=new.to_json())
    return moves


def correct_turn(
    scope: Scope, consultation_id: str, turn_id: str, on: dt.date, *, note: str = "", version: int | None = None
) -> None:
    """It was on another day; the history keeps the wrong one, struck out."""
    view, old = _find(scope, consultation_id, turn_id)
    _check(on, note)
    new = replace(old, day=on, note=note.strip())
    with transaction():
        row = rows.own_row(scope, consultation_id, version or view.version)
        _put(scope, row, tuple(new if turn.id == turn_id else turn for turn in view.turns))
        rows.record(scope, row, "turn:corrected", before=old.to_json(), after=new.to_json())


def take_back_turn(scope: Scope, consultation_id: str, turn_id: str, *, version: int | None = None) -> None:
    """It was not so: the plan is as it was before. What it had set aside counts again."""
    view, old = _find(scope, consultation_id, turn_id)
    aside = dict(old.set_aside or {})
    for key in aside:
        if key in view.facts:
            name = view.kind.step(key).name
            raise Refused(
                Text(
                    ja=f"先に「{name.ja}」の新しい記録を取り消してください。",
                    en=f"First take back the newer record of {name.en}.",
                ),
                field="day",
            )
    if old.event not in ENDS:
        settling.must_run(view)
    if old.event == WRITTEN and "record" in view.facts:
        name = view.kind.step("record").name
        raise Refused(
            Text(
                ja=f"先に「{name.ja}」の記録を取り消してください。",
                en=f"First take back the record of {name.en}.",
            ),
            field="day",
        )
    with transaction():
        row = rows.own_row(scope, consultation_id, version or view.version)
        row.facts = planning.write_facts({**view.facts, **aside})
        row.agreed = view.meeting_key in row.facts
        _put(scope, row, tuple(turn for turn in view.turns if turn.id != turn_id))
        rows.record(scope, row, "turn:taken_back", before=old.to_json())


def withdraw(scope: Scope, consultation_id: str, on: dt.date, *, version: int | None = None) -> None:
    """The applicant takes the consultation back: nothing of it is due any more; what was done stays in the history."""
    record_turn(scope, consultation_id, "CONSULTATION_WITHDRAWN", on, version=version)


def _find(scope: Scope, consultation_id: str, turn_id: str) -> tuple[ConsultationView, Turn]:
    view = queries.own(scope, consultation_id)
    for turn in view.turns:
        if turn.id == turn_id:
            return view, turn
    raise NotFound


def _moves(scope: Scope, after: ConsultationView, rounds: Sequence[Round]) -> list[Move]:
    stored = schedule.of_subject(scope, KIND, after.id)
    plan = after.course(rounds).plan(clock.today())
    return [*planning.moves(stored, plan), *planning.vanishing(stored, plan)]


def _put(scope: Scope, row: Consultation, turns: tuple[Turn, ...]) -> None:
    row.turns = [turn.to_json() for turn in turns]
    row.version += 1
    settling.settle(scope, row)


def _check(on: dt.date, note: str) -> None:
    if on > clock.today():
        raise Refused(settling.future(on), field="day")
    rows.clean_text("note", note, LONGEST_NOTE)
