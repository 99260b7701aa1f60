"""Replaying public histories: rows in, states out; nothing is stored.

``as_of`` is the day on which the states are asked for. Later events are left out with a note; the ends of terms are
computed up to that day. Without it the history is read as of its own last day: the latest day on which any row of the
file says that something happened (also a term that ended), so that a file gives the same answer for ever.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from app.engine.definition.common import Text
from app.engine.histories import BadRow, Row, read_rows
from app.engine.library import Library
from app.engine.machine import Days, Note, Track, Tracks, fold
from app.engine.machine.words import days_text
from app.engine.wording import day_text


def replay_csv(text: str, library: Library, as_of: dt.date | None = None) -> dict[str, Any]:
    """Fold every case of a CSV file with the columns of the public precedents, in any order of rows.

    Returns ``{"cases": [{"case_id", "tracks", "notes", "refused"}]}``. Of a track: ``machine``, ``instance``, ``state``
    (a key), ``since`` (2026-04-01, 2026-04, 2026 or None when not known), ``inferred`` (a part of its way was not
    recorded) and ``term_end``. Refusals name the line and the reason; a fault of the heading is a case without name.
    """
    rows = list(read_rows(text, library))
    day = as_of or _last_day(rows)
    cases = list(dict.fromkeys(row.case for row in rows))
    return {"cases": [_case(case, [row for row in rows if row.case == case], library, day) for case in cases]}


def _last_day(rows: Iterable[Row | BadRow]) -> dt.date:
    happened = [row for row in rows if isinstance(row, Row) and (row.definition.acts_on or row.definition.check)]
    return max((row.event.on.last for row in happened), default=dt.date.max)


def _case(case: str, rows: list[Row | BadRow], library: Library, day: dt.date) -> dict[str, Any]:
    good = [row for row in rows if isinstance(row, Row)]
    later = [row for row in good if row.event.on.first > day and not row.definition.check]
    moving = [row for row in good if row.definition.acts_on or row.definition.counts]
    folded = [row for row in moving if row not in later and not row.repeats]
    tracks = fold(library, [row.event for row in folded], day)
    lines = {row.event.id: row for row in folded}

    refused = [_refusal(row.line, row.written, row.reason) for row in rows if isinstance(row, BadRow)]
    refused += [_refusal(lines[r.event.id].line, lines[r.event.id].written, r.reason) for r in tracks.refused]
    notes = [_note(row, row.event.on, _said(row)) for row in good if row not in moving and not row.definition.check]
    notes += [_note(row, row.event.on, row.remark) for row in good if row.remark]
    notes += [_note(row, row.event.on, _not_yet(day)) for row in later if row in moving]
    notes += [_of_fold(note, lines) for note in tracks.notes if note.kind != "information"]
    for row in good:
        if row.definition.check:
            text, agrees = term_checked(row.event.on, tracks, library)
            if agrees:
                notes.append(_note(row, row.event.on, text))
            else:
                refused.append(_refusal(row.line, row.written, text))
    notes += [{"line": None, "event": None, "date": None, **_texts(_way(track))} for track in tracks.tracks]
    return {
        "case_id": case,
        "tracks": [_track(track) for track in tracks.tracks],
        "notes": sorted(notes, key=lambda note: (note["line"] is None, note["line"] or 0)),
        "refused": sorted(refused, key=lambda refusal: int(refusal["line"])),
    }


def _track(track: Track) -> dict[str, Any]:
    return {
        "machine": track.machine,
        "instance": track.instance,
        "state": track.state,
        "since": str(track.since) if track.since else None,
        "inferred": track.inferred,
        "term_end": str(track.term_end) if track.term_end else None,
    }


def term_checked(on: Days, tracks: Tracks, library: Library) -> tuple[Text, bool]:
    """A row that states the end of a term is no event: it is compared with the day computed."""
    approvals = [track for track in tracks.tracks if any(t.timer for t in library.machines[track.machine].transitions)]
    ends = [end for track in approvals for end in (*track.past_term_ends, *filter(None, [track.term_end]))]
    if not ends:
        return Text(
            ja="期限の長さが分からないため、期限到来日を計算で確かめられません。",
            en="The end of the term cannot be checked: no term is known.",
        ), True
    if any(end.overlaps(on) for end in ends):
        return Text(ja="計算した期限と一致します。", en="Agrees with the computed end of the term."), True
    computed = ", ".join(dict.fromkeys(str(end) for end in ends))
    return Text(
        ja=f"期限到来日{on}は、計算した期限({computed})と一致しません。",
        en=f"The end of the term {on} disagrees with the computed one ({computed}).",
    ), False


def _way(track: Track) -> Text:
    """The states passed, by their keys, with their days."""
    stops = [
        visit.state + (f" {visit.since}" if visit.since else " ?") + (" (inferred)" if visit.inferred else "")
        for visit in track.history
    ]
    ends = [str(end) for end in track.past_term_ends]
    past = f"; term ends passed or replaced: {', '.join(ends)}" if ends else ""
    way = f"{track.machine} {track.instance}: {' → '.join(stops)}{past}"
    return Text(ja=way, en=way)


def _said(row: Row) -> Text:
    detail = f": {row.detail}" if row.detail else ""
    on, names = days_text(row.event.on), row.definition.names
    return Text(ja=f"{on.ja} {names.ja}{detail}", en=f"{on.en} {names.en}{detail}")


def _not_yet(day: dt.date) -> Text:
    return Text(
        ja=f"{day_text(day).ja}の時点ではまだ起きていないため、除きました。",
        en=f"Left out: it had not happened on {day_text(day).en}.",
    )


def _of_fold(note: Note, lines: dict[str, Row]) -> dict[str, Any]:
    row = lines.get(note.event_id or "")
    if row is None:
        return {"line": None, "event": None, "date": None, **_texts(note.text)}
    return _note(row, row.event.on, note.text)


def _note(row: Row, on: Days, text: Text | None) -> dict[str, Any]:
    return {"line": row.line, "event": row.written, "date": str(on), **_texts(text or row.definition.names)}


def _texts(text: Text) -> dict[str, str]:
    return {"text": text.en, "text_ja": text.ja}


def _refusal(line: int, written: str, reason: Text) -> dict[str, Any]:
    return {"line": line, "event": written, "reason": reason.en, "reason_ja": reason.ja}
