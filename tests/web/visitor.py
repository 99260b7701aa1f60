"""A client that inspects every page it gets: no test can fetch a page without checking it."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from app.core.db import session
from app.engine.definition.common import Language
from app.people.models import Person
from tests.web.page_contract import check_page


class Browser(FlaskClient):
    """The client of all tests; it closes the body that it sent, which werkzeug's own leaves to the collector."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        """The answer to one request."""
        answer = super().open(*args, **options)
        answer.request.environ["wsgi.input"].close()
        return answer


class Visitor:
    """Fetches pages as a person, in a language, and fails on any page that breaks the page contract."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.client: FlaskClient = app.test_client()

    def as_(self, person_id: str | None, language: Language | None = None) -> Visitor:
        """A fresh browser in which this person is signed in (None: nobody), optionally speaking ``language``."""
        visitor = Visitor(self._app)
        if person_id is None:
            if language:
                visitor.post("/language", {"language": language})
            return visitor
        person = session.get(Person, person_id)
        assert person is not None
        if language:
            person.language = language
            session.commit()
        uniquifier = person.fs_uniquifier
        with visitor.client.session_transaction() as state:
            state["_user_id"] = uniquifier
            state["_fresh"] = True
            state["person_id"] = person_id
        return visitor

    def get(self, url: str, *, status: int = 200, **options: Any) -> str:
        """The page at ``url``; its status must be ``status``."""
        return self._inspect(self.client.get(url, **options), url, status)

    def post(self, url: str, data: dict[str, Any] | None = None, *, status: int = 302, **options: Any) -> str:
        """Send a form; by default a redirect must follow. Returns where it leads, or the page."""
        answer = self.client.post(url, data={"csrf_token": self.token(), **(data or {})}, **options)
        if answer.status_code in (302, 303):
            assert status == answer.status_code, f"{url}: redirected to {answer.location}, expected {status}"
            return str(answer.location)
        return self._inspect(answer, url, status)

    def token(self) -> str:
        """A token against forged forms that is good for this browser, as Flask-WTF makes it."""
        with self.client.session_transaction() as state:
            raw = state.setdefault("csrf_token", "0" * 40)
        signer = URLSafeTimedSerializer(str(self._app.secret_key), salt="wtf-csrf-token")
        return str(signer.dumps(raw))

    def _inspect(self, answer: TestResponse, url: str, status: int) -> str:
        assert answer.status_code == status, f"{url}: {answer.status_code}, expected {status}\n{answer.text[:3000]}"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        if answer.mimetype != "text/html" or not answer.text:
            return answer.text
        language: Language = "ja" if '<html lang="ja"' in answer.text else "en"
        problems = check_page(answer.text, language=language, url=url)
        assert not problems, f"{url} ({language}):\n" + "\n".join(problems)
        return answer.text
