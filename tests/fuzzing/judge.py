"""Sends a case and judges the answer: no fault of ours, whole pages, and nothing changed by what was refused."""

from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from app.audit.denials import DENIED, LONGEST
from tests.fuzzing.cases import Case
from tests.fuzzing.people import Browser
from tests.fuzzing.state import Kept, State
from tests.fuzzing.survey import came_in
from tests.web.page_contract import check_page

ASIDE = {"web_session"}  # who was seen, and what is to be said on the next page; no fact
SIGN_IN = {"person", "attempt"}  # sign-ins are counted there, and every try of a password for the limits
LEAVES_SOMETHING = {  # answers 200 to a POST that was carried out, so that nobody learns which addresses exist
    "security.forgot_password"
}
NOT_FOUND = 404
SLOW = 10.0  # seconds; the slowest honest answer takes a fraction of one


class Faults(logging.Handler):
    """Remembers what the program logged as its own fault."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.records.append(record)


class Judge:
    """Sends cases to a program whose state it knows, and puts the state back after each that changed something."""

    def __init__(self, app: Flask, browsers: dict[str, Browser], state: State) -> None:
        self._app, self.browsers, self._state = app, browsers, state
        self._before: Kept = state.remember()
        self.counts: Counter[str] = Counter()
        self.entered: set[tuple[str, str]] = set()  # route and method wherever somebody was let in
        self._log = Faults()

    @contextmanager
    def sitting(self) -> Iterator[Judge]:
        """While it judges, faults become pages and the count of sign-ins per minute is off."""
        from app.people.sign_in import limiter

        log, was = logging.getLogger("app"), self._app.config.get("PROPAGATE_FAULTS", True)
        log.addHandler(self._log)
        self._app.config["PROPAGATE_FAULTS"], limiter.enabled = False, False
        try:
            yield self
        finally:
            log.removeHandler(self._log)
            self._app.config["PROPAGATE_FAULTS"], limiter.enabled = was, True

    @property
    def cases(self) -> int:
        """How many were sent."""
        return sum(number for kind, number in self.counts.items() if kind.endswith("xx"))

    def send(self, case: Case) -> TestResponse:
        """Send it; AssertionError names what is wrong with the answer or with what is left of it."""
        self._log.records.clear()
        began = time.monotonic()
        answer = self._answer(case)
        took = time.monotonic() - began
        after = self._state.read()
        changed = self._before.differences(after.without_denials(), ASIDE)
        if after != self._before:
            self._state.restore()
        self.counts[f"{answer.status_code // 100}xx"] += 1
        self.counts[f"{case.method} {answer.status_code}"] += 1
        if came_in(case.route, answer):
            self.entered.add((case.route, case.method))
        self._judge(case, answer, changed)
        self._judge_denials(case, answer, after.denials())
        assert took < SLOW, f"{case}: {took:.1f} s"
        return answer

    def _answer(self, case: Case) -> TestResponse:
        browser = self.browsers[case.role]
        options: dict[str, object] = {"headers": list(case.headers)}
        if case.raw is not None:
            options |= {"data": case.raw}
        elif case.method in {"POST", "PUT"}:
            options |= {"data": case.body(browser.token)}
        return browser.client().open(case.path, method=case.method, query_string=list(case.query), **options)

    def _judge(self, case: Case, answer: TestResponse, changed: list[str]) -> None:
        if answer.status_code >= 500 or self._log.records:
            lines = [logging.Formatter().format(record) for record in self._log.records]
            raise AssertionError(f"{answer.status_code} for {case}\n" + "\n".join(lines))
        refused = answer.status_code >= 400 or (answer.status_code == 200 and case.method not in {"GET", "HEAD"})
        if refused and case.route not in LEAVES_SOMETHING:
            left = [name for name in changed if not (case.route.startswith("security.") and name in SIGN_IN)]
            assert not left, f"{answer.status_code} for {case}, and yet changed: {left}"
        if answer.mimetype == "text/html":
            text = answer.text
            for broken in ("<b>bold", "<script>alert", "<svg/onload", "<img src=x", "Traceback (most"):
                assert broken not in text, f"{broken} in the answer to {case}"
            if answer.status_code >= 400 and case.method != "HEAD" and answer.status_code != 409:
                language = "ja" if '<html lang="ja"' in text else "en"
                faults = check_page(text, language=language, url=case.path[:100])
                assert not faults, f"{answer.status_code} for {case}\n" + "\n".join(faults)

    def _judge_denials(self, case: Case, answer: TestResponse, denials: list[dict[str, Any]]) -> None:
        """What was denied is at most one row of the trail, without anything but the address; all else is none."""
        self.counts["denied"] += len(denials)
        most = 1 if answer.status_code == NOT_FOUND else 0
        assert len(denials) <= most, f"{answer.status_code} for {case}, and {len(denials)} rows of denials: {denials}"
        for row in denials:
            noted = json.loads(row["after"]) if isinstance(row["after"], str) else row["after"]  # SQLite keeps a text
            assert row["action"] == DENIED, f"{case}: {row}"
            assert noted.keys() == {"method", "endpoint", "asked"}, f"{case}: {row}"
            assert noted["method"] == case.method, f"{case}: {row}"
            assert all(len(value) <= LONGEST for value in noted["asked"].values()), f"{case}: {row}"
