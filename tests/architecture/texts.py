"""The Japanese catalogue of every room: ``python -m tests.architecture.texts`` brings them up to date with the code."""

from __future__ import annotations

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

APP = Path(__file__).resolve().parents[2] / "app"
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract"), ("**.txt", "jinja2.ext:babel_extract")]
OPTIONS = {"**.html": {"newstyle_gettext": "false"}, "**.txt": {"newstyle_gettext": "false"}}
KEYWORDS = {"_": None, "gettext": None, "lazy": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}


def rooms() -> list[Path]:
    """The rooms that say anything to people."""
    return sorted(folder for folder in APP.iterdir() if folder.is_dir() and len(texts(folder)))


def texts(room: Path) -> Catalog:
    """The English messages in the code and templates of a room, untranslated."""
    header = f"# Japanese texts of the room {room.name}; brought up to date by python -m tests.architecture.texts."
    found = Catalog(locale="ja", project="Shirube", header_comment=header, fuzzy=False)
    for file, _line, message, _comments, context in extract_from_dir(
        str(room), METHODS, options_map=OPTIONS, keywords=KEYWORDS
    ):
        found.add(message, locations=[(file, 0)], context=context)
    return found


def catalogue(room: Path) -> Path:
    """Where the Japanese of a room lies."""
    return room / "translations" / "ja" / "LC_MESSAGES" / "messages.po"


def read(room: Path) -> Catalog:
    """The Japanese of a room."""
    with catalogue(room).open("rb") as file:
        return read_po(file, locale="ja")


def update() -> None:
    """Add what the code says and drop what it no longer says; translations stay."""
    for room in rooms():
        fresh = texts(room)
        old = read(room) if catalogue(room).exists() else Catalog(locale="ja")
        fresh.creation_date = old.creation_date  # a day that says nothing and changes every catalogue at every run
        for message in fresh:
            known = old.get(message.id, context=message.context) if message.id else None
            if known and known.string:
                message.string = known.string
        catalogue(room).parent.mkdir(parents=True, exist_ok=True)
        with catalogue(room).open("wb") as file:
            write_po(file, fresh, width=110, include_lineno=False, sort_output=True, omit_header=False)


if __name__ == "__main__":
    update()
