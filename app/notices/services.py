"""What people choose: whether they get mails, and the secret address of their calendar feed."""

from __future__ import annotations

from secrets import token_hex

from app.access.actor import Position
from app.access.scope import Scope
from app.audit import services as audit
from app.core import clock
from app.core.db import insert_once, session, transaction
from app.core.errors import Changed, Refused
from app.engine.definition.common import Text
from app.notices.models import NoticeChoice
from app.notices.queries import digest, feed_token


def choose_mails(scope: Scope, mails: bool, *, version: int | None = None) -> None:
    """Get deadline mails or not. Refused for a lead: somebody must get them. Raises Changed if it was changed since."""
    if not mails and Position.LEAD in scope.person().positions():
        raise Refused(
            Text(
                ja="薬事責任者には、期限のお知らせを必ずお送りします。お知らせは、実施日を記録すると止まります。",
                en="The regulatory lead always gets deadline mails; they stop when the step is recorded as done.",
            ),
            field="mails",
        )
    _choose(scope, "mails", mails, version)


def choose_names(scope: Scope, hide_names: bool, *, version: int | None = None) -> None:
    """Keep the names of therapies out of the calendar feed, or let them in."""
    _choose(scope, "hide_names", hide_names, version)


def renew_feed(scope: Scope, secret: str) -> None:
    """Give the person's feed a new secret address, made with the program's ``secret``; the old one ends at once."""
    with transaction():
        row = _row(scope)
        row.feed_seed = token_hex(32)
        row.feed_sha256, row.feed_made_at = digest(feed_token(secret, row.feed_seed)), clock.now()
        row.version += 1
        audit.record(scope.person(), "notices:feed:renewed", subject_id=row.person_id)


def revoke_feed(scope: Scope) -> None:
    """End the feed; its address is gone for good."""
    with transaction():
        row = _row(scope)
        row.feed_seed = row.feed_sha256 = row.feed_made_at = None
        row.version += 1
        audit.record(scope.person(), "notices:feed:revoked", subject_id=row.person_id)


def _choose(scope: Scope, name: str, value: bool, version: int | None) -> None:
    with transaction():
        row = _row(scope)
        if version is not None and version != row.version:
            raise Changed
        before = getattr(row, name)
        setattr(row, name, value)
        row.version += 1
        audit.record(
            scope.person(),
            f"notices:{name}:chosen",
            subject_id=row.person_id,
            before={name: before},
            after={name: value},
        )


def _row(scope: Scope) -> NoticeChoice:
    person_id = scope.person().id
    insert_once(NoticeChoice, person_id=person_id, mails=True, hide_names=True, version=1)
    return session.get_one(NoticeChoice, person_id, populate_existing=True)
