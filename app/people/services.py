"""People: made when an invitation is accepted; they choose their language and password themselves."""

from __future__ import annotations

import secrets

from flask_security.utils import hash_password
from sqlalchemy import func, select, update

from app.access.scope import Scope
from app.audit import services as audit
from app.core import clock
from app.core.db import outside_turn, session, transaction
from app.core.errors import Refused
from app.engine.definition.common import Language, Text
from app.people.models import Person

PASSWORD_LENGTH = 12


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
    return email.strip().lower()


def known(email: str) -> bool:
    """Whether somebody with this address can sign in."""
    return bool(session.scalar(select(func.count()).select_from(Person).where(Person.email == normal_email(email))))
