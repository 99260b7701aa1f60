"""What the page components show: one frozen view per component, all texts already in the reader's language.

A room's view function builds these and its template hands them to the macro of the same name in
``templates/web/components/``. Nothing here reads a database, a clock or a request.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from app.engine.definition.common import Basis, Language, Text

Tone = Literal["info", "success", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Link:
    """A sentence or word that leads somewhere. ``label`` must make sense when read alone."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class Name:
    """A name in both languages, the reader's first; ``second_language`` goes into the ``lang`` attribute."""

    first: str
    second: str
    second_language: Language

    @classmethod
    def of(cls, text: Text, reader: Language) -> Name:
        """``text`` for a reader of ``reader``."""
        other: Language = "en" if reader == "ja" else "ja"
        return cls(text.say(reader), text.say(other), other)


# --- the shell -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """One entry of the main navigation; ``current`` marks the room the reader is in."""

    key: str
    label: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class ShellUrls:
    """Where the frame of a page leads. ``language`` and ``sign_out`` take a POST; None hides the entry."""

    home: str
    language: str | None = None  # form fields: language=ja|en, next=<address of this page>
    sign_in: str | None = None
    sign_out: str | None = None
    account: str | None = None
    rules: str | None = None  # where the sources of all regulatory facts are listed
    here: str = "/"  # address of this page, so that switching the language keeps the place


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of every page. ``title`` is the name of the site; a page's own title is its ``title`` block."""

    title: str
    language: Language
    urls: ShellUrls
    navigation: tuple[NavigationItem, ...] = ()
    person: str | None = None  # None: nobody is signed in
    organisation: str | None = None
    notice: str | None = None  # a line above every page, e.g. that the data of the demo are invented


# --- sources and dates -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SourceMark:
    """Where a regulatory fact comes from. Nothing starts as verified.

    ``look`` "read" needs ``title`` and, where known, ``read_on``; "verified" needs ``verified_by`` and ``verified_on``.
    """

    look: Literal["read", "recalled", "verified"]
    title: str | None = None
    href: str | None = None
    read_on: dt.date | None = None
    verified_by: str | None = None
    verified_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class EntryMark:
    """How an entry of the rules is known, whether it stands verified for the reader, and where it stands."""

    confidence: str
    verified: bool
    href: str


@dataclass(frozen=True, slots=True)
class Why:
    """The answer to "why this date?". ``inputs`` are (name, value) pairs of the derivation."""

    sentence: str
    inputs: tuple[tuple[str, str], ...] = ()
    sources: tuple[SourceMark, ...] = ()
    analogy: str | None = None  # for an assumed date: what it was taken from
    ask: str | None = None  # for an assumed or unknown date: what to ask, and whom
    rule: str | None = None  # the address of the rule on the page of rules


@dataclass(frozen=True, slots=True)
class DateView:
    """A date with the kind of its basis. Give one of ``day``, ``month``, ``year`` or ``earliest`` and ``latest``.

    None of them means that there is no date; its basis is then unknown.
    """

    basis: Basis
    day: dt.date | None = None
    month: tuple[int, int] | None = None
    year: int | None = None
    earliest: dt.date | None = None
    latest: dt.date | None = None
    why: Why | None = None
    certainty: str | None = None  # of a day of a history: high, medium or low; None where nobody said
    also: tuple[DateView, ...] = ()  # days that other sources give for the same event

    @property
    def known(self) -> bool:
        """Whether there is anything to print."""
        return any((self.day, self.month, self.year, self.earliest, self.latest))


# --- station sign and departure board --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Stop:
    """A neighbouring station on a sign: its code (``P03``), its name, and its day if any."""

    code: str
    name: Name
    date: DateView | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """One sentence about what still stands before the next station, with the link that helps."""

    sentence: str
    link: Link | None = None
    answer: Literal["not_yet", "cannot_tell", "warning"] = "not_yet"


@dataclass(frozen=True, slots=True)
class StationSign:
    """Where a track is, where it came from, where it goes, and what is missing until then.

    ``going_to`` None: the line ends here. ``heading_level`` fits the sign into the page's outline.
    """

    letter: str
    number: str  # two digits, "04"
    name: Name
    line: Name
    came_from: Stop | None = None
    going_to: Stop | None = None
    since: DateView | None = None
    missing: tuple[Missing, ...] = ()
    link: Link | None = None
    heading_level: Literal[2, 3] = 2


class DepartureState(StrEnum):
    """What the last column of the departure board says."""

    COUNTED = "counted"  # business days left
    TODAY = "today"
    OVERDUE = "overdue"  # business days late
    PREDICTED = "predicted"
    ASSUMED = "assumed"
    NOT_PUBLISHED = "not_published"
    MAY_BE_OVER = "may_be_over"  # a range has begun, and nobody can tell whether its true day has passed
    EARLIEST = "earliest"  # the day shown is the first of a range: the true day is still open


@dataclass(frozen=True, slots=True)
class Departure:
    """One row of the board. ``business_days`` is never negative: days left, or days late when overdue."""

    date: DateView
    what: str
    state: DepartureState
    hours: str | None = None  # "10:00–16:00" as the regulator prints it
    meeting: str | None = None
    therapy: Link | None = None
    business_days: int | None = None
    href: str | None = None


@dataclass(frozen=True, slots=True)
class DepartureBoard:
    """The next dates that will not wait, soonest first. ``foot`` is the price of missing the first one."""

    departures: tuple[Departure, ...]
    foot: str | None = None
    heading: str | None = None  # None: the usual heading
    empty: str | None = None  # what to say when there is no row; None: the usual sentence
    next_business_days: int | None = None
    next_is_today: bool = False
    more: Link | None = None


# --- work ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a consultation's rail. ``whose`` says who acts: we, or the regulator."""

    name: str
    standing: Literal["done", "now", "next", "missed", "not_needed"]
    date: DateView | None = None
    whose: Literal["ours", "theirs"] | None = None
    note: str | None = None
    link: Link | None = None


class TaskStatus(StrEnum):
    """How far a piece of work is; "blocked" was looked at and cannot be completed yet."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    BLOCKED = "blocked"
    DONE = "done"
    NOT_NEEDED = "not_needed"


@dataclass(frozen=True, slots=True)
class Task:
    """One row of a task list; the title begins with a verb and the whole row is the link."""

    title: str
    status: TaskStatus
    href: str | None = None
    hint: str | None = None
    date: DateView | None = None


@dataclass(frozen=True, slots=True)
class JobProgress:
    """A piece of long work. While it is running the view sends a Refresh header, so nothing needs JavaScript."""

    label: str
    state: Literal["waiting", "running", "done", "failed"]
    done: int = 0
    total: int | None = None  # None: the length is not known
    poll: str | None = None  # address of this fragment, for htmx
    message: str | None = None
    link: Link | None = None
