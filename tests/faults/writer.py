"""A process that writes without a pause: ``python -m tests.faults.writer CONSULTATION COMPANY OTHER`` prints a line per
change, until it is killed. Every change is two rows that belong together, and sometimes a file and a row that names it.
"""

from __future__ import annotations

import io
import secrets
import sys

from app import create_app
from app.config import Settings
from app.consultations.models import Attachment
from app.core import clock, db
from app.core.storage import FolderStorage
from app.organisations.models import Organisation


def write(settings: Settings, consultation: str, company: str, other: str) -> None:
    """One change after the other."""
    storage, number = FolderStorage(settings.files), 0
    while True:
        number += 1
        word = secrets.token_hex(6)
        sha256, size = storage.put(io.BytesIO(f"file {word}".encode() * 500))
        with db.transaction() as current:
            for one in (company, other):
                current.get_one(Organisation, one).name_en = word
            current.add(
                Attachment(
                    consultation_id=consultation,
                    number=number,
                    title=word,
                    filename=f"{word}.pdf",
                    sha256=sha256,
                    size=size,
                    pages=1,
                    added_at=clock.now(),
                    version=1,
                )
            )
        db.session.remove()
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    here = Settings()
    with create_app(here).app_context():
        write(here, *sys.argv[1:])
