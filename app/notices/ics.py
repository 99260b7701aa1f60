"""Milestones as calendar files (RFC 5545): one event each, whose UID stays and whose SEQUENCE grows when it changes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.addresses import address
from app.core.clock import TOKYO
from app.core.i18n import gettext as _
from app.core.i18n import language
from app.engine.calendar import DAY
from app.engine.definition.common import Basis, Role
from app.notices import wording
from app.schedule.queries import MilestoneView
from app.schedule.services import path_of

if TYPE_CHECKING:  # read where a calendar is made, not at every start
    from icalendar import Alarm, Event

HOUR = re.compile(r"\d{1,2}:\d{2}")
MORNING = dt.time(9)  # of the day before: when the alarm rings


@dataclass(frozen=True)
class Look:
    """How events are shown: with the name of the therapy or without, with an alarm or without."""

    names: bool
    alarm: bool


IN_MAILS = Look(names=True, alarm=True)


def calendar_file(milestones: Iterable[MilestoneView], now: dt.datetime, look: Look, *, name: str | None = None) -> str:
    """A calendar of all milestones that have a date, in the reader's language; ``now`` is when it is made."""
    from icalendar import Calendar  # noqa: PLC0415 — as above

    calendar = Calendar()
    calendar.add("prodid", "-//Shirube//Shirube//JA")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    if name:
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
        calendar.add("x-wr-timezone", str(TOKYO))
        calendar.add("refresh-interval", dt.timedelta(hours=1), parameters={"value": "DURATION"})
    for milestone in milestones:
        event = _event(milestone, now, look)
        if event is not None:
            calendar.add_component(event)
    calendar.add_missing_timezones()
    return str(calendar.to_ical().decode())


def uid(milestone: MilestoneView) -> str:
    """The UID of a milestone, the same in every file for as long as the milestone lives."""
    return f"{milestone.id}@shirube.invalid"


def _event(milestone: MilestoneView, now: dt.datetime, look: Look) -> Event | None:
    from icalendar import Event  # noqa: PLC0415 — as above

    span = _span(milestone)
    if span is None:
        return None
    first, last = span
    event = Event()
    event.add("uid", uid(milestone))
    event.add("sequence", milestone.version)
    event.add("dtstamp", now)
    hours = HOUR.findall(milestone.hours or "") if first == last and milestone.done_on is None else []
    if hours:
        opens, closes = (dt.datetime.combine(first, _time(hour), TOKYO) for hour in (hours[0], hours[-1]))
        event.add("dtstart", opens)
        if closes > opens:
            event.add("dtend", closes)
    else:
        event.add("dtstart", first)
        event.add("dtend", last + DAY)
        event.add("transp", "TRANSPARENT")
    event.add("summary", _summary(milestone, look))
    event.add("description", _description(milestone))
    event.add("url", address(path_of(milestone)))
    if look.alarm:
        event.add_component(_alarm(milestone, look, dt.datetime.combine(first, _time(hours[0])) if hours else first))
    return event


def _span(milestone: MilestoneView) -> tuple[dt.date, dt.date] | None:
    if milestone.done_on:
        return milestone.done_on, milestone.done_on
    first = milestone.on_day or milestone.earliest
    return (first, milestone.on_day or milestone.latest or first) if first else None


def _summary(milestone: MilestoneView, look: Look) -> str:
    speak = language()
    what = wording.one_line(milestone.title.say(speak))
    if milestone.done_on:
        what = _("done: %(what)s", what=what)
    elif milestone.role is Role.THEIRS:
        what = _("expected: %(what)s", what=what)
    firmness = {Basis.PREDICTED: _("predicted"), Basis.ASSUMED: _("assumed")}.get(milestone.basis)
    if firmness and not milestone.done_on:
        what = _("%(what)s (%(basis)s)", what=what, basis=firmness)
    if look.names:
        what = _("%(what)s – %(therapy)s", what=what, therapy=wording.one_line(milestone.therapy.say(speak)))
    return what


def _description(milestone: MilestoneView) -> str:
    speak = language()
    lines = [milestone.about.say(speak) if milestone.about else "", wording.when(milestone), wording.basis(milestone)]
    lines += wording.cautions(milestone)
    return "\n".join(line for line in lines if line)


def _alarm(milestone: MilestoneView, look: Look, starts: dt.date) -> Alarm:
    """Rings on the morning before; a trigger is counted from the beginning of the event, whatever its hour."""
    from icalendar import Alarm  # noqa: PLC0415 — as above

    begins = starts if isinstance(starts, dt.datetime) else dt.datetime.combine(starts, dt.time.min)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", _summary(milestone, look))
    alarm.add("trigger", dt.datetime.combine(begins.date() - DAY, MORNING) - begins)
    return alarm


def _time(hour: str) -> dt.time:
    return dt.time.fromisoformat(hour.zfill(5))
