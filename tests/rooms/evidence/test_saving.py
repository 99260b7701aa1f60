"""How far a piece of evidence is: nothing accepted without proof, nothing overwritten, everything in the trail."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.access.scope import Scope
from app.audit.models import AuditEvent
from app.config import Settings
from app.core import check
from app.core.db import session
from app.core.errors import Changed, NotFound, Refused
from app.core.storage import FolderStorage
from app.evidence import queries, services
from app.evidence.models import EvidenceDocument
from app.evidence.services import Told
from app.evidence.shapes import PartView
from app.evidence.states import Status
from app.schedule import agreement
from app.schedule import queries as schedule
from app.schedule import services as plans
from tests.factories.files import office, pdf, upload
from tests.factories.therapies import TODAY, add_therapy
from tests.factories.world import World, scope_of

ITEM, GATE = "Q21", "G1"
KEPT = Told(Status.ACCEPTED, kept_at="品質文書 DN-003", kept_on=TODAY)


def part(scope: Scope, therapy: str, item: str = ITEM, gate: str = GATE) -> PartView:
    return queries.one(scope, therapy, item, gate).part


def save(scope: Scope, therapy: str, told: Told, *, item: str = ITEM, gate: str = GATE) -> PartView:
    services.save(scope, therapy, item, gate, told, version=part(scope, therapy, item, gate).version)
    return part(scope, therapy, item, gate)


def attach(scope: Scope, therapy: str, settings: Settings, *files, item: str = ITEM, gate: str = GATE) -> list[str]:
    storage = FolderStorage(settings.files)
    return services.attach(scope, therapy, item, gate, files or [pdf()], storage=storage, largest=10**6)


def test_a_piece_from_nothing_to_accepted(app: Flask, world: World, therapy: str, settings: Settings) -> None:
    """Everything that can be refused is, with the field; then it is proved, proved otherwise, and its proof is kept."""
    scope = scope_of(world.lead)
    with app.app_context():
        assert part(scope, therapy).version == 0
        services.plan_gate(scope, therapy, GATE, dt.date(2027, 6, 30), version=0)
        for told, field in [
            (Told(Status.ACCEPTED), "status"),
            (Told(Status.NOT_APPLICABLE, reason="  "), "reason"),
            (replace(KEPT, kept_on=None), "kept_on"),
            (replace(KEPT, kept_at=""), "kept_at"),
            (replace(KEPT, kept_on=TODAY + dt.timedelta(days=1)), "kept_on"),
            (Told(Status.IN_WORK, owner_id=world.stranger), "owner_id"),
            (Told(Status.IN_WORK, owner_id="nobody"), "owner_id"),
            (Told(Status.IN_WORK, due_on=dt.date(2027, 7, 1)), "due_on"),
        ]:
            with pytest.raises(Refused) as refusal:
                save(scope, therapy, told)
            assert refusal.value.field == field, told
        assert part(scope, therapy).version == 0, "nothing half-done"

        found = save(scope, therapy, Told(Status.IN_WORK, world.member, dt.date(2027, 3, 1), remark="採血待ち"))
        assert (found.owner, found.due, found.covered) == ("研究 三郎", dt.date(2027, 3, 1), False)
        (document,) = attach(scope, therapy, settings)
        found = save(scope, therapy, Told(Status.ACCEPTED, world.member))
        assert (found.covered, found.done_on, found.due) == (True, TODAY, dt.date(2027, 6, 30))
        with pytest.raises(Refused):
            services.remove_document(scope, document)
        save(scope, therapy, KEPT)
        services.remove_document(scope, document)
        assert part(scope, therapy).documents == ()
        said = [change.action for change in queries.history(scope, part(scope, therapy))]
        assert sorted(said) == sorted(["removed", "saved", "saved", "attached", "saved"])
        first = min(queries.history(scope, part(scope, therapy)), key=lambda change: change.at)
        assert first.after["status"] == "in_work"
        assert set(first.after) == {"status", "owner_id", "due_on", "remark"}, "only what changed"


def test_whoever_saves_second_is_told(app: Flask, world: World, therapy: str) -> None:
    lead, member = scope_of(world.lead), scope_of(world.member)
    with app.app_context():
        services.save(member, therapy, ITEM, GATE, Told(Status.IN_WORK), version=0)
        with pytest.raises(Changed):
            services.save(lead, therapy, ITEM, GATE, KEPT, version=0)
        assert part(lead, therapy).status is Status.IN_WORK
        services.plan_gate(lead, therapy, GATE, TODAY, version=0)
        with pytest.raises(Changed):
            services.plan_gate(lead, therapy, GATE, None, version=0)


def test_what_is_not_needed_and_who_may_not(app: Flask, world: World, therapy: str, settings: Settings) -> None:
    lead = scope_of(world.lead)
    with app.app_context():
        autologous_only, no_gate = ("Q36", "G3"), (ITEM, "G5")
        for item, gate in (autologous_only, no_gate, ("Q99", "G1")):
            with pytest.raises(NotFound):
                services.save(lead, therapy, item, gate, KEPT, version=0)
        (document,) = attach(lead, therapy, settings)
        for person in (world.stranger, world.staff):
            scope = scope_of(person)
            for act in (
                lambda scope=scope: services.save(scope, therapy, ITEM, GATE, KEPT, version=0),
                lambda scope=scope: attach(scope, therapy, settings),
                lambda scope=scope: services.remove_document(scope, document),
                lambda scope=scope: services.plan_gate(scope, therapy, GATE, TODAY, version=0),
                lambda scope=scope: queries.matrix(scope, therapy),
                lambda scope=scope: queries.document(scope, document),
            ):
                with pytest.raises(NotFound):
                    act()
        with pytest.raises(NotFound):  # the days of the gates are the lead's
            services.plan_gate(scope_of(world.member), therapy, GATE, TODAY, version=0)


def test_files_of_all_kinds_all_or_none(app: Flask, world: World, therapy: str, settings: Settings) -> None:
    lead = scope_of(world.lead)
    word = office("計画.docx", "[Content_Types].xml", "word/document.xml")
    with app.app_context():
        with pytest.raises(Refused):
            attach(lead, therapy, settings, pdf(), upload("bad.xlsx", b"no"))
        assert session.scalar(select(func.count()).select_from(EvidenceDocument)) == 0
        attach(lead, therapy, settings, pdf(), word)
        names = [(each.filename, each.mimetype.rpartition("/")[2][:3]) for each in part(lead, therapy).documents]
        assert sorted(names) == [("media-fill.pdf", "pdf"), ("計画.docx", "vnd")]
        report = check.check(settings, [agreement.without_subject])
        assert (report.findings, report.checked["files"]) == ([], 2)
    with app.app_context():
        services.save(lead, therapy, ITEM, GATE, Told(Status.ACCEPTED), version=0)
        assert part(lead, therapy).version == 1


def test_the_documents_of_a_therapy_have_an_end(
    app: Flask, world: World, therapy: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them are read at every look and save, and no piece of its own is full."""
    monkeypatch.setattr(services, "MOST_OF_ALL", 2)
    with app.app_context():
        lead = scope_of(world.lead)
        attach(lead, therapy, settings)
        with pytest.raises(Refused, match="At most 2 documents"):
            attach(lead, therapy, settings, pdf(), pdf("b.pdf"), item="Q01")
        attach(lead, therapy, settings, item="Q01")
        other = add_therapy(world.lead)
        attach(lead, other, settings)
        assert session.scalar(select(func.count()).select_from(EvidenceDocument)) == 3


