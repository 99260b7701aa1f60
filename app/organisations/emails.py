"""The mail of an invitation."""

from __future__ import annotations

from app.access.actor import Actor
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
        text = _(
            "%(name)s,\n\n%(inviter)s invites you to Shirube as %(organisation)s.\n"
            "Shirube plans consultations with PMDA and reminds you before a date is missed.\n\n"
            "Choose your password here by %(until)s:\n\n%(link)s\n\n"
            "What you enter is seen by your organisation only. "
            "You decide what the hub may see, and you can take it back.\n",
            name=row.name,
            inviter=inviter.name if inviter else "Shirube",
            organisation=place.name(row.language),
            until=moment(row.expires_at),
            link=address(f"/invitations/{token}"),
        )
        subject = _("[Shirube] Invitation for %(organisation)s", organisation=place.name(row.language))
    enqueue(Mail(key=f"organisations:invitation:{row.id}", to=row.email, subject=subject, text=text))
