"""``flask check`` finds what is wrong with the data, says so in words and for scripts, and changes nothing."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text, update

from app.config import Settings
from app.consultations.models import Attachment
from app.core import check, clock, db, migrations, outbox
from app.core.mail import Mail
from app.core.storage import FolderStorage
from app.schedule import agreement
from app.schedule.models import Milestone


def found(settings: Settings) -> dict[str, int]:
    """How many of each kind."""
    report = check.check(settings, [agreement.without_subject])
    db.session.remove()
    return {finding.what: finding.count for finding in report.findings}


def test_all_is_well(settings: Settings, consultation: str, ready_bundle: str, app: Flask) -> None:
    report = check.check(settings, [agreement.without_subject])
    assert report.findings == []
    assert report.orphans == []
    assert report.checked["files"] == 3
    assert report.checked["rows"] > 30


def test_a_file_that_nobody_names_is_told_but_no_fault(settings: Settings, consultation: str) -> None:
    name, _size = FolderStorage(settings.files).put(io.BytesIO(b"an upload that was refused"))
    report = check.check(settings)
    assert (report.findings, report.orphans) == ([], [name])


def test_files_that_are_lost_changed_or_strange(settings: Settings, consultation: str, ready_bundle: str) -> None:
    storage = FolderStorage(settings.files)
    first, second, _third = storage.names()
    storage.path(first).unlink()
    storage.path(second).write_bytes(b"rotten")
    (settings.files / ".0123456789abcdef").write_bytes(b"half")
    assert found(settings) == {"file-missing": 1, "file-damaged": 1, "file-stray": 1}
    report = check.check(settings)
    assert first in report.findings[0].examples[0]


def test_a_row_that_names_no_file(settings: Settings, consultation: str) -> None:
    with db.transaction() as current:
        current.execute(update(Attachment).where(Attachment.number == 1).values(sha256="../../etc/passwd"))
    assert found(settings) == {"file-missing": 1, "file-name": 1}


def test_mails_that_nobody_gets(settings: Settings, app: Flask, consultation: str) -> None:
    with db.transaction() as current:
        for key in ("old", "lost", "new"):
            outbox.enqueue(Mail(f"check:{key}", "a@example.org", "subject", "text"))
        mails = update(outbox.OutboxMail)
        current.execute(mails.values(sent_at=clock.now()).where(~outbox.OutboxMail.key.startswith("check:")))
        for key, values in (
            ("old", {"queued_at": clock.now() - dt.timedelta(hours=2)}),
            ("lost", {"failed_at": clock.now()}),
        ):
            current.execute(mails.where(outbox.OutboxMail.key == f"check:{key}").values(**values))
    assert found(settings) == {"mail-stuck": 1, "mail-given-up": 1}


def test_milestones_of_nothing(settings: Settings, consultation: str) -> None:
    with db.transaction() as current:
        some = current.query(Milestone).limit(2).all()
        some[0].subject_id = "0" * 20
        some[1].subject_kind = "nobody"
    assert found(settings) == {"milestone-without-subject": 2}


def test_a_reference_to_nothing(settings: Settings, consultation: str) -> None:
    engine = create_engine(settings.database)
    with engine.begin() as connection:
        if settings.database_url:
            connection.execute(text("SET session_replication_role = replica"))  # the keys are not looked after
        connection.execute(text("UPDATE consultation_attachment SET consultation_id = '00000000000000000000'"))
    engine.dispose()
    assert found(settings) == {"reference": 2}


def by_hand(settings: Settings, *statements: str) -> None:
    """What somebody does who knows better than the program."""
    engine = create_engine(settings.database)
    with engine.begin() as connection:
        for words in statements:
            connection.execute(text(words))
    engine.dispose()


def test_tables_that_somebody_changed_by_hand(settings: Settings, consultation: str) -> None:
    by_hand(settings, "DROP INDEX ix_milestone_therapy", "ALTER TABLE notice ADD COLUMN more INTEGER")
    assert found(settings) == {"tables": 2}
    by_hand(settings, "DROP TABLE notice")
    report = check.check(settings)
    assert [one.what for one in report.findings] == ["tables"], "without all tables nothing else is read"
    assert any("notice" in one for one in report.findings[0].examples)


def test_a_trail_that_can_be_changed(settings: Settings, consultation: str) -> None:
    if settings.database_url:
        by_hand(settings, "ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_change")
    else:
        by_hand(settings, "DROP TRIGGER audit_event_no_update")
    by_hand(settings, "UPDATE audit_event SET reason = 'another'")
    assert found(settings) == {"unguarded": 1}


def test_values_that_cannot_be_read(settings: Settings, consultation: str) -> None:
    if settings.database_url:
        pytest.skip("PostgreSQL takes no such value")
    by_hand(
        settings,
        "UPDATE consultation SET facts = '{broken'",
        "UPDATE consultation_attachment SET added_at = '2026-02-30 00:00:00' WHERE number = 1",
    )
    report = check.check(settings)
    assert [(one.what, one.count) for one in report.findings] == [("row-unreadable", 1), ("row-unreadable", 1)]


def test_a_database_file_that_was_written_over(settings: Settings, consultation: str) -> None:
    if settings.database_url:
        pytest.skip("PostgreSQL keeps its own files; that every row can be read is checked")
    db.session.remove()
    db.SessionFactory.kw["bind"].dispose()
    with (settings.var / "shirube.db").open("r+b") as file:
        file.seek(5 * 4096)
        file.write(b"\xff" * 4096 * 20)
    assert {"integrity", "database"} & found(settings).keys()


def test_old_tables_and_none(empty_database: str, tmp_path: Path) -> None:
    here = Settings(var=tmp_path, database_url=empty_database)
    assert found(here) == {"no-database": 1}
    migrations.upgrade(empty_database, migrations.revisions()[-2])
    assert found(here) == {"migrations": 1}


def test_commands_speak_to_scripts(consultation: str, app: Flask, elsewhere: Settings, tmp_path: Path) -> None:
    from app import create_app

    def run(program: Flask, *words: str) -> tuple[int, dict, str]:
        answer = program.test_cli_runner().invoke(args=list(words))
        db.session.remove()
        return answer.exit_code, json.loads(answer.stdout or "null"), answer.stderr

    code, answer, _words = run(app, "backup", str(tmp_path / "kept.zip"))
    assert (code, answer["files"], answer["missing_files"]) == (0, 2, [])
    code, nothing, words = run(app, "backup", str(tmp_path / "kept.zip"))
    assert (code, not nothing, "exists already" in words) == (1, True, True)
    assert run(app, "backup", "/dev/full/x.zip")[0] == 1
    code, _nothing, words = run(app, "restore", answer["backup"])
    assert (code, "not empty" in words) == (1, True)
    there = create_app(elsewhere)
    code, restored, words = run(there, "restore", answer["backup"])
    assert (code, restored["files"], "flask check" in words) == (0, 2, True)
    code, report, _words = run(there, "check")
    assert (code, report["findings"], report["orphans"], report["checked"]["files"]) == (0, [], [], 2)
    next(elsewhere.files.glob("??/*")).unlink()
    code, report, _words = run(there, "check")
    assert (code, [finding["what"] for finding in report["findings"]]) == (1, ["file-missing"])
