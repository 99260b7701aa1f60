"""The desk of inquiries and the pages of what happens beside the steps, in both languages."""

from __future__ import annotations

import datetime as dt
import re

import pytest

from app.consultations import queries, services
from app.consultations.services import Told
from app.therapies import services as therapies
from tests.factories.world import World
from tests.rooms.consultations.conftest import move_to
from tests.rooms.consultations.test_planning_pages import BOTH, lead
from tests.web.visitor import Visitor

__all__ = ["lead"]
TODAY = dt.date(2026, 11, 24)


@BOTH
def test_rounds_are_recorded_answered_and_taken_back(lead: Visitor, scope, consultation: str) -> None:
    below = f"/consultations/{consultation}/inquiries"
    lead.get(below)
    lead.get(f"{below}/new")
    typed = {"received_on": "2026-11-24", "asked": "Spec 4.1", "answer_by": "", "answered_on": "", "answer": ""}
    assert lead.post(f"{below}/new", typed) == below
    page = lead.get(below)
    assert "Spec 4.1" in page
    assert 'datetime="2026-12-01"' in page  # five office days
    (one,) = queries.inquiries(scope, consultation)
    lead.get(f"{below}/{one.id}")
    lead.post(f"{below}/{one.id}", {**typed, "answered_on": "2026-11-23", "version": "1"}, status=200)
    lead.post(f"{below}/{one.id}", {**typed, "answered_on": "2026-11-24", "answer": "Annex 2", "version": "1"})
    assert "Annex 2" in lead.get(below)
    page = lead.post(f"{below}/{one.id}", {**typed, "version": "1"}, status=409)  # somebody else saved first
    assert "Annex 2" in page
    assert queries.inquiries(scope, consultation)[0].answer == "Annex 2"
    lead.post(f"{below}/new", typed)
    rail = lead.get(f"/consultations/{consultation}")
    assert f"/consultations/{consultation}/steps/answers_2" in rail
    second = queries.inquiries(scope, consultation)[1]
    answer = lead.client.get(f"/consultations/{consultation}/steps/answers_2")
    assert answer.location == f"{below}/{second.id}"
    lead.get(f"{below}/{second.id}/delete")
    assert lead.post(f"{below}/{second.id}/delete", {"version": "1"}) == below
    assert len(queries.inquiries(scope, consultation)) == 1


PARTS = ("", "/questions", "/attachments", "/inquiries", "/briefing", "/bundles")


@BOTH
def test_every_part_is_a_tab_and_says_that_it_is_this_one(lead: Visitor, consultation: str) -> None:
    parts = [f"/consultations/{consultation}{part}" for part in PARTS]
    for part in parts:
        page = lead.get(part)
        tabs = page[page.index('<nav class="tabs"') :].partition("</nav>")[0]
        assert re.findall(r'href="([^"]+)"', tabs) == parts
        assert re.findall(r'href="([^"]+)"[^>]*aria-current="page"', tabs) == [part]


@BOTH
def test_an_end_says_what_follows_and_can_be_corrected_and_taken_back(lead: Visitor, scope, consultation: str) -> None:
    page = lead.get(f"/consultations/{consultation}")
    address = f"/consultations/{consultation}/happened/CONSULTATION_CANCELLED"
    assert address in page
    page = lead.get(address)
    assert 'datetime="2026-12-01"' in page  # the request that will not be due any more
    lead.post(address, {"day": "2026-11-25", "note": "", "version": "1"}, status=200)  # not yet
    lead.post(address, {"day": "2026-11-24", "note": "TEL 03", "version": "1"})
    page = lead.get(f"/consultations/{consultation}")
    assert "TEL 03" in page
    assert 'datetime="2026-12-01"' not in page
    (turn,) = queries.get(scope, consultation).turns
    below = f"/consultations/{consultation}/turns/{turn.id}"
    lead.get(below)
    lead.post(below, {"day": "2026-11-24", "note": "FAX 03", "version": "2"})
    assert queries.get(scope, consultation).turns[0].note == "FAX 03"
    lead.post(f"{below}/take-back", {"version": "2"}, status=409)
    lead.post(f"{below}/take-back", {"version": "3"})
    assert queries.get(scope, consultation).status == "confirmed"
    assert 'datetime="2026-12-01"' in lead.get(f"/consultations/{consultation}")


@BOTH
@pytest.mark.parametrize("event", ["CLOSED_IN_WRITING", "RECORD_CONFIRMED", "POST_CONSULT_REQUESTED"])
def test_what_is_refused_is_refused_in_a_sentence(lead: Visitor, consultation: str, event: str) -> None:
    page = lead.get(f"/consultations/{consultation}/happened/{event}")
    assert "起こり得ません" in page or "cannot happen" in page
    assert 'name="day"' not in page
    lead.get(f"/consultations/{consultation}/happened/CTN_FILED", status=404)


@BOTH
def test_closed_in_writing_on_the_page(lead: Visitor, scope, consultation: str) -> None:
    move_to("2027-02-10")
    for key, day in {"schedule_request": "2026-12-01", "preliminary_opinion": "2027-02-08"}.items():
        services.record_step(scope, consultation, key, dt.date.fromisoformat(day))
    version = str(queries.get(scope, consultation).version)
    address = f"/consultations/{consultation}/happened/CLOSED_IN_WRITING"
    lead.get(address)
    lead.post(address, {"day": "2027-02-10", "note": "", "version": version})
    page = lead.get(f"/consultations/{consultation}")
    assert f"/consultations/{consultation}/steps/meeting" not in page
    assert f"/consultations/{consultation}/steps/record" in page
    lead.get(f"/consultations/{consultation}/steps/record")
    lead.get(f"/therapies/{queries.get(scope, consultation).therapy_id}")


def test_the_hub_sees_that_it_ended_and_not_what_was_said(
    visit: Visitor, world: World, scope, therapy: str, consultation: str
) -> None:
    services.add_inquiry(scope, consultation, Told(TODAY, asked="秘密の照会"))
    move_to("2026-11-25")
    services.record_turn(scope, consultation, "CONSULTATION_CANCELLED", dt.date(2026, 11, 25), note="秘密の経緯")
    therapies.grant(scope, therapy, world.hub, None)
    hub = visit.as_(world.staff)
    page = hub.get(f"/consultations/{consultation}")
    assert "PMDAによる中止" in page
    assert "秘密" not in page
    (turn,) = queries.get(scope, consultation).turns
    for path in ("/inquiries", "/inquiries/new", "/happened/CLOSED_IN_WRITING", f"/turns/{turn.id}"):
        assert path not in page
        hub.get(f"/consultations/{consultation}{path}", status=404)
