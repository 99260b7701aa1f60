"""What rounds of inquiries and turns beside the steps make of a plan; nothing here is stored."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from app.consultations import planning
from app.consultations.models import Status
from app.consultations.wish import Wish
from app.engine.consultation import ConsultationPlan, Fact, PlannedStep
from app.engine.definition.common import Basis, Text
from app.engine.definition.published import NOTHING, Published
from app.engine.loader import WORKFLOWS
from app.engine.trace import Trace
from app.pathways.rules import event_names

WRITTEN, RESCHEDULE, OFFERED = "CLOSED_IN_WRITING", "RESCHEDULE_REQUESTED", "DATE_OFFERED"
ASKED_AGAIN, CLOSED = "PRE_MEETING_REQUESTED", "CONSULTATION_CLOSED"
ENDS = {
    "CONSULTATION_WITHDRAWN": Status.WITHDRAWN,
    "CONSULTATION_CANCELLED": Status.CANCELLED,
    "CONSULTATION_REJECTED": Status.REJECTED,
}
SET_ASIDE = {  # the steps that a turn opens again; what was recorded there stays with the turn
    RESCHEDULE: ("date_notice", "fee_and_application", "materials_due", "slides", "meeting"),
    ASKED_AGAIN: ("pre_meeting",),
}
RECORDS = ("record", "record_check")  # what still comes when a consultation is closed in writing
RECEIVED, ANSWERS = "inquiries", "answers"
ROUND_STEP = re.compile(rf"({RECEIVED}|{ANSWERS})(?:_([0-9]+))?")

WAITS_FOR_A_DAY = Text(
    ja="日程の変更を依頼中のため、期日はありません。",
    en="Another day has been asked for, so there is no date.",
)
ASK_FOR_A_DAY = Text(
    ja="新しい実施日の連絡を受けたら、連絡の日と実施日を記録してください。そこから数え直します。",
    en="When PMDA names the new day, record the day of its notice and of the meeting; all dates count from them.",
)
NO_MEETING = Text(
    ja="書面で終了したため、実施日から数えることができません。",
    en="It was closed in writing, so there is no meeting to count from.",
)
ASK_FOR_RECORD = Text(
    ja="書面で終了した場合に対面助言記録が示される時期を、担当審査部門に確認してください。",
    en="Ask the reviewing office when the record comes after closing in writing.",
)


@dataclass(frozen=True)
class Round:
    """The days of one round of inquiries. ``answer_by``: only a day that PMDA named."""

    number: int
    received_on: dt.date
    answer_by: dt.date | None = None
    answered_on: dt.date | None = None


@dataclass(frozen=True)
class Turn:
    """Something that happened beside the steps. ``set_aside``: what it made void, by step."""

    id: str
    event: str
    day: dt.date
    note: str = ""
    set_aside: Mapping[str, Fact] | None = None

    @property
    def names(self) -> Text:
        """What happened, in words."""
        return event_names(self.event)

    def to_json(self) -> dict[str, Any]:
        """The turn as it lies in the table."""
        aside = planning.write_facts(self.set_aside or {})
        return {
            "id": self.id,
            "event": self.event,
            "day": self.day.isoformat(),
            "note": self.note,
            "set_aside": aside,
        }


def read_turns(stored: Sequence[Mapping[str, Any]]) -> tuple[Turn, ...]:
    """Turns as they lie in the table."""
    return tuple(
        Turn(t["id"], t["event"], dt.date.fromisoformat(t["day"]), t["note"], planning.read_facts(t["set_aside"]))
        for t in stored
    )


@dataclass(frozen=True)
class Course:
    """Everything that decides the plan of one consultation."""

    kind: str
    wish: Wish
    facts: Mapping[str, Fact]
    rounds: Sequence[Round] = ()
    turns: Sequence[Turn] = ()
    more: Published = NOTHING  # what its hub entered beside what is shipped
    root: Path = WORKFLOWS
    holds: Collection[str] = ()  # the kinds of designation that the therapy holds

    def turn(self, event: str) -> Turn | None:
        """The last turn of that event."""
        return next((turn for turn in reversed(self.turns) if turn.event == event), None)

    @property
    def end(self) -> Turn | None:
        """The withdrawal, cancellation or refusal that ended it."""
        return next((turn for turn in self.turns if turn.event in ENDS), None)

    @property
    def waits_for_a_day(self) -> bool:
        """Another day was asked for and PMDA has named none yet."""
        last = next((turn for turn in reversed(self.turns) if turn.event in (RESCHEDULE, OFFERED)), None)
        named = "date_notice" in self.facts or "meeting" in self.facts
        return last is not None and last.event == RESCHEDULE and not named

    def plan(self, today: dt.date) -> ConsultationPlan:
        """The plan as of ``today``. Raises Refused for what the calendar does not reach."""
        base = self._plan(0, today)
        steps: list[PlannedStep] = []
        for step in base.steps:
            steps.append(step)
            if step.key == ANSWERS:
                steps += self._later_rounds(today)
        if self.end:
            steps = [step for step in steps if step.done]
        elif self.turn(WRITTEN):
            steps = [step for step in steps if step.done or step.key in RECORDS]
            steps = [
                _without_date(step, NO_MEETING, ASK_FOR_RECORD) if step.key == "record" else step for step in steps
            ]
        elif self.waits_for_a_day:
            steps = [_without_date(step, WAITS_FOR_A_DAY, ASK_FOR_A_DAY) for step in steps]
        if steps == list(base.steps):
            return base
        dated = {step.key for step in steps if step.span}
        duties = [step for step in steps if not step.done and step.safe and step.role.value == "not_after"]
        first = min(duties, key=lambda step: step.safe or dt.date.max, default=None)
        kept = tuple(caution for caution in base.warnings if caution.step in dated)
        open_day = not (self.end or self.turn(WRITTEN) or self.waits_for_a_day)
        return replace(
            base,
            meeting=base.meeting if open_day else None,
            steps=tuple(steps),
            warnings=kept,
            first_step=first,
            last_safe_day=first.safe if first else None,
            missed=base.missed if open_day else None,
        )

    def _plan(self, place: int, today: dt.date) -> ConsultationPlan:
        """The plan with the days of one round."""
        facts = self._facts_with(place)
        return planning.plan_of(self.kind, self.wish, facts, today, self.more, self.root, self.holds)

    def _facts_with(self, place: int) -> dict[str, Fact]:
        """The facts with the days of one round in the place of the steps of inquiries and answers."""
        facts = dict(self.facts)
        if place < len(self.rounds):
            one = self.rounds[place]
            facts[RECEIVED] = Fact(day=one.received_on)
            if one.answered_on:
                facts[ANSWERS] = Fact(day=one.answered_on)
            elif one.answer_by:
                facts[ANSWERS] = Fact(day=one.answer_by, basis=Basis.AGREED)
        return facts

    def _later_rounds(self, today: dt.date) -> list[PlannedStep]:
        """The rounds from the second on, each dated by the same rules as the first."""
        found = []
        for place, one in enumerate(self.rounds):
            if place:
                plan = self._plan(place, today)
                found += [_numbered(plan.step(key), one.number) for key in (RECEIVED, ANSWERS)]
        return found


def step_of_round(key: str) -> tuple[str, int] | None:
    """``answers_2`` as ("answers", 2), ``inquiries`` as ("inquiries", 1); None for every other step."""
    found = ROUND_STEP.fullmatch(key)
    return (found[1], int(found[2] or 1)) if found else None


def _numbered(step: PlannedStep, number: int) -> PlannedStep:
    name = step.step.name
    title = Text(ja=f"{name.ja}(第{number}回)", en=f"{name.en} (round {number})")
    return replace(step, step=step.step.model_copy(update={"key": f"{step.key}_{number}", "name": title}))


def _without_date(step: PlannedStep, why: Text, ask: Text) -> PlannedStep:
    """An open step of which nobody can say when; what was asked or agreed about it no longer counts."""
    if step.done:
        return step
    mark = step.trace.provenance
    trace = Trace(
        step.key,
        step.step.name,
        step.role,
        Basis.UNKNOWN,
        provenance=mark.model_copy(update={"ask": ask}) if mark else None,
        given=why,
        note=step.step.note,
        version=step.trace.version,
    )
    dated = replace(step.dated, span=None, basis=Basis.UNKNOWN, trace=trace)
    return replace(step, dated=dated, why=why, expected=None, alarm_from=None, window=False)
