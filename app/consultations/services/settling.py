"""What follows from every change of a consultation: its standing, its milestones and its track in the history."""

from __future__ import annotations

import datetime as dt

from app.access.scope import Scope
from app.consultations import lines, planning, queries
from app.consultations.course import CLOSED, ENDS, Course
from app.consultations.models import Consultation, Status
from app.consultations.queries import ConsultationView
from app.core import clock
from app.core.db import session
from app.core.errors import Refused
from app.engine.consultation import ConsultationPlan
from app.engine.definition.common import Text
from app.engine.wording import day_text
from app.schedule import services as milestones

KIND = "consultation"  # the kind of subject in the room of the schedule


def settle(scope: Scope, row: Consultation) -> None:
    """Bring everything that follows in line with the row and its rounds; in the caller's transaction.

    What has ended leaves nothing open: its dates vanish, and with them the mails and the entries of calendars. Raises
    Refused with the sentence of the history where a day cannot be.
    """
    session.flush()
    course = queries.view(row).course(queries.rounds(scope, row.id))
    plan = course.plan(clock.today())
    _stand(row, course, plan)
    drafts = planning.drafts(plan)
    if Status(row.status) is not Status.CONFIRMED:
        drafts = [draft for draft in drafts if draft.done_on]
    milestones.put(KIND, row.id, row.therapy_id, drafts, scope=scope, keep_done=False)
    lines.follow(scope, row)


def must_run(view: ConsultationView) -> None:
    """Refuse a change of what has ended, with what to do when the end itself was wrong."""
    if view.end is None:
        return
    name, day = view.end.names, day_text(view.end.day)
    raise Refused(
        Text(
            ja=f"この相談は終わっています(「{name.ja}」{day.ja})。誤りのときは、先にその記録を取り消してください。",
            en=f"This consultation is over ({name.en}, {day.en}). If that is wrong, first take that record back.",
        ),
        field="day",
    )


def must_be_open(view: ConsultationView) -> None:
    """Refuse another wish once there is no meeting to come."""
    must_run(view)
    if not view.open or view.held_on:
        raise Refused(Text(ja="この相談は終了しています。", en="This consultation is closed."), field="month")


def future(day: dt.date) -> Text:
    """A day that has not come."""
    said = day_text(day)
    return Text(
        ja=f"{said.ja}はまだ来ていません。実際にあった日を入力してください。",
        en=f"{said.en} has not come yet. Please give the day on which it happened.",
    )


def _stand(row: Consultation, course: Course, plan: ConsultationPlan) -> None:
    """It is closed when its last official step has happened: the record, or the meeting where there is no record."""
    if course.end:
        row.status, row.ended_on = ENDS[course.end.event], course.end.day
        return
    key = "record" if plan.kind.outcome == "record" else None
    last = next((step for step in plan.steps if (step.key == key if key else step.step.place == "meeting")), None)
    closed = course.turn(CLOSED)
    if last and last.done and last.span:
        row.status, row.ended_on = Status.CLOSED, closed.day if closed else last.span.earliest
    else:
        row.status, row.ended_on = Status.CONFIRMED, None
