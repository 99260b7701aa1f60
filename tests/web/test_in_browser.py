"""The style guide in a real browser: accessible by axe, nothing wider than a telephone, nothing too small to touch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, sync_playwright

from app.engine.definition.common import LANGUAGES, Language
from tests.browser import WHY_NONE, find_chromium
from tests.web.rendering import main

pytestmark = pytest.mark.skipif(find_chromium() is None, reason=WHY_NONE)

SMALL = """() => [...document.querySelectorAll('a, button, input:not([type=hidden]), select, summary')]
  .filter(e => !e.closest('svg') && e.getClientRects().length && getComputedStyle(e).display !== 'inline')
  .map(e => [e.tagName, e.textContent.trim(), e.getBoundingClientRect().height]).filter(e => e[2] < 24)"""
SHOWN = "selector => getComputedStyle(document.querySelector(selector)).display !== 'none'"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    main(folder)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_style_guide(browser: Browser, pages: Path, language: Language, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto((pages / f"styleguide-{language}.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(SMALL) == []
    assert page.evaluate(SHOWN, ".map-wide") == (width > 720)
    assert page.evaluate(SHOWN, ".map-narrow") == (width <= 720)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(page).response["violations"]
    assert [(fault["id"], fault["nodes"][0]["html"]) for fault in found] == []
    page.close()
