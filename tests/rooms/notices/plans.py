"""Therapies with milestones, a clock that moves, and a mailbox, for the tests of notices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from app.config import Settings
from app.core import clock, mail, outbox
from app.core.db import session, transaction
from app.engine.definition.common import Basis, Role, Text
from app.notices.sweep import Swept, sweep
from app.schedule import services as schedule
from app.schedule.models import Milestone
from app.schedule.services import Draft
from app.therapies.models import Therapy

DUTY = dt.date(2026, 12, 16)  # a Wednesday; the three office days before it are 11, 14 and 15 December


def therapy(organisation_id: str, name_ja: str = "甲細胞シート", name_en: str = "Ko cell sheet") -> str:
    """A therapy of this organisation; returns its id."""
    with transaction():
        row = Therapy(
            organisation_id=organisation_id,
            name_ja=name_ja,
            name_en=name_en,
            product_class="RMP-C",
            material="autologous_cells",
            pathway="regenerative_cell",
            indication_ja="虚血性心疾患",
            indication_en="ischaemic heart disease",
            created_at=clock.now(),
        )
        session.add(row)
        session.flush()
    return row.id


def step(key: str = "materials_due", day: dt.date | None = DUTY, role: Role = Role.NOT_AFTER, **more: Any) -> Draft:
    """One step of a plan, on ``day``."""
    return Draft(
        **{
            "key": key,
            "title": Text(ja="資料搬入", en="Briefing materials due"),
            "about": Text(ja="1月19日 医薬品第Ⅱ相試験終了後相談", en="19 January, End-of-phase II consultation"),
            "role": role,
            "basis": Basis.COMPUTED,
            "on_day": day,
            "why": Text(ja="面談の5週前の月曜日です。", en="The Monday five weeks before the meeting."),
            **more,
        }
    )


def plan(therapy_id: str, *steps: Draft, subject: str = "s" * 20) -> list[str]:
    """Put a plan; returns the ids of its milestones in the order of the steps."""
    schedule.put("trial", subject, therapy_id, steps)
    rows = session.query(Milestone).filter_by(subject_id=subject).order_by(Milestone.position)
    return [row.id for row in rows]


def done(milestone_id: str, on: dt.date | None) -> None:
    """The step was done on this day, or not after all."""
    with transaction():
        row = session.get_one(Milestone, milestone_id, populate_existing=True)
        row.done_on, row.version = on, row.version + 1


def at(day: dt.date | str, hour: str = "09:00") -> None:
    """Move the clock to an hour in Japan."""
    date = dt.date.fromisoformat(day) if isinstance(day, str) else day
    clock.move_to(dt.datetime.combine(date, dt.time.fromisoformat(hour), clock.TOKYO))


class Mailbox:
    """Sweeps, delivers into memory, and remembers."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.post = mail.MemoryTransport()

    def look(self) -> list[Any]:
        """One look of the worker; the mails that arrived by it."""
        before = len(self.post.sent)
        self.swept: Swept = sweep()
        outbox.deliver(self.post, self._settings)
        session.remove()
        return self.post.sent[before:]

    def subjects(self) -> list[str]:
        """What arrived by one look, by its subjects, without the mails of others than the first recipient."""
        return [str(message["Subject"]) for message in self.look()]

    def through(self, first: dt.date, last: dt.date, hour: str = "09:00") -> Iterable[tuple[dt.date, list[Any]]]:
        """One look a day."""
        day = first
        while day <= last:
            at(day, hour)
            yield day, self.look()
            day += dt.timedelta(days=1)


def text_of(message: Any) -> str:
    """The words of a mail."""
    return str(message.get_body(("plain",)).get_content())


def calendar_of(message: Any) -> bytes | None:
    """The attached calendar of a mail."""
    for part in message.iter_attachments():
        if part.get_content_type() == "text/calendar":
            assert part.get_param("method") == "PUBLISH"
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            return payload
    return None
