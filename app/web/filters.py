"""What templates do with a value: dates and texts as people read them, coordinates as a drawing wants them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.core import formats, i18n
from app.web import dates, signs, words

FILTERS: dict[str, Callable[..., Any]] = {
    "day": formats.day,
    "month": formats.month,
    "imprecise": lambda pair: formats.imprecise(*pair),
    "moment": formats.moment,
    "when": dates.when,
    "sureness": dates.sureness,
    "iso": formats.iso,
    "typed": words.typed,
    "marked": words.marked,
    "say": lambda text: text.say(i18n.language()),
    "px": "{:.1f}".format,
    "basis_name": dates.basis_name,
}
MARKS: dict[str, Callable[..., Any]] = {"basis_chip": dates.basis_chip, "station_code": signs.station_code}
