"""From tracks and plans to the sign and the line map."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask

from app.core.i18n import speaking
from app.engine.definition.common import Basis, Text
from app.engine.diagram import LineMap, Standing, Station
from app.pathways import pictures, queries, services
from app.pathways.links import help_for
from app.pathways.maps import line_map
from app.pathways.pictures import Planned
from app.pathways.queries import TherapyOverview
from tests.factories.therapies import TODAY, add_therapy, happened
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor


def overview(world: World, therapy: str) -> TherapyOverview:
    return queries.overview(scope_of(world.lead), therapy, TODAY)


def stations(drawn: LineMap, machine: str) -> list[Station]:
    return [s for lane in drawn.lanes if lane.key.startswith(machine) for s in lane.stations]


def no_help(_answer: object) -> None:
    return None


def test_the_sign_says_where_from_where_to_where_and_what_is_missing(app: Flask, world: World, therapy: str) -> None:
    with app.app_context(), speaking("en"):
        happened(world.lead, therapy, "NONCLINICAL_STARTED", "2024-09")
        happened(world.lead, therapy, "RS_ADVICE_REQUESTED", "2025-08-12")
        sign = pictures.sign(overview(world, therapy), no_help)
        assert sign
        assert (sign.letter, sign.number, sign.name.first) == ("P", "02", "RS advice")
        assert sign.came_from
        assert sign.came_from.code == "P01"
        assert sign.came_from.date
        assert sign.came_from.date.month == (2024, 9)
        assert sign.going_to
        assert sign.going_to.code == "P03"
        assert sign.since
        assert sign.since.day == dt.date(2025, 8, 12)
        missing, evidence = sign.missing
        assert (missing.answer, evidence.answer) == ("not_yet", "warning")
        assert "pre-meeting" in missing.sentence.lower()
        assert "Donor eligibility" in evidence.sentence


def test_what_nobody_recorded_is_not_told_as_missing(app: Flask, world: World, therapy: str) -> None:
    """“Cannot tell: the packages have no approved version” would contradict itself."""
    with app.app_context():
        happened(world.lead, therapy, "QS_CONSULT_BOOKED", "2026-02")
        view = overview(world, therapy)
        for speak, begins, ends in (
            ("ja", "「", "」に当たるかどうか、記録がありません。"),
            ("en", "It is not recorded whether this is so: “", "”."),
        ):
            with speaking(speak):
                assert view.next
                unsure = [
                    each.sentence for each in pictures.missing(view.next, no_help) if each.answer == "cannot_tell"
                ]
            assert unsure
            assert all(each.startswith(begins) and ends in each for each in unsure), unsure


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        ("NONCLINICAL", "A01"),  # many programs need no trial
        ("CTN_READY", "P05"),
        ("CTN_CLOCK", "P06"),
        ("TRIAL_CLEARED", "P07"),
        ("TRIAL_ACTIVE", "P08"),
        ("TRIAL_DONE", "A01"),
    ],
)
def test_software_that_prepares_a_trial_holds_it(app: Flask, world: World, stage: str, code: str) -> None:
    with app.app_context(), speaking("ja"):
        made = add_therapy(world.lead, stage=stage, product_class="SAMD", material="software")
        view = overview(world, made)
        sign = pictures.sign(view, no_help)
        assert sign
        assert sign.going_to
        assert sign.going_to.code == code
        ahead = [each.number for each in stations(line_map(view), "programme") if each.standing is Standing.LIKELY]
        assert (f"P{ahead[0]}" if ahead else "A01") == code, "the line map says the same"


def test_a_waiting_period_gives_the_day_from_which_the_step_is_possible(app: Flask, world: World, therapy: str) -> None:
    with app.app_context(), speaking("en"):
        happened(world.lead, therapy, "CTN_FILED", "2026-11-10")
        sign = pictures.sign(overview(world, therapy), no_help)
        assert sign
        assert sign.going_to
        assert sign.going_to.date
        assert sign.going_to.date.earliest == dt.date(2026, 12, 10)  # day 1 is the day of filing
        assert sign.going_to.date.basis is Basis.COMPUTED


def test_links_help_only_those_who_may_write(app: Flask, world: World, therapy: str) -> None:
    with app.test_request_context(), speaking("en"):
        happened(world.lead, therapy, "RS_ADVICE_REQUESTED", "2025-08")
        view = overview(world, therapy)
        sign = pictures.sign(view, help_for(view.therapy))
        assert sign
        assert all(missing.link is None for missing in sign.missing)  # nobody is signed in here


def test_the_map_shows_the_way_travelled_and_the_usual_way_ahead(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        happened(world.lead, therapy, "CTN_FILED", "2026-06-01")
        drawn = line_map(overview(world, therapy))
        programme = stations(drawn, "programme")
        assert [s.standing for s in programme[:3]] == [Standing.VISITED, Standing.VISITED, Standing.CURRENT]
        assert programme[2].day == dt.date(2026, 6, 1)
        assert all(s.standing is Standing.LIKELY for s in programme[3:])
        assert [s.number for s in programme[3:]] == ["06", "07", "08", "09"]
        assert {s.standing for s in stations(drawn, "application")} == {Standing.POSSIBLE}


def test_lines_that_may_begin_are_drawn_after_the_ones_before(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        lanes = {lane.letter: lane for lane in line_map(overview(world, therapy)).lanes}
        assert lanes["A"].not_before
        assert lanes["K"].not_before
        assert TODAY < lanes["A"].not_before < lanes["K"].not_before


@pytest.mark.parametrize(("basis", "standing"), [(Basis.AGREED, Standing.CERTAIN), (Basis.TARGET, Standing.LIKELY)])
def test_a_planned_consultation_stands_on_its_line_and_guards_lead_over(
    app: Flask, world: World, therapy: str, basis: Basis, standing: Standing
) -> None:
    with app.app_context():
        happened(world.lead, therapy, "QS_CONSULT_BOOKED", "2026-02")
        plan = Planned("consultation", basis, None, "rs_quality_safety", Text(ja="相談", en="Q&S"), TODAY)
        drawn = line_map(overview(world, therapy), [plan])
        (meeting,) = stations(drawn, "consultation")
        assert (meeting.standing, meeting.day, meeting.names.en) == (standing, TODAY, "Q&S")
        goals = {transfer.to for transfer in drawn.transfers if transfer.source == meeting.key}
        assert {key.rpartition(":")[2] for key in goals} == {"CTN_READY", "CTN_CLOCK"}


def test_a_meeting_that_was_held_is_travelled_and_a_withdrawn_one_is_gone(
    app: Flask, world: World, therapy: str
) -> None:
    with app.app_context():
        for kind, event in (("rs_pre", "MEETING_HELD"), ("rs_general", "CONSULTATION_WITHDRAWN")):
            services.record(
                scope_of(world.lead),
                therapy,
                event="CONSULTATION_PLANNED",
                on=dt.date(2026, 5, 1),
                attributes={"type": kind},
                machine="consultation",
                instance=kind,
                late=True,
            )
            services.record(
                scope_of(world.lead),
                therapy,
                event=event,
                on=dt.date(2026, 6, 1),
                machine="consultation",
                instance=kind,
                late=True,
            )
        (held,) = stations(line_map(overview(world, therapy)), "consultation")
        assert (held.standing, held.day, held.number) == (Standing.VISITED, dt.date(2026, 6, 1), "01")


def test_a_planned_day_of_a_state_is_on_the_map(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        plan = Planned("programme", Basis.TARGET, "CTN_CLOCK", day=dt.date(2027, 3, 1))
        ahead = {s.number: s for s in stations(line_map(overview(world, therapy), [plan]), "programme")}
        assert ahead["05"].day == dt.date(2027, 3, 1)
        assert ahead["05"].basis is Basis.TARGET


def test_after_approval_the_approval_leads_and_nothing_is_foretold_for_the_programme(
    app: Flask, world: World, therapy: str
) -> None:
    with app.app_context(), speaking("ja"):
        happened(world.lead, therapy, "APPROVED_CTL", "2026-03-06", attributes={"term": "7y"})
        view = overview(world, therapy)
        assert view.leading
        assert view.leading.machine == "approval"
        programme = stations(line_map(view), "programme")
        assert all(s.standing.past for s in programme)
        row = next(row for row in pictures.track_rows(view.tracks) if row.letter == "K")
        assert row.term_end
        assert row.term_end.day == dt.date(2033, 3, 5)
        assert not any(row.inferred for row in pictures.track_rows(view.tracks) if row.letter == "K")


@pytest.mark.parametrize(
    ("event", "attributes", "code", "name"),
    [
        ("CTN_FILED", {}, "P06", "Trial cleared"),
        ("TRIAL_PAUSED", {}, "P07", "Trial running"),
        ("PRE_APPLICATION_CONSULTED", {}, "A01", "Application filed"),
        ("MAA_FILED", {"kind": "NEW"}, "A02", "Under review"),
        ("CONTINUED", {}, "A03", "On the committee's agenda"),
        ("COMMITTEE_NEGATIVE", {}, "A07/A08", "Withdrawn or Refused"),
        ("APPROVED_CTL", {"term": "7y"}, "A01", "Application for full approval"),
        ("APPROVED_FULL", {}, "Y01", "Listing requested"),
    ],
)
def test_what_usually_follows(
    app: Flask, world: World, therapy: str, event: str, attributes: dict[str, str], code: str, name: str
) -> None:
    with app.app_context(), speaking("en"):
        happened(world.lead, therapy, event, "2026-01-15", attributes=attributes)
        sign = pictures.sign(overview(world, therapy), no_help)
        assert sign
        assert sign.going_to
        assert (sign.going_to.code, sign.going_to.name.first) == (code, name)
        until = sign.going_to.date.latest if sign.going_to.date else None
        assert until == (dt.date(2033, 1, 13) if event == "APPROVED_CTL" else None), "before the term ends"


def test_a_line_whose_term_may_be_over_says_that_nobody_can_tell(
    app: Flask, visit: Visitor, world: World, therapy: str
) -> None:
    with app.app_context():
        happened(world.lead, therapy, "APPROVED_CTL", "2021-11", attributes={"term": "5y"})
    assert "so it cannot be told whether it is over" in visit.as_(world.lead, "en").get(f"/therapies/{therapy}")
    assert "すでに到来したかどうか分かりません" in visit.as_(world.lead, "ja").get(f"/therapies/{therapy}")


def test_nothing_follows_the_end_of_a_line(app: Flask, world: World, therapy: str) -> None:
    with app.app_context(), speaking("en"):
        happened(world.lead, therapy, "DISCONTINUED", "2026-01-15")
        sign = pictures.sign(overview(world, therapy), no_help)
        assert sign
        assert sign.going_to is None


def test_the_development_of_what_is_approved_is_not_begun_again(app: Flask, world: World, therapy: str) -> None:
    with app.app_context(), speaking("en"):
        happened(world.lead, therapy, "APPROVED_FULL", "2026-01-15")
        steps = pictures.steps(overview(world, therapy), no_help)
        assert steps
        assert not [step for step in steps if step.choice.machine in ("programme", "consultation")]
