"""What a consultation costs and on which official forms it is asked for, as published for the day of applying."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from app.engine.catalogue import published
from app.engine.consultation import ConsultationPlan
from app.engine.definition.common import Confidence, Provenance, Text
from app.engine.definition.consultation import ConsultationType
from app.engine.definition.published import FeeAmount, OfficialForm, Published
from app.engine.entries import published_id
from app.engine.law import in_force
from app.rules.describing import yen

Entry = TypeVar("Entry", FeeAmount, OfficialForm)

APPLICATION = "fee_and_application"  # the step on which the fee is paid, where there is one
UNKNOWN = Text(ja="不明", en="unknown")
PAID = Text(ja="有料(金額は不明)", en="due; the amount is unknown")
ASK_FEE = Text(
    ja="PMDAの「手数料額・区分・様式」のページで現行の手数料を確認してください。",
    en="Look up the current fee on PMDA's page of fees and forms.",
)
ASK_FORM = Text(
    ja="PMDAの「手数料額・区分・様式」のページで現行の様式番号を確認してください。",
    en="Look up the number of the current form on PMDA's page of fees and forms.",
)


@dataclass(frozen=True, slots=True)
class Told:
    """One value as it counts on a day: what it is of, the value or that it is unknown, what to know and to ask.

    ``entry`` is where it stands in the rules; None for what a hub entered, which its source names.
    """

    name: Text
    value: Text
    note: Text | None
    ask: Text | None
    provenance: Provenance
    entry: str | None


@dataclass(frozen=True, slots=True)
class Costs:
    """The fees and forms of a consultation; ``on`` is the day whose entries count.

    ``planned``: it is the day of the application, as recorded or planned; else simply the present day.
    """

    on: dt.date
    planned: bool
    fees: tuple[Told, ...]
    forms: tuple[Told, ...]


def of_plan(plan: ConsultationPlan, entered: Published | None, today: dt.date) -> Costs:
    """As of the day of the application: recorded or planned, but never a day on which nobody applied; else today."""
    step = next((each for each in plan.steps if each.key == APPLICATION), None)
    if step and step.span:
        first = step.span.earliest
        return on_day(plan.kind, entered, first if step.done else max(first, today), planned=True)
    return on_day(plan.kind, entered, today)


def on_day(kind: ConsultationType, entered: Published | None, on: dt.date, *, planned: bool = False) -> Costs:
    """What counts on a day; what a hub entered goes before what is shipped for the same day."""
    hubs = entered.fees if entered else (), entered.forms if entered else ()
    fees = [each for each in (*published().fees, *hubs[0]) if each.consultation == kind.key]
    forms = [each for each in (*published().forms, *hubs[1]) if kind.key in each.consultations]
    return Costs(
        on,
        planned,
        tuple(_fee(each) for each in _counting(fees, on)) or (_fee_of_kind(kind),),
        tuple(_form(each) for each in _counting(forms, on)) or (_no_form(kind),),
    )


def entries(kind: ConsultationType) -> list[str]:
    """The entries of the rules that may say what it costs and on which form it is asked for."""
    told = published()
    fees = [published_id(each) for each in told.fees if each.consultation == kind.key]
    forms = [published_id(each) for each in told.forms if kind.key in each.consultations]
    return [f"consultation:{kind.key}", *(each for each in (*fees, *forms) if each)]


def _counting(entries: Sequence[Entry], on: dt.date) -> list[Entry]:
    ordered = sorted(entries, key=lambda each: each.key)
    found = (in_force(same, on) for _key, same in groupby(ordered, key=lambda each: each.key))
    return [each for each in found if each]


def _fee(fee: FeeAmount) -> Told:
    value = PAID if fee.yen is None else yen(fee.yen)
    mark = fee.provenance
    return Told(fee.name, value, fee.note, mark.ask, mark, published_id(fee))


def _fee_of_kind(kind: ConsultationType) -> Told:
    """What the kind of consultation says of its fee, where no entry counts."""
    free = kind.fee.kind == "free"
    value = yen(0) if free else PAID if kind.fee.kind == "paid" else UNKNOWN
    mark = kind.fee.provenance
    return Told(kind.name, value, None, None if free else mark.ask or ASK_FEE, mark, f"consultation:{kind.key}")


def _form(form: OfficialForm) -> Told:
    value = Text(ja=form.number, en=form.number) if form.number else UNKNOWN
    mark = form.provenance
    return Told(form.name, value, form.note, mark.ask, mark, published_id(form))


def _no_form(kind: ConsultationType) -> Told:
    name = Text(ja=f"{kind.name.ja}の申込書", en=f"Application: {kind.name.en}")
    mark = Provenance(confidence=Confidence.UNKNOWN, ask=ASK_FORM)
    return Told(name, UNKNOWN, None, ASK_FORM, mark, None)
