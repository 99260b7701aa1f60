"""Migrations go up and down, step by step and with data, and lead to exactly the tables that the models describe."""

from __future__ import annotations

import json
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Row, inspect, text
from sqlalchemy.exc import DBAPIError

from app.abroad import services as abroad
from app.config import Settings
from app.consultations import queries
from app.consultations import services as consultations
from app.consultations.services import Told
from app.consultations.wish import Wish
from app.core import clock, db, migrations
from app.engine.calendar import Month
from app.engine.machine import Days
from app.evidence import queries as evidence_read
from app.evidence import services as evidence
from app.evidence.states import Status
from app.notices.models import Notice
from app.notices.rules import Rule
from app.organisations import services as founding
from app.pathways import precedents
from app.pathways import queries as pathways
from app.pathways import services as histories
from app.rules import services as rules
from app.rules.kinds import Kind
from app.rules.models import EditionAcceptance
from app.therapies import services as therapies
from tests.factories.world import World, scope_of

BEFORE_EVIDENCE = "0017"
BEFORE_RULES = "0015"


def revisions() -> list[str]:
    """All revisions, oldest first."""
    script = ScriptDirectory.from_config(migrations.config("sqlite://"))
    return [step.revision for step in reversed(list(script.walk_revisions()))]


def tables(url: str) -> set[str]:
    """The tables of a database with their columns, indexes and unique keys, without Alembic's own."""
    engine = db.make_engine(url)
    try:
        found = inspect(engine)
        names = set(found.get_table_names()) - {"alembic_version"}
        columns = {f"{name}.{column['name']}" for name in names for column in found.get_columns(name)}
        indexes = {
            f"{name}/{index['name']}{index['column_names']}" for name in names for index in found.get_indexes(name)
        }
        keys = {f"{name}!{key['name']}" for name in names for key in found.get_unique_constraints(name)}
        return names | columns | indexes | keys
    finally:
        engine.dispose()


def test_there_is_one_line_of_revisions_in_the_order_of_their_names() -> None:
    assert revisions() == sorted(revisions())
    assert len(ScriptDirectory.from_config(migrations.config("sqlite://")).get_heads()) == 1


def test_each_step_goes_up_down_and_up_again(empty_database: str) -> None:
    url = empty_database
    before, below = "base", tables(url)
    for revision in revisions():
        migrations.upgrade(url, revision)
        there = tables(url)
        migrations.downgrade(url, before)
        assert tables(url) == below != there
        migrations.upgrade(url, revision)
        assert tables(url) == there
        before, below = revision, there
    migrations.downgrade(url, "base")
    assert tables(url) == set()


def one_only(_context: Any, _found: Any, _model: Any, found: str | None, _default: Any, model: str | None) -> bool:
    """Whether only one of the two has a default; their spelling differs from database to database."""
    return (found is None) != (model is None)


def test_the_migrated_tables_are_those_of_the_models(empty_database: str) -> None:
    url = empty_database
    migrations.upgrade(url)
    migrations.load_tables()
    engine = db.make_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": one_only}
        )
        difference = compare_metadata(context, db.Base.metadata)
    engine.dispose()
    assert difference == []


@pytest.mark.parametrize("revision", revisions()[4:])
def test_older_data_survive_a_step_down_and_up(app: Flask, settings: Settings, world: World, revision: str) -> None:
    """People, organisations and the trail are still there after everything above a step was taken down and up again."""
    with app.app_context():
        therapies.add(scope_of(world.lead), name_ja="品", product_class="RMP-C", material="allogeneic_ips")
        precedents.load()
    db.session.remove()
    kept = ("person", "organisation", "member", "audit_event")
    before = {table: read(settings.database, f"select * from {table} order by id") for table in kept}
    migrations.downgrade(settings.database, revision)
    migrations.upgrade(settings.database)
    assert {table: read(settings.database, f"select * from {table} order by id") for table in kept} == before
    assert all(before.values())


