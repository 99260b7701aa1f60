"""The words of a deadline mail: what is said of a day, and how far away it is. Nothing is said that is not known."""

from __future__ import annotations

import datetime as dt
import unicodedata
from enum import Enum, auto

from app.core import formats
from app.core.i18n import gettext as _
from app.core.i18n import language, ngettext
from app.engine.calendar import OfficeCalendar
from app.engine.definition.common import Basis, Role
from app.engine.trace import in_principle
from app.notices.rules import Rule
from app.schedule.queries import MilestoneView

SUBJECT_WIDTH = 90  # half-width signs, 45 full-width ones: what a mail program shows of a subject
NAME_WIDTH = 24
WIDE = "WFA"  # East Asian width: wide, full-width, ambiguous


def subject(
    milestone: MilestoneView, rule: Rule, day: dt.date, today: dt.date, calendar: OfficeCalendar, *, others: int = 0
) -> str:
    """The subject of a mail: how urgent, what, for which therapy, on which day, and about how many others it is."""
    speak = language()
    mark = label(milestone, rule, day, today, calendar)
    date = formats.day(day, speak)
    if day.year == today.year:  # the mail names it; a day of last December must not read as one of next month
        date = date.replace(f"{day.year}年" if speak == "ja" else f" {day.year}", "")
    more = _("%(subject)s (+%(num)d more)", subject="", num=others) if others else ""
    name = fit(milestone.therapy.say(speak), NAME_WIDTH - width(more))
    room = SUBJECT_WIDTH - width(mark) - width(date) - width(name) - width(more) - 5
    said = _(
        "%(label)s %(what)s: %(therapy)s, %(day)s",
        label=mark,
        what=fit(milestone.title.say(speak), room),
        therapy=name,
        day=date,
    )
    return _("%(subject)s (+%(num)d more)", subject=said, num=others) if others else said


def label(milestone: MilestoneView, rule: Rule, day: dt.date, today: dt.date, calendar: OfficeCalendar) -> str:
    """How urgent it is and how firm, in brackets."""
    return _("[%(label)s]", label=_label(milestone, rule, day, today, calendar))


def opening(milestone: MilestoneView, rule: Rule, day: dt.date, today: dt.date, calendar: OfficeCalendar) -> str:
    """The first sentence: where we stand with the day."""
    far, n = distance(milestone, rule, day, today, calendar)
    last = formats.day(milestone.latest or day)
    sentences = {
        Far.SILENT: _("This was expected by %(day)s, but nothing has been recorded yet.", day=formats.day(day)),
        Far.RUNNING: _(
            "The first day of this period has passed and nothing has been recorded yet. The period ends on %(day)s.",
            day=last,
        ),
        Far.FORECAST: _("The expected deadline has passed, but it has not been recorded as done."),
        Far.OPENS: _("From today on PMDA may already receive this, although a later day is expected."),
    }
    duty = {
        Far.PAST: _("This deadline has passed, but it has not been recorded as done."),
        Far.TODAY: _("The deadline is today."),
        Far.OFFICE_DAYS: ngettext(
            "%(num)d office day is left until the deadline.", "%(num)d office days are left until the deadline.", n
        ),
        Far.DAYS: ngettext("%(num)d day is left until the deadline.", "%(num)d days are left until the deadline.", n),
    }
    plan = {
        Far.PAST: _("This planned day has passed, but it has not been recorded as done."),
        Far.TODAY: _("The planned day is today."),
        Far.OFFICE_DAYS: ngettext(
            "%(num)d office day is left until the planned day.",
            "%(num)d office days are left until the planned day.",
            n,
        ),
        Far.DAYS: ngettext(
            "%(num)d day is left until the planned day.", "%(num)d days are left until the planned day.", n
        ),
    }
    return (sentences | (duty if milestone.role is Role.NOT_AFTER else plan))[far]


def when(milestone: MilestoneView) -> str:
    """The day with its weekday and hour, or the range with the day that we count to."""
    if milestone.on_day:
        text = formats.day(milestone.on_day)
    elif milestone.earliest and milestone.latest:
        text = formats.day_range(milestone.earliest, milestone.latest)
    else:
        return _("no date")
    if milestone.hours:
        hours = milestone.hours
        text += " " + (hours if "–" in hours else _("until %(hour)s", hour=hours))
    return text


def cautions(milestone: MilestoneView, today: dt.date | None = None) -> list[str]:
    """What must be said about a day that is not certain; without ``today`` it is written for no day in particular."""
    said = []
    if milestone.is_window:
        said.append(_("The true day lies somewhere in this period; to be safe we count to its first day."))
    elif milestone.earliest and milestone.latest and milestone.role is not Role.THEIRS:
        said.append(_("The day can only be narrowed down to this period; to be safe we count to its first day."))
    if milestone.alarm_from and milestone.duty_day and milestone.alarm_from < milestone.duty_day:
        said += _early(milestone.alarm_from, milestone.duty_day, today or milestone.alarm_from)
    if counted_from_a_forecast(milestone):
        said.append(
            _("It is counted from a day that is only expected. Record the true day, and the deadline is counted anew.")
        )
    return said


def _early(alarm_from: dt.date, duty_day: dt.date, today: dt.date) -> list[str]:
    if today <= alarm_from:
        return [_("The true day may be as early as %(day)s: be ready by then.", day=formats.day(alarm_from))]
    if today <= duty_day:
        return [_("The true day may have come already. Please compare it with what PMDA publishes.")]
    return []  # the deadline itself has passed, and the mail says so


