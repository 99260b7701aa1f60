"""ZIP archives that are the same bytes each time."""

from __future__ import annotations

import datetime as dt
import hashlib
import zipfile
from pathlib import Path

_CHUNK = 1 << 20


def add_to_zip(archive: zipfile.ZipFile, name: str, data: bytes | Path, day: dt.date) -> str:
    """Add one entry with nothing of the machine in it (date, system, rights are fixed); returns its SHA-256."""
    entry = zipfile.ZipInfo(name, date_time=(max(day.year, 1980), day.month, day.day, 0, 0, 0))
    entry.create_system, entry.external_attr = 3, 0o100644 << 16
    # PDF and Word files are compressed inside already
    entry.compress_type = zipfile.ZIP_STORED if name.endswith((".pdf", ".docx")) else zipfile.ZIP_DEFLATED
    digest = hashlib.sha256()
    if isinstance(data, bytes):
        digest.update(data)
        archive.writestr(entry, data)
    else:
        entry.file_size = data.stat().st_size
        with data.open("rb") as source, archive.open(entry, "w") as target:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                target.write(chunk)
    return digest.hexdigest()
