"""The mails about a day: to whom, what, by when, why, and how to make them stop."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from app.core import formats
from app.core.addresses import address
from app.core.i18n import gettext as _
from app.core.i18n import language, ngettext, pgettext, speaking
from app.core.mail import Mail
from app.engine.calendar import OfficeCalendar
from app.engine.definition.common import Role, Text
from app.notices import ics, wording
from app.notices.rules import Rule
from app.organisations.queries import MemberView
from app.schedule.queries import MilestoneView, follows_the_history
from app.schedule.services import path_of


@dataclass(frozen=True)
class Letter:
    """Everything that one mail, or one part of it, is about. ``day``: the day that is counted to; ``before``: the day
    that the last mail about it named, if another; ``station``: where the therapy stands and goes next, as text."""

    milestone: MilestoneView
    rule: Rule
    day: dt.date
    organisation: Text
    before: dt.date | None = None
    station: Text | None = None


def key(letters: Sequence[Letter], person_id: str) -> str:
    """What a mail is about, whatever the order; also what its Message-ID is made of."""
    about = sorted(f"{letter.milestone.id}:{letter.rule}:{letter.day.isoformat()}" for letter in letters)
    if len(about) == 1:
        return f"notices:{about[0]}:{person_id}"
    return f"notices:together:{hashlib.sha256(' '.join(about).encode()).hexdigest()}:{person_id}"


def mail(
    letters: Sequence[Letter], person: MemberView, now: dt.datetime, today: dt.date, calendar: OfficeCalendar
) -> Mail:
    """One mail to one person about one day or about several, soonest first; in their language."""
    first, *others = letters = sorted(letters, key=lambda each: (each.day, each.milestone.among_equals))
    with speaking(person.language):
        body = _together(letters, today, calendar) if others else _alone(first, today, calendar)
        events = [letter.milestone for letter in letters if letter.rule is not Rule.SILENCE]
        return Mail(
            key=key(letters, person.person_id),
            to=person.email,
            subject=wording.subject(first.milestone, first.rule, first.day, today, calendar, others=len(others)),
            text="\n".join(
                [_("Dear %(name)s (%(organisation)s),", **_addressee(first, person)), "", *body, *_ending(letters)]
            ),
            calendar=ics.calendar_file(events, now, ics.IN_MAILS) if events else None,
        )


def _alone(letter: Letter, today: dt.date, calendar: OfficeCalendar) -> list[str]:
    milestone = letter.milestone
    if letter.rule is Rule.SILENCE:
        stop = _("If it has come, please record its day there. If not, please ask the PMDA office in charge.")
    elif follows_the_history(milestone):
        stop = _("This deadline ends once what was done is recorded there in the history: no more mails will come.")
    else:
        stop = _("Once it is done, please record the day there: no more mails about it will come.")
    return [
        wording.opening(milestone, letter.rule, letter.day, today, calendar),
        *_moved(letter),
        "",
        *(_("- %(name)s: %(value)s", name=name, value=value) for name, value in _facts(letter)),
        *(f"  {caution}" for caution in wording.cautions(milestone, today)),
        "",
        *_reasons(milestone),
        _("Details, and where to record it as done"),
        f"  {address(path_of(milestone))}",
        "",
        stop,
    ]


def _together(letters: Sequence[Letter], today: dt.date, calendar: OfficeCalendar) -> list[str]:
    lines = [
        ngettext("%(num)d date is coming up.", "%(num)d dates are coming up, soonest first.", len(letters)),
        "",
    ]
    for number, letter in enumerate(letters, start=1):
        lines += [*_item(number, letter, today, calendar), ""]
    following = [follows_the_history(letter.milestone) for letter in letters]
    if not all(following):
        lines.append(_("Once one of them is done, please record the day there: no more mails about it will come."))
    if any(following):
        lines.append(_("Deadlines that follow from a history end once what was done is recorded in it."))
    return lines


def _item(number: int, letter: Letter, today: dt.date, calendar: OfficeCalendar) -> list[str]:
    milestone, speak = letter.milestone, language()
    (_name, what), *facts = _facts(letter)
    reasons = []
    if milestone.why:
        reasons.append((pgettext("deadline mail", "Why"), milestone.why.say(speak)))
    reasons += _hours(milestone)
    if milestone.price:
        reasons.append((pgettext("deadline mail", "If missed"), milestone.price.say(speak)))
    reasons.append((pgettext("deadline mail", "Details and record"), address(path_of(milestone))))
    mark = wording.label(milestone, letter.rule, letter.day, today, calendar)
    lines = [*_moved(letter), *map(_said, facts), *wording.cautions(milestone, today), *map(_said, reasons)]
    head = _("%(number)d. %(label)s %(what)s", number=number, label=mark, what=what)
    return [head, *(f"   {line}" for line in lines)]


def _said(pair: tuple[str, str]) -> str:
    return _("%(name)s: %(value)s", name=pair[0], value=wording.one_line(pair[1]))


def _addressee(letter: Letter, person: MemberView) -> dict[str, str]:
    organisation = letter.organisation.say(language())
    return {"name": wording.one_line(person.name), "organisation": wording.one_line(organisation)}


def _moved(letter: Letter) -> list[str]:
    if letter.before is None or letter.before == letter.day:
        return []
    return [_("The plan has moved: the last mail about this named %(day)s.", day=formats.day(letter.before))]


def _facts(letter: Letter) -> list[tuple[str, str]]:
    milestone, speak = letter.milestone, language()
    theirs = milestone.role is Role.THEIRS
    whose_day = {Role.THEIRS: _("Expected"), Role.OWN: _("Planned for")}.get(milestone.role, _("By when"))
    pairs = [
        (_("Expected from PMDA") if theirs else _("What to do"), milestone.title.say(speak)),
        (whose_day, wording.when(milestone)),
        (_("Therapy"), milestone.therapy.say(speak)),
    ]
    if milestone.about:
        concerns = _("Concerns") if follows_the_history(milestone) else pgettext("deadline mail", "For")
        pairs.append((concerns, milestone.about.say(speak)))
    pairs.append((_("Firmness of the date"), wording.basis(milestone)))
    return [(name, wording.one_line(value)) for name, value in pairs]


def _reasons(milestone: MilestoneView) -> list[str]:
    speak = language()
    lines = []
    if milestone.why:  # it also names the analogy and what to ask, where the day is only assumed
        lines += [_("Why this date"), f"  {milestone.why.say(speak)}"]
    lines += [f"  {_said(pair)}" for pair in _hours(milestone)]
    if milestone.price:
        lines += ["", _("If it is missed"), f"  {milestone.price.say(speak)}"]
    return [*lines, ""] if lines else []


def _hours(milestone: MilestoneView) -> list[tuple[str, str]]:
    speak = language()
    pairs = milestone.trace.get("pairs", ())
    return [(name[speak], value[speak]) for name, value in pairs if name.get("en") == "Hour"]


def _ending(letters: Sequence[Letter]) -> list[str]:
    return [
        _("If the plan moves, the mails move with it."),
        "",
        *_stations(letters),
        "-- ",
        "Shirube 標",
        _("This mail was sent automatically. Which mails you get is set in Shirube under “Notices”."),
    ]


def _stations(letters: Sequence[Letter]) -> list[str]:
    """Where each therapy stands, once; with its name where there are several."""
    speak = language()
    lines = {letter.milestone.therapy_id: letter for letter in letters if letter.station}
    several = len({letter.milestone.therapy_id for letter in letters}) > 1
    said = []
    for letter in lines.values():
        sign = letter.station.say(speak) if letter.station else ""
        name = letter.milestone.therapy.say(speak)
        said.append(_said((name, sign)) if several else sign)
    return [*said, ""] if said else []
