"""Importing histories on behalf of an organisation; the browser does the same with a look before."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from app.access.scope import EVERYTHING
from app.cli.answering import answer, refuse
from app.cli.rules import FILE, pathways
from app.core.errors import NotFound, Refused
from app.organisations import queries as organisations
from app.pathways import outlook, services
from app.pathways.outlook import CaseView, RowView


@pathways.command("import")
@click.argument("file", type=FILE)
@click.option("--therapy", help="The id of the therapy whose history it is.")
@click.option("--organisation", help="The id or the name of whose therapies the cases become, one for each case.")
@click.option("--case", "cases", multiple=True, help="Only this case; may be given several times.")
@click.option("--reason", default="", help="Why it happened, where conditions were not met on the day of an event.")
@click.option("--dry-run", is_flag=True, help="Say what it would do, and do nothing.")
@with_appcontext
def pathways_import(
    file: Path, therapy: str | None, organisation: str | None, cases: tuple[str, ...], reason: str, dry_run: bool
) -> None:
    """Bring the histories of a CSV file into a therapy or into new ones, all or nothing; again changes nothing."""
    if (therapy is None) == (organisation is None):
        raise click.UsageError("give either --therapy or --organisation")
    try:
        text = services.read(file.read_bytes())
        where = outlook.target(EVERYTHING, therapy_id=therapy, organisation_id=organisation and _place(organisation))
        services.check_cases(text, where, cases)
        seen = outlook.look(EVERYTHING, text, where, cases[0] if therapy and cases else "")
        chosen = [case.case for case in seen.cases if not cases or case.case in cases]
        told: dict[str, Any] = {"done": False, "events": 0, "cases": [_case(case) for case in seen.chosen(chosen)]}
        if dry_run or not all(case.possible for case in seen.chosen(chosen)):
            answer(told, findings=not all(case.possible for case in seen.chosen(chosen)))
            return
        done = services.bring(EVERYTHING, where, seen, cases=chosen, because=reason, filename=file.name)
    except Refused as refusal:
        refuse(refusal.sentence.en)
    except NotFound:
        refuse(f"There is no {'therapy' if therapy else 'organisation'} {therapy or organisation}.")
    for case in told["cases"]:
        case["therapy"] = done.therapies[case["case_id"]]
    answer({**told, "done": True, "events": done.events})


def _place(name: str) -> str:
    found = organisations.called(name)
    if len(found) != 1:
        raise NotFound
    return found[0].id


def _case(case: CaseView) -> dict[str, Any]:
    return {
        "case_id": case.case,
        "product": case.product,
        "therapy": case.therapy.id if case.therapy else None,
        "possible": case.possible,
        "fault": case.fault.en if case.fault else None,
        "tracks": [
            {"machine": each.machine, "instance": each.instance, "state": each.state, "since": str(each.since or "")}
            for each in case.tracks.tracks
        ],
        "rows": [_row(each) for each in case.rows],
    }


def _row(each: RowView) -> dict[str, Any]:
    return {
        "line": each.row.line,
        "event": each.row.written,
        "fate": str(each.fate),
        "reason": each.reason.en if each.reason else None,
        "remarks": [remark.en for remark in each.remarks],
        "not_met": [said.en for said in each.conditions],
    }


COMMANDS: tuple[click.Command, ...] = ()  # the command stands in the group ``pathways``
