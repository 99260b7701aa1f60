"""Commands of the operator who founds hubs; everybody else is invited in the browser."""

from __future__ import annotations

from collections.abc import Callable

import click
from flask.cli import with_appcontext

from app.access.actor import Position
from app.cli.answering import answer, refuse
from app.cli.data import settings
from app.core import jobs
from app.core.errors import NotFound, Refused
from app.engine.definition.common import LANGUAGES, Language
from app.organisations import queries, services
from app.organisations.models import Invitation

LANGUAGE = click.option(
    "--language", type=click.Choice(LANGUAGES), default="ja", show_default=True, help="Language of the mail."
)
EMAIL = click.option("--email", required=True, help="Where the invitation goes; the person signs in with it.")
NAME = click.option("--name", required=True, help="The person's name.")


@click.group()
def hub() -> None:
    """Hubs, and the people in them."""


@hub.command("found")
@click.option("--name-ja", required=True, help="The hub's name in Japanese.")
@click.option("--name-en", required=True, help="The hub's name in English.")
@EMAIL
@NAME
@LANGUAGE
@with_appcontext
def found(name_ja: str, name_en: str, email: str, name: str, language: Language) -> None:
    """Found a hub and invite its administrator by mail."""
    _invited(
        lambda: services.found_hub(name_ja=name_ja, name_en=name_en, email=email, name=name, language=language),
    )


@hub.command("invite")
@click.option("--hub", "hub_id", help="The hub's id (flask hub list); not needed where there is one hub only.")
@EMAIL
@NAME
@click.option("--position", required=True, type=click.Choice([Position.STAFF.value, Position.ADMIN.value]))
@LANGUAGE
@with_appcontext
def invite(hub_id: str | None, email: str, name: str, position: str, language: Language) -> None:
    """Invite one more person into a hub, or the same person once more; the earlier link ends."""
    hubs = queries.hubs()
    if hub_id is None and len(hubs) != 1:
        refuse(f"There are {len(hubs)} hubs; say with --hub into which one (flask hub list).")
    place = hub_id or hubs[0].id
    _invited(
        lambda: services.invite_to_hub(place, email=email, name=name, language=language, position=Position(position))
    )


@hub.command("list")
@with_appcontext
def list_hubs() -> None:
    """List the hubs."""
    answer({"hubs": [{"hub": one.id, "name_ja": one.name_ja, "name_en": one.name_en} for one in queries.hubs()]})


def _invited(inviting: Callable[[], Invitation]) -> None:
    """Invite, let the mail go, and say what was done; or say why not."""
    if settings().demo:
        refuse("The demo has its hub; others are founded where the demo is switched off (SHIRUBE_DEMO).")
    try:
        row = inviting()
    except Refused as refusal:
        refuse(refusal)
    except NotFound:
        refuse("There is no hub with this id; flask hub list names them.")
    jobs.soon("mail")
    answer(
        {
            "hub": row.organisation_id,
            "invited": row.email,
            "position": str(row.position),
            "until": row.expires_at.isoformat(timespec="seconds"),
        }
    )


COMMANDS: tuple[click.Command, ...] = (hub,)
