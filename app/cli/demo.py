"""Commands of the demo hub."""

from __future__ import annotations

import datetime as dt
import json
import sys

import click
from flask.cli import with_appcontext

from app.cli.data import settings, setup
from app.config import DEMO_PASSWORD
from app.core import clock, jobs


@click.group()
def demo() -> None:
    """The demo hub: companies and therapies that are invented."""


@demo.command()
@click.option("--quiet", is_flag=True, help="Print nothing.")
@with_appcontext
def load(quiet: bool) -> None:
    """Load the demo hub into an empty database; safe to repeat."""
    if not settings().demo:
        _refuse("The demo hub is loaded only where the demo is switched on (SHIRUBE_DEMO).")
    from app.demo import services  # noqa: PLC0415 — only this command needs it

    loaded = services.load()
    if not quiet:
        click.echo(json.dumps({"loaded": loaded}))


@demo.command()
@click.pass_context
def ready(context: click.Context) -> None:
    """Set up, load and print the sign-ins in one go, which is how ``make run`` begins; safe to repeat."""
    context.invoke(setup, quiet=True)
    context.invoke(load, quiet=True)
    context.invoke(sign_ins)


@demo.command("sign-ins")
@with_appcontext
def sign_ins() -> None:
    """Print who can sign in to the demo."""
    if not settings().demo:
        _refuse("There are no demo sign-ins where the demo is switched off (SHIRUBE_DEMO).")
    from app.demo.services import sign_ins  # noqa: PLC0415

    click.echo(f"Sign-ins of the demo 見本のサインイン — password パスワード: {DEMO_PASSWORD}")
    for one in sign_ins():
        click.echo(f"  {one.email:<24} {one.position:<7} {one.organisation_ja}")


@demo.command()
@click.option(
    "--days", type=click.IntRange(min=1), help="So many calendar days on, at 09:00 unless --hour says otherwise."
)
@click.option("--to", type=click.DateTime(["%Y-%m-%d"]), help="To this day, at 09:00 unless --hour says otherwise.")
@click.option("--hour", type=click.DateTime(["%H:%M"]), help="To this hour in Japan.")
@with_appcontext
def advance(days: int | None, to: dt.datetime | None, hour: dt.datetime | None) -> None:
    """Move the clock of the demo forward, for all its processes."""
    if (days is None) == (to is None):
        raise click.UsageError("Give either --days or --to.")
    if not settings().demo:
        _refuse("Only the clock of the demo can be moved (SHIRUBE_DEMO).")
    here = clock.now().astimezone(clock.TOKYO)
    day = to.date() if to else here.date() + dt.timedelta(days=days or 0)
    goal = dt.datetime.combine(day, hour.time() if hour else dt.time(9), clock.TOKYO)
    if goal <= here:
        _refuse(f"It is already {here:%Y-%m-%d %H:%M} in Japan; the clock only goes forward.")
    clock.move_to(goal)
    jobs.soon("tick")
    click.echo(json.dumps({"now": clock.now().astimezone(clock.TOKYO).isoformat(timespec="seconds")}))


def _refuse(sentence: str) -> None:
    click.echo(sentence, err=True)
    sys.exit(1)


COMMANDS: tuple[click.Command, ...] = (demo,)
