"""A line map for a reader: both drawings, and the same facts as a table for those who do not see them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from app.core import formats
from app.core.i18n import gettext as _
from app.engine.definition.common import Basis, Language
from app.engine.diagram import Drawing, LineMap, Standing, Station, across, arrivals, down
from app.web.components import DateView, Name

A4_WIDTH, A4_HEIGHT = 1400, 840  # the largest drawing, in pixels, that a page of A4 across shows legibly
A3_WAY = 1.6  # width to height of what a page of A3 across leaves beside heading and legend
FIRM = (Basis.ACTUAL, Basis.AGREED, Basis.PUBLISHED, Basis.COMPUTED)  # bases that the picture need not spell out


@dataclass(frozen=True, slots=True)
class LineMapRow:
    """One station in the table twin."""

    line: Name
    code: str
    name: Name
    standing: Standing
    date: DateView
    arrival: str  # the date as plain text
    needs: tuple[str, ...] = ()  # what must be reached first on another line
    href: str | None = None


@dataclass(frozen=True, slots=True)
class LineMapView:
    """A line map ready to be drawn; ``key`` keeps the ids of several maps on one page apart."""

    title: str
    wide: Drawing
    narrow: Drawing
    rows: tuple[LineMapRow, ...]
    links: dict[str, str]
    by_key: dict[str, LineMapRow]  # of the station's key
    sheet: Drawing | None = None  # for paper, where ``wide`` would become too small on A4
    key: str = "map"

    @property
    def lines(self) -> int:
        """How many lines there are."""
        return len(self.wide.lanes)


def line_map_view(
    line_map: LineMap,
    language: Language,
    title: str,
    *,
    link: Callable[[str], str | None] | None = None,
    key: str = "map",
    past: bool = False,
) -> LineMapView:
    """The view of ``line_map``; ``link`` gives the address of a station's key, if it has a page.

    ``past``: it shows a day that is over, which is not called today.

    Call it while the reader's language is spoken (``app.core.i18n.language``).
    """

    def day_lines(station: Station) -> tuple[str, ...]:
        return arrival_lines(station, language)

    day = short_day(line_map.today, language)
    flag = day if past else _("today %(day)s", day=day)
    codes = {
        s.key: f"{lane.letter}{s.number} {s.names.say(language)}" for lane in line_map.lanes for s in lane.stations
    }
    needs: dict[str, list[str]] = {}
    for transfer in line_map.transfers:
        words = f" ({transfer.names.say(language)})" if transfer.names else ""
        needs.setdefault(transfer.to, []).append(codes[transfer.source] + words)
    keys = [station.key for lane in line_map.lanes for station in lane.stations]
    links = {k: address for k in keys if link and (address := link(k))}
    by_key = {
        station.key: LineMapRow(
            line=Name.of(lane.names, language),
            code=lane.letter + station.number,
            name=Name.of(station.names, language),
            standing=station.standing,
            date=date_of(station),
            arrival=" ".join(day_lines(station)) if station.ordinal is not None else _("day unknown"),
            needs=tuple(needs.get(station.key, ())),
            href=links.get(station.key),
        )
        for lane in line_map.lanes
        for _at, station in arrivals(lane, line_map.today)
    }
    wide = across(line_map, language, day_lines, flag)
    large = wide.width > A4_WIDTH or wide.height > A4_HEIGHT
    return LineMapView(
        title=title,
        wide=wide,
        sheet=across(line_map, language, day_lines, flag, wide.height * A3_WAY) if large else None,
        narrow=down(line_map, language, day_lines, flag),
        rows=tuple(by_key.values()),
        links=links,
        by_key=by_key,
        key=key,
    )


def date_of(station: Station) -> DateView:
    """The arrival at a station as a date with its basis."""
    if not station.day and not station.earliest and not station.latest:
        return DateView(Basis.UNKNOWN)
    also = tuple(DateView(station.basis, earliest=first, latest=last) for first, last in station.also)
    return DateView(
        station.basis,
        day=station.day,
        earliest=station.earliest,
        latest=station.latest,
        certainty=station.certainty,
        also=also,
    )


def arrival_lines(station: Station, language: Language) -> tuple[str, ...]:
    """The arrival in the few signs that fit under a station, and what it rests on unless that is firm."""
    first, last = station.day or station.earliest, station.day or station.latest
    if first is None and last is None:  # ahead of today a sign is enough; the legend explains it
        return (_("day unknown"),) if station.standing.past else ("?",)
    if first is None or last is None:
        text = _("from %(day)s", day=short_day(first, language)) if first else ""
        text = text or _("by %(day)s", day=short_day(last or dt.date.min, language))
    else:
        text = formats.imprecise(first, last, language) if first != last else short_day(first, language)
        if formats.day(first, language) in text:  # neither one month nor one year: too long for a label
            months = [formats.month(first, language), formats.month(last, language)]
            text = "–".join(dict.fromkeys(months))
    words = {
        Basis.TARGET: _("target"),
        Basis.PREDICTED: _("predicted"),
        Basis.ASSUMED: _("assumed"),
        Basis.UNKNOWN: _("unknown"),
    }
    doubts = {"medium": _("fairly sure"), "low": _("unsure")}
    said = [text] if station.basis in FIRM else [text, words[station.basis]]
    said += [doubts[station.certainty]] if station.certainty in doubts else []
    return (*said, *([_("sources differ")] if station.also else []))


def short_day(date: dt.date, language: Language) -> str:
    """A day without its weekday, for pictures: 2026年3月6日, 6 Mar 2026."""
    return formats.day(date, language).rpartition("(")[0].strip()
