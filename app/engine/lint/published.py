"""What follows each other in time, and the tables of reception days: overlaps, gaps, and days that cannot be."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from app.engine.calendar import Month, OfficeCalendar
from app.engine.definition.calendar import CalendarTable
from app.engine.definition.changes import Change
from app.engine.definition.clock import Clock
from app.engine.definition.consultation import ConsultationType, PublishedReception, PublishedTable
from app.engine.definition.published import FeeAmount, OfficialForm
from app.engine.definition.validity import InForce
from app.engine.errors import CalendarRangeError
from app.engine.law import faults
from app.engine.lint.files import Built, Shelf
from app.engine.lint.finding import Finding

DAY = dt.timedelta(days=1)


def published_findings(shelf: Shelf) -> Iterator[Finding]:
    """Faults of clocks, tables, fees and forms that show only when several entries are seen together."""
    for model, named_by in ((Clock, "key"), (PublishedTable, "family"), (FeeAmount, "key"), (OfficialForm, "key")):
        yield from _succession(shelf, model, named_by)
    table = next((table for _, table in shelf.of(CalendarTable)), None)
    calendar = OfficeCalendar(table) if table else None
    for built, days in shelf.of(PublishedTable):
        yield from _rows(shelf, built, days, calendar)
    yield from _kinds(shelf)
    yield from _changes(shelf)


def _succession(shelf: Shelf, model: type[InForce], named_by: str) -> Iterator[Finding]:
    places = {id(entry): built for built, entry in shelf.of(model)}
    groups: dict[str, list[InForce]] = {}
    for _, entry in shelf.of(model):
        groups.setdefault(getattr(entry, named_by), []).append(entry)
    for key, entries in groups.items():
        for earlier, fault, later in faults(entries):
            built, before = places[id(later)], places[id(earlier)]
            if fault == "overlap":
                what = f"This entry of {key} overlaps the one in {before.file} that counts {_span(earlier)}."
                to_do = "Let the earlier one end (valid_to) before this one begins (valid_from)."
                ja = f"すでにあるもの({_span_ja(earlier)}有効)と期間が重なっています。開始日を改めてください。"
            else:
                first, last = (earlier.valid_to or dt.date.min) + DAY, (later.valid_from or dt.date.max) - DAY
                what = f"No entry of {key} counts from {first} to {last}."
                to_do = "Let the later one begin on the day after the earlier one ends."
                ja = f"{first}から{last}まで、有効なものがありません。前のものが終わる日の翌日から始めてください。"
            yield shelf.finding(built, ("valid_from",), what, to_do, ja)


def _rows(shelf: Shelf, built: Built, table: PublishedTable, calendar: OfficeCalendar | None) -> Iterator[Finding]:
    twice = {month for month, count in Counter(row.meeting for row in table.rows).items() if count > 1}
    for number, row in enumerate(table.rows):
        place = ("rows", number)
        if row.meeting in twice:
            what, to_do = f"The meetings of {row.meeting} stand twice in this table.", "Keep one of the rows."
            yield shelf.finding(built, (*place, "meeting"), what, to_do, f"{row.meeting}の行が2つあります。")
        for field, what, to_do, ja in _row(table, row, calendar):
            yield shelf.finding(built, (*place, field), what, to_do, ja)


def _row(
    table: PublishedTable, row: PublishedReception, calendar: OfficeCalendar | None
) -> Iterator[tuple[str, str, str, str]]:
    check = "Compare it with the published table."
    month, asked = Month.parse(row.meeting), Month.of(row.reception)
    if asked != month.plus(-table.lead_months):
        what = f"{row.reception} does not lie {table.lead_months} months before the meetings of {row.meeting}."
        ja = f"{row.reception}は、{row.meeting}実施分の{table.lead_months}か月前の月ではありません。"
        yield "reception", what, check, ja
    if row.notice and row.notice <= row.reception:
        what = f"The notice on {row.notice} does not come after the reception on {row.reception}."
        yield "notice", what, check, f"日程の連絡日({row.notice})が受付日({row.reception})より後ではありません。"
    if not (table.valid_from or dt.date.min) <= month.first <= (table.valid_to or dt.date.max):
        what = f"This table does not count for the meetings of {row.meeting}, which it lists."
        ja = f"{row.meeting}は、この表の有効期間の外です。"
        yield "meeting", what, "Correct valid_from or valid_to.", ja
    for field in ("reception", "notice"):
        day = getattr(row, field)
        try:
            closed = day and calendar and not calendar.is_open(day)
        except CalendarRangeError:
            ja = f"{day}は祝日の表の範囲外です。"
            yield field, f"{day} lies outside the table of holidays.", "Enlarge the table first.", ja
            continue
        if closed:
            yield field, f"Offices are closed on {day}.", check, f"{day}は閉庁日です。公表された表と見比べてください。"


def _kinds(shelf: Shelf) -> Iterator[Finding]:
    known = {kind.key for _, kind in shelf.of(ConsultationType)}
    to_do = "Name a type of consultations/."
    for built, fee in shelf.of(FeeAmount):
        if fee.consultation and fee.consultation not in known:
            what = f"There is no consultation type {fee.consultation}."
            yield shelf.finding(built, ("consultation",), what, to_do, "その種類の相談はありません。")
    for built, form in shelf.of(OfficialForm):
        for key in (key for key in form.consultations if key not in known):
            what = f"There is no consultation type {key}."
            yield shelf.finding(built, ("consultations",), what, to_do, "その種類の相談はありません。")


def _changes(shelf: Shelf) -> Iterator[Finding]:
    seen: set[str] = set()
    for built, change in shelf.of(Change):
        if change.key in seen:
            yield shelf.finding(built, ("key",), f"Change {change.key} stands twice.", "Give it another key.")
        seen.add(change.key)
        try:
            _ = change.days
        except ValueError:
            yield shelf.finding(built, ("on",), f"There is no day {change.on}.", "Correct the day.")


def _span(entry: InForce) -> str:
    return f"from {entry.valid_from or 'the beginning'} to {entry.valid_to or 'the next one'}"


def _span_ja(entry: InForce) -> str:
    first = f"{entry.valid_from}から" if entry.valid_from else ""
    return first + (f"{entry.valid_to}まで" if entry.valid_to else "次のものまで")
