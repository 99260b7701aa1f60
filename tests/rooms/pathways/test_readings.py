"""Two sources that disagree keep both values, at every place where the day is shown."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.core.errors import NotFound, Refused
from app.engine.machine import Days
from app.pathways import queries, services
from tests.factories.therapies import happened
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor


@pytest.fixture
def filed(app: Flask, world: World, therapy: str) -> str:
    """A notification that the company dates on 6 March."""
    with app.app_context():
        return happened(world.lead, therapy, "CTN_FILED", "2026-03-06", source="社内記録", certainty="high")


def other(scope: Any, event: str, on: str = "2026-03-09", **more: Any) -> str:
    return services.read_also(scope, event, on=Days.parse(on), source="受付票", certainty="medium", **more)


def test_both_days_are_kept_and_the_lines_go_by_the_first(app: Flask, world: World, therapy: str, filed: str) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        other(lead, filed, note="郵送分")
        track = queries.tracks(lead, therapy).get("programme")
        assert track
        assert (track.since, track.history[-1].also) == (Days.parse("2026-03-06"), (Days.parse("2026-03-09"),))
        (entry,) = queries.history(lead, therapy).entries
        (reading,) = entry.readings
        assert (reading.source, reading.certainty, reading.note("ja")) == ("受付票", "medium", "郵送分")
        assert (entry.source, entry.certainty) == ("社内記録", "high")


def test_a_reading_follows_the_event_when_that_is_corrected_and_is_itself_corrected_and_withdrawn(
    app: Flask, world: World, therapy: str, filed: str
) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        reading = other(lead, filed)
        services.correct(lead, filed, on=Days.parse("2026-03-05"), reason="控えの日付")
        mended = services.correct(lead, reading, on=Days.parse("2026-03-10"), reason="読み誤り").event_id
        track = queries.tracks(lead, therapy).get("programme")
        assert track
        assert (track.since, track.history[-1].also) == (Days.parse("2026-03-05"), (Days.parse("2026-03-10"),))
        entry = next(each for each in queries.history(lead, therapy).entries if each.stands)
        assert [each.stands for each in entry.readings] == [False, True]
        services.withdraw(lead, mended, reason="別の品目だった")
        track = queries.tracks(lead, therapy).get("programme")
        assert track
        assert track.history[-1].also == ()
        entry = next(each for each in queries.history(lead, therapy).entries if each.stands)
        assert [each.correction.why for each in entry.readings if each.correction] == ["読み誤り", "別の品目だった"]


def test_what_is_no_other_reading_is_refused(app: Flask, world: World, filed: str) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        for on, source, field in (
            ("2026-03-06", "受付票", "on"),
            ("2099", "受付票", "on"),
            ("2026-03-07", "  ", "source"),
        ):
            with pytest.raises(Refused) as refusal:
                services.read_also(lead, filed, on=Days.parse(on), source=source)
            assert refusal.value.field == field
        reading = other(lead, filed)
        with pytest.raises(NotFound):
            other(lead, reading, "2026-03-12")
        for person in (world.stranger, world.staff):
            with pytest.raises(NotFound):
                other(scope_of(person), filed)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_pages_show_both_with_their_sources(
    visit: Visitor, world: World, therapy: str, filed: str, language: Any
) -> None:
    lead = visit.as_(world.lead, language)
    address = f"/therapies/events/{filed}/also"
    assert address in lead.get(f"/therapies/{therapy}/history")
    lead.get(address)
    page = lead.post(address, {"on": "2026-03-06", "source": "受付票"}, status=200)
    assert 'id="on-error"' in page
    assert "受付票" in page
    lead.post(address, {"on": "2026-03-09", "source": ""}, status=200)
    lead.post(address, {"on": "2026-03-08/2026-03-09", "source": "受付<b>票</b>", "certainty": "low"})
    days = ("2026年3月6日", "2026年3月8日") if language == "ja" else ("6 Mar 2026", "8 Mar 2026")
    page = lead.get(f"/therapies/{therapy}/history")
    for shown in (*days, "社内記録", "受付&lt;b&gt;票", {"ja": "(不確か)", "en": "(unsure)"}[language]):
        assert shown in page
    page = lead.get(f"/therapies/{therapy}")
    for shown in (*days, {"ja": "出典により相違", "en": "sources differ"}[language]):
        assert shown in page
    assert {"ja": "(出典により相違)", "en": "(sources differ)"}[language] in lead.get("/therapies")
    with visit._app.app_context():
        (entry,) = queries.history(scope_of(world.lead), therapy).entries
    reading = entry.readings[0].id
    lead.get(f"/therapies/events/{reading}/also", status=404)
    lead.get(f"/therapies/events/{reading}/correct")
    lead.post(f"/therapies/events/{reading}/correct", {"on": "2026-03-08", "reason": "受付印", "source": "受付票"})
    assert lead.get(f"/therapies/{therapy}/history").count("<s>") == 1


@pytest.mark.parametrize("language", ["ja", "en"])
def test_public_precedents_show_the_days_of_all_sources(visit: Visitor, world: World, language: Any) -> None:
    with visit._app.app_context():
        services.load_precedents()
    reader = visit.as_(world.stranger, language)
    page = reader.get("/precedents/STEMIRAC")
    for day in (20, 21, 22):
        assert {"ja": f"2018年11月{day}日", "en": f"{day} Nov 2018"}[language] in page
    page = reader.get("/precedents/HEARTSHEET")
    assert {"ja": "2018年後半", "en": "late in 2018"}[language] in page
