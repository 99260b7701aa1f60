"""The fonts that travel with the templates, and the private configuration that shows rendering nothing else."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

from app.core.files import write_atomically
from app.documents.templates import DOCS_TEMPLATES
from app.engine.definition.common import Definition
from app.engine.loader import load

FONT_FOLDER = DOCS_TEMPLATES / "_shared" / "fonts"

_CONFIGURATION = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <reset-dirs/>
  <dir>{fonts}</dir>
  <cachedir>{cache}</cachedir>
  <match target="font">
    <edit name="antialias" mode="assign"><bool>true</bool></edit>
    <edit name="hinting" mode="assign"><bool>false</bool></edit>
    <edit name="autohint" mode="assign"><bool>false</bool></edit>
    <edit name="hintstyle" mode="assign"><const>hintnone</const></edit>
    <edit name="rgba" mode="assign"><const>none</const></edit>
  </match>
</fontconfig>
"""


class FontFile(Definition):
    """One font file with its origin."""

    file: str
    family: str
    weight: int
    version: str
    licence: str
    licence_file: str
    source: str
    sha256: str


class FontSet(Definition):
    """``fonts.yaml``."""

    fonts: tuple[FontFile, ...]


class DamagedFontsError(Exception):
    """A vendored font file is missing or is not the one that fonts.yaml describes."""


@cache
def font_set(folder: Path = FONT_FOLDER) -> FontSet:
    """The vendored fonts, each file checked against its SHA-256 once per process. Raises DamagedFontsError."""
    described = load(FontSet, folder / "fonts.yaml", folder)
    for font in described.fonts:
        path = folder / font.file
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != font.sha256:
            raise DamagedFontsError(f"{path.name} is missing or was changed; restore it from version control")
    return described


@cache
def fonts_hash(folder: Path = FONT_FOLDER) -> str:
    """One SHA-256 for the whole set, part of the key of every cached page."""
    return hashlib.sha256("\n".join(font.sha256 for font in font_set(folder).fonts).encode()).hexdigest()


def use_private_fonts(work_dir: Path, folder: Path = FONT_FOLDER) -> Path:
    """Write the font configuration under ``work_dir`` and make it the process's only one; returns its path.

    It needs absolute paths, hence it is written at run time. WeasyPrint reads it anew for each set of documents.
    """
    font_set(folder)
    place = work_dir.resolve() / "fonts"
    place.mkdir(parents=True, exist_ok=True)
    text = _CONFIGURATION.format(fonts=escape(str(folder.resolve())), cache=escape(str(place / "cache")))
    path = place / "fonts.conf"
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        write_atomically(path, text.encode())
    os.environ["FONTCONFIG_FILE"] = str(path)
    for variable in ("FONTCONFIG_PATH", "FONTCONFIG_SYSROOT"):
        os.environ.pop(variable, None)
    return path
