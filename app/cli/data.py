"""Commands about the data: setting up, the demo, the worker."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext

from app.cli.answering import refuse
from app.config import Settings
from app.core import i18n


def settings() -> Settings:
    """The settings of this program."""
    found: Settings = current_app.extensions["settings"]
    return found


@click.command()
@click.option("--quiet", is_flag=True, help="Say nothing.")
@with_appcontext
def setup(quiet: bool) -> None:
    """Make the database ready: run the migrations; safe to repeat."""
    from app.core import migrations  # noqa: PLC0415 — Alembic is read by this command alone

    here = settings()
    here.var.mkdir(parents=True, exist_ok=True, mode=0o700)  # what companies keep secret lies there
    here.files.mkdir(parents=True, exist_ok=True, mode=0o700)
    i18n.compile_catalogues()
    try:
        revision = migrations.upgrade(here.database)
    except migrations.InUse as reason:
        refuse(reason)
    if not quiet:
        click.echo(f"database at {revision}", err=True)


COMMANDS: tuple[click.Command, ...] = (setup,)