def counted_from_a_forecast(milestone: MilestoneView) -> bool:
    """Whether the count starts at something that has not happened yet, so that the deadline itself is a forecast."""
    first = (milestone.trace.get("inputs") or [{}])[0]
    return not first.get("settled") and first.get("basis") in (
        Basis.PUBLISHED,
        Basis.COMPUTED,
        Basis.PREDICTED,
        Basis.ASSUMED,
    )


def basis(milestone: MilestoneView) -> str:
    """What the day rests on, said plainly."""
    sentences = {
        Basis.ACTUAL: _("It is a fact."),
        Basis.AGREED: _("PMDA named this day."),
        Basis.PUBLISHED: _("PMDA published this day."),
        Basis.TARGET: _("It is your own target."),
        Basis.COMPUTED: _("It is computed by a rule with a source."),
        Basis.PREDICTED: _("It is a prediction. Please compare it with what PMDA publishes."),
        Basis.ASSUMED: _("It is an assumption by analogy. Please ask PMDA before you rely on it."),
        Basis.UNKNOWN: _("The day is not known."),
    }
    if in_principle(milestone.basis, milestone.role):
        return _("PMDA published this day in principle; it may come later.")
    return sentences[milestone.basis]


def rule_name(rule: Rule) -> str:
    """The rule, for lists."""
    return {
        Rule.DAYS_14: _("14 days before"),
        Rule.DAYS_7: _("7 days before"),
        Rule.OFFICE_3: _("3 office days before"),
        Rule.OFFICE_1: _("1 office day before"),
        Rule.OPENS: _("when it may open"),
        Rule.ON_DAY: _("on the day"),
        Rule.OVERDUE: _("the office day after"),
        Rule.SILENCE: _("when PMDA is silent"),
    }[rule]


def width(text: str) -> int:
    """The width of a text in half-width signs."""
    return sum(2 if unicodedata.east_asian_width(sign) in WIDE else 1 for sign in text)


def fit(text: str, room: int) -> str:
    """The text on one line, cut with an ellipsis to ``room`` half-width signs."""
    text = one_line(text)
    if width(text) <= room:
        return text
    while text and width(text) > room - 2:
        text = text[:-1]
    return text.rstrip() + "…"


def one_line(text: str) -> str:
    """The text without line breaks and control signs: what somebody typed must not look like a line of ours."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


class Far(Enum):
    """How far away a day is, in the words that a mail has for it."""

    SILENT = auto()  # the regulator was expected to act
    RUNNING = auto()  # the first day of a range has passed, the last has not
    FORECAST = auto()  # past, but counted from a day that is only expected
    OPENS = auto()
    PAST = auto()
    TODAY = auto()
    OFFICE_DAYS = auto()
    DAYS = auto()  # calendar days


def distance(
    milestone: MilestoneView, rule: Rule, day: dt.date, today: dt.date, calendar: OfficeCalendar
) -> tuple[Far, int]:
    """How far ``day`` is from ``today``, whenever the mail is really written: days left, or office days past."""
    days = (day - today).days
    special = {Rule.SILENCE: Far.SILENT, Rule.OPENS: Far.OPENS}.get(rule) if days or rule is Rule.SILENCE else None
    if rule is Rule.OVERDUE and milestone.latest and milestone.latest >= today:
        special = Far.RUNNING
    elif rule is Rule.OVERDUE and counted_from_a_forecast(milestone):
        special = Far.FORECAST
    if days < 0:
        return special or Far.PAST, max(calendar.count(day, today), 0)
    if special or days == 0:
        return special or Far.TODAY, 0
    left = calendar.count(today, day)
    return (Far.OFFICE_DAYS, left) if rule in (Rule.OFFICE_3, Rule.OFFICE_1) and left else (Far.DAYS, days)


def _label(milestone: MilestoneView, rule: Rule, day: dt.date, today: dt.date, calendar: OfficeCalendar) -> str:
    far, n = distance(milestone, rule, day, today, calendar)
    labels = {
        Far.SILENT: _("please check with PMDA"),
        Far.RUNNING: _("please check, period running"),
        Far.FORECAST: _("please check, expected day passed"),
        Far.OPENS: _("may open today"),
    }
    duty = {
        Far.PAST: ngettext("overdue by %(num)d office day", "overdue by %(num)d office days", n)
        if n
        else _("deadline passed"),
        Far.TODAY: _("deadline today"),
        Far.OFFICE_DAYS: ngettext("deadline in %(num)d office day", "deadline in %(num)d office days", n),
        Far.DAYS: ngettext("deadline in %(num)d day", "deadline in %(num)d days", n),
    }
    plan = {
        Far.PAST: _("planned day passed"),
        Far.TODAY: _("planned for today"),
        Far.OFFICE_DAYS: ngettext("planned in %(num)d office day", "planned in %(num)d office days", n),
        Far.DAYS: ngettext("planned in %(num)d day", "planned in %(num)d days", n),
    }
    text = (labels | (duty if milestone.role is Role.NOT_AFTER else plan))[far]
    firmness = {Basis.PREDICTED: _("predicted"), Basis.ASSUMED: _("assumed")}.get(milestone.basis)
    text = text[:1].upper() + text[1:]
    return _("%(label)s, %(basis)s", label=text, basis=firmness) if firmness else text
