"""Changing histories: events, their corrections, other readings of their days, conditions, imported files."""

from app.pathways import moving  # noqa: F401 — the room of the rules asks it what an edition would move
from app.pathways.duties import EveryDay
from app.pathways.passing import ReasonNeeded
from app.pathways.precedents import load as load_precedents
from app.pathways.services.importing import (
    LARGEST,
    MOST_ROWS,
    Imported,
    Waiting,
    bring,
    check_cases,
    confirm,
    drop,
    forget_uploads,
    read,
    upload,
    waiting,
)
from app.pathways.services.recording import (
    Recorded,
    correct,
    declare,
    note_fact,
    read_also,
    record,
    refused_on,
    withdraw,
)

__all__ = [
    "LARGEST",
    "MOST_ROWS",
    "EveryDay",
    "Imported",
    "ReasonNeeded",
    "Recorded",
    "Waiting",
    "bring",
    "check_cases",
    "confirm",
    "correct",
    "declare",
    "drop",
    "forget_uploads",
    "load_precedents",
    "note_fact",
    "read",
    "read_also",
    "record",
    "refused_on",
    "upload",
    "waiting",
    "withdraw",
]
