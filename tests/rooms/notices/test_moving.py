"""Mails follow the plan: earlier, later, done, withdrawn; nothing is lost while nobody looks, nothing comes twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from sqlalchemy import select

from app.access.actor import Position
from app.audit.models import AuditEvent
from app.core import outbox
from app.core.db import session, transaction
from app.core.mail import Mail
from app.core.outbox import OutboxMail
from app.notices import emails, services, sweep
from app.notices.emails import Letter
from app.notices.models import Notice
from app.people.models import Person
from app.schedule import services as schedule
from tests.factories.world import add_person, scope_of
from tests.rooms.notices.conftest import MEMBER, Office
from tests.rooms.notices.plans import at, done, plan, step, text_of

LATER, EARLIER = dt.date(2027, 1, 20), dt.date(2026, 12, 10)


@dataclass
class Unreachable:
    """A mail server that is down."""

    asked: list[EmailMessage] = field(default_factory=list)

    def send(self, message: EmailMessage) -> None:
        self.asked.append(message)
        raise ConnectionRefusedError("nobody listens")

    def close(self) -> None:
        pass


def labels(office: Office) -> list[str]:
    return [subject.partition("】")[0].removeprefix("【") for subject in office.box.subjects()]


def test_a_plan_that_moves_later_starts_its_mails_again(alone: Office) -> None:
    plan(alone.therapy, step())
    at("2026-12-09")
    assert labels(alone) == ["期限7日前"]
    plan(alone.therapy, step(day=LATER))
    assert labels(alone) == []
    at("2026-12-16")
    assert labels(alone) == [], "the old day says nothing any more"
    at("2027-01-06")
    (mail,) = alone.box.look()
    assert "【期限14日前】" in mail["Subject"]
    assert "計画の変更により、日付が変わりました(前回のお知らせでは2026年12月16日(水))" in text_of(mail)


def test_a_plan_that_moves_earlier_writes_at_once(alone: Office) -> None:
    plan(alone.therapy, step(day=LATER))
    at("2026-12-09")
    assert labels(alone) == []
    plan(alone.therapy, step(day=EARLIER))
    assert labels(alone) == ["期限1営業日前"]
    at("2026-12-10")
    assert labels(alone) == ["本日期限"]


def test_a_plan_that_moves_away_and_back_says_nothing_twice(alone: Office) -> None:
    plan(alone.therapy, step())
    at("2026-12-09")
    assert labels(alone) == ["期限7日前"]
    plan(alone.therapy, step(day=LATER))
    alone.box.look()
    plan(alone.therapy, step())
    assert labels(alone) == []
    at("2026-12-11")
    assert labels(alone) == ["期限3営業日前"]


def test_done_stops_the_mails(alone: Office) -> None:
    (milestone,) = plan(alone.therapy, step())
    at("2026-12-09")
    assert labels(alone) == ["期限7日前"]
    done(milestone, dt.date(2026, 12, 10))
    assert not [
        mail for _day, mails in alone.box.through(dt.date(2026, 12, 10), dt.date(2026, 12, 31)) for mail in mails
    ]


def test_reopened_starts_them_again(alone: Office) -> None:
    (milestone,) = plan(alone.therapy, step())
    at("2026-12-09")
    done(milestone, dt.date(2026, 12, 9))
    assert labels(alone) == []
    at("2026-12-15")
    schedule.reopen(scope_of(alone.world.lead), milestone)
    assert labels(alone) == ["期限1営業日前"]


def test_the_end_of_a_consultation_stops_the_mails(alone: Office) -> None:
    plan(alone.therapy, step(), subject="c" * 20)
    at("2026-12-09")
    assert labels(alone) == ["期限7日前"]
    schedule.end("trial", "c" * 20)
    at("2026-12-17")
    assert labels(alone) == []


def test_overdue_comes_once_however_long_nobody_acts(alone: Office) -> None:
    plan(alone.therapy, step())
    at("2026-12-16", "18:00")
    assert labels(alone) == ["本日期限"]
    seen = [mail for _day, mails in alone.box.through(dt.date(2026, 12, 17), dt.date(2027, 2, 10)) for mail in mails]
    assert [str(mail["Subject"]).partition("】")[0] for mail in seen] == ["【期限超過1営業日"]


def test_a_worker_that_slept_three_days_writes_one_mail(alone: Office) -> None:
    plan(alone.therapy, step())
    at("2026-12-09")
    alone.box.look()
    at("2026-12-15")  # the mail of three office days before was due on 11 December
    assert labels(alone) == ["期限1営業日前"]
    assert labels(alone) == []


def test_a_worker_that_slept_over_everything_still_writes_that_it_is_overdue(alone: Office) -> None:
    plan(alone.therapy, step())
    at("2027-03-01")
    (mail,) = alone.box.look()
    assert "【期限超過" in mail["Subject"]


def test_a_queued_mail_is_taken_back_when_the_step_is_done(alone: Office) -> None:
    (milestone,) = plan(alone.therapy, step())
    at("2026-12-09")
    assert sweep.sweep().queued == 1
    done(milestone, dt.date(2026, 12, 9))
    assert alone.box.look() == []
    assert alone.box.swept.withdrawn == 1
    assert session.scalars(select(OutboxMail)).all() == []
    event = session.scalars(select(AuditEvent).where(AuditEvent.action == "notices:mail:withdrawn")).one()
    assert (event.subject_id, event.reason) == (milestone, "done")


def test_a_queued_mail_is_replaced_when_the_plan_moves(alone: Office) -> None:
    plan(alone.therapy, step())
    at("2026-12-09")
    assert sweep.sweep().queued == 1
    plan(alone.therapy, step(day=dt.date(2026, 12, 18)))
    (mail,) = alone.box.look()
    assert "【期限9日前】" in mail["Subject"]
    assert "12月18日(金)" in mail["Subject"]


def test_a_queued_mail_of_a_step_that_vanished_is_taken_back(alone: Office) -> None:
    plan(alone.therapy, step())
    at("2026-12-09")
    assert sweep.sweep().queued == 1
    plan(alone.therapy)
    assert alone.box.look() == []


def test_a_mail_server_that_was_down_gets_only_the_newest_mail(alone: Office) -> None:
    plan(alone.therapy, step())
    down = Unreachable()
    for day, _count in ((day, sweep.sweep()) for day in map(_go, ("2026-12-09", "2026-12-11", "2026-12-15"))):
        assert outbox.deliver(down, alone.box._settings) == 0, day
    at("2026-12-15", "09:05")
    assert labels(alone) == ["期限1営業日前"]
    assert len(session.scalars(select(Notice)).all()) == 1


def _go(day: str) -> str:
    at(day)
    return day


def test_a_mail_that_is_being_sent_is_not_taken_back(alone: Office) -> None:
    (milestone,) = plan(alone.therapy, step())
    at("2026-12-09")
    sweep.sweep()
    assert outbox._lease(alone.box._settings) is not None
    done(milestone, dt.date(2026, 12, 9))
    assert sweep.sweep().withdrawn == 0
    assert len(session.scalars(select(Notice)).all()) == 1


def test_a_mail_to_somebody_who_left_is_taken_back(office: Office) -> None:
    plan(office.therapy, step())
    at("2026-12-09")
    assert sweep.sweep().queued == 2
    with transaction():
        session.get_one(Person, office.world.member).active = False
    assert [mail["To"] for mail in office.box.look()] == ["lead@ko.example"]


def test_who_joins_later_gets_the_next_mail(alone: Office) -> None:
    plan(alone.therapy, step())
    at("2026-12-09")
    alone.box.look()
    add_person("new@ko.example", "新人 五郎", alone.world.company, Position.MEMBER)
    assert alone.box.look() == []
    at("2026-12-11")
    assert {mail["To"] for mail in alone.box.look()} == {"lead@ko.example", "new@ko.example"}


def test_a_company_without_people_loses_no_mail(alone: Office) -> None:
    plan(alone.therapy, step())
    with transaction():
        session.get_one(Person, alone.world.lead).active = False
    at("2026-12-16")
    assert alone.box.look() == []
    add_person("new@ko.example", "新人 五郎", alone.world.company, Position.LEAD)
    assert [mail["To"] for mail in alone.box.look()] == ["new@ko.example"]


def test_a_member_may_choose_silence(office: Office) -> None:
    plan(office.therapy, step())
    services.choose_mails(scope_of(office.world.member), mails=False)
    at("2026-12-09")
    assert MEMBER not in {mail["To"] for mail in office.box.look()}


def test_nobody_else_is_told(office: Office) -> None:
    plan(office.therapy, step())
    at("2026-12-16")
    assert {mail["To"] for mail in office.box.look()} == {"lead@ko.example", "member@ko.example"}


def test_a_clock_set_back_mails_nothing_twice(alone: Office) -> None:
    plan(alone.therapy, step())
    at("2026-12-11")
    assert labels(alone) == ["期限3営業日前"]
    at("2026-12-09")
    assert labels(alone) == ["期限7日前"], "it was not sent before"
    at("2026-12-11")
    assert labels(alone) == []


def test_one_broken_milestone_does_not_hold_up_the_others(alone: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, _good = plan(alone.therapy, step("bad"), step("good"))
    write = emails.mail

    def breaks(letters: Sequence[Letter], *rest: Any) -> Mail:
        if any(letter.milestone.id == bad for letter in letters):
            raise ValueError("bad data")
        return write(letters, *rest)

    monkeypatch.setattr(emails, "mail", breaks)
    at("2026-12-09")
    with pytest.raises(RuntimeError, match="1 milestones"):
        sweep.sweep()
    assert outbox.deliver(alone.box.post, alone.box._settings) == 1
