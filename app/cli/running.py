"""Commands of the running program: the worker, and one look after deadline mails."""

from __future__ import annotations

import json
import logging
import sys

import click
from flask.cli import with_appcontext

from app.cli.data import settings
from app.core import jobs, mail, outbox
from app.core.db import transaction
from app.hub import services as hub
from app.notices.sweep import sweep, take_back


@click.command()
@with_appcontext
def worker() -> None:
    """Look for due work and take jobs until SIGTERM or SIGINT."""
    from app import worker as clockwork  # noqa: PLC0415 — APScheduler is read by the worker alone

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of every tick that a long look skips
    logging.getLogger("huey").setLevel(logging.WARNING)
    clockwork.run(settings())


@click.group()
def notices() -> None:
    """Deadline mails, and all mails that the server does not take."""


@notices.command("sweep")
@with_appcontext
def sweep_now() -> None:
    """Look once for deadline mails that are due, and send what waits."""
    here = settings()
    swept = sweep()
    hub.take_back()
    sent = outbox.deliver(mail.transport(here), here)
    lost = len(outbox.given_up())
    click.echo(json.dumps({"withdrawn": swept.withdrawn, "queued": swept.queued, "sent": sent, "given_up": lost}))


@notices.command("given-up")
@click.option("--again", is_flag=True, help="Let all of them be tried afresh.")
@with_appcontext
def given_up(again: bool) -> None:
    """List the mails that the mail server refused until they were given up; exit 1 if there are any."""
    found = outbox.given_up()
    rows = [
        {"to": mail.recipient, "subject": mail.subject, "since": mail.failed_at.isoformat(), "reason": mail.reason}
        for mail in found
    ]
    click.echo(json.dumps(rows, ensure_ascii=False))
    if again:
        with transaction():
            outbox.try_again()
            take_back()
            hub.take_back()
        jobs.soon("mail")
    elif found:
        click.echo("These mails were given up. After mending the cause: flask notices given-up --again", err=True)
        sys.exit(1)


COMMANDS: tuple[click.Command, ...] = (worker, notices)
