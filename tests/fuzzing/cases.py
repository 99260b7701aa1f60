"""One case: a request that a person, a careless program or an enemy may send to one route."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st

from tests.fuzzing import texts
from tests.fuzzing.estate import ROLES, Estate, blank_pdf
from tests.fuzzing.survey import Route

BUTTONS = ("sure", "reopen")  # asked for only behind forms that are right, so the survey may not hear of them
VERSIONS = ["1", "0", "2", "3"]
FILES = [
    ("a.pdf", blank_pdf().getvalue()),
    ("a.pdf", b""),
    ("a.pdf", b"%PDF-1.7\n"),
    ("a.pdf", b"PK\x03\x04" + b"\0" * 200),
    ("b.exe", b"MZ" + b"\0" * 100),
    ("../../x.pdf", blank_pdf().getvalue()),
    ("\u202efdp.exe", b"%PDF-1.4 nothing"),
    ("x" * 5000 + ".pdf", blank_pdf().getvalue()[:300]),
    ("<b>\"'.pdf", b"<html>"),
    ("=1+1.pdf", b"=1+1"),
    ("", b"%PDF-"),
]
USUAL = {  # what is typed into fields of one class
    "BooleanField": st.just("y"),
    "DayField": texts.days,
    "DaysField": texts.days,
    "IntegerField": st.sampled_from(["2", "1", "0", "-1", "13", "1000000000"]),
    "PasswordField": st.sampled_from(["correct horse battery staple", "short", "パスワード" * 20, "x" * 130]),
}
HEADING = "case_id,product,class,date,precision,event,detail,src\n"
TABLES = [
    ("a.csv", f"{HEADING}A,シート,RMP-C,2024-02,M,CTN_FILED,,\n".encode()),
    ("a.csv", f"{HEADING}A,=1+1,RMP-C,2024,Y,NOTE,<b>bold</b>,=cmd|' /C calc'!A0\n".encode()),
    ("a.csv", f"{HEADING}A,シート,RMP-C,2024-02,M,CTN_FILED,,\n".encode("cp932")),
    ("a.csv", f"{HEADING}A,シート,RMP-C,2024-02,M,CTN_FILED,,\n".encode("utf-16")),
    ("a.csv", HEADING.encode() + b'"A,\x00\n'),
    ("a.csv", HEADING.encode() * 3000),
    ("a.csv", f"{HEADING}{'x' * 100_000},,,0000-13-99,Q,,,\n".encode()),
    *FILES,
]
FILE_FIELDS = {"FileField": TABLES, "MultipleFileField": FILES}  # by the class of the field


@dataclass(frozen=True)
class Case:
    """What is sent: by whom, to which address, with which form, files and headers; ``raw`` replaces the form."""

    role: str
    route: str
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    form: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, str, bytes], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    raw: bytes | None = None
    forged: bool = False

    def body(self, token: str) -> dict[str, Any]:
        """The form as the test client wants it."""
        found: dict[str, Any] = {} if self.forged else {"csrf_token": token}
        for name, value in self.form:
            if name != "csrf_token":
                found.setdefault(name, []).append(value)
        for name, filename, content in self.files:
            found.setdefault(name, []).append((io.BytesIO(content), filename))
        return found

    def __str__(self) -> str:
        parts = [f"{self.role}: {self.method} {self.path[:200]}"]
        for name in ("query", "form", "headers"):
            parts += [f"{name}={[(key, text[:80], len(text)) for key, text in getattr(self, name)]}"]
        parts += [f"files={[(name, filename[:40], len(content)) for name, filename, content in self.files]}"]
        return " ".join([*parts, f"raw={self.raw[:80]!r}" if self.raw is not None else ""])


def cases(routes: Sequence[Route], estate: Estate) -> st.SearchStrategy[Case]:
    """Any request to any of the routes: mostly almost right, so that it comes far, and wrong in one or two places.

    The simplest is right as far as can be known: the form of a host, filled in wholly, where there is one.
    """
    weighed = [route for route in routes for _each in range(_weight(route))]
    return st.sampled_from(weighed).flatmap(lambda route: _case(route, estate))


def _rarely(draw: st.DrawFn, often: int) -> bool:
    """Once in ``often`` times; not at the ends of the range, which are drawn more often than others."""
    return draw(st.integers(0, 3 * often - 1)) in {often // 2 + 1, often + 1, 2 * often} if often > 1 else True


def _weight(route: Route) -> int:
    """How often a route is tried: by what it takes. Hashing a password is slow on purpose, so those come rarely."""
    if route.name in {"static", "security.static", "web.health"} or "password" in " ".join(route.taken.fields):
        return 1
    return 1 + len(route.rule.arguments) + min(len(route.taken.names), 8) // 2


@st.composite
def _case(draw: st.DrawFn, route: Route, estate: Estate) -> Case:
    usual = sorted({"GET", "POST"} & (route.rule.methods or set()), reverse=True)
    method = draw(
        st.sampled_from(
            [*usual * 8, *(["POST"] * 12 if "POST" in usual else []), "HEAD", "OPTIONS", "PUT", "GET", "POST"]
        )
    )
    path = _path(draw, route, estate)
    writing = method in {"POST", "PUT"}
    return Case(
        role=draw(st.sampled_from([route.taken.host or "lead"] * 8 + ["lead"] * 4 + [*ROLES])),
        route=route.name,
        method=method,
        path=path,
        query=_query(draw, route),
        form=_form(draw, route) if writing else (),
        files=_files(draw, route) if writing else (),
        headers=_headers(draw) if _rarely(draw, 8 if writing else 2) else (),
        raw=draw(st.binary(max_size=200)) if writing and _rarely(draw, 20) else None,
        forged=_rarely(draw, 20),
    )


def _path(draw: st.DrawFn, route: Route, estate: Estate) -> str:
    broken = _rarely(draw, 6)
    parts, values = [], estate.of(route.rule)
    for is_argument, text in route.rule._trace:
        if not is_argument:
            parts.append(text.lstrip("|"))
            continue
        known = values[text]
        first = route.taken.arguments.get(text, known[0])
        chosen = draw(st.one_of(st.just(first), st.sampled_from(known)))
        if broken and draw(st.booleans()):
            chosen = draw(texts.arguments)
        parts.append(quote(chosen, safe=""))
    path = "".join(parts)
    if broken and _rarely(draw, 4):
        path += draw(st.sampled_from(["%00", "%ff", "/", "//", "%ed%a0%80", "/..", ";x", "%2e%2e%2f", "%0d%0aX: y"]))
    return path


def _query(draw: st.DrawFn, route: Route) -> tuple[tuple[str, str], ...]:
    if not _rarely(draw, 4) and "GET" not in (route.rule.methods or set()):
        return ()
    names = sorted(route.taken.names - {"csrf_token"}) + ["page", "sort"]
    chosen = draw(st.lists(st.sampled_from(names), max_size=3, unique=True))
    return tuple((name, _value(draw, route, name)) for name in chosen)


def _form(draw: st.DrawFn, route: Route) -> tuple[tuple[str, str], ...]:
    found = []
    files = {name for name, (kind, _choices) in route.taken.fields.items() if kind in FILE_FIELDS}
    for name in sorted(route.taken.names - {"csrf_token", "files"} - files) + list(BUTTONS):
        if not _rarely(draw, 2 if name in BUTTONS else 8):
            found.append((name, _value(draw, route, name)))  # noqa: PERF401 — drawing has an order
    return tuple(found)


def _value(draw: st.DrawFn, route: Route, name: str) -> str:
    kind, choices = route.taken.fields.get(name, ("", ()))
    if _rarely(draw, 8):
        return draw(texts.long if _rarely(draw, 12) else texts.hostile)
    if choices:
        return draw(st.sampled_from(choices))
    if kind in USUAL:
        return draw(USUAL[kind])
    if name == "next":
        return draw(st.sampled_from(["/", "/therapies", "//evil.example", "/sign-out", "https://evil.example/"]))
    if name == "version":
        return draw(st.sampled_from(VERSIONS))
    if kind == "EmailField" or name == "email":
        return draw(st.sampled_from(["lead@ko.example", "x@y.example", "ü@例え.jp", "a@b@c", "x" * 300 + "@y.example"]))
    return draw(texts.sentences)


def _files(draw: st.DrawFn, route: Route) -> tuple[tuple[str, str, bytes], ...]:
    fields = [(name, kind) for name, (kind, _choices) in route.taken.fields.items() if kind in FILE_FIELDS]
    if not fields and _rarely(draw, 20):  # where nobody asked for one
        fields = [("files", "MultipleFileField")]
    found = []
    for name, kind in fields:
        least = 0 if _rarely(draw, 8) else 1
        for filename, content in draw(st.lists(st.sampled_from(FILE_FIELDS[kind]), min_size=least, max_size=3)):
            found.append((name, filename, content))
    return tuple(found)


def _headers(draw: st.DrawFn) -> tuple[tuple[str, str], ...]:
    names = draw(st.lists(st.sampled_from(sorted(texts.HEADERS)), min_size=1, max_size=3, unique=True))
    return tuple((name, draw(st.sampled_from(texts.HEADERS[name]))) for name in names)
