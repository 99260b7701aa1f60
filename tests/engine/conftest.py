"""What the tests of the engine share: the calendar and the golden cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.engine.calendar import OfficeCalendar, japan

GOLDEN: dict[str, Any] = json.loads(Path(__file__).with_name("golden_dates.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def calendar() -> OfficeCalendar:
    return japan()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """``golden_<part>`` as an argument runs the test once for every case of that part of the golden file."""
    for name in metafunc.fixturenames:
        if name.startswith("golden_"):
            cases = GOLDEN[name.removeprefix("golden_")]
            metafunc.parametrize(name, cases, ids=[str(c.get("what", c.get("meeting")))[:40] for c in cases])
