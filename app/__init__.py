"""Shirube 標: takes a therapy from preclinical work to approval in Japan, one PMDA consultation at a time."""

from __future__ import annotations

from flask import Flask, g

from app.config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The table of contents of the program."""
    from app import blueprints, cli  # noqa: PLC0415 — the factory is the only importer
    from app.access.scope import NOBODY, Scope  # noqa: PLC0415
    from app.audit import denials  # noqa: PLC0415
    from app.core import addresses, clock, db, jobs  # noqa: PLC0415
    from app.organisations import queries as organisations  # noqa: PLC0415
    from app.people import sign_in  # noqa: PLC0415
    from app.web import faults, guard, headers, shell  # noqa: PLC0415
    from app.web.fields import FORM_BYTES  # noqa: PLC0415
    from app.web.sessions import DatabaseSessions  # noqa: PLC0415

    settings = settings or Settings()
    app = Flask("app", root_path=__path__[0], static_folder="web/static", static_url_path="/static")
    app.extensions["settings"] = settings
    app.config.update(MAX_CONTENT_LENGTH=FORM_BYTES, MAX_FORM_MEMORY_SIZE=FORM_BYTES)  # the page for files allows more
    app.session_interface = DatabaseSessions(settings)

    clock.configure(settings.clock)
    addresses.configure(settings.base_url)
    db.connect(settings.database)
    jobs.configure(settings)

    guard.before_all(app, settings)
    sign_in.init_app(app, settings)

    @app.before_request
    def _who() -> None:
        person = sign_in.person_id()
        actor = organisations.actor(person) if person else None
        g.scope = Scope(actor) if actor else NOBODY
        guard.speak()

    guard.init_app(app)
    headers.init_app(app, https=settings.https)
    shell.init_app(app)
    faults.init_app(app, _who, denials.note)
    blueprints.register(app)
    cli.register(app)

    @app.teardown_appcontext
    def _done(_error: BaseException | None) -> None:
        db.session.remove()
        db.expect_writes(False)

    return app
