"""Every text that the program says exists in Japanese, with the same blanks to fill."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture import texts

BLANK = re.compile(r"%\((\w+)\)[sd]")


def blanks(text: str) -> set[str]:
    """The names of the values that a text is filled with."""
    return set(BLANK.findall(text))


@pytest.mark.parametrize("room", texts.rooms(), ids=lambda room: room.name)
def test_everything_said_in_english_is_said_in_japanese(room: Path) -> None:
    japanese = texts.read(room)
    missing = []
    for message in texts.texts(room):
        if not message.id:
            continue
        known = japanese.get(message.id, context=message.context)
        said = (known.string if isinstance(known.string, str) else known.string[0]) if known else ""
        english = message.id if isinstance(message.id, str) else message.id[1]
        if not said:
            missing.append(f"no Japanese for {english!r}")
        elif not blanks(said) <= blanks(english) | {"num"}:
            missing.append(f"other blanks in the Japanese of {english!r}")
    assert not missing, "\n".join(missing)


@pytest.mark.parametrize("room", texts.rooms(), ids=lambda room: room.name)
def test_no_text_is_kept_that_nobody_says(room: Path) -> None:
    said = {(m.context, str(m.id)) for m in texts.texts(room)}
    kept = {(m.context, str(m.id)) for m in texts.read(room) if m.id}
    assert kept <= said, f"no longer said: {sorted(str(k) for k in kept - said)}"


def test_one_text_has_one_japanese() -> None:
    """The catalogues of all rooms become one, so a text that two rooms translate differently would be luck."""
    said: dict[tuple[object, str], dict[str, list[str]]] = {}
    for room in texts.rooms():
        for message in texts.read(room):
            if message.id and message.string:
                said.setdefault((message.context, str(message.id)), {}).setdefault(str(message.string), []).append(
                    room.name
                )
    assert {text: rooms for text, rooms in said.items() if len(rooms) > 1} == {}