def test_due_evidence_is_a_date_of_the_therapy(app: Flask, world: World, therapy: str, settings: Settings) -> None:
    """A gate's day is one date for all its items, a day of its own is one for the item; both are done when it is."""
    lead = scope_of(world.lead)

    def dates() -> dict[str, tuple[dt.date | None, dt.date | None]]:
        return {each.key: (each.on_day, each.done_on) for each in schedule.of_therapy(lead, therapy)}

    gate, sooner, later = dt.date(2027, 6, 30), dt.date(2027, 3, 1), dt.date(2027, 9, 1)
    with app.app_context():
        services.plan_gate(lead, therapy, "G0", gate, version=0)
        save(lead, therapy, Told(Status.IN_WORK, world.member, sooner), gate="G0")
        assert dates() == {"G0": (gate, None), "G0/Q21": (sooner, None)}
        own = next(each for each in schedule.of_therapy(lead, therapy) if each.key == "G0/Q21")
        assert "研究 三郎" in own.about.ja
        with pytest.raises(Refused):  # only on its own page, with a proof
            plans.mark_done(lead, own.id, TODAY)
        save(lead, therapy, replace(KEPT, due_on=sooner), gate="G0")
        assert dates() == {"G0": (gate, None), "G0/Q21": (sooner, TODAY)}
        for item in ("Q01", "Q24"):
            save(lead, therapy, KEPT, item=item, gate="G0")
        assert dates()["G0"] == (gate, TODAY)
        services.plan_gate(lead, therapy, "G0", later, version=1)
        services.plan_gate(lead, therapy, "G1", None, version=0)
        assert dates() == {"G0": (later, TODAY), "G0/Q21": (sooner, TODAY)}
        services.plan_gate(lead, therapy, "G0", None, version=2)
        save(lead, therapy, Told(Status.IN_WORK), gate="G0")
        assert dates() == {}
        assert check.check(settings, [agreement.without_subject]).findings == []


def test_the_trail_names_the_organisation(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        save(scope_of(world.member), therapy, Told(Status.UNDER_REVIEW))
        event = session.scalars(select(AuditEvent).where(AuditEvent.action == "evidence:part:saved")).one()
        assert (event.actor_id, event.organisation_id) == (world.member, world.company)
        assert (event.before, event.after) == ({"status": "not_started"}, {"status": "under_review"})


def test_another_material_needs_other_things(app: Flask, world: World) -> None:
    lead = scope_of(world.lead)
    with app.app_context():
        ips = add_therapy(world.lead)
        own_cells = add_therapy(world.lead, name="軟骨", material="autologous_cells")
        items = {one: {each.asked.item.key for each in queries.matrix(lead, one).parts} for one in (ips, own_cells)}
    assert "Q26" in items[ips] - items[own_cells]
    assert "Q36" in items[own_cells] - items[ips]
