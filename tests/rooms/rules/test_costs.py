"""The fee and the form of a consultation, as they count on the day of its application; unknown is said as unknown."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from flask import Flask

from app.config import Settings
from app.consultations import costs
from app.consultations.bundles import bundle_source
from app.core.storage import FolderStorage
from app.documents.sources import bundle_request
from app.engine.catalogue import consultation_type
from app.engine.consultation import Fact, plan_consultation
from app.engine.definition.published import Published
from app.rules import services as rules
from app.rules.kinds import Kind
from tests.factories.world import scope_of
from tests.rooms.rules.conftest import SOURCE, Hubs
from tests.web.visitor import Visitor

APRIL = dt.date(2027, 4, 1)


def fee(yen: int, **dates: str) -> dict[str, Any]:
    return {
        "key": "drug_eop2", "name": {"ja": "試験終了後相談", "en": "EOP2"}, "consultation": "drug_eop2", "yen": yen,
        "provenance": {"confidence": "read", "sources": ["C2"]}, **dates,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("on", "said"), [(APRIL - dt.timedelta(days=1), "100 yen"), (APRIL, "200 yen"), (dt.date(2026, 3, 31), None)]
)
def test_the_day_of_the_application_decides(on: dt.date, said: str | None) -> None:
    kind = consultation_type("drug_eop2")
    entered = Published.model_validate({"fees": [fee(100, valid_from="2026-04-01"), fee(200, valid_from="2027-04-01")]})
    (found,) = costs.on_day(kind, entered, on).fees
    assert found.value.en == (said or "due; the amount is unknown")
    assert (found.ask is None) == (said is not None)
    assert found.entry == (None if said else "fee:drug_eop2")


def test_who_is_late_pays_what_counts_today_and_who_has_applied_what_counted_then() -> None:
    kind, june = consultation_type("drug_eop2"), (2027, 6)
    plan = plan_consultation(kind, month=june)
    span = plan.step(costs.APPLICATION).span
    assert span
    begins = span.earliest
    before, late = (begins + dt.timedelta(days=days) for days in (-1, 40))
    assert [costs.of_plan(plan, None, today).on for today in (before, begins, late)] == [begins, begins, late]
    applied = plan_consultation(kind, month=june, facts={costs.APPLICATION: Fact(day=begins)})
    assert costs.of_plan(applied, None, late).on == begins


def test_free_is_free_and_an_unknown_form_says_what_to_ask() -> None:
    told = costs.on_day(consultation_type("rs_pre"), None, APRIL)
    assert [each.value.ja for each in told.fees] == ["無料"]
    assert [(each.value.en, each.entry) for each in told.forms] == [("unknown", None)]
    assert all(each.ask for each in told.forms)
    device = costs.on_day(consultation_type("rs_strategy_device"), None, APRIL)
    assert {each.value.ja for each in device.fees} == {"有料(金額は不明)"}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_and_the_bundle_name_what_the_hub_entered(
    app: Flask,
    visit: Visitor,
    hubs: Hubs,
    settings: Settings,
    language: Any,
) -> None:
    lead, page = visit.as_(hubs.world.lead, language), f"/consultations/{hubs.shared}"
    assert ("有料(金額は不明)" if language == "ja" else "due; the amount is unknown") in lead.get(page)
    assert "/rules/fees#fee-drug_eop2" in lead.get(page)
    with app.app_context():
        content = {k: v for k, v in fee(1234500, valid_from="2026-04-01").items() if k != "provenance"}
        draft = rules.save(hubs.keeping, Kind.FEE, content, SOURCE)
        assert "1,234,500" not in lead.get(page), "a draft counts nowhere"
        rules.accept(hubs.keeping, draft, version=1)
    shown = re.sub(r"</?span[^>]*>", "", lead.get(page))
    assert ("1,234,500円" if language == "ja" else "1,234,500 yen") in shown
    assert "#fee-drug_eop2" not in shown
    with app.app_context():
        source = bundle_source(scope_of(hubs.world.lead), hubs.shared)
        asked = bundle_request(source, language, dt.date(2026, 11, 24), FolderStorage(settings.files)).consultation
    assert asked.fees
    assert "1,234,500" in asked.fees
    assert ("2026年11月20日" if language == "ja" else "20 Nov 2026") in asked.fees, "the day on which it was read"
    assert ("不明" if language == "ja" else "unknown") in (asked.forms or "")
