"""How a meeting can be held, as asked for in the request; PMDA decides."""

from __future__ import annotations

from app.engine.definition.common import Text

PLACES: dict[str, Text] = {
    "": Text(ja="未定", en="not decided"),
    "in_person": Text(ja="対面(東京)", en="in person, in Tokyo"),
    "kansai": Text(ja="関西支部からテレビ会議で", en="from PMDA's Kansai branch, by video"),
    "web": Text(ja="Web会議で", en="by web meeting"),
    "both": Text(ja="対面とWebの併用", en="in person and by web"),
}
