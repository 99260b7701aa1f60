"""A backup while other processes write without a pause: one state of rows and files, and nobody has to wait for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.config import ROOT, Settings
from app.consultations.models import Attachment
from app.core import check, db
from app.core.backup import making
from app.core.backup.restoring import restore
from app.core.storage import FolderStorage
from app.organisations.models import Organisation
from app.schedule import agreement
from tests.core.conftest import consultation, elsewhere, program, scope
from tests.factories.world import World
from tests.faults.server import environment

__all__ = ["consultation", "elsewhere", "scope"]  # fixtures

WRITERS = 3


@pytest.fixture
def writers(settings: Settings, world: World, consultation: str) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that have all begun to write; none outlives the test."""
    db.session.remove()
    command = [sys.executable, "-m", "tests.faults.writer", consultation, world.company, world.other_company]
    running = [
        subprocess.Popen(command, cwd=ROOT, env=environment(settings), stdout=subprocess.PIPE, text=True)
        for _number in range(WRITERS)
    ]
    yield running
    for process in running:
        process.kill()
        process.communicate()


def next_change(process: subprocess.Popen[str]) -> int:
    """The number of the next change that a writer has made."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the writer has died"
    return int(line)


@pytest.mark.parametrize("rounds", [3, pytest.param(30, marks=pytest.mark.long)], ids=["three", "thirty"])
def test_one_state_of_rows_and_files(
    settings: Settings,
    elsewhere: Settings,
    world: World,
    writers: list[subprocess.Popen[str]],
    consultation: str,
    tmp_path: Path,
    rounds: int,
) -> None:
    known = -1
    for number in range(rounds):
        begun = [next_change(process) for process in writers]
        made = making.make(settings, tmp_path / f"{number}.zip")
        files = set(made.manifest.files())
        assert len(files) >= max(known, sum(begun)), "what was written before is in it"
        known = len(files)
    assert all(process.poll() is None for process in writers), "nobody was thrown out by a backup"

    restore(elsewhere, made.path)
    with program(elsewhere).app_context():
        report = check.check(elsewhere, [agreement.without_subject])
        assert report.findings == []
        named = set(db.session.scalars(select(Attachment.sha256).where(Attachment.consultation_id == consultation)))
        assert named <= files == set(FolderStorage(elsewhere.files).names())
        assert len(named) > 2, "the writers' changes are among them"
        names = [db.session.get_one(Organisation, one).name_en for one in (world.company, world.other_company)]
        assert names[0] == names[1], "what was written together came back together"
        db.session.remove()
