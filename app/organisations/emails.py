"""The mail of an invitation."""

from __future__ import annotations

from app.access.actor import Actor, Position
from app.core.addresses import address
from app.core.formats import moment
from app.core.i18n import gettext as _
from app.core.i18n import speaking
from app.core.mail import Mail
from app.core.outbox import enqueue
from app.organisations.models import Invitation
from app.organisations.queries import OrganisationView


def queue_invitation(row: Invitation, place: OrganisationView, token: str, *, inviter: Actor | None) -> None:
    """Tell the invited person who invites them, into what, and where the door is."""
    with speaking(row.language):
        link = address(f"/invitations/{token}")
        into_hub = row.position in {Position.STAFF, Position.ADMIN}
        text = _to_hub(row, place, link) if into_hub else _to_company(row, place, link, inviter)
        subject = _("[Shirube] Invitation for %(organisation)s", organisation=place.name(row.language))
    enqueue(Mail(key=f"organisations:invitation:{row.id}", to=row.email, subject=subject, text=text))


def _to_company(row: Invitation, place: OrganisationView, link: str, inviter: Actor | None) -> str:
    return _(
        "%(name)s,\n\n%(inviter)s invites you to Shirube as %(organisation)s.\n"
        "Shirube plans consultations with PMDA and reminds you before a date is missed.\n\n"
        "Choose your password here by %(until)s:\n\n%(link)s\n\n"
        "What you enter is seen by your organisation only. "
        "You decide what the hub may see, and you can take it back.\n",
        name=row.name,
        inviter=inviter.name if inviter else "Shirube",
        organisation=place.name(row.language),
        until=moment(row.expires_at),
        link=link,
    )


def _to_hub(row: Invitation, place: OrganisationView, link: str) -> str:
    admin = row.position is Position.ADMIN
    return _(
        "%(name)s,\n\nYou are invited to Shirube as %(role)s of %(organisation)s.\n"
        "Shirube plans consultations of companies with PMDA; the hub sees what the companies grant it.\n"
        "%(task)s\n\n"
        "Choose your password here by %(until)s:\n\n%(link)s\n",
        name=row.name,
        role=_("administrator") if admin else _("reviewer"),
        organisation=place.name(row.language),
        task=_("As administrator you invite the companies.")
        if admin
        else _("The companies are invited by your administrator."),
        until=moment(row.expires_at),
        link=link,
    )
