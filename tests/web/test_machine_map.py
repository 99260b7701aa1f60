"""A machine on a page: accessible by axe in both languages, at a desk and on a telephone; the table says the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html
from playwright.sync_api import sync_playwright

from app.core.i18n import speaking
from app.engine.definition.common import LANGUAGES, Language
from app.rules import diagrams
from tests.browser import WHY_NONE, find_chromium
from tests.web.rendering import WEB, environment, shell

PAGE = """{% extends "web/base.html" %}{% from "web/components/machinemap.html" import machine_map with context %}
{% block title %}Lines{% endblock %}{% block content %}
{% for view in views %}
<section class="card"><h2>{{ view.title }}</h2>{{ machine_map(view, second) }}</section>{% endfor %}
{% endblock %}"""


def page_of(language: Language) -> str:
    with speaking(language):
        views = diagrams.of("pathways", "combination_device", language)
        second = "ja" if language == "en" else "en"
        return environment("static/").from_string(PAGE).render(shell=shell(language), views=views, second=second)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_arrow_has_its_row(language: Language) -> None:
    tree = html.fromstring(page_of(language))
    pictures = tree.findall(".//svg[@role='img']")
    tables = tree.findall(".//table")
    assert len(pictures) == len(tables) > 8
    for picture, table in zip(pictures, tables, strict=True):
        drawn = {int(each.text or "") for each in picture.findall(".//g/text") if (each.get("class") is None)}
        told = {row.findtext("td") or "" for row in table.findall("tbody/tr")} - {"–"}
        assert drawn == {int(number) for number in told}
        assert picture.get("aria-label")


@pytest.mark.skipif(find_chromium() is None, reason=WHY_NONE)
def test_it_is_accessible_and_fits(tmp_path: Path) -> None:
    (tmp_path / "static").symlink_to(WEB / "static")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        for language, width in zip(LANGUAGES, (1280, 360), strict=True):
            (tmp_path / "page.html").write_text(page_of(language), encoding="utf-8")
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.goto((tmp_path / "page.html").as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") == width
            found = Axe().run(page).response["violations"]
            assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found] == []
        browser.close()
