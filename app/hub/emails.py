"""The weekly digest as a mail: what is late, what meets PMDA soon, where to look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Sequence

from app.abroad import spoilt
from app.core.addresses import address
from app.core.formats import day
from app.core.i18n import gettext as _
from app.core.i18n import language, ngettext, speaking
from app.core.mail import Mail
from app.engine.definition.common import Basis
from app.engine.wording import BASIS
from app.hub.queries import PipelineRow
from app.notices.wording import when
from app.organisations.queries import MemberView

AHEAD = dt.timedelta(days=28)


DIGESTS = "hub:digest:"  # how the keys of all digests begin


def key(hub_id: str, week: dt.date, person_id: str) -> str:
    """What a digest is about."""
    return f"{DIGESTS}{hub_id}:{week.isoformat()}:{person_id}"


def parts(key: str) -> tuple[str, dt.date, str]:
    """Hub, week and person of a key."""
    hub_id, week, person_id = key.removeprefix(DIGESTS).split(":")
    return hub_id, dt.date.fromisoformat(week), person_id


def digest(
    member: MemberView, hub_id: str, week: dt.date, today: dt.date, rows: Sequence[PipelineRow], known: Container[str]
) -> Mail:
    """One person's digest; ``known``: the conflicts that there were at the last one, by name."""
    with speaking(member.language):
        late = [row for row in rows if row.is_late]
        subject = _("[Weekly] Pipeline of %(day)s: %(late)s late", day=day(week), late=len(late))
        parts = [
            _("%(name)s,", name=member.name),
            ngettext(
                "%(num)s therapy is shared with the hub this week.",
                "%(num)s therapies are shared with the hub this week.",
                len(rows),
            ),
            _section(_("Late dates"), [_late(row) for row in late], _("Nothing is late.")),
            _section(
                _("Dates of the next four weeks"),
                [_next(row) for row in rows if _soon(row, today)],
                _("No date lies in the next four weeks."),
            ),
            *_conflicts(rows, known),
            _("The whole pipeline:") + "\n" + address("/hub"),
            _("You see what each company has granted. This mail is sent once a week."),
        ]
        text = "\n\n".join(parts) + "\n"
    return Mail(key=key(hub_id, week, member.person_id), to=member.email, subject=subject, text=text)


def _section(heading: str, lines: list[str], nothing: str) -> str:
    return f"■ {heading}\n" + ("\n".join(f"・{line}" for line in lines) if lines else nothing)


def _conflicts(rows: Sequence[PipelineRow], known: Container[str]) -> list[str]:
    """What plans abroad spoil and did not at the last digest; nothing where there is nothing new."""
    new = [(row, each) for row in rows for each in row.conflicts if spoilt.name(row.therapy.id, each) not in known]
    if not new:
        return []
    lines = [f"{_who(row)}: {each.says.say(language())}" for row, each in new]
    return [_section(_("New conflicts with plans abroad, since the last of these mails"), lines, "")]


def _soon(row: PipelineRow, today: dt.date) -> bool:
    return row.next_day is not None and row.next_day <= today + AHEAD


def _late(row: PipelineRow) -> str:
    assert row.late
    assert row.late.duty_day
    return ngettext(
        "%(therapy)s: %(what)s was due on %(day)s, %(num)s business day ago",
        "%(therapy)s: %(what)s was due on %(day)s, %(num)s business days ago",
        -(row.slack or 0),
        therapy=_who(row),
        what=row.late.title.say(language()),
        day=day(row.late.last_day or row.late.duty_day),
    )


def _next(row: PipelineRow) -> str:
    """A date with what it rests on, unless that is firm; a range as a range."""
    assert row.next
    speak = language()
    basis = f" [{BASIS[row.next.basis].say(speak)}]" if row.next.basis in (Basis.PREDICTED, Basis.ASSUMED) else ""
    return f"{when(row.next)}{basis}  {row.next.title.say(speak)} — {_who(row)}"


def _who(row: PipelineRow) -> str:
    code = f"[{row.stage} {row.place.names.say(language())}] " if row.place else ""
    return f"{code}{row.therapy.name(language())} ({row.therapy.organisation(language())})"
