"""A machine changes by law: who goes over, who stays and why, and which day decides."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pytest

from app.engine.diff import compare
from app.engine.library import Library
from app.engine.lint import lint
from app.engine.loader import WORKFLOWS
from app.engine.machine import NOTHING_KNOWN, Days, Event, Refusal, Tracks, advance, available, fold

TODAY = dt.date(2026, 11, 24)
SINCE = "2026-05-01"
RENAMED = ("{ja: 収載希望書の提出, en: Listing requested}", "{ja: 収載の希望, en: Listing asked for}")


def with_second_edition(folder: Path, *changes: tuple[str, str]) -> Library:
    """The shipped rules with a second edition of the price machine, in force from SINCE."""
    shutil.copytree(WORKFLOWS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / "machines" / "price.yaml").read_text(encoding="utf-8")
    for old, new in (("version: 1\n", f"version: 2\nvalid_from: {SINCE}\n"), *changes):
        assert old in text, old
        text = text.replace(old, new, 1)
    (folder / "machines" / "price_v2.yaml").write_text(text, encoding="utf-8")
    if "id: T40a" not in text:  # the usual course cannot name a step that is no more
        for path in (folder / "pathways").glob("*.yaml"):
            path.write_text(path.read_text(encoding="utf-8").replace("T40a, ", ""), encoding="utf-8")
    assert [str(each) for each in lint(folder)] == []
    return Library.load(folder)


def history(library: Library, *events: tuple[str, str], as_of: dt.date = TODAY) -> Tracks:
    rows = [Event(str(n), name, Days.parse(on), history=True) for n, (name, on) in enumerate(events)]
    return fold(library.course("regenerative_cell"), rows, as_of)


APPROVED = ("APPROVED_FULL", "2026-01-10")


def _without(step: str) -> tuple[str, str]:
    """The text of a step, and nothing in its place."""
    text = (WORKFLOWS / "machines" / "price.yaml").read_text(encoding="utf-8")
    start = text.index(f"  - id: {step}\n")
    return text[start : text.index("  - id: ", start + 5)], ""


# The pricing body gives way: what is requested goes straight to Chuikyo, and the body's state is retired.
STRAIGHT = (
    _without("T40a"),
    ("{key: ALGO_REVIEW, names", "{key: ALGO_REVIEW, kind: retired, names"),
    ("    from: [ALGO_REVIEW]\n", "    from: [REQUESTED]\n"),
)
NEVER_FROM_CEA = ("    from: [LISTED, CEA_RUNNING]\n    to: DELISTED\n", "    from: [LISTED]\n    to: DELISTED\n")


def test_a_step_is_taken_by_the_edition_of_its_day(tmp_path: Path):
    library = with_second_edition(
        tmp_path / "rules",
        ("    from: [LISTED, CEA_RUNNING]\n    to: DELISTED\n", "    from: [LISTED]\n    to: DELISTED\n"),
    )
    listed = (APPROVED, ("LISTED", "2026-03-01"), ("CEA_STARTED", "2026-04-01"))
    before = history(library, *listed, ("DELISTED", "2026-04-30"))
    assert before.refused == ()
    assert history(library, *listed, ("DELISTED", "2026-06-01")).refused == ()  # held back, so still possible
    listed_again = (*listed, ("CEA_ENDED", "2026-05-02"))
    held = history(library, *listed_again).get("price")
    assert held is not None
    assert held.version == 1  # it could not go over while the new edition had no way to be delisted from there
    over = history(library, *listed_again, ("CEA_STARTED", "2026-06-01"))
    price = over.get("price")
    assert price is not None
    assert price.version == 2
    late = history(library, *listed_again, ("CEA_STARTED", "2026-06-01"), ("DELISTED", "2026-07-01"))
    assert [each.event.name for each in late.refused] == []  # a history is led back to where it can be delisted


def test_a_track_goes_over_where_nothing_is_lost_and_stays_where_something_is(tmp_path: Path):
    library = with_second_edition(tmp_path / "rules", *STRAIGHT)
    early = history(library, APPROVED, ("LISTING_REQUESTED", "2026-02-01"), ("PRICING_BODY_STARTED", "2026-03-01"))
    price = early.get("price")
    assert price is not None
    assert (price.state, price.version) == ("ALGO_REVIEW", 1)
    (note,) = [each for each in early.notes if each.kind == "edition"]
    assert "算定組織" in note.text.ja
    assert "Pricing body" in note.text.en
    goes_on = history(
        library,
        APPROVED,
        ("PRICING_BODY_STARTED", "2026-03-01"),
        ("CHUIKYO_OK", "2026-06-01"),
        ("LISTED", "2026-07-01"),
    )
    track = goes_on.get("price")
    assert track is not None
    assert track.state == "LISTED"
    assert track.version == 2  # from CHUIKYO_OK on nothing differs, so the next step was taken by the new edition
    fresh = history(library, APPROVED, ("LISTING_REQUESTED", "2026-05-01"))
    begun = fresh.get("price")
    assert begun is not None
    assert (begun.state, begun.version) == ("REQUESTED", 2)
    rules = library.course("regenerative_cell")
    offered = {each.event for each in available(rules, rules.pathway, fresh, NOTHING_KNOWN) if each.machine == "price"}
    assert offered == {"CHUIKYO_OK"}
    gone = advance(rules, rules.pathway, fresh, Event("n", "PRICING_BODY_STARTED", Days.of(TODAY)), NOTHING_KNOWN)
    assert isinstance(gone, Refusal)


@pytest.mark.parametrize(("day", "version"), [("2026-04-30", 1), ("2026-05-01", 2)])
def test_the_day_of_the_event_decides_on_both_sides_of_the_boundary(tmp_path: Path, day: str, version: int):
    library = with_second_edition(tmp_path / "rules", RENAMED)
    price = history(library, APPROVED, ("LISTING_REQUESTED", day), as_of=dt.date.fromisoformat(day)).get("price")
    assert price is not None
    assert price.version == version


def test_the_difference_names_what_changed_and_where_it_is_unsafe(tmp_path: Path):
    library = with_second_edition(tmp_path / "rules", *STRAIGHT)
    old, new = library.editions["price"]
    found = compare(old, new)
    assert found.removed == ("T40a",)
    assert found.changed == ("T40b",)
    assert found.retired_states == ("ALGO_REVIEW",)
    assert set(found.unsafe) == {"REQUESTED", "ALGO_REVIEW"}
    assert "算定組織での検討" in found.unsafe["REQUESTED"][0].ja
    assert compare(old, old).unsafe == {}


def test_lint_wants_editions_to_follow_each_other_and_to_keep_their_states(tmp_path: Path):
    folder = tmp_path / "rules"
    shutil.copytree(WORKFLOWS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / "machines" / "lot.yaml").read_text(encoding="utf-8")
    renamed = text.replace("REJECTED, kind", "REFUSED, kind").replace("to: REJECTED", "to: REFUSED")
    second = renamed.replace("version: 1", "version: 2")
    (folder / "machines" / "lot_v2.yaml").write_text(second, encoding="utf-8")
    told = [each.what for each in lint(folder) if each.file == "machines/lot_v2.yaml"]
    assert any("does not begin after version 1" in what for what in told)
    assert any("drops state REJECTED" in what for what in told)