def test_inquiries_and_withdrawals_survive_a_step_down_and_up(app: Flask, settings: Settings, world: World) -> None:
    """Down, the first round stands among the steps; up again it is a round, and a withdrawal can be taken back."""
    scope, today = scope_of(world.lead), clock.today()
    with app.app_context():
        therapy = therapies.add(scope, name_ja="品", product_class="RMP-C", material="allogeneic_ips")
        asked, gone, ended = (
            consultations.confirm(scope, therapy, "drug_eop2", Wish(month=Month.of(today).plus(months)))
            for months in (5, 6, 7)
        )
        consultations.add_inquiry(scope, asked, Told(today, answered_on=today, asked="問"))
        consultations.add_inquiry(scope, asked, Told(today))
        consultations.withdraw(scope, gone, today)
        consultations.record_turn(scope, ended, "CONSULTATION_CANCELLED", today)
    db.session.remove()
    migrations.downgrade(settings.database, "0011")
    columns = "id, cast(facts as text) as facts, status, cast(line as text) as line"
    stored = {row.id: row for row in read(settings.database, f"select {columns} from consultation")}
    facts = json.loads(stored[asked].facts)
    assert facts["inquiries"] == facts["answers"] == {"day": today.isoformat(), "basis": "actual"}
    assert "INQUIRIES_RECEIVED" in json.loads(stored[asked].line)["events"]
    assert {stored[gone].status, stored[ended].status} == {"withdrawn"}
    migrations.upgrade(settings.database)
    with app.app_context():
        (one,) = queries.inquiries(scope, asked)
        assert (one.days.received_on, one.days.answered_on) == (today, today)
        assert "inquiries" not in queries.get(scope, asked).facts
        (turn,) = queries.get(scope, gone).turns
        consultations.take_back_turn(scope, gone, turn.id)
        assert queries.get(scope, gone).status == "confirmed"


def test_notices_that_share_a_mail_survive_a_step_down_and_up(app: Flask, settings: Settings, world: World) -> None:
    """Down, one of them keeps the mail; all of them stay, so that nobody is told a second time."""
    now = clock.now()
    with app.app_context(), db.transaction():
        for name in ("a", "b", "c"):
            db.session.add(
                Notice(
                    milestone_id=name * 20, therapy_id="t" * 20, rule=Rule.DAYS_14, subject_day=now.date(),
                    person_id=world.lead, due_on=now.date(), made_at=now,
                    mail_key="alone" if name == "c" else "together",
                )
            )  # fmt: skip
    db.session.remove()
    migrations.downgrade(settings.database, "0013")
    keys = [row.mail_key for row in read(settings.database, "select mail_key from notice")]
    assert len(set(keys)) == 3
    assert {"alone", "together"} < set(keys)
    migrations.upgrade(settings.database)
    assert rows(settings.database, "notice") == 3


def test_evidence_goes_down_with_its_dates_and_nothing_else_does(app: Flask, settings: Settings, world: World) -> None:
    """Down, its milestones would belong to nothing; those of consultations stay, and the trail says what was."""
    scope = scope_of(world.lead)
    with app.app_context():
        therapy = therapies.add(scope, name_ja="品", product_class="RMP-C", material="allogeneic_ips")
        consultations.confirm(scope, therapy, "drug_eop2", Wish(month=Month.of(clock.today()).plus(5)))
        others = rows(settings.database, "milestone")
        evidence.plan_gate(scope, therapy, "G1", clock.today(), version=0)
        evidence.save(scope, therapy, "Q21", "G1", evidence.Told(Status.IN_WORK, world.lead), version=0)
        assert rows(settings.database, "milestone") == others + 1
    db.session.remove()
    migrations.downgrade(settings.database, BEFORE_EVIDENCE)
    assert rows(settings.database, "milestone") == others > 0
    trail = "select action from audit_event where action like 'evidence:%'"
    assert len(read(settings.database, trail)) == 2
    migrations.upgrade(settings.database)
    with app.app_context():
        assert {part.version for part in evidence_read.matrix(scope, therapy).parts} == {0}


def test_accepted_editions_go_down_and_the_trail_stays(app: Flask, settings: Settings, world: World) -> None:
    """Down, every edition is the law on its day for everybody again; up again, hubs have accepted nothing."""
    row = EditionAcceptance(hub_id=world.hub, machine="price", version=2, accepted_by="規則", accepted_at=clock.now())
    with app.app_context(), db.transaction():
        db.session.add(row)
    db.session.remove()
    trail = rows(settings.database, "audit_event")
    migrations.downgrade(settings.database, "0022")
    migrations.upgrade(settings.database)
    assert rows(settings.database, "rule_edition_acceptance") == 0
    assert rows(settings.database, "audit_event") == trail > 0


