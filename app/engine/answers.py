"""The answers of the commands ``calendar days``, ``calendar add`` and ``plan steps`` as plain JSON data."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.engine.calendar import Month, japan
from app.engine.catalogue import consultation_type
from app.engine.consultation import Caution, ConsultationPlan, PlannedStep, plan_consultation
from app.engine.trace import span_json


def calendar_days(start: dt.date, end: dt.date) -> list[dict[str, Any]]:
    """Every day from ``start`` to ``end``, both included; names are null on office days.

    Raises ValueError when ``end`` lies before ``start``, CalendarRangeError outside the calendar.
    """
    if end < start:
        raise ValueError(f"The last day {end} lies before the first day {start}")
    return [
        {
            "date": day.date.isoformat(),
            "open": day.open,
            "name_ja": day.name.ja if day.name else None,
            "name_en": day.name.en if day.name else None,
            "basis": str(day.basis),
        }
        for day in japan().days(start, end)
    ]


def calendar_add(day: dt.date, office_days: int) -> dict[str, str]:
    """The day that lies ``office_days`` office days after ``day`` (before it when negative)."""
    return {"date": japan().add(day, office_days).isoformat()}


def plan_steps(
    kind: str, *, meeting: dt.date | None = None, month: Month | None = None, today: dt.date | None = None
) -> dict[str, Any]:
    """The plan of one consultation for a meeting day or a month; without ``today`` no day counts as past.

    Raises UnknownDefinitionError for a type that does not exist, ValueError for neither or both of day and month,
    CalendarRangeError outside the calendar.
    """
    if (meeting is None) == (month is None):
        raise ValueError("Give either the day of the meeting or its month")
    return plan_json(plan_consultation(consultation_type(kind), meeting=meeting, month=month, today=today))


def plan_json(plan: ConsultationPlan) -> dict[str, Any]:
    """A plan as plain data. ``meeting`` is a day, or the month while the day is open."""
    day = plan.meeting.day if plan.meeting else None
    return {
        "type": plan.kind.key,
        "meeting": day.isoformat() if day else plan.month and str(plan.month),
        "steps": [_step(step) for step in plan.steps],
        "warnings": [_caution(caution) for caution in plan.warnings],
    }


def _step(step: PlannedStep) -> dict[str, Any]:
    alarm = {} if step.alarm_from is None or step.window else {"alarm_from": step.alarm_from.isoformat()}
    return {
        "key": step.key,
        "role": str(step.role),
        "basis": str(step.basis),
        **span_json(step.span),
        **alarm,
        "trace": step.trace.to_json(),
        "why_ja": step.why.ja,
        "why_en": step.why.en,
    }


def _caution(caution: Caution) -> dict[str, Any]:
    return {
        "code": caution.code,
        "level": caution.level,
        "step": caution.step,
        "ja": caution.text.ja,
        "en": caution.text.en,
    }
