"""Answers of commands: JSON on standard output, words on standard error; 0 fine, 1 refused or findings, 2 misuse."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
from typing import Any, NoReturn

import click

from app.engine.calendar import Month as EngineMonth


def answer(value: Any, *, findings: bool = False) -> None:
    """Print the answer; exit 1 where it holds findings."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, sort_keys=False))
    if findings:
        raise SystemExit(1)


def refuse(reason: object) -> NoReturn:
    """Say why not, and exit 1."""
    click.echo(str(reason), err=True)
    raise SystemExit(1)


class Day(click.ParamType[dt.date]):
    """A day, YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        """The day, or misuse."""
        if isinstance(value, dt.date):
            return value
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
            with contextlib.suppress(ValueError):
                return dt.date.fromisoformat(str(value))
        return self.fail(f"{value!r} is not a day of the calendar written YYYY-MM-DD", param, ctx)


class Month(click.ParamType[EngineMonth]):
    """A month, YYYY-MM."""

    name = "YYYY-MM"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> EngineMonth:
        """Year and month, or misuse."""
        found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", str(value))
        if not found or int(found[1]) == 0:
            self.fail(f"{value!r} is not a month written YYYY-MM", param, ctx)
        return EngineMonth(int(found[1]), int(found[2]))
