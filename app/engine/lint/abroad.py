"""Agencies abroad and their conflicts against the machines, the words and the consultations that they speak of."""

from __future__ import annotations

from collections.abc import Iterator

from app.engine.definition.abroad import Agency, BeforeHome, BeforeOther, Condition, Conflict, During, OnTrack, Table
from app.engine.definition.consultation import ConsultationType
from app.engine.lint.files import Built, Shelf
from app.engine.lint.finding import Finding


def abroad_findings(shelf: Shelf) -> Iterator[Finding]:
    """Milestones that match no row, ids twice, and references to nothing."""
    matches = {match.key for _, table in shelf.of(Table) for match in table.matches}
    agencies = {agency.key: agency for _, agency in shelf.of(Agency)}
    yield from _clocks_twice(shelf)
    for built, agency in shelf.of(Agency):
        yield from _milestones(shelf, built, agency, matches)
    for built, table in shelf.of(Table):
        for key in set(table.agencies) ^ set(agencies):
            what = f"{key} is a column or an agency, but not both."
            yield shelf.finding(built, ("agencies",), what, "Every agency of abroad/ is a column of the table.")
    for built, conflict in shelf.of(Conflict):
        for what in _loose(shelf, conflict, agencies, matches):
            yield shelf.finding(built, (), f"{conflict.key}: {what}", "Name what is there.")


def _milestones(shelf: Shelf, built: Built, agency: Agency, matches: set[str]) -> Iterator[Finding]:
    words = shelf.vocabulary()
    kinds = {kind.key for _, kind in shelf.of(ConsultationType)}
    for number, milestone in enumerate(agency.milestones):
        place = ("milestones", number)
        if milestone.match not in matches:
            what = f"{milestone.key} matches {milestone.match}, which is no row of abroad/table.yaml."
            yield shelf.finding(built, place, what, "Use a row of the table, or add one.")
        for event in milestone.events:
            if words and event not in words.events:
                what = f"The vocabulary has no event {event}."
                yield shelf.finding(built, place, what, "Use one that is there.")
        for kind in milestone.consultations:
            if kind not in kinds:
                what = f"There is no consultation {kind}."
                yield shelf.finding(built, place, what, "Use one of consultations/.")


def _clocks_twice(shelf: Shelf) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for built, agency in shelf.of(Agency):
        for number, clock in enumerate(agency.clocks):
            if clock.id in seen:
                what = f"{clock.id} stands twice (also in {seen[clock.id]})."
                yield shelf.finding(built, ("clocks", number), what, "Give it another id.")
            seen.setdefault(clock.id, built.file)


def _loose(shelf: Shelf, conflict: Conflict, agencies: dict[str, Agency], matches: set[str]) -> Iterator[str]:
    concerns = conflict.concerns
    chosen = [agencies[key] for key in concerns.agencies if key in agencies] or list(agencies.values())
    known = {key for agency in chosen for key in agency.by_key}
    for what, named, there in (
        ("agency", concerns.agencies, set(agencies)),
        ("row", concerns.matches, matches),
        ("milestone", concerns.milestones, known),
    ):
        for key in named:
            if key not in there:
                yield f"there is no {what} {key}."
    home = {key for agency in agencies.values() if agency.home for key in agency.by_key}
    for condition in conflict.when:
        yield from _condition(shelf, condition, known, home)


def _condition(shelf: Shelf, condition: Condition, known: set[str], home: set[str]) -> Iterator[str]:
    match condition:
        case OnTrack():
            machine = shelf.machines().get(condition.machine)
            states = set(condition.states) - (machine.by_key.keys() if machine else set())
            if states:
                yield f"{condition.machine} has no state {', '.join(sorted(states))}."
            for key, values in condition.where.items():
                attribute = machine.attribute(key) if machine else None
                if attribute is None or set(values) - set(attribute.choices):
                    yield f"{condition.machine} knows no {key} {', '.join(values)}."
        case BeforeHome():
            if condition.milestone not in home:
                yield f"Japan has no milestone {condition.milestone}."
        case BeforeOther() | During():
            named = (condition.milestone,) if isinstance(condition, BeforeOther) else (condition.begins, condition.ends)
            for key in named:
                if key not in known:
                    yield f"there is no milestone {key}."
