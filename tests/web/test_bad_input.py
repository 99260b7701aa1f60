"""What people and programs send that is no text, no id, no name of a machine: a sentence at the field, or a page."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core.db import session
from app.therapies import queries
from app.therapies import services as therapies
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor

KIND = {"product_class": "RMP-C", "material": "allogeneic_ips"}


@pytest.fixture
def therapy(app: Flask, world: World) -> str:
    """A therapy of the lead."""
    with app.app_context():
        return therapies.add(scope_of(world.lead), name_ja="甲", **KIND)


def name_of(world: World, therapy: str) -> str:
    session.rollback()
    return queries.own(scope_of(world.lead), therapy).name_ja


@pytest.mark.parametrize(
    ("typed", "ja", "en"),
    [
        ("甲\0乙", "2文字目に、文字ではない制御記号(U+0000)があります。", "Character 2 is a control sign (U+0000)"),
        ("\u202egpj", "1文字目に、文字ではない制御記号(U+202E)があります。", "Character 1 is a control sign (U+202E)"),
        ("甲\r\nBcc: x@evil.example", "1行で入力してください。", "on one line"),
        ("甲\u2028乙", "1行で入力してください。", "on one line"),
    ],
)
def test_what_is_no_text_gets_a_sentence_at_its_field(
    visit: Visitor, world: World, therapy: str, typed: str, ja: str, en: str
) -> None:
    for language, sentence in (("ja", ja), ("en", en)):
        lead = visit.as_(world.lead, language)  # type: ignore[arg-type]
        page = lead.post(f"/therapies/{therapy}/edit", {"name_ja": typed, "version": "1", **KIND}, status=200)
        assert sentence in page
        assert "\0" not in page
        assert "\u202e" not in page
    assert name_of(world, therapy) == "甲"


def test_a_form_that_comes_back_without_its_version_is_a_conflict(visit: Visitor, world: World, therapy: str) -> None:
    visit.as_(world.lead).post(f"/therapies/{therapy}/edit", {"name_ja": "乙", **KIND}, status=409)
    assert name_of(world, therapy) == "甲"


def test_a_name_from_right_to_left_is_kept_apart(visit: Visitor, world: World, therapy: str) -> None:
    name = "شركة العلاج"
    lead = visit.as_(world.lead)
    lead.post(f"/therapies/{therapy}/edit", {"name_ja": name, "version": "1", **KIND})
    assert f"<bdi>{name}</bdi>" in lead.get(f"/therapies/{therapy}")


@pytest.mark.parametrize("place", ["%00", "%01", "x%00y", "%C2%80", "%E2%80%AE"])
def test_an_address_that_is_no_text_leads_nowhere(visit: Visitor, world: World, therapy: str, place: str) -> None:
    lead = visit.as_(world.lead)
    for address in (f"/therapies/{place}", f"/therapies/{therapy}/record/{place}", f"/precedents/{place}", f"/{place}"):
        lead.get(address, status=404)
    lead.get(f"/rules/sources?q={place}", status=400)
    visit.as_(None).get(f"/invitations/{place}", status=404)


@pytest.mark.parametrize("number", [str(2**63), str(2**64), "-1", "0", "9" * 3000])
def test_no_number_is_an_id(app: Flask, visit: Visitor, world: World, number: str) -> None:
    lead = visit.as_(world.lead)
    for rule in app.url_map.iter_rules():
        if rule.arguments and "GET" in (rule.methods or set()):
            address = rule.build(dict.fromkeys(rule.arguments, number))[1]  # type: ignore[index]
            assert lead.client.get(address).status_code in {302, 404}, address


@pytest.mark.parametrize("host", ["[::1", "a b", "x:y:z", "<b>", "x" * 300])
def test_a_request_to_a_machine_without_a_name_is_refused_with_a_page(visit: Visitor, world: World, host: str) -> None:
    visit.as_(world.lead).get("/therapies", status=400, headers={"Host": host})


def test_a_long_form_in_parts_is_read_to_its_end(visit: Visitor, world: World, therapy: str) -> None:
    """Elsewhere than in consultations, too: the sentence stands at the field, and what was typed is still there."""
    lead, text = visit.as_(world.lead), "あ" * 200_000
    form = {"on": "2024-02", "note": text, "late": "y"}
    page = lead.post(
        f"/therapies/{therapy}/record/NONCLINICAL_STARTED", form, status=200, content_type="multipart/form-data"
    )
    assert text in page
