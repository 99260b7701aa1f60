"""Duties that follow from a history: their days come with it, move when it is corrected, and end when they are done."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete

from app.config import Settings
from app.core import clock
from app.core.db import session, transaction
from app.engine.definition.common import Basis, Role
from app.engine.machine import Days
from app.pathways import duties as telling
from app.pathways import services as histories
from app.schedule import agreement, queries
from app.schedule.duties import KIND
from app.schedule.models import Milestone
from app.schedule.queries import MilestoneView
from app.therapies import services as therapies
from tests.factories.therapies import add_therapy, happened, set_clock
from tests.factories.world import World, scope_of
from tests.rooms.notices.conftest import LEAD
from tests.rooms.notices.plans import Mailbox, at, text_of
from tests.web.visitor import Visitor


@pytest.fixture(autouse=True)
def _today(app: Flask) -> None:
    set_clock()


def duties(world: World, therapy: str) -> dict[str, MilestoneView]:
    return {each.key: each for each in queries.of_subject(scope_of(world.lead), KIND, therapy)}


def days(world: World, therapy: str) -> dict[str, str]:
    return {key: str(each.on_day or f"{each.earliest}/{each.latest}") for key, each in duties(world, therapy).items()}


FULL = "ctl_full_application/1"


def test_the_full_application_is_due_before_the_term_ends(app: Flask, world: World) -> None:
    """With the approval; elsewhere after its correction; gone while an application waits; back when it is withdrawn."""
    lead = scope_of(world.lead)
    with app.app_context():
        made = add_therapy(world.lead)
        approved = happened(world.lead, made, "APPROVED_CTL", "2020-04-01", attributes={"term": "7y"})
        found = duties(world, made)[FULL]
        assert (found.on_day, found.role, found.basis) == (dt.date(2027, 3, 30), Role.NOT_AFTER, Basis.COMPUTED)
        assert found.certainty == "likely"
        assert found.why
        assert "2027年3月31日" in found.why.ja
        assert "未確認" in found.why.ja, "the mark of the clock"
        histories.correct(
            lead, approved, reason="写し間違い", on=dt.date(2020, 6, 1), attributes={"term": "7y"}, because="経過"
        )
        assert days(world, made) == {FULL: "2027-05-28"}, "31 May less a day is a Sunday"
        filed = happened(world.lead, made, "MAA_FILED", "2026-10-01", attributes={"kind": "CTL_FULL"})
        assert days(world, made) == {}
        histories.withdraw(lead, filed, reason="別の品目")
        assert days(world, made) == {FULL: "2027-05-28"}
        happened(world.lead, made, "CTL_EXTENDED", "2026-11-02", attributes={"extension": "1y"})
        assert days(world, made) == {FULL: "2028-05-30"}
        happened(world.lead, made, "APPROVAL_RETURNED", "2026-11-10")
        assert days(world, made) == {}


@pytest.mark.parametrize(
    ("approved", "period"), [("1960", "4y"), ("1996-07-01", "4y"), ("2025-04-01", "21y"), ("2025-04-01", "30y")]
)
def test_a_duty_outside_the_table_of_holidays_has_no_day_and_hinders_no_record(
    app: Flask, world: World, approved: str, period: str
) -> None:
    with app.app_context():
        made = add_therapy(world.lead)
        happened(world.lead, made, "APPROVED_FULL", approved, attributes={"reexamination": period})
        (found,) = duties(world, made).values()
        assert (found.duty_day, found.basis) == (None, Basis.UNKNOWN)
        assert found.why
        assert "祝日" in found.why.ja, found.why.ja


def test_what_had_passed_before_it_was_told_is_no_late_duty_but_said_to_have_no_record(
    app: Flask, world: World, settings: Settings
) -> None:
    with app.app_context():
        made = add_therapy(world.lead)
        happened(world.lead, made, "APPROVED_FULL", "2005-09-18", attributes={"reexamination": "8y"})
        (found,) = duties(world, made).values()
        assert (found.duty_day, found.basis) == (None, Basis.UNKNOWN)
        assert found.why
        assert "2013年12月17日" in found.why.ja
        assert "17 Dec 2013" in found.why.en
        assert [mail for mail in Mailbox(settings).look() if "再審査" in mail["Subject"]] == []
        at("2026-12-14")
        histories.EveryDay().look()
        assert days(world, made) == {found.key: "None/None"}, "nor does it get a day by waiting"


def test_a_duty_that_passes_while_it_is_known_stays_and_is_overdue(app: Flask, world: World) -> None:
    with app.app_context():
        made = add_therapy(world.lead)
        happened(world.lead, made, "APPROVED_FULL", "2016-12-01", attributes={"reexamination": "10y"})
        assert days(world, made) == {"reexamination_application/1": "2027-02-26"}
        at("2027-03-10")
        histories.EveryDay().look()
        assert days(world, made) == {"reexamination_application/1": "2027-02-26"}


@pytest.mark.parametrize("event", ["APPROVAL_RETURNED", "APPROVAL_REVOKED"])
def test_without_an_approval_nobody_owes_its_re_examination(app: Flask, world: World, event: str) -> None:
    with app.app_context():
        made = add_therapy(world.lead)
        happened(world.lead, made, "APPROVED_FULL", "2018-12-03", attributes={"reexamination": "10y"})
        assert days(world, made)
        ended = happened(world.lead, made, event, "2026-10-01")
        assert days(world, made) == {}
        histories.withdraw(scope_of(world.lead), ended, reason="別の品目")
        assert days(world, made)


def test_another_reading_of_the_day_widens_the_duty(app: Flask, world: World) -> None:
    """The earlier day is obeyed until it is known which source is right."""
    with app.app_context():
        made = add_therapy(world.lead)
        approved = happened(world.lead, made, "APPROVED_CTL", "2020-04-01", attributes={"term": "7y"})
        assert days(world, made) == {FULL: "2027-03-30"}
        lead = scope_of(world.lead)
        histories.read_also(lead, approved, on=Days.parse("2020-03-02"), source="官報")
        assert days(world, made) == {FULL: "2027-02-26/2027-03-30"}


def test_a_look_at_what_did_not_change_changes_nothing(app: Flask, world: World) -> None:
    with app.app_context():
        made = add_therapy(world.lead)
        happened(world.lead, made, "APPROVED_CTL", "2020-04-01", attributes={"term": "7y"})
        before = duties(world, made)[FULL].version
        histories.EveryDay().look()
        happened(world.lead, made, "LAUNCHED", "2026-08-03")
        assert duties(world, made)[FULL].version == before, "calendars count every version as another date"


def test_what_is_wrong_with_one_therapy_keeps_no_duty_from_the_others(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        bad, good = add_therapy(world.lead, name="壊れた品目"), add_therapy(world.lead, name="無事な品目")
        happened(world.lead, good, "APPROVED_CTL", "2020-04-01", attributes={"term": "7y"})
        with transaction():
            session.execute(delete(Milestone))
        told = telling.tell_anew

        def fails_for_one(scope: Any, therapy: Any) -> None:
            if therapy.id == bad:
                raise ValueError("of this therapy")
            told(scope, therapy)

        monkeypatch.setattr(telling, "tell_anew", fails_for_one)
        histories.EveryDay().look()
        assert days(world, good) == {FULL: "2027-03-30"}


def test_the_name_of_a_track_may_be_longer_than_a_key(app: Flask, world: World) -> None:
    with app.app_context():
        made = add_therapy(world.lead)
        held = {"kind": "MAH_LICENCE", "term": "5y"}
        for last in "AB":
            happened(
                world.lead,
                made,
                "LICENCE_GRANTED",
                "2022-04-01",
                attributes=held,
                instance="X" * 100 + last,
                machine="licence",
            )
        assert len({key[:64] for key in duties(world, made)}) == 2


def test_terms_and_notices_after_the_fact_are_duties(app: Flask, world: World) -> None:
    """A licence by its own length, an emergency approval, a trial that began before its notice; each until done."""
    who = world.lead
    with app.app_context():
        made = add_therapy(who)
        holder = {"kind": "MAH_LICENCE"}
        happened(who, made, "LICENCE_GRANTED", "2022-04-01", attributes={**holder, "term": "5y"})
        happened(who, made, "LICENCE_GRANTED", "2022-04-01", attributes={"kind": "GCTP_OK"})
        happened(who, made, "EMERGENCY_TRIAL_STARTED", "2026-11-09")
        assert days(world, made) == {
            "licence_term/MAH_LICENCE": "2027-03-31",
            "emergency_trial_notice/1": "2026-12-09",
        }, "a conformity without a recorded term has no end"
        assert "許可証・認定証で確かめる" in str(duties(world, made)["licence_term/MAH_LICENCE"].trace["pairs"])
        happened(who, made, "CTN_FILED", "2026-11-20")
        happened(who, made, "LICENCE_RENEWAL_APPLIED", "2026-11-20", attributes=holder)
        assert days(world, made) == {}
        whole = add_therapy(who, name="本承認品")
        happened(who, whole, "APPROVED_FULL", "2016-12-01", attributes={"reexamination": "10y"})
        assert days(world, whole) == {"reexamination_application/1": "2027-02-26"}, "28 February is a Sunday"
        happened(who, whole, "REEXAM_FILED", "2026-11-23")
        assert days(world, whole) == {}
        other = add_therapy(who, name="緊急承認品")
        happened(who, other, "APPROVED_EMERG", "2026-03", attributes={"term": "1y"})
        assert days(world, other) == {"emergency_term/1": "2027-02-28/2027-03-30"}, "of a month the first is kept"
        happened(who, other, "MAA_FILED", "2026-11-20", attributes={"kind": "EMERG_FULL"})
        assert days(world, other) == {}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_it_stands_wherever_dates_stand(visit: Visitor, world: World, settings: Settings, language: Any) -> None:
    """On the pages of the therapy for everybody who may see it, on Today, in the mail and its calendar."""
    set_clock()
    with visit._app.app_context():
        made = add_therapy(world.lead)
        happened(world.lead, made, "APPROVED_CTL", "2020-01-05", attributes={"term": "7y"})
        therapies.grant(scope_of(world.lead), made, world.hub)
    title = {"ja": "本承認申請の期限", "en": "Latest day of the full application"}[language]
    due = {"ja": "2026年12月28日", "en": "28 Dec 2026"}[language]  # 4 January less a day falls into the year's end
    for who, path in (
        (world.lead, f"/therapies/{made}"),
        (world.lead, f"/therapies/{made}/plan"),
        (world.lead, "/"),
        (world.staff, f"/therapies/{made}"),
        (world.staff, "/hub"),
    ):
        page = visit.as_(who, language).get(path)
        assert title in page, path
        assert due in page, path
    visit.as_(world.staff, language).get(f"/therapies/{made}/history")
    if language == "en":
        return
    with visit._app.app_context():
        at("2026-12-14")
        box = Mailbox(settings)
        mail = next(each for each in box.look() if each["To"] == LEAD)
        assert "【期限14日前】本承認申請の期限" in mail["Subject"]
        assert f"/therapies/{made}/history" in text_of(mail)
        assert "見込みの日から" not in text_of(mail), "the end of a term comes by itself"
        at("2026-12-29")
        assert "【期限経過】" in box.look()[0]["Subject"]


def test_a_day_says_what_nobody_recorded(app: Flask, world: World) -> None:
    """Terms end by themselves, and older histories get their duties from the first worker on."""
    with app.app_context():
        made = add_therapy(world.lead)
        happened(world.lead, made, "LICENCE_GRANTED", "2021-12-01", attributes={"kind": "MAH_LICENCE", "term": "5y"})
        with transaction():
            session.execute(delete(Milestone))
        daily = histories.EveryDay()
        assert daily.look() == 1
        assert days(world, made) == {"licence_term/MAH_LICENCE": "2026-11-30"}
        assert daily.look() == 0
        clock.move_to(dt.datetime(2026, 12, 2, 9, tzinfo=clock.TOKYO))
        daily.look()
        assert days(world, made) == {}
        assert list(agreement.without_subject()) == []
