"""What was entered in a browser as the YAML file that would stand in ``workflows/published/``."""

from __future__ import annotations

import datetime as dt
import io
from enum import StrEnum
from typing import Any

from app.engine.definition.published import Published

HEAD = "# {title}\n# Put this file into workflows/published/; `flask workflows lint` must find nothing.\n"


def as_yaml(published: Published, title: str) -> str:
    """The whole file; reading it gives the same definitions. ``title`` is one line for its head."""
    from ruamel.yaml import YAML  # noqa: PLC0415 — slow to import, and only wanted here

    yaml, out = YAML(typ="safe", pure=True), io.StringIO()
    yaml.default_flow_style, yaml.allow_unicode, yaml.width = False, True, 120
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.dump(_plain(published.model_dump(exclude_defaults=True)), out)
    return HEAD.format(title=" ".join(title.split())) + out.getvalue()


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(entry) for entry in value]
    if isinstance(value, StrEnum):
        return str(value)
    return value.isoformat() if isinstance(value, dt.time) else value