def test_longer_identifiers_have_room_and_shorter_ones_stay(app: Flask, settings: Settings, world: World) -> None:
    """SQLite's schema is rewritten by hand there: what it guards must still be guarded, and the file be whole."""
    migrations.downgrade(settings.database, "0018")
    kept = rows(settings.database, "audit_event")
    migrations.upgrade(settings.database)
    assert rows(settings.database, "audit_event") == kept > 0
    with app.app_context():
        assert len(world.lead) == 26
        with pytest.raises(DBAPIError, match="only added to"), db.transaction():
            db.session.execute(text("delete from audit_event"))
        if settings.database.startswith("sqlite"):
            assert db.session.scalar(text("pragma integrity_check")) == "ok"
            assert db.session.execute(text("pragma foreign_key_check")).all() == []
            assert db.session.scalar(text("select count(*) from sqlite_schema where sql like '%id VARCHAR(20)%'")) == 0


def test_histories_survive_a_step_down_and_up(app: Flask, settings: Settings, world: World) -> None:
    """Down, other readings are gone, for the older program does not know them; the events stay unchangeable."""
    scope = scope_of(world.lead)
    with app.app_context():
        therapy = therapies.add(scope, name_ja="品", product_class="RMP-C", material="allogeneic_ips")
        told = histories.record(
            scope, therapy, event="QS_CONSULT_BOOKED", on=Days.parse("2024-05"), late=True, because="電話で了承済み"
        )
        one, two = (
            histories.read_also(scope, told.event_id, on=Days.parse(on), source="控え") for on in ("2024-06", "2024-07")
        )
        histories.correct(scope, one, on=Days.parse("2024-04"), reason="誤り")
        histories.withdraw(scope, two, reason="誤り")
        histories.withdraw(scope, told.event_id, reason="誤り")
    db.session.remove()
    assert rows(settings.database, "pathway_event") == 6
    migrations.downgrade(settings.database, "0020")
    left = [row.event for row in read(settings.database, "select event from pathway_event order by recorded_at")]
    assert left == ["QS_CONSULT_BOOKED", "RETRACTED"]
    migrations.upgrade(settings.database)
    with app.app_context():
        with pytest.raises(DBAPIError, match="only added to"), db.transaction():
            db.session.execute(text("delete from pathway_event"))
        assert [each.stands for each in pathways.history(scope, therapy).entries] == [False]
        histories.record(scope, therapy, event="NONCLINICAL_STARTED", on=Days.parse("2023"), late=True)


def read(url: str, statement: str) -> list[Row[tuple[str, ...]]]:
    """What a statement finds."""
    engine = db.make_engine(url)
    try:
        with engine.connect() as connection:
            return list(connection.execute(text(statement)).all())
    finally:
        engine.dispose()


def rows(url: str, table: str) -> int:
    """How many rows a table has."""
    engine = db.make_engine(url)
    try:
        with engine.connect() as connection:
            return int(connection.execute(text(f"select count(*) from {table}")).scalar_one())
    finally:
        engine.dispose()


def test_who_keeps_rules_goes_with_the_tables_of_the_rules(app: Flask, settings: Settings, world: World) -> None:
    """Down, everybody is still in the hub; up again nobody keeps its rules, and what they entered is gone."""
    fee = {"key": "rs_pre", "name": {"ja": "面談", "en": "talk"}, "yen": 0, "valid_from": "2027-04-01"}
    with app.app_context():
        founding.let_keep_rules(scope_of(world.admin), world.hub, world.staff, keeps=True)
        source = {"title_ja": "表", "title_en": "table", "url": "", "read_on": clock.today()}
        rules.save(scope_of(world.staff), Kind.FEE, fee, source)
    db.session.remove()
    assert rows(settings.database, "rule_entry")
    migrations.downgrade(settings.database, BEFORE_RULES)
    migrations.upgrade(settings.database)
    assert not rows(settings.database, "rule_entry")
    with app.app_context():
        assert not scope_of(world.staff).kept
        assert scope_of(world.staff).hubs == {world.hub}


def test_a_therapy_survives_the_step_that_takes_its_way_abroad(app: Flask, settings: Settings, world: World) -> None:
    """Down, what was planned abroad has no place and goes; up again it can be planned anew."""
    scope, told = scope_of(world.lead), abroad.Told("fda", "ind", Days.parse("2027-03"))
    with app.app_context():
        therapy = therapies.add(scope, name_ja="品", product_class="RMP-C", material="allogeneic_ips")
        abroad.plan(scope, therapy, told)
    db.session.remove()
    migrations.downgrade(settings.database, "0018")
    migrations.upgrade(settings.database)
    assert rows(settings.database, "foreign_milestone") == 0
    with app.app_context():
        abroad.plan(scope, therapy, told)
    db.session.remove()
    assert rows(settings.database, "foreign_milestone") == 1
