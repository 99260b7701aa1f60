"""People: made when an invitation is accepted; they choose language and password themselves, in browsers of theirs."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import unicodedata

from flask_security.utils import hash_password
from sqlalchemy import delete, func, select, update

from app.access.scope import Scope
from app.audit import services as audit
from app.core import clock
from app.core.db import outside_turn, session, transaction
from app.core.errors import Refused
from app.engine.definition.common import Language, Text
from app.people.models import KnownBrowser, Person

PASSWORD_LENGTH = 12
BROWSERS = 10  # of one person; each has tries of its own, so there must be an end
BROWSER_KNOWN = dt.timedelta(days=180)  # since somebody signed in there


def hashed(password: str) -> str:
    """What is kept of a password. It takes long on purpose, so call it before the transaction."""
    with outside_turn():
        return str(hash_password(password))


def add_person(*, email: str, name: str, language: Language, password_hash: str) -> Person:
    """A new person who can sign in; joins the caller's transaction. Refused if the address is taken."""
    address = normal_email(email)
    with transaction():
        if session.scalar(select(Person.id).where(Person.email == address)):
            raise Refused(
                Text(
                    ja="このメールアドレスはすでに登録されています。サインインしてください。",
                    en="This e-mail address is already registered. Please sign in.",
                ),
                field="email",
            )
        person = Person(
            email=address,
            name=name.strip(),
            language=language,
            password=password_hash,
            fs_uniquifier=secrets.token_hex(32),
            create_datetime=clock.now(),
            active=True,
        )
        session.add(person)
        session.flush()
    return person


def choose_language(scope: Scope, language: Language) -> None:
    """Pages and mails speak ``language`` to this person from now on."""
    actor = scope.person()
    with transaction():
        session.execute(update(Person).where(Person.id == actor.id).values(language=language))
        audit.record(
            actor,
            "people:language:chosen",
            subject_id=actor.id,
            before={"language": actor.language},
            after={"language": language},
        )


def normal_email(email: str) -> str:
    """The form in which an address is stored and compared."""
    return unicodedata.normalize("NFC", email.strip().lower())


def known(email: str) -> bool:
    """Whether somebody with this address can sign in."""
    return bool(session.scalar(select(func.count()).select_from(Person).where(Person.email == normal_email(email))))


def remember_browser(person_id: str, token: str | None) -> str:
    """Know the browser with this ``token`` as one of the person's from now on; returns the token that replaces it.

    It is a new one, so that a token which somebody else planted there is worth nothing to them.
    """
    fresh = secrets.token_urlsafe(32)
    here = KnownBrowser.token_sha256 == _sha256(token or "")
    with transaction():
        session.execute(delete(KnownBrowser).where(here, KnownBrowser.person_id == person_id))
        session.execute(update(KnownBrowser).where(here).values(token_sha256=_sha256(fresh)))  # others who share it
        session.add(KnownBrowser(person_id=person_id, token_sha256=_sha256(fresh), seen_at=clock.now()))
        session.flush()
        theirs = select(KnownBrowser.id).where(KnownBrowser.person_id == person_id)
        newest = session.scalars(theirs.order_by(KnownBrowser.seen_at.desc()).limit(BROWSERS)).all()
        session.execute(delete(KnownBrowser).where(KnownBrowser.person_id == person_id, KnownBrowser.id.not_in(newest)))
    return fresh


def forget_browsers(person_id: str) -> None:
    """Whoever knew the old password has no tries of their own any more; joins the caller's transaction."""
    with transaction():
        session.execute(delete(KnownBrowser).where(KnownBrowser.person_id == person_id))


def forget_unused_browsers() -> int:
    """Delete what nobody signed in with for half a year; returns how many."""
    unused = KnownBrowser.seen_at < clock.now() - BROWSER_KNOWN
    count = session.scalar(select(func.count()).select_from(KnownBrowser).where(unused)) or 0
    if count:
        with transaction():
            session.execute(delete(KnownBrowser).where(unused))
    return count


def knows_browser(email: str, token: str | None) -> bool:
    """Whether the person with this address, if there is one, signed in with this browser before."""
    known_here = (
        select(func.count())
        .select_from(KnownBrowser)
        .join(Person, Person.id == KnownBrowser.person_id)
        .where(Person.email == normal_email(email), KnownBrowser.token_sha256 == _sha256(token or ""))
    )
    return bool(session.scalar(known_here))


def _sha256(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
