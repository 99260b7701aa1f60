"""Mails about signing in."""

from __future__ import annotations

from app.core import clock
from app.core.db import transaction
from app.core.formats import day
from app.core.i18n import gettext as _
from app.core.i18n import speaking
from app.core.ids import new_id
from app.core.mail import Mail
from app.core.outbox import enqueue
from app.people.models import Person


def queue(template: str, person: Person, link: str) -> None:
    """Queue the mail that Flask-Security asks for: the link to a new password, or the word that it was changed."""
    with speaking(person.language):
        if template == "reset_instructions":
            subject = _("[Shirube] Choose a new password")
            text = _(
                "%(name)s,\n\nsomebody, probably you, asked for a new password for Shirube.\n"
                "Choose it here within two hours:\n\n%(link)s\n\n"
                "If it was not you, do nothing: your password stays as it is.\n",
                name=person.name,
                link=link,
            )
        else:
            subject = _("[Shirube] Your password was changed")
            text = _(
                "%(name)s,\n\nthe password of your Shirube account was changed on %(day)s.\n"
                "If it was not you, choose a new one at once and tell your organisation.\n",
                name=person.name,
                day=day(clock.today()),
            )
    with transaction():
        enqueue(Mail(key=f"people:{template}:{new_id()}", to=person.email, subject=subject, text=text))
