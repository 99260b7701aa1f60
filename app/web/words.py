"""What people typed, on pages of either language: Japanese words on an English page say that they are Japanese."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from app.core.i18n import language

JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
JAPANESE_WORD = re.compile(f"{JAPANESE.pattern}+")


def is_foreign(words: str) -> bool:
    """Whether there is Japanese in ``words`` on a page that is not."""
    return language() != "ja" and bool(JAPANESE.search(words))


def typed(text: object) -> Markup:
    """``text``, escaped; inside ``lang="ja"`` where it is Japanese on a page that is not, and kept apart from the words
    around it where it runs from right to left."""
    words = str(text if text is not None else "")
    if RIGHT_TO_LEFT.search(words):
        return Markup("<bdi>{}</bdi>").format(words)
    if is_foreign(words):
        return Markup('<span lang="ja">{}</span>').format(words)
    return escape(words)


def marked(text: object) -> Markup:
    """``text``, escaped; on an English page every Japanese word in it inside ``lang="ja"``."""
    words = str(escape(str(text if text is not None else "")))  # a plain string: Markup would escape the marks again
    if language() == "ja":
        return Markup(words)  # noqa: S704 — it was escaped above
    return Markup(JAPANESE_WORD.sub(r'<span lang="ja">\g<0></span>', words))  # noqa: S704 — it was escaped above
