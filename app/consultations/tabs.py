"""The tab bar of a consultation; the room of documents shows it, too."""

from __future__ import annotations

from app.consultations.queries import Counts
from app.core.i18n import gettext as _
from app.core.i18n import pgettext
from app.web import links
from app.web.lists import Tab


def tabs(consultation_id: str, counts: Counts | None, current: str) -> tuple[Tab, ...]:
    """The parts of a consultation; none for a reader from outside, who sees one page of it."""
    if counts is None:
        return ()
    wanted = [
        ("consultations.show", _("Steps and dates"), None),
        ("consultations.questions", _("Questions"), counts.questions),
        ("consultations.attachments", pgettext("consultation", "Attachments"), counts.attachments),
        ("consultations.inquiries", _("Inquiries"), counts.inquiries),
        ("consultations.briefing", _("Data for the documents"), None),
        ("documents.bundles", _("Bundle"), None),
    ]
    return tuple(
        Tab(label, address, endpoint.partition(".")[2] == current, count)
        for endpoint, label, count in wanted
        if (address := links.page(endpoint, consultation_id=consultation_id))
    )
