"""Commands of the operator and of the demo: JSON out, words on standard error, 0 fine, 1 refused, 2 misuse."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import update

from app import create_app
from app.config import Settings
from app.core import clock
from app.core.db import transaction
from app.core.outbox import OutboxMail
from app.notices.sweep import sweep
from tests.rooms.notices.conftest import Office
from tests.rooms.notices.plans import at, plan, step


def advance(settings: Settings, *words: str, demo: bool = True) -> Result:
    program = create_app(settings.model_copy(update={"demo": demo}))
    return program.test_cli_runner().invoke(args=["demo", "advance", *words])


def hour(text: str) -> str:
    """An hour of the answer, which a slow machine may give some seconds late."""
    return dt.datetime.fromisoformat(text).replace(second=0).strftime("%Y-%m-%d %H:%M%z")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--days", "3"], "2026-12-04 09:00+0900"),
        (["--days", "3", "--hour", "18:30"], "2026-12-04 18:30+0900"),
        (["--to", "2027-01-15"], "2027-01-15 09:00+0900"),
        (["--to", "2026-12-01", "--hour", "23:00"], "2026-12-01 23:00+0900"),
    ],
)
def test_the_clock_of_the_demo_goes_forward_for_everybody(settings: Settings, words: list[str], expected: str) -> None:
    clock.configure(settings.clock)
    at("2026-12-01", "21:00")
    result = advance(settings, *words)
    assert result.exit_code == 0, result.stderr
    assert hour(json.loads(result.stdout)["now"]) == expected
    other = clock.Clock(settings.clock)  # another process
    assert hour(other.now().astimezone(clock.TOKYO).isoformat()) == expected


@pytest.mark.parametrize("words", [["--to", "2026-11-30"], ["--to", "2026-12-01"]])
def test_it_never_goes_back(settings: Settings, words: list[str]) -> None:
    clock.configure(settings.clock)
    at("2026-12-01", "21:00")
    result = advance(settings, *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "only goes forward" in result.stderr
    assert clock.today() == dt.date(2026, 12, 1)


def test_the_clock_of_a_real_program_cannot_be_moved(settings: Settings) -> None:
    result = advance(settings, "--days", "1", demo=False)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "demo" in result.stderr


@pytest.mark.parametrize(
    "words", [[], ["--days", "1", "--to", "2027-01-15"], ["--days", "0"], ["--to", "1/2/2027"], ["--hour", "25:00"]]
)
def test_misuse(settings: Settings, words: list[str]) -> None:
    assert advance(settings, *words).exit_code == 2


def test_one_look_at_the_command_line(office: Office, app: Flask) -> None:
    plan(office.therapy, step())
    at("2026-12-09")
    look = ["notices", "sweep"]
    first, second = (json.loads(app.test_cli_runner().invoke(args=look).stdout) for _ in range(2))
    assert first == {"withdrawn": 0, "queued": 2, "sent": 2, "given_up": 0}
    assert second == {"withdrawn": 0, "queued": 0, "sent": 0, "given_up": 0}


def test_mails_that_were_given_up_are_told_and_can_be_tried_again(office: Office, app: Flask) -> None:
    plan(office.therapy, step())
    at("2026-12-09")
    sweep()
    with app.app_context(), transaction() as current:
        current.execute(update(OutboxMail).values(failed_at=clock.now(), refused=6, last_error="550 nobody here"))
    run = app.test_cli_runner().invoke
    told = run(args=["notices", "given-up"])
    assert told.exit_code == 1
    assert {(row["to"], row["reason"]) for row in json.loads(told.stdout)} >= {("lead@ko.example", "550 nobody here")}
    look = ["notices", "sweep"]
    at("2027-03-01")
    swept = json.loads(run(args=look).stdout)
    assert (swept["withdrawn"], swept["given_up"]) == (0, 2), "they are kept, whatever became of the plan"
    assert run(args=["notices", "given-up", "--again"]).exit_code == 0
    told = run(args=["notices", "given-up"])
    assert (told.exit_code, json.loads(told.stdout)) == (0, [])
