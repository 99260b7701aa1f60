"""The mails about a day: to whom, what, by when, why, and how to make them stop."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from app.core import formats
from app.core.addresses import address
from app.core.i18n import gettext as _
from app.core.i18n import language, pgettext, speaking
from app.core.mail import Mail
from app.engine.calendar import OfficeCalendar
from app.engine.definition.common import Role, Text
from app.notices import ics, wording
from app.notices.rules import Rule
from app.organisations.queries import MemberView
from app.schedule.queries import MilestoneView
from app.schedule.services import path_of


@dataclass(frozen=True)
class Letter:
    """Everything that one mail is about. ``day``: the day that is counted to; ``before``: the day that the last mail
    about it named, if another; ``station``: where the therapy stands and goes next, as text."""

    milestone: MilestoneView
    rule: Rule
    day: dt.date
    organisation: Text
    before: dt.date | None = None
    station: Text | None = None


def key(milestone_id: str, rule: Rule, day: dt.date, person_id: str) -> str:
    """What a mail is about; also what its Message-ID is made of."""
    return f"notices:{milestone_id}:{rule}:{day.isoformat()}:{person_id}"


def mail(letter: Letter, person: MemberView, now: dt.datetime, today: dt.date, calendar: OfficeCalendar) -> Mail:
    """The mail to one person, in their language."""
    milestone, rule = letter.milestone, letter.rule
    with speaking(person.language):
        return Mail(
            key=key(milestone.id, rule, letter.day, person.person_id),
            to=person.email,
            subject=wording.subject(milestone, rule, letter.day, today, calendar),
            text="\n".join(
                [
                    _("Dear %(name)s (%(organisation)s),", **_addressee(letter, person)),
                    "",
                    wording.opening(milestone, rule, letter.day, today, calendar),
                    *_moved(letter),
                    "",
                    *_facts(letter),
                    "",
                    *_reasons(milestone),
                    *_ending(letter),
                ]
            ),
            calendar=None if rule is Rule.SILENCE else ics.calendar_file([milestone], now, ics.IN_MAILS),
        )


def _addressee(letter: Letter, person: MemberView) -> dict[str, str]:
    organisation = letter.organisation.say(language())
    return {"name": wording.one_line(person.name), "organisation": wording.one_line(organisation)}


def _moved(letter: Letter) -> list[str]:
    if letter.before is None or letter.before == letter.day:
        return []
    return [_("The plan has moved: the last mail about this named %(day)s.", day=formats.day(letter.before))]


def _facts(letter: Letter) -> list[str]:
    milestone, speak = letter.milestone, language()
    theirs = milestone.role is Role.THEIRS
    whose_day = {Role.THEIRS: _("Expected"), Role.OWN: _("Planned for")}.get(milestone.role, _("By when"))
    pairs = [
        (_("Expected from PMDA") if theirs else _("What to do"), milestone.title.say(speak)),
        (whose_day, wording.when(milestone)),
        (_("Therapy"), milestone.therapy.say(speak)),
    ]
    if milestone.about:
        pairs.append((pgettext("deadline mail", "For"), milestone.about.say(speak)))
    pairs.append((_("Firmness of the date"), wording.basis(milestone)))
    lines = [_("- %(name)s: %(value)s", name=name, value=wording.one_line(value)) for name, value in pairs]
    return [*lines, *(f"  {caution}" for caution in wording.cautions(milestone))]


def _reasons(milestone: MilestoneView) -> list[str]:
    speak = language()
    lines = []
    if milestone.why:  # it also names the analogy and what to ask, where the day is only assumed
        lines += [_("Why this date"), f"  {milestone.why.say(speak)}"]
    for name, value in milestone.trace.get("pairs", ()):
        if name.get("en") == "Hour":
            lines.append(f"  {name[speak]}: {value[speak]}")
    if milestone.price:
        lines += ["", _("If it is missed"), f"  {milestone.price.say(speak)}"]
    return [*lines, ""] if lines else []


def _ending(letter: Letter) -> list[str]:
    milestone, speak = letter.milestone, language()
    if letter.rule is Rule.SILENCE:
        stop = _("If it has come, please record its day there. If not, please ask the PMDA office in charge.")
    else:
        stop = _("Once it is done, please record the day there: no more mails about it will come.")
    return [
        _("Details, and where to record it as done"),
        f"  {address(path_of(milestone))}",
        "",
        stop,
        _("If the plan moves, the mails move with it."),
        "",
        *([letter.station.say(speak), ""] if letter.station else []),
        "-- ",
        "Shirube 標",
        _("This mail was sent automatically. Which mails you get is set in Shirube under “Notices”."),
    ]
