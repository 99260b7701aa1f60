"""Rounds of inquiries: what PMDA asked, when, and the answers; every round has its own clock."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import dataclass

from app.access.scope import Scope
from app.consultations import planning, queries
from app.consultations.course import RECEIVED, Round, step_of_round
from app.consultations.models import Consultation, Inquiry
from app.consultations.planning import Move
from app.consultations.queries import ConsultationView, InquiryView
from app.consultations.services import rows, settling
from app.consultations.services.settling import KIND
from app.core import clock
from app.core.db import session, transaction
from app.core.errors import Changed, NotFound, Refused
from app.engine.definition.common import Basis, Text
from app.engine.wording import day_text
from app.schedule import queries as schedule


@dataclass(frozen=True)
class Told:
    """What a person says about one round."""

    received_on: dt.date
    answer_by: dt.date | None = None  # only a day that PMDA named
    answered_on: dt.date | None = None
    asked: str = ""
    answer: str = ""


def add_inquiry(scope: Scope, consultation_id: str, told: Told) -> str:
    """One more round, after the others; returns its id. Refused while the last one is not answered."""
    view, before = _open(scope, consultation_id)
    if before and before[-1].days.answered_on is None:
        raise Refused(
            Text(
                ja=f"先に第{before[-1].number}回の照会事項への回答の日を記録してください。",
                en=f"Please record first on which day round {before[-1].number} was answered.",
            ),
            field="received_on",
        )
    with transaction():
        parent = rows.own_row(scope, consultation_id)
        row = Inquiry(consultation_id=view.id, number=len(before) + 1, received_on=told.received_on, version=1)
        _fill(row, told, [one.days for one in before])
        session.add(row)
        session.flush()
        _keep(scope, parent, row, "inquiry:added", None)
    return row.id


def edit_inquiry(scope: Scope, consultation_id: str, inquiry_id: str, told: Told, *, version: int) -> None:
    """Record the answer, or correct the round. Raises Changed when it was changed since ``version`` was shown."""
    _view, known = _open(scope, consultation_id)
    with transaction():
        parent, row = rows.own_row(scope, consultation_id), rows.one_of(Inquiry, consultation_id, inquiry_id)
        if row.version != version:
            raise Changed
        before = _said(row)
        _fill(row, told, [one.days for one in known])
        row.version += 1
        _keep(scope, parent, row, "inquiry:edited", before)


def delete_inquiry(scope: Scope, consultation_id: str, inquiry_id: str, *, version: int | None = None) -> None:
    """It was not so: the last round is taken back; what it said stays in the trail, its events in the history."""
    _view, known = _open(scope, consultation_id)
    with transaction():
        parent, row = rows.own_row(scope, consultation_id), rows.one_of(Inquiry, consultation_id, inquiry_id)
        if row.number != len(known):
            raise Refused(
                Text(
                    ja=f"先に第{len(known)}回の照会事項の記録を取り消してください。",
                    en=f"Please take back round {len(known)} first.",
                ),
                field="day",
            )
        rows.must_be_unchanged(row, version)
        before = _said(row)
        session.delete(row)
        _settle(scope, parent)
        rows.record(scope, parent, "inquiry:taken_back", before=before)


def record_day(
    scope: Scope, consultation_id: str, key: str, day: dt.date | None, *, basis: Basis = Basis.ACTUAL, dry: bool = False
) -> list[Move]:
    """The day of one step of a round, as Today and the plan record it; None takes it back. Returns what moved."""
    named = step_of_round(key)
    if named is None:
        raise NotFound
    step, number = named
    view, known = _open(scope, consultation_id)
    one = next((one for one in known if one.number == number), None)
    before, moves = schedule.of_subject(scope, KIND, consultation_id), list[Move]()
    with contextlib.suppress(_OnlyLooking), transaction():
        if step == RECEIVED and one is None and day and number == len(known) + 1:
            add_inquiry(scope, consultation_id, Told(day))
        elif one is None:
            raise Refused(_first_received(view), field="day")
        elif step == RECEIVED and day is None:
            delete_inquiry(scope, consultation_id, one.id)
        else:
            edit_inquiry(scope, consultation_id, one.id, _changed(one, step, day, basis), version=one.version)
        moves = planning.moves(before, view.course(queries.rounds(scope, consultation_id)).plan(clock.today()))
        if dry:
            raise _OnlyLooking  # the transaction is rolled back
    return moves


class _OnlyLooking(Exception):
    """Nothing is to be saved."""


def _changed(one: InquiryView, step: str, day: dt.date | None, basis: Basis) -> Told:
    days = one.days
    if step == RECEIVED and day:
        return Told(day, days.answer_by, days.answered_on, one.asked, one.answer)
    if basis is Basis.ACTUAL:
        return Told(days.received_on, days.answer_by, day, one.asked, one.answer)
    return Told(days.received_on, day, days.answered_on, one.asked, one.answer)


def _open(scope: Scope, consultation_id: str) -> tuple[ConsultationView, list[InquiryView]]:
    view = queries.own(scope, consultation_id)
    if RECEIVED not in {step.key for step in view.kind.steps}:
        raise Refused(
            Text(
                ja=f"「{view.kind.name.ja}」に照会事項の手続はありません。",
                en=f"There are no inquiries in this kind of consultation ({view.kind.name.en}).",
            ),
            field="received_on",
        )
    settling.must_run(view)
    return view, queries.inquiries(scope, consultation_id)


def _fill(row: Inquiry, told: Told, known: list[Round]) -> None:
    """Put the days in when they can be: this round after the one before, its answer before the next one."""
    before = next((one for one in known if one.number == row.number - 1), None)
    after = next((one for one in known if one.number == row.number + 1), None)
    for field, day in (("received_on", told.received_on), ("answered_on", told.answered_on)):
        if day and day > clock.today():
            raise Refused(settling.future(day), field=field)
    if before and before.answered_on and told.received_on < before.answered_on:
        raise _not_before("received_on", _answer_of(before.number), before.answered_on)
    for field, day in (("answer_by", told.answer_by), ("answered_on", told.answered_on)):
        if day and day < told.received_on:
            raise _not_before(field, Text(ja="照会事項の受領", en="the inquiries"), told.received_on)
    if after and (told.answered_on is None or told.answered_on > after.received_on):
        said = day_text(after.received_on)
        raise Refused(
            Text(
                ja=f"第{after.number}回の照会事項は{said.ja}に受領しています。その日までの回答の日を入力してください。",
                en=f"Round {after.number} came on {said.en}; please give a day of the answer up to then.",
            ),
            field="answered_on",
        )
    row.received_on, row.answer_by, row.answered_on = told.received_on, told.answer_by, told.answered_on
    for name in ("asked", "answer"):
        setattr(row, name, rows.clean_text(name, getattr(told, name)))


def _keep(scope: Scope, parent: Consultation, row: Inquiry, action: str, before: dict[str, str | None] | None) -> None:
    _settle(scope, parent)
    rows.record(scope, parent, action, before=before, after=_said(row))


def _settle(scope: Scope, parent: Consultation) -> None:
    parent.version += 1
    settling.settle(scope, parent)


def _said(row: Inquiry) -> dict[str, str | None]:
    days = {name: getattr(row, name) for name in ("received_on", "answer_by", "answered_on")}
    return {
        "id": row.id,
        "number": str(row.number),
        "asked": row.asked,
        "answer": row.answer,
        **{name: day.isoformat() if day else None for name, day in days.items()},
    }


def _answer_of(number: int) -> Text:
    return Text(ja=f"第{number}回への回答", en=f"the answer to round {number}")


def _not_before(field: str, name: Text, day: dt.date) -> Refused:
    said = day_text(day)
    return Refused(
        Text(
            ja=f"「{name.ja}」({said.ja})より前の日は記録できません。",
            en=f"This cannot lie before {name.en} ({said.en}).",
        ),
        field=field,
    )


def _first_received(view: ConsultationView) -> Text:
    name = view.kind.step(RECEIVED).name
    return Text(
        ja=f"先に「{name.ja}」の日を記録してください。その日から数えるためです。",
        en=f"Please record {name.en} first, for this step counts from it.",
    )
