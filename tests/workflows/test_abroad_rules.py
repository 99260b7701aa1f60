"""Every clock of the agencies abroad against the facts it was taken from, typed again by hand: GC01 to GC41."""

from __future__ import annotations

import pytest

from app.engine.catalogue import world
from app.engine.definition.abroad import Agency, AgencyClock, Part
from app.engine.definition.common import Role
from app.engine.definition.rules import Roll

# One line a clock: its agency, then what each column says. A number with d (calendar days), wk, mo, yr or wd (working
# days); before it ≤ ≥ or ≈, or - for "before"; after it ! where it gives no date; then how it is known and the sources.
# h and m: recalled with high or medium confidence. A line without numbers is words only.
FACTS = """
GC01 fda | response 14d S101 | decision ≤30d S101 | package 0d S101
GC02 fda | response 21d S101 S103 S100 | decision ≤60d S101 S103 S100 | package ≥-30d S101 S103 S100
GC03 fda | response 14d S101 S100 | decision ≤70d S101 S100 | package ≥-50d S101 S100
GC04 fda | response 21d S101 S100 | decision ≤75d S101 S100 | package ≥-47d S101 S100
GC05 fda | response 14d m | decision ≤50d S102 | package 0d S102
GC06 fda | response 21d m | decision ≤75d h | package 0d h
GC07 fda | decision ≥-2d S103
GC08 fda | decision 30d h S101
GC09 fda | decision 30d h
GC10 fda | decision ≤60d S104 S105
GC11 fda | decision 60d h
GC12 fda | decision 10mo h | decision 6mo h
GC13 fda | decision 2mo h | decision 6mo h
GC14 fda | decision ≤60d h
GC15 ema | decision 40d S111 | decision 30d S111 | decision 60d S111 | decision 70d S111 | package ≈-20d S111
GC16 ema | decision ≈-3wk S112 | decision ≈-7wk S112 | package words S112
GC17 ema | decision 40d S107 | package words S107
GC18 ema | decision ≤60d S106 S109b | package words S106 S109b
GC19 ema | decision 90d S110 | package words S110
GC20 ema | decision ≈60d m
GC21 ema | decision 90d h
GC22 ema | decision 60d! h | decision 60d! h | decision words h
GC23 ema | decision ≤10d h | decision 45d h | decision 5d h | decision ≤106d h | decision ≤50d S113 | package ≤12d! h
GC24 ema | decision ≥210d S109 | decision ≈67d h | package ≈-7mo h
GC25 ema | decision 150d S106 S108 | package -3..-2mo S106 S108
GC26 ema | decision 1yr S107 | package words S107
GC27 mhra | decision ≤107d S114 S115 | decision ≤60d! S114 S115
GC28 mhra | decision 14d S116 | package words S116
GC29 mhra | decision 60d S117 S119 | decision ≥110d S117 S119 | decision 70d S117 S119 \
| decision ≤60d S117 S119 | package words S117 S119
GC30 mhra | decision words S118 S119 S119b
GC31 mhra | decision 150d S120
GC32 health_canada | decision 30d S122 S121 | decision 2d! S122 S121
GC33 health_canada | response 45d S121 | decision 300d assumed S121
GC34 health_canada | response 25d S121 | decision 180d assumed S121 | package words S121
GC35 health_canada | response 25d S121 | decision 200d assumed S121
GC36 tga | decision words S124
GC37 tga | decision 30wd! m | decision 50wd! m
GC38 tga | decision 220wd! S126 | decision ≤255wd! S125
GC39 tga | response words S125 | decision ≤255wd! S125 | decision 2yr S125 | decision ≤2yr S125 | decision ≤2yr S125
GC40 tga | decision 208wd! S127
GC41 ema | decision words h
"""
LINES = [line.split(" ", 1) for line in FACTS.strip().splitlines()]
SIGN = {"exact": "", "at_most": "≤", "at_least": "≥", "about": "≈"}
UNIT = {"cd": "d", "working_days": "wd"}
MARK = {"read": [], "known_high": ["h"], "known_medium": ["m"], "assumed": ["assumed"]}


def clocks() -> dict[str, tuple[Agency, AgencyClock]]:
    """Every clock by its id with its agency."""
    return {clock.id: (agency, clock) for agency in world().agencies.values() for clock in agency.clocks}


def told(part: Part) -> str:
    """A part as a line above says it."""
    if part.rule:
        until = f"..{part.rule.until}" if part.rule.until is not None else ""
        number = f"{SIGN[part.amount]}{part.rule.offset}{until}{UNIT.get(part.rule.unit, part.rule.unit)}"
    elif part.counted:
        number = f"{SIGN[part.amount]}{part.counted.number}{UNIT[part.counted.unit]}!"
    else:
        number = "words"
    mark = part.provenance
    return " ".join([part.column, number, *MARK[mark.confidence], *mark.sources])


@pytest.mark.parametrize(("key", "facts"), LINES, ids=[line[0] for line in LINES])
def test_every_clock_says_what_was_read(key: str, facts: str) -> None:
    agency, clock = clocks()[key]
    assert " | ".join([agency.key, *(told(part) for part in clock.parts)]) == facts


def test_there_is_no_clock_more_or_less() -> None:
    assert sorted(clocks()) == [f"GC{number:02}" for number in range(1, 42)] == [line[0] for line in LINES]


def test_nothing_rolls_and_a_duty_is_told_from_what_they_do() -> None:
    rules = [part for _agency, clock in clocks().values() for part in clock.parts if part.rule]
    assert {part.rule.roll for part in rules} == {Roll.NONE}
    due = {part.key for part in rules if part.role is Role.NOT_AFTER}
    assert {"package", "intent", "request", "renewal", "ipsp"} & due == {"package", "intent", "request", "ipsp"}
    assert {part.role for part in rules if part.key in {"response", "meeting", "decision"}} <= {
        Role.THEIRS,
        Role.NOT_BEFORE,
    }


def test_where_a_clock_begins() -> None:
    """What the facts say to count from something else than the day that is planned."""
    begins = {
        (clock.id, part.key): part.rule.anchor
        for _agency, clock in clocks().values()
        for part in clock.parts
        if part.rule and part.rule.anchor != "day"
    }
    assert begins == {
        **{(key, "package"): "meeting" for key in ("GC02", "GC03", "GC04")},
        ("GC07", "comments"): "meeting",
        ("GC12", "standard"): "filing",
        ("GC12", "priority"): "filing",
        ("GC14", "ipsp"): "meeting",
        ("GC23", "assessed"): "validated",
        ("GC23", "decided"): "assessed",
        ("GC23", "experts"): "assessed",
        ("GC24", "decision"): "opinion",
        ("GC29", "stop_ends"): "stop",
        **{(key, "review"): "screening" for key in ("GC33", "GC34", "GC35")},
        ("GC39", "extension"): "term",
        ("GC39", "extension_2"): "extension",
    }


def test_every_agency_has_something_in_every_row_but_the_last() -> None:
    table = world().table
    assert [match.key for match in table.matches] == [*(f"G_M{number}" for number in range(1, 10)), "BESIDE"]
    assert list(world().agencies) == ["japan", "fda", "ema", "mhra", "health_canada", "tga"]
    for agency in world().agencies.values():
        rows = {milestone.match for milestone in agency.milestones}
        assert {match.key for match in table.matches[:-1]} <= rows, agency.key
        assert all(milestone.day for milestone in agency.milestones) or agency.home
