"""How a date came about: rule, inputs, counting, rolling and source, kept beside every date."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from app.engine.definition.common import Basis, Confidence, Provenance, Role, Text
from app.engine.definition.rules import DateRule

Certainty = Literal["certain", "likely", "possible"]

FIRMNESS = {basis: place for place, basis in enumerate(Basis)}
BASIS_OF_RULE = {
    Confidence.READ: Basis.COMPUTED,
    Confidence.KNOWN_HIGH: Basis.COMPUTED,
    Confidence.KNOWN_MEDIUM: Basis.COMPUTED,
    Confidence.DERIVED: Basis.PREDICTED,  # a pattern seen in published data, not a rule that somebody wrote down
    Confidence.ASSUMED: Basis.ASSUMED,
    Confidence.UNKNOWN: Basis.UNKNOWN,
}


def weakest(*bases: Basis) -> Basis:
    """The least firm of several bases: no derived date is firmer than what it was derived from."""
    return max(bases, key=FIRMNESS.__getitem__)


def certainty(basis: Basis, wished: bool, role: Role) -> Certainty | None:
    """How sure a date is: ``certain`` only for days that happened, were agreed or were published.

    ``likely`` follows by a rule from such days, or is a published day on which the regulator has to act, who keeps it
    in principle and may be later; everything that rests on a wish (``wished``), a pattern or an analogy is only
    ``possible``. None when there is no date.
    """
    if basis is Basis.UNKNOWN:
        return None
    if in_principle(basis, role):
        return "likely"
    if basis in (Basis.ACTUAL, Basis.AGREED, Basis.PUBLISHED):
        return "certain"
    return "likely" if basis is Basis.COMPUTED and not wished else "possible"


def in_principle(basis: Basis, role: Role) -> bool:
    """Whether a published day is one on which the regulator has to act, and so may come later."""
    return basis is Basis.PUBLISHED and role is Role.THEIRS


@dataclass(frozen=True, slots=True)
class Span:
    """A day, or a range of days within which it lies; both ends included."""

    earliest: dt.date
    latest: dt.date

    @classmethod
    def on(cls, day: dt.date) -> Span:
        """A single day."""
        return cls(day, day)

    @property
    def day(self) -> dt.date | None:
        """The day when there is only one, else None."""
        return self.earliest if self.earliest == self.latest else None


@dataclass(frozen=True, slots=True)
class Input:
    """A milestone that a date was counted from.

    ``carries`` is False when nothing may be derived from its window; ``wished`` when it rests on a target; ``waits``:
    it is a waiting period, of which only the first possible day is known; ``settled``: it comes without an act.
    """

    key: str
    name: Text
    span: Span | None
    basis: Basis
    carries: bool = True
    wished: bool = False
    waits: bool = False
    settled: bool = False


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A closed day that made a date roll, and why offices are closed on it."""

    date: dt.date
    name: Text


@dataclass(frozen=True, slots=True)
class Trace:
    """The derivation of one date.

    ``inputs`` begins with the binding one. ``ruled`` is the date before rolling. ``given`` says, for a date without a
    rule, how it is known. ``calendar`` is the basis of the office calendar where the date depends on it.
    """

    key: str
    name: Text
    role: Role
    basis: Basis
    span: Span | None = None
    rule: DateRule | None = None
    ruled: Span | None = None
    inputs: tuple[Input, ...] = ()
    closed: tuple[ClosedDay, ...] = ()
    calendar: Basis | None = None
    provenance: Provenance | None = None
    given: Text | None = None
    note: Text | None = None
    kept: bool = False  # own work that stayed on its former, later day
    version: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain data for scripts and for storage; dates as YYYY-MM-DD."""
        rule = self.rule
        mark = self.provenance
        return {
            "version": self.version,
            "rule": rule
            and {
                "anchor": rule.anchor,
                "offset": rule.offset,
                **({"until": rule.until} if rule.until is not None else {}),
                "unit": str(rule.unit),
                "count_from": str(rule.counting),
                "after_period": rule.after_period,
                "roll": str(rule.rolling(self.role)),
            },
            "given": self.given and {"ja": self.given.ja, "en": self.given.en},
            "inputs": [
                {
                    "key": entry.key,
                    "basis": str(entry.basis),
                    **span_json(entry.span),
                    **({"settled": True} if entry.settled else {}),
                }
                for entry in self.inputs
            ],
            "before_rolling": span_json(self.ruled),
            "rolled_over": [{"date": d.date.isoformat(), "ja": d.name.ja, "en": d.name.en} for d in self.closed],
            "calendar": self.calendar and str(self.calendar),
            "kept": self.kept,
            "note": self.note and {"ja": self.note.ja, "en": self.note.en},
            "confidence": mark and str(mark.confidence),
            "sources": list(mark.sources) if mark else [],
            "analogy": mark and mark.analogy and {"ja": mark.analogy.ja, "en": mark.analogy.en},
            "ask": mark and mark.ask and {"ja": mark.ask.ja, "en": mark.ask.en},
        }


def span_json(span: Span | None) -> dict[str, str | None]:
    """``date``, or ``earliest`` and ``latest``, or ``date`` null."""
    if span is None:
        return {"date": None}
    if span.day:
        return {"date": span.day.isoformat()}
    return {"earliest": span.earliest.isoformat(), "latest": span.latest.isoformat()}


@dataclass(frozen=True, slots=True)
class Dated:
    """A milestone with its date (None when unknown), the basis of that date and how it came about.

    ``wished``: the date rests on a target. ``carries``: other dates may be derived from it. ``settled``: it comes by
    itself, as the end of a term does.
    """

    key: str
    role: Role
    basis: Basis
    span: Span | None
    trace: Trace
    carries: bool = True
    wished: bool = False
    settled: bool = False

    @property
    def certainty(self) -> Certainty | None:
        """certain, likely or possible; None without a date."""
        return certainty(self.basis, self.wished, self.role)

    @property
    def day(self) -> dt.date | None:
        """The day when there is exactly one."""
        return self.span.day if self.span else None

    @property
    def safe(self) -> dt.date | None:
        """The day to reckon with inside a range: the earliest for what we must do, the latest for what we wait for."""
        if self.span is None:
            return None
        return self.span.earliest if self.role in (Role.NOT_AFTER, Role.OWN) else self.span.latest
