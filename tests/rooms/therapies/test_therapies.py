"""Adding and changing therapies: one short form, honest choices, nobody overwritten."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.audit.models import AuditEvent
from app.core.db import session
from app.core.errors import Forbidden, NotFound, Refused
from app.core.i18n import speaking
from app.pathways import queries as histories
from app.pathways import services as histories_of
from app.therapies import queries, services, views
from tests.factories.statements import counted
from tests.factories.therapies import TODAY, add_therapy, happened, set_clock
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor

FORM = {
    "name": "網膜シート",
    "indication": "加齢黄斑変性",
    "material": "autologous_ips",
    "stage": "CTN_READY",
    "because": "品質・安全性相談の記録(2026年9月)",
}


@pytest.fixture(autouse=True)
def _today(app: Flask) -> None:
    set_clock()


@pytest.mark.parametrize("language", ["ja", "en"])
def test_one_short_form_makes_a_therapy_with_its_line(visit: Visitor, world: World, language: Any) -> None:
    lead = visit.as_(world.lead, language)
    page = lead.get("/therapies/add")
    for key in ("autologous_ips", "viral_vector", "chemical", "vaccine", "software", "cells_and_device"):
        assert f'value="{key}"' in page  # every class can be chosen, by what the therapy is
    assert 'value="unstated"' not in page
    address = lead.post("/therapies/add", FORM)
    page = lead.get(address)
    assert "網膜シート" in page
    assert ">04<" in page  # the sign of P04
    with lead._app.app_context():
        (mine,) = queries.of_own(scope_of(world.lead))
        assert mine.names.ja == mine.names.en == "網膜シート"  # one name serves both languages
        track = histories.tracks(scope_of(world.lead), mine.id).get("programme")
        assert track
        assert track.state == "CTN_READY"
        assert track.history[-1].inferred, "nobody recorded how it came there"
        assert track.since is None
        (told,) = session.scalars(select(AuditEvent).where(AuditEvent.action == "pathways:event:recorded"))
        assert told.reason == FORM["because"]
        assert FORM["because"] in lead.get(f"/therapies/{mine.id}/history")


def test_the_first_state_needs_no_words_and_does_not_stand_in_the_way_of_the_past(app: Flask, world: World) -> None:
    with app.app_context():
        therapy = add_therapy(world.lead, stage="CONCEPT")
        assert not histories.history(scope_of(world.lead), therapy).entries
        overview = histories.overview(scope_of(world.lead), therapy, TODAY)
        assert overview.leading
        assert overview.leading.state == "CONCEPT"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("indication", " "), ("material", ""), ("material", "gold"), ("stage", "HEAVEN"), ("because", " ")],
)
def test_bad_input_is_named_at_its_field(visit: Visitor, world: World, field: str, value: str) -> None:
    page = visit.as_(world.lead).post("/therapies/add", {**FORM, field: value}, status=200)
    assert f'id="{field}-error"' in page
    with visit._app.app_context():
        assert not queries.of_own(scope_of(world.lead))


def test_what_is_missing_is_listed_in_the_order_of_the_page(visit: Visitor, world: World) -> None:
    page = visit.as_(world.lead, "ja").post("/therapies/add", {}, status=200)
    assert re.findall(r'<a href="#(\w+)">[^<]*必須の項目です。', page) == ["name", "indication", "material", "stage"]


@pytest.mark.parametrize(
    ("material", "product_class", "pathway"),
    [
        ("autologous_modified", "RMP-GX", "regenerative_gene_ex_vivo"),
        ("plasmid", "RMP-GV", "regenerative_gene_in_vivo"),
        ("chemical", "SM", "small_molecule"),
        ("antibody", "BIO", "biologic"),
        ("live_recombinant_vaccine", "VAC", "vaccine_live_recombinant"),
        ("instrument", "DEV", "device"),
        ("software", "SAMD", "software_device"),
        ("drug_and_device", "CMB", "combination_drug"),
    ],
)
def test_the_class_and_the_pathway_follow_from_what_it_is(
    visit: Visitor, world: World, material: str, product_class: str, pathway: str
) -> None:
    lead = visit.as_(world.lead)
    page = lead.get(lead.post("/therapies/add", {**FORM, "material": material, "stage": "CONCEPT"}))
    assert "網膜シート" in page
    with lead._app.app_context():
        (mine,) = queries.of_own(scope_of(world.lead))
        assert (mine.product_class, mine.pathway) == (product_class, pathway)


def test_a_station_that_the_class_does_not_have_is_named_at_its_field(visit: Visitor, world: World) -> None:
    page = visit.as_(world.lead, "en").post(
        "/therapies/add", {**FORM, "material": "chemical", "stage": "QS_CONSULT"}, status=200
    )
    assert 'id="stage-error"' in page
    with visit._app.app_context():
        assert not queries.of_own(scope_of(world.lead))


def test_another_class_is_refused_where_the_history_could_not_have_happened(app: Flask, world: World) -> None:
    with app.app_context():
        therapy = add_therapy(world.lead)
        happened(world.lead, therapy, "QS_CONSULT_BOOKED", "2026-05-01")
        scope, kind = scope_of(world.lead), {"product_class": "SM", "material": "chemical"}
        with pytest.raises(Refused, match="Quality and safety consultation booked"):
            services.edit(scope, therapy, version=1, name_ja="一", **kind)
        unchanged = queries.own(scope, therapy)
        assert (unchanged.pathway, unchanged.version) == ("regenerative_cell", 1)
        kind = {"product_class": "RMP-GX", "material": "allogeneic_modified"}
        services.edit(scope, therapy, version=1, name_ja="一", **kind)
        assert queries.own(scope, therapy).pathway == "regenerative_gene_ex_vivo"


def test_a_material_that_does_not_fit_the_class_is_refused(app: Flask, world: World) -> None:
    with app.app_context(), pytest.raises(Refused, match="do not go together"):
        add_therapy(world.lead, material="viral_vector")


def test_a_therapy_without_a_name_is_refused(app: Flask, world: World) -> None:
    with app.app_context(), pytest.raises(Refused, match="name"):
        add_therapy(world.lead, name="  ")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_both_names_can_be_given_later(visit: Visitor, world: World, language: Any) -> None:
    lead = visit.as_(world.lead, language)
    with lead._app.app_context():
        therapy = add_therapy(world.lead)
    lead.get(f"/therapies/{therapy}/edit")
    values = {"name_ja": "心筋", "name_en": "Heart", "product_class": "RMP-C", "material": "es_cells", "version": "1"}
    lead.post(f"/therapies/{therapy}/edit", values)
    with lead._app.app_context():
        seen = queries.get(scope_of(world.lead), therapy)
        assert (seen.name("ja"), seen.name("en"), seen.version) == ("心筋", "Heart", 2)


def test_who_saves_second_overwrites_nothing(visit: Visitor, world: World) -> None:
    lead = visit.as_(world.lead)
    with lead._app.app_context():
        therapy = add_therapy(world.lead)
    values = {"name_ja": "一", "product_class": "RMP-C", "material": "es_cells", "version": "1"}
    lead.post(f"/therapies/{therapy}/edit", values)
    lead.post(f"/therapies/{therapy}/edit", {**values, "name_ja": "二"}, status=409)
    lead.post(f"/therapies/{therapy}/edit", {**values, "version": "x"}, status=409)
    with lead._app.app_context():
        assert queries.get(scope_of(world.lead), therapy).name_ja == "一"


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("path", ["", "/edit", "/sharing", "/as-the-hub", "/record", "/record/CTN_FILED", "/history"])
def test_a_stranger_finds_nothing(visit: Visitor, world: World, path: str, method: str) -> None:
    with visit._app.app_context():
        therapy = add_therapy(world.lead)
    stranger = visit.as_(world.stranger)
    if method == "get":
        stranger.get(f"/therapies/{therapy}{path}", status=404)
    elif path not in {"", "/as-the-hub", "/record", "/history"}:
        stranger.post(f"/therapies/{therapy}{path}", FORM, status=404)


def test_one_cannot_add_to_another_company(app: Flask, world: World) -> None:
    with app.app_context(), pytest.raises(Forbidden):
        services.add(
            scope_of(world.stranger),
            name_ja="盗",
            product_class="RMP-C",
            material="es_cells",
            organisation_id=world.company,
        )
    with app.app_context():
        assert not queries.of_own(scope_of(world.lead))
        with pytest.raises(NotFound):
            queries.own(scope_of(world.stranger), add_therapy(world.lead))


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_list_costs_the_same_with_many_rows(visit: Visitor, world: World, language: Any) -> None:
    lead = visit.as_(world.lead, language)
    counts = []
    for number in range(2):
        with lead._app.app_context():
            for more in range(1 + 6 * number):
                add_therapy(world.lead, name=f"品目{number}{more}", stage="TRIAL_ACTIVE")
        lead.get("/therapies")  # the first request of a browser also touches its session
        with counted() as seen:
            assert "治験実施中" in lead.get("/therapies") or language == "en"
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 6, "\n".join(seen)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_long_list_comes_in_pages_by_name_and_each_therapy_stands_on_one_of_them(
    visit: Visitor, world: World, language: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "PER_PAGE", 2)
    lead = visit.as_(world.lead, language)
    assert 'class="pagination"' not in lead.get("/therapies"), "nothing to turn"
    with lead._app.app_context():
        for name, stage in (("品目3", "TRIAL_ACTIVE"), ("品目1", "CTN_READY"), ("品目2", "CTN_READY")):
            add_therapy(world.lead, name=name, stage=stage)
    names, stations = [], []
    for page in ("?page=1", "?page=2", "?page=9", "?page=nonsense"):
        text = lead.get(f"/therapies{page}")
        names.append(re.findall(r"品目\d", text))
        stations.append(re.findall(r">(P\d\d)<", text))
        assert {"ja": "全3件", "en": "of 3"}[language] in text
        assert 'href="/therapies?page=1"' in text
        assert 'href="/therapies?page=2"' in text
    assert names == [["品目1", "品目2"], ["品目3"], ["品目3"], ["品目1", "品目2"]]
    assert stations == [["P04", "P04"], ["P07"], ["P07"], ["P04", "P04"]]


def test_a_list_goes_by_the_name_that_is_shown(app: Flask, world: World) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        for ja, en in (("は", "A"), ("い", "C"), ("ろ", "")):
            services.add(lead, name_ja=ja, name_en=en, product_class="RMP-C", material="allogeneic_ips")
        shown = {}
        for language in ("ja", "en"):
            with speaking(language):  # type: ignore[arg-type]
                shown[language] = [each.name_ja for each in queries.of_own(lead)]
    assert shown == {"ja": ["い", "は", "ろ"], "en": ["は", "い", "ろ"]}


def test_an_organisation_has_so_many_and_no_more(
    app: Flask, visit: Visitor, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of two thousand cases would make as many in one go, each of them read by whoever looks at all."""
    monkeypatch.setattr(services, "MOST", 2)
    with app.app_context():
        lead = scope_of(world.lead)
        add_therapy(world.lead)
        rows = "".join(f"{case},品,RMP-C,2024-02-0{case},D,CTN_FILED\n" for case in (1, 2))
        kept = histories_of.upload(
            lead, filename="a.csv", data=f"case_id,product,class,date,precision,event\n{rows}".encode()
        )
        seen = histories_of.waiting(lead, kept).outlook.digest
        with pytest.raises(Refused, match="may have 2 therapies"):
            histories_of.confirm(lead, kept, cases=["1", "2"], digest=seen, because="公表資料による")
        assert len(queries.of_own(lead)) == 1, "all of a file or nothing"
        add_therapy(world.lead)
        add_therapy(world.stranger)
    form = {"name": "もう一つ", "indication": "心筋症", "material": "allogeneic_ips", "stage": "nonclinical"}
    for language, said in (("ja", "開発品目は2件までです"), ("en", "may have 2 therapies")):
        page = visit.as_(world.lead, language).get("/therapies/add")  # type: ignore[arg-type]
        stage = page.partition('name="stage"')[2].partition('<option value="')[2]
        stages = [part.partition('"')[0] for part in stage.split('<option value="')]
        chosen = {**form, "stage": next(each for each in stages if each)}
        assert said in visit.as_(world.lead).post("/therapies/add", chosen, status=200)
