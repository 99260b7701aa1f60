"""What every answer must bear; the programs of all tests are wrapped in it, so that none gives an answer without."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_NONCE = re.compile(r"'nonce-[\w-]{22,}'")
_PAGE = {
    "default-src": ["'none'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
_EXACTLY = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


def faults(headers: Mapping[str, str], *, static: bool = False, scripts: bool = True) -> list[str]:
    """What is wrong with the headers of an answer; ``scripts`` says whether it may run any, by a nonce."""
    given = {name.lower(): value for name, value in headers.items()}
    parts = [part.split() for part in given.get("content-security-policy", "").split(";") if part.strip()]
    policy = {name: sources for name, *sources in parts}
    script = policy.pop("script-src", [])
    wrong = [f"{name}: {given.get(name)}" for name, value in _EXACTLY.items() if given.get(name) != value]
    if scripts != (len(script) == 1 and bool(_NONCE.fullmatch(script[0]))):
        wrong.append(f"script-src: {script}")
    if policy.get("default-src") != ["'none'"] or any(policy[name] != _PAGE.get(name) for name in policy if scripts):
        wrong.append(f"content-security-policy: {policy}")
    if {"frame-ancestors", "base-uri", "form-action"} - set(policy) or "unsafe" in str(policy):
        wrong.append(f"content-security-policy: {policy}")
    if given.get("referrer-policy") not in {"same-origin", "no-referrer"}:
        wrong.append(f"referrer-policy: {given.get('referrer-policy')}")
    if not static and given.get("cache-control") != "no-store":
        wrong.append(f"cache-control: {given.get('cache-control')}")
    return wrong


def inspected(wsgi: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """The program, which fails the test with any answer whose headers are not right."""

    def inspect(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            static = environ["PATH_INFO"].startswith("/static/") and status[:3] in {"200", "206", "304"}
            wrong = faults(dict(headers), static=static)
            assert not wrong, f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}: {status}: {wrong}"
            return start_response(status, headers, *rest)

        return wsgi(environ, start)

    return inspect
