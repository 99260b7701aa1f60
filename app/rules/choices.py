"""What the forms of a keeper offer, and what they begin with."""

from __future__ import annotations

from itertools import zip_longest
from typing import Any

from app.core import clock
from app.engine.calendar import Month
from app.engine.catalogue import consultation_types, published
from app.engine.definition.common import Text
from app.engine.definition.consultation import PublishedTable
from app.engine.definition.published import FeeAmount, OfficialForm
from app.engine.wording import month_text
from app.rules.kinds import Kind
from app.rules.queries import OwnEntry

FISCAL_YEAR = 4  # tables run from April to March
MONTHS = 12


def families() -> dict[str, Text]:
    """The families whose days of reception can be published, by what belongs to them."""
    found: dict[str, list[Text]] = {}
    for kind in consultation_types().values():
        if kind.reception.mode != "any_time":
            found.setdefault(kind.family, []).append(kind.name)
    for table in published().reception:
        found.setdefault(table.family, [table.name])
    return {key: _joined(names) for key, names in found.items()}


def offered(kind: Kind) -> dict[str, dict[str, Text]]:
    """The choices of each field of a form."""
    told = published()
    if kind is Kind.RECEPTION:
        return {"family": families()}
    if kind is Kind.FEE:
        kinds = {key: one.name for key, one in consultation_types().items()}
        return {"key": {**kinds, **{fee.key: fee.name for fee in told.fees}}}
    requests = {
        f"request_{key}": Text(ja=f"{one.name.ja}の申込書", en=f"Application: {one.name.en}")
        for key, one in consultation_types().items()
    }
    return {"key": {**{form.key: form.name for form in told.forms}, **requests}}


def empty(kind: Kind, family: str | None = None) -> dict[str, Any]:
    """What a new form begins with: for a table, the months of the next fiscal year and a name."""
    if kind is not Kind.RECEPTION:
        return {}
    chosen = family if family in families() else next(iter(families()))
    names, first = families()[chosen], _next_year()
    months = [first.plus(place) for place in range(MONTHS)]
    begins, ends = month_text(months[0]), month_text(months[-1])
    return {
        "family": chosen,
        "lead_months": _lead(chosen),
        "name_ja": f"{names.ja}の受付日程表({begins.ja}〜{ends.ja}実施分)",
        "name_en": f"Reception days of {names.en} (meetings {begins.en} - {ends.en})",
        "rows": [{"meeting": str(each)} for each in months],
    }


def follow(form: Any) -> None:
    """A proposal made for other consultations than the chosen ones, which nobody changed, is made for these."""
    fields = ("name_ja", "name_en", "lead_months")
    chosen = form.family.data
    for other in families().keys() - {chosen}:
        proposed = empty(Kind.RECEPTION, other)
        if form.name_ja.data == proposed["name_ja"]:
            for name in fields:
                if form[name].data == proposed[name]:
                    form[name].data = empty(Kind.RECEPTION, chosen)[name]


def filled(found: OwnEntry) -> dict[str, Any]:
    """What the form of a draft begins with: what was saved."""
    source, content = found.source, found.definition
    data: dict[str, Any] = {
        **_given("title", source.title),
        "url": source.url or "",
        "read_on": source.read_on,
    }
    if isinstance(content, PublishedTable):
        rows = [{"meeting": row.meeting, "reception": row.reception, "notice": row.notice} for row in content.rows]
        table = {"family": content.family, "lead_months": content.lead_months, "rows": rows}
        return {**data, **table, **_given("name", content.name)}
    note = content.note
    data |= {"key": content.key, "valid_from": content.valid_from, "valid_to": content.valid_to}
    data |= _given("note", note)
    return {**data, **({"yen": content.yen} if isinstance(content, FeeAmount) else {"number": content.number})}


def differing(stored: Any, typed: Any) -> list[tuple[str, str]]:
    """Label and text of every field of one form that says something else in the other of the same kind."""
    lines: list[tuple[str, str]] = []
    for mine in stored:
        if mine.type == "FieldList":
            pairs = zip_longest(mine, typed[mine.name])
            rows = [_row(line) for line, other in pairs if _row(line) != _row(other)]
            lines += [(mine.label.text, row) for row in rows]
        elif mine.type != "CSRFTokenField" and _told(mine) != _told(typed[mine.name]):
            lines.append((mine.label.text, _told(mine)))
    return lines


def content(kind: Kind, form: Any) -> dict[str, Any]:
    """A fee or a form from what was typed; what is shipped under the same key lends its name and what it is for."""
    key: str = form.key.data
    told: tuple[FeeAmount, ...] | tuple[OfficialForm, ...]
    told = published().fees if kind is Kind.FEE else published().forms
    like = next((one for one in told if one.key == key), None)
    name = like.name if like else offered(kind)["key"][key]
    common = {"key": key, "name": name.model_dump(), **form.dated()}
    if kind is Kind.FEE:
        paid_for = like.consultation if isinstance(like, FeeAmount) else key
        return {**common, "consultation": paid_for, "yen": form.yen.data}
    used_in = like.consultations if isinstance(like, OfficialForm) else (key.removeprefix("request_"),)
    return {**common, "consultations": used_in, "number": form.number.data.strip()}


def _given(name: str, text: Text | None) -> dict[str, str]:
    """The two fields of a text."""
    ja, en = text.given if text else ("", "")
    return {f"{name}_ja": ja, f"{name}_en": en}


def _row(line: Any) -> str:
    return " · ".join(filter(None, map(_told, line.form))) if line else ""


def _told(field: Any) -> str:
    if field.type == "SelectField":
        return str(dict(field.choices).get(field.data, ""))
    return "" if field.data is None else str(field.data)


def _lead(family: str) -> int:
    patterns = [kind.reception.pattern for kind in consultation_types().values() if kind.family == family]
    known = [pattern.lead_months for pattern in patterns if pattern]
    tables = [table.lead_months for table in published().reception if table.family == family]
    return (known or tables or [2])[0]


def _next_year() -> Month:
    today = clock.today()
    return Month(today.year + (today.month >= FISCAL_YEAR), FISCAL_YEAR)


def _joined(names: list[Text]) -> Text:
    first = names[0]
    if len(names) == 1:
        return first
    return Text(ja=f"{first.ja}など{len(names)}種類", en=f"{first.en} and {len(names) - 1} more")
