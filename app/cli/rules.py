"""Commands about the rules; they need no database."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from app.cli.answering import Day, Month, answer, refuse
from app.engine.calendar import Month as EngineMonth

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def workflows() -> None:
    """The definitions of machines, pathways and consultations."""


@workflows.command("lint")
@click.option("--folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Another folder.")
def lint_command(folder: Path | None) -> None:
    """Read every definition and list what is wrong, with file, line and what to do."""
    from app.engine.lint import lint  # noqa: PLC0415 — commands import what they need, so that each starts fast
    from app.engine.loader import WORKFLOWS  # noqa: PLC0415

    findings = [finding.as_json() for finding in lint(folder or WORKFLOWS)]
    answer({"findings": findings}, findings=bool(findings))


@click.group()
def calendar() -> None:
    """Office days of the government."""


@calendar.command("days")
@click.argument("first", type=Day())
@click.argument("last", type=Day())
def calendar_days(first: dt.date, last: dt.date) -> None:
    """Every day from FIRST to LAST: open or closed, its name, and whether the list is published or predicted."""
    from app.engine import answers  # noqa: PLC0415
    from app.engine.errors import EngineError  # noqa: PLC0415

    if last < first:
        raise click.UsageError(f"{last} lies before {first}")
    try:
        answer(answers.calendar_days(first, last))
    except EngineError as error:
        refuse(error)


@calendar.command("add", context_settings={"ignore_unknown_options": True})
@click.argument("day", type=Day())
@click.argument("business_days", type=int)
def calendar_add(day: dt.date, business_days: int) -> None:
    """The day BUSINESS_DAYS office days after DAY (the day after is day 1); negative counts back."""
    from app.engine import answers  # noqa: PLC0415
    from app.engine.errors import EngineError  # noqa: PLC0415

    try:
        answer(answers.calendar_add(day, business_days))
    except EngineError as error:
        refuse(error)


@click.group()
def plan() -> None:
    """Plans of consultations."""


@plan.command("steps")
@click.argument("kind", metavar="TYPE")
@click.option("--meeting", type=Day(), help="The day of the meeting.")
@click.option("--month", type=Month(), help="The month of the meeting, while its day is open.")
@click.option("--today", type=Day(), help="Warn of days before this one; without it no day counts as past.")
def plan_steps(kind: str, meeting: dt.date | None, month: EngineMonth | None, today: dt.date | None) -> None:
    """Every step of a consultation of TYPE, with its date, role, basis and reason."""
    from app.engine import answers  # noqa: PLC0415
    from app.engine.catalogue import consultation_types  # noqa: PLC0415
    from app.engine.errors import EngineError  # noqa: PLC0415

    if (meeting is None) == (month is None):
        raise click.UsageError("give either --meeting or --month")
    if kind not in consultation_types():
        raise click.UsageError(f"{kind!r} is none of {', '.join(sorted(consultation_types()))}")
    try:
        answer(answers.plan_steps(kind, meeting=meeting, month=month, today=today))
    except (EngineError, ValueError) as error:
        refuse(error)


@click.group()
def pathways() -> None:
    """Histories of therapies."""


@pathways.command("replay")
@click.argument("file", type=FILE)
@click.option("--as-of", type=Day(), help="The day on which the states are asked for.")
def pathways_replay(file: Path, as_of: dt.date | None) -> None:
    """Fold the histories of a CSV file and print the states they lead to; changes nothing."""
    from app.core import clock  # noqa: PLC0415
    from app.engine.histories import UnreadableError, decoded  # noqa: PLC0415
    from app.engine.library import shipped  # noqa: PLC0415
    from app.engine.replay import replay_csv  # noqa: PLC0415

    try:
        text = decoded(file.read_bytes())
    except UnreadableError as error:
        refuse(f"{file}: {error}")
    result = replay_csv(text, shipped(), as_of or clock.today())
    answer(result, findings=any(case["refused"] for case in result["cases"]))


@click.group()
def bundle() -> None:
    """Bundles of documents."""


@bundle.command("verify")
@click.argument("file", type=FILE)
def bundle_verify(file: Path) -> None:
    """Read a bundle back: hashes, files, bookmarks, links, page stamps, fonts."""
    from app.documents.verify import verify_json  # noqa: PLC0415

    result = verify_json(file)
    answer(result, findings=bool(result["findings"]))


COMMANDS: tuple[click.Command, ...] = (workflows, calendar, plan, pathways, bundle)
