"""What is said of agencies abroad as entries of the rules: milestones, numbers of clocks, conflicts, what happened."""

from __future__ import annotations

from collections.abc import Iterator

from app.engine.abroad import World
from app.engine.definition.abroad import BeforeHome, Conflict, Part
from app.engine.definition.common import Text
from app.engine.entry import Entry
from app.engine.machine.words import filled

CONFLICTS = "conflicts"  # the page of what stands between agencies
GAPS = {  # what a sentence says of the day or the agency that only a therapy fills in
    "agency": Text(ja="海外の当局", en="the agency abroad"),
    "milestone": Text(ja="節目", en="the milestone"),
    "day": Text(ja="その日付", en="its day"),
    "home": Text(ja="その日付", en="its day"),
}


def of_abroad(world: World) -> Iterator[Entry]:
    """Milestones of every agency and what stands beside what, every number of a clock, conflicts, and facts."""
    for agency in world.agencies.values():
        clocks = tuple(clock.model_copy(update={"parts": ()}) for clock in agency.clocks)
        itself, names = agency.model_copy(update={"clocks": clocks}), agency.names
        said = Text(ja=f"{names.ja}の節目", en=f"Milestones of {names.en}")
        yield Entry(f"agency:{agency.key}", "abroad", agency.key, said, itself, agency.provenance)
        for clock in agency.clocks:
            for part in clock.parts:
                names = Text(ja=f"{clock.item.ja}: {part.names.ja}", en=f"{clock.item.en}: {part.names.en}")
                yield Entry(abroad_id(clock.id, part), "abroad", agency.key, names, part, part.provenance)
    for one in world.conflicts:
        yield Entry(f"conflict:{one.key}", "abroad", CONFLICTS, one.names, one, one.provenance)
    table = world.table
    if table.matches:
        names = Text(ja="国内外の節目の対応", en="Which milestones stand beside each other")
        rows = table.model_copy(update={"facts": ()})
        yield Entry("abroad_table:matches", "abroad", CONFLICTS, names, rows, table.provenance)
    for number, fact in enumerate(table.facts, start=1):
        yield Entry(f"abroad_fact:{number}", "abroad", CONFLICTS, fact.text, fact, fact.provenance)


def abroad_id(clock: str, part: Part) -> str:
    """The id of the entry that a number of a clock abroad is."""
    return f"abroad:{clock}:{part.key}"


def in_general(conflict: Conflict, said: Text) -> Text:
    """A sentence of a conflict as it reads for no therapy in particular; its number of days is its own."""
    days = next((each.days for each in conflict.when if isinstance(each, BeforeHome)), 0)
    return filled(said, **GAPS, limit=Text(ja=str(days), en=str(days)))
