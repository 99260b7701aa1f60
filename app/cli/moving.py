"""What a proposed folder of definitions would move, before anybody puts it in the place of the shipped one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from app.cli.answering import answer, refuse
from app.cli.rules import workflows
from app.engine.trace import Span, span_json

FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@workflows.command("moves")
@click.argument("folder", metavar="PATH", type=FOLDER)
@with_appcontext
def moves(folder: Path) -> None:
    """List every therapy and every date that the definitions in PATH would move, old and new; changes nothing.

    Exits 0 when nothing would move, and 1 when something would, or when PATH does not pass the lint.
    """
    from app.access.scope import EVERYTHING  # noqa: PLC0415 — commands import what they need, so that each starts fast
    from app.consultations.services import anew  # noqa: PLC0415
    from app.engine.library import Library  # noqa: PLC0415
    from app.engine.lint import lint  # noqa: PLC0415
    from app.pathways import moving  # noqa: PLC0415

    findings = lint(folder)
    if findings:
        refuse("\n".join(str(finding) for finding in findings))
    moved, lost = anew.under(EVERYTHING, folder)
    try:
        tracks, due = moving.under(EVERYTHING, Library.load(folder), folder)
    except KeyError as missing:
        refuse(f"{folder} has no pathway {missing}, which therapies here follow.")
    answer(
        {
            "folder": str(folder),
            "dates": [
                {
                    "therapy": each.therapy_id,
                    "name": {"ja": each.therapy.ja, "en": each.therapy.en},
                    "organisation": {"ja": each.organisation.ja, "en": each.organisation.en},
                    "of": {"ja": each.what.ja, "en": each.what.en},
                    "path": each.path,
                    "step": {"ja": date.title.ja, "en": date.title.en},
                    "old": _span(date.old),
                    "new": _span(date.new),
                    "why": date.why and {"ja": date.why.ja, "en": date.why.en},
                }
                for each in (*moved, *due)
                for date in each.dates
            ],
            "tracks": [
                {
                    "therapy": each.therapy.id,
                    "name": {"ja": each.therapy.name("ja"), "en": each.therapy.name("en")},
                    "machine": each.machine,
                    "instance": each.instance,
                    "old": each.old and {"state": each.old.state, "since": each.old.since, "term": each.old.term_end},
                    "new": each.new and {"state": each.new.state, "since": each.new.since, "term": each.new.term_end},
                }
                for each in tracks
            ],
            "unplannable": [
                {
                    "therapy": each.therapy.id,
                    "path": f"/consultations/{each.consultation_id}",
                    "of": {"ja": each.name.ja, "en": each.name.en},
                    "reason": each.reason,
                }
                for each in lost
            ],
        },
        findings=bool(moved or lost or tracks or due),
    )


def _span(span: Span | None) -> dict[str, Any] | None:
    return span_json(span) if span else None


COMMANDS: tuple[click.Command, ...] = ()  # it belongs to the group of rules.py
