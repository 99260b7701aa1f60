"""What every route takes: arguments by the map of addresses, fields by the forms and names that its view asks for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar
from unittest.mock import patch

from flask import Flask, has_request_context, request, request_tearing_down
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse
from wtforms.form import BaseForm

from app.access.policy import POLICY, Audience
from tests.fuzzing.estate import Estate
from tests.fuzzing.people import Browser
from tests.fuzzing.state import State

REFUSED, CHANGED = 400, 409
CHOICES = {"event", "event_id", "filename", "key", "token", "what"}  # arguments on which depends what a view asks for


@dataclass
class Taken:
    """What one route was seen to read: field -> the class of WTForms and its choices, and every name asked for.

    ``host``: the role that came in first, instead of being refused, lost or sent to the sign-in, with ``arguments``;
    "" where nobody did.
    """

    fields: dict[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    host: str = ""
    arguments: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """A route, and what it takes."""

    rule: Rule
    taken: Taken

    @property
    def name(self) -> str:
        """Its endpoint."""
        return self.rule.endpoint


class Listening(ImmutableMultiDict[str, Any]):
    """Notes every name that a view looks up in a query or a form."""

    asked: ClassVar[set[str]] = set()

    def __contains__(self, key: object) -> bool:
        self._note(key)
        return super().__contains__(key)

    def __getitem__(self, key: str) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def get(self, key: str, *rest: Any, **options: Any) -> Any:  # type: ignore[override]
        """As ever, and noted."""
        self._note(key)
        return super().get(key, *rest, **options)

    def getlist(self, key: str, *rest: Any, **options: Any) -> Any:
        """As ever, and noted."""
        self._note(key)
        return super().getlist(key, *rest, **options)

    def _note(self, key: object) -> None:
        if isinstance(key, str):
            Listening.asked.add(key)


def survey(app: Flask, estate: Estate, browsers: Mapping[str, Browser], state: State) -> list[Route]:
    """Every route with what it takes, found by looking at each with what exists, by GET and by an empty POST."""
    routes = [Route(rule, Taken()) for rule in app.url_map.iter_rules()]
    with listening(app) as heard:
        for route in routes:
            for role, browser in browsers.items():
                for values in _ways(route.rule, estate):
                    address = route.rule.build(values)[1]  # type: ignore[index]
                    for method in sorted({"GET", "POST"} & (route.rule.methods or set())):
                        Listening.asked = set()
                        form = {"csrf_token": browser.token} if method == "POST" else None
                        answer = browser.client().open(address, method=method, data=form, query_string={"x": "1"})
                        route.taken.names |= Listening.asked
                        if not route.taken.host and came_in(route.name, answer):
                            route.taken.host, route.taken.arguments = role, values
                        if method == "POST":
                            state.restore()
                if route.taken.host and (heard[route.name] or route.taken.names - {"csrf_token"}):
                    break  # this one came in
            route.taken.fields.update(heard[route.name])
            route.taken.names |= set(route.taken.fields)
    state.restore()
    return sorted(routes, key=lambda route: str(route.rule))


def came_in(route: str, answer: TestResponse) -> bool:
    """Whether somebody was let in: neither refused nor lost nor sent to the sign-in, but perhaps told to look again."""
    public = POLICY[route].audience is Audience.EVERYONE
    at_the_door = not public and (answer.location or "").partition("?")[0] == "/sign-in"
    return answer.status_code == CHANGED or (answer.status_code < REFUSED and not at_the_door)


def _choices(field: Any) -> list[Any]:
    found = getattr(field, "choices", None) or []
    return [choice for group in found.values() for choice in group] if isinstance(found, dict) else list(found)


def _value(choice: Any) -> Any:
    return choice[0] if isinstance(choice, tuple) else choice.value


def _ways(rule: Rule, estate: Estate) -> Iterator[dict[str, str]]:
    """A few sets of arguments: each with the first value, and once with each other value of one of them."""
    known = estate.of(rule)
    first = {name: values[0] for name, values in known.items()}
    yield first
    for name in sorted(rule.arguments & CHOICES):
        for other in known[name][1:8]:
            yield {**first, name: other}


@contextmanager
def listening(app: Flask) -> Iterator[dict[str, dict[str, tuple[str, tuple[str, ...]]]]]:
    heard: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = defaultdict(dict)
    seen: list[tuple[str, BaseForm]] = []
    real = BaseForm.__init__

    def made(self: BaseForm, *args: Any, **options: Any) -> None:
        real(self, *args, **options)
        if has_request_context():
            seen.append((request.endpoint or "", self))

    def note(_app: Flask, **_rest: Any) -> None:
        while seen:
            endpoint, form = seen.pop()
            for each in form:
                values = tuple(str(_value(choice)) for choice in _choices(each))
                known = heard[endpoint].get(each.name, ("", ()))[1]
                heard[endpoint][each.name] = (type(each).__name__, values or known)

    with (
        patch.object(BaseForm, "__init__", made),
        patch.object(app.request_class, "parameter_storage_class", Listening),
        request_tearing_down.connected_to(note, app),
    ):
        yield heard
