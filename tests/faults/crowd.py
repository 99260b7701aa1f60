"""What one of many processes does at once; started by the tests, tells in JSON how it went.

python -m tests.faults.crowd edit THERAPY PERSON NAME SAVES | write PERSON WRITES | guess EMAIL GUESSES | queue
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from flask import current_app
from sqlalchemy import select

from app import create_app
from app.config import Settings
from app.core import jobs
from app.core.db import session, transaction
from app.core.errors import Changed
from app.core.mail import Mail
from app.core.outbox import enqueue
from app.therapies import queries, services
from app.therapies.models import Therapy
from tests.factories.world import scope_of
from tests.web.visitor import Visitor


@dataclass
class Done:
    """What was acknowledged, how often somebody else was faster, what went wrong, and the seconds of each attempt."""

    saved: list[str] = field(default_factory=list)
    refused: int = 0
    faults: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def edit(done: Done, therapy: str, person: str, name: str, saves: str) -> None:
    """Change the name of one therapy so often; whoever is refused looks again."""
    scope = scope_of(person)
    while len(done.saved) < int(saves):
        seen, typed = queries.own(scope, therapy), f"{name} {len(done.saved)}"
        session.remove()
        try:
            services.edit(
                scope, therapy, version=seen.version, name_ja=typed, product_class=seen.product_class,
                material=seen.material,
            )  # fmt: skip
            done.saved.append(typed)
        except Changed:
            done.refused += 1
        session.remove()


def write(done: Done, name: str, writes: str) -> None:
    """Read and then write, each time in a transaction of its own."""
    for number in range(int(writes)):
        began = time.monotonic()
        try:
            with transaction() as current:
                key = f"{name}:{number}"
                current.execute(select(Therapy.id))
                assert enqueue(Mail(key, "somebody@ko.example", "x", "y"))
            done.saved.append(key)
        except Exception as fault:  # noqa: BLE001 — told to the test
            done.faults.append(str(fault)[:300])
        done.seconds.append(time.monotonic() - began)


def guess(done: Done, email: str, guesses: str) -> None:
    """Guess the password of somebody so often, each time from another machine; ``saved`` are the guesses compared."""
    for number in range(int(guesses)):
        browser = Visitor(current_app._get_current_object())  # type: ignore[attr-defined]
        form = {"email": email, "password": f"guess {number}", "csrf_token": browser.token()}
        sender = {"REMOTE_ADDR": f"192.0.2.{number % 250}"}
        answer = browser.client.post("/sign-in", data=form, environ_base=sender)
        if answer.status_code == 200:
            done.saved.append(str(number))
        elif answer.status_code == 429:
            done.refused += 1
        else:
            done.faults.append(str(answer.status_code))


def queue(done: Done, name: str) -> None:
    """Open the queue, perhaps as the first, and ask for a look."""
    jobs._queue().look_again(name)
    done.saved.append(name)


WHAT: dict[str, Callable[..., None]] = {"edit": edit, "write": write, "guess": guess, "queue": queue}

if __name__ == "__main__":
    result = Done()
    with create_app(Settings()).app_context():
        print("ready", flush=True)
        sys.stdin.readline()  # all begin at once
        WHAT[sys.argv[1]](result, *sys.argv[2:])
    print(json.dumps(asdict(result)), flush=True)
