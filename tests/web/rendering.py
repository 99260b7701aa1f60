"""Renders the templates of ``app/web`` without the program around them.

``python -m tests.web.rendering FOLDER`` writes the style guide and the error pages in both languages, to look at.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.core import formats, i18n
from app.engine.definition.common import LANGUAGES, Language
from app.web.components import NavigationItem, Shell, ShellUrls
from app.web.filters import FILTERS, MARKS
from app.web.samples import samples

WEB = Path(formats.__file__).parents[1] / "web"
ERRORS = (400, 403, 404, 405, 409, 413, 429, 500, 503, "busy", "late")


def environment(static: str = "/static/") -> Environment:
    """The templates with the globals and filters that the program gives them."""
    env = Environment(
        loader=FileSystemLoader(WEB / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_gettext_callables(  # type: ignore[attr-defined]
        i18n.gettext, i18n.ngettext, newstyle=False, pgettext=i18n.pgettext
    )
    env.globals.update(
        _=i18n.gettext,
        csp_nonce=lambda: "nonce",
        csrf_token=lambda: "token",
        url_for=lambda endpoint, filename="": static + filename,
        get_flashed_messages=lambda with_categories=False: [],
    )
    env.globals.update(MARKS)
    env.filters.update(FILTERS)
    return env


def shell(language: Language) -> Shell:
    """The frame of a signed-in person's page."""
    names = {"today": "Today", "therapies": "Therapies", "hub": "Pipeline"}
    if language == "ja":
        names = {"today": "今日", "therapies": "開発品目", "hub": "一覧"}
    urls = ShellUrls("/", "/language", "/login", "/logout", "/account", "/rules", "/styleguide")
    navigation = tuple(NavigationItem(key, label, f"/{key}", key == "today") for key, label in names.items())
    organisation = "見本バイオ株式会社" if language == "ja" else "Sample Bio"
    return Shell("Shirube", language, urls, navigation, "見本 花子" if language == "ja" else "Hanako", organisation)


def render(template: str, language: Language, static: str = "/static/", **context: Any) -> str:
    """One template in one language."""
    with i18n.speaking(language):
        frame = {"shell": shell(language), **samples(language), **context}
        return environment(static).get_template(template).render(frame)


def main(folder: Path) -> None:
    """Write the pages and the static files that they use."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(WEB / "static", folder / "static", dirs_exist_ok=True)
    for language in LANGUAGES:
        for template in ("styleguide", *(f"errors/{code}" for code in ERRORS)):
            page = render(f"web/{template}.html", language, "static/")
            (folder / f"{template.replace('/', '-')}-{language}.html").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
