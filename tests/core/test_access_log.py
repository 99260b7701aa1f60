"""The log of the web server must not be a bunch of keys."""

from __future__ import annotations

import datetime as dt
import inspect
from types import SimpleNamespace

import pytest
from flask import Flask
from gunicorn.config import Config

from app.access.policy import POLICY, Audience
from app.core.access_log import AccessLog
from app.core.addresses import without_secrets
from app.core.supervisor import commands

FORMAT = '%(h)s "%(r)s" %(U)s %(q)s "%(f)s" %({referer}i)s %({raw_uri}e)s %({path_info}e)s'


@pytest.mark.parametrize(
    "path", ["/calendar/s3cr3t-Token_.ics", "/invitations/s3cr3t-Token_", "/password/forgotten/s3cr3t-Token_?x=1"]
)
def test_no_line_shows_a_secret(path: str) -> None:
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": path,
        "PATH_INFO": path.partition("?")[0],
        "HTTP_REFERER": f"https://shirube.example{path}",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "QUERY_STRING": path.partition("?")[2],
    }
    answer = SimpleNamespace(status="200 OK", sent=1, headers=[])
    request = SimpleNamespace(headers=[("REFERER", environ["HTTP_REFERER"])])
    log = AccessLog(Config())
    line = FORMAT % log.atoms_wrapper_class(log.atoms(answer, request, environ, dt.timedelta(seconds=1)))
    assert "s3cr3t" not in line
    assert line.count("…") >= 5
    assert "GET /" in line


def test_every_open_route_with_a_token_is_known_to_the_log(app: Flask) -> None:
    found = [rule for rule in app.url_map.iter_rules() if "token" in rule.arguments]
    assert len(found) >= 3
    for rule in found:
        assert POLICY[rule.endpoint].audience is Audience.EVERYONE
        address = rule.build({"token": "s3cr3t"})
        assert address
        assert "s3cr3t" not in without_secrets(address[1]), rule


def test_the_web_server_is_started_with_this_log() -> None:
    assert f'"--logger-class", "{AccessLog.__module__}.{AccessLog.__name__}"' in inspect.getsource(commands)
