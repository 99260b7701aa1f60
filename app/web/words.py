"""What people typed, on pages of either language: Japanese words on an English page say that they are Japanese."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from app.core.i18n import language

JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def typed(text: object) -> Markup:
    """``text``, escaped; inside ``lang="ja"`` where it is Japanese on a page that is not."""
    words = str(text if text is not None else "")
    if language() != "ja" and JAPANESE.search(words):
        return Markup('<span lang="ja">{}</span>').format(words)
    return escape(words)
