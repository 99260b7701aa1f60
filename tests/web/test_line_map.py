"""The line map of a crowded therapy: in order for those who hear it, legible on screen and on paper."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pikepdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from playwright.sync_api import Browser, Page, sync_playwright

from app.core.i18n import speaking
from app.engine.definition.common import LANGUAGES, Language
from app.engine.diagram import Standing
from app.engine.library import shipped
from app.web.linemap import line_map_view
from tests.browser import WHY_NONE, find_chromium
from tests.factories.crowded import crowded_map
from tests.web.rendering import WEB, environment, shell

PAGE = """{% extends "web/base.html" %}{% from "web/components/linemap.html" import line_map with context %}
{% block title %}{{ map.title }}{% endblock %}{% block content %}<section class="card"><h2>{{ map.title }}</h2>
{{ line_map(map) }}</section>{% endblock %}"""

# The drawn boxes of the lines of text that touch each other, and of those that leave the picture.
FAULTS = """() => {
  const svg = document.querySelector('.map-wide svg'), frame = svg.getBoundingClientRect(), faults = [];
  const labels = [...svg.querySelectorAll('.station, [role=list] > g:first-child')].map(group => {
    const texts = [...group.querySelectorAll('text:not(.stop-code):not(.lane-letter)')];
    const rows = texts.map(text => text.getBoundingClientRect());
    const edges = [['left', Math.min], ['top', Math.min], ['right', Math.max], ['bottom', Math.max]];
    return rows.length && [group.textContent.trim(), ...edges.map(([edge, of]) => of(...rows.map(r => r[edge])))];
  }).filter(Boolean);
  labels.forEach((a, i) => {
    if (a[1] < frame.left || a[2] < frame.top || a[3] > frame.right || a[4] > frame.bottom) faults.push(a[0]);
    labels.slice(0, i).forEach(b => {
      if (a[1] < b[3] - 1 && b[1] < a[3] - 1 && a[2] < b[4] - 3 && b[2] < a[4] - 3) faults.push([a[0], b[0]]);
    });
  });
  return [labels.length, faults];
}"""


def page_of(language: Language) -> str:
    with speaking(language):
        view = line_map_view(crowded_map(), language, "路線図" if language == "ja" else "Line map")
        return environment("static/").from_string(PAGE).render(shell=shell(language), map=view)


def test_the_lines_stand_in_the_order_of_the_stations_file_and_those_of_one_kind_are_told_apart() -> None:
    lanes = crowded_map().lanes
    order = list(shipped().stations.lines)
    places = [order.index(lane.key.partition(":")[0]) for lane in lanes]
    assert places == sorted(places)
    assert {lane.letter for lane in lanes} == {line.letter for line in shipped().stations.lines.values()}
    for language in LANGUAGES:
        names = [lane.names.say(language) for lane in lanes]
        assert len(set(names)) == len(names) == 16
    assert [lane.names.en for lane in lanes if lane.letter == "V"] == [
        "Lot release (A-1201)", "Lot release (A-1202)", "Lot release (A-1203)",
    ]  # fmt: skip


def test_what_is_decided_waits_no_longer_and_a_change_does_not_lead_to_a_conditional_approval() -> None:
    applications = [lane for lane in crowded_map().lanes if lane.letter == "A"]
    assert [lane.ended for lane in applications] == [True, True, False]
    ahead = [s.number for s in applications[2].stations if not s.standing.past]
    assert ahead == ["03", "05"]
    drawing = line_map_view(crowded_map(), "ja", "").wide
    decided = [lane.y for lane in drawing.lanes if lane.letter == "A"][:2]
    assert max(stretch.x2 for stretch in drawing.stretches if stretch.y1 in decided) < drawing.today.at


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_hears_the_map_hears_lines_with_stations_in_time(language: Language) -> None:
    view = line_map_view(crowded_map(), language, "map")
    tree = html.fromstring(page_of(language))
    for svg in tree.findall(".//svg[@aria-labelledby]"):
        named, described = svg.get("aria-labelledby"), svg.get("aria-describedby")
        assert svg.findtext(f".//title[@id='{named}']")
        assert re.search(r"16\D+58", svg.findtext(f".//desc[@id='{described}']") or "")
    (wide,) = tree.findall(".//div[@class='map-wide']/svg")
    lists = wide.findall(".//g[@role='list']")
    assert len(lists) == 16
    assert len({each.get("aria-label") for each in lists}) == 16
    for lane, group in zip(view.wide.lanes, lists, strict=True):
        items = group.findall("./g[@role='listitem']")
        assert [(item.findtext("title") or "").split()[0] for item in items] == [
            s.code for s in view.wide.stations_of(lane)
        ]
        assert all(a.x < b.x for a, b in pairwise(view.wide.stations_of(lane)))
    told = [title.text for title in tree.findall(".//div[@class='map-narrow']//g[@role='listitem']/title")]
    assert len(told) == len(view.rows) == 58
    unnamed = [s for s in view.wide.stations if not s.name]
    assert unnamed
    assert all(s.standing is not Standing.CURRENT for s in unnamed)
    said = [" ".join("".join(th.itertext()).split()) for th in tree.findall(".//table//th[@scope='row']")]
    assert all(any(row.startswith(f"{s.code} ") and len(row) > len(s.code) + 1 for row in said) for s in unnamed)


# --- in a browser ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if find_chromium() is None:
        pytest.skip(WHY_NONE)
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


def opened(browser: Browser, folder: Path, language: Language, width: int) -> Page:
    if not (folder / "static").exists():
        (folder / "static").symlink_to(WEB / "static")
    (folder / "map.html").write_text(page_of(language), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto((folder / "map.html").as_uri())
    return page


@pytest.mark.parametrize("language", LANGUAGES)
def test_drawn_labels_stand_apart_and_inside_and_paper_is_large_enough(
    browser: Browser, tmp_path: Path, language: Language
) -> None:
    page = opened(browser, tmp_path, language, 1280)
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    count, faults = page.evaluate(FAULTS)
    assert count > 30
    assert faults == []
    assert Axe().run(page).response["violations"] == []
    page.set_viewport_size({"width": 360, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert Axe().run(page).response["violations"] == []
    with pikepdf.open(io.BytesIO(page.pdf(prefer_css_page_size=True))) as pdf:
        sizes = {tuple(round(float(side) / 72 * 25.4) for side in sheet.mediabox[2:]) for sheet in pdf.pages}
        assert sizes == {(420, 297)}
        assert len(pdf.pages) < 8
    page.close()
