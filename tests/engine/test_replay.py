"""Public histories as CSV: rows in any order, states out, and every refusal with its line and reason."""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from typing import Any

import pytest

from app.engine.library import shipped
from app.engine.replay import replay_csv
from tests.engine.tracks import TODAY

COLUMNS = ["case_id", "product", "mah", "class", "date", "precision", "event", "detail", "src", "conf"]


def table(*rows: tuple[str, ...], columns: list[str] = COLUMNS) -> str:
    """Rows of (date, event[, detail[, case]]) as a file; the precision follows from the date."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(columns)
    for date, event, *more in rows:
        detail, case = [*more, "", "X"][:2] if more else ("", "X")
        case = more[1] if len(more) > 1 else "X"
        precision = {4: "Y", 7: "M"}.get(len(date), "D")
        writer.writerow([case, "p", "m", "RMP-C", date, precision, event, detail, "S01", "high"])
    return file.getvalue()


def replay(text: str, as_of: dt.date | None = TODAY) -> dict[str, Any]:
    return replay_csv(text, shipped(), as_of)


def one(text: str, as_of: dt.date | None = TODAY) -> dict[str, Any]:
    (case,) = replay(text, as_of)["cases"]
    return case


def track(case: dict[str, Any], machine: str, instance: str | None = None) -> dict[str, Any]:
    found = [each for each in case["tracks"] if each["machine"] == machine and instance in (None, each["instance"])]
    assert len(found) == 1, found
    return found[0]


def test_a_case_and_a_track_have_exactly_their_keys():
    case = one(table(("2026-03-06", "APPROVED_CTL", "term=7y; 35 cases")))
    assert list(case) == ["case_id", "tracks", "notes", "refused"]
    assert track(case, "approval") == {
        "machine": "approval",
        "instance": "1",
        "state": "CTL_RUNNING",
        "since": "2026-03-06",
        "inferred": False,
        "term_end": "2033-03-05",
    }
    assert track(case, "application")["inferred"] is True


def test_the_order_of_rows_does_not_matter():
    rows = [
        ("2015-09-18", "APPROVED_CTL", "term=5y"),
        ("2019-01-24", "CTL_EXTENDED", "+3y (total 8y)"),
        ("2023-09", "MAA_FILED", "kind=CTL_FULL"),
        ("2024-07-19", "COMMITTEE_NEGATIVE"),
        ("2024", "DELISTED"),
        ("2015-11-18", "CHUIKYO_OK"),
    ]
    expected = one(table(*rows))["tracks"]
    assert track({"tracks": expected}, "approval")["term_end"] == "2023-09-17"
    for seed in range(5):
        assert one(table(*random.Random(seed).sample(rows, len(rows))))["tracks"] == expected


def test_days_that_are_not_exact_are_written_as_they_are_known():
    case = one(table(("2012", "TRIAL_START"), ("2022-01", "APPROVED_FULL")))
    assert track(case, "programme")["since"] == "2012"
    assert track(case, "approval")["since"] == "2022-01"


def test_the_end_of_a_term_is_computed_and_the_row_only_checks_it():
    pending = [("2018-12-28", "APPROVED_CTL", "term=7y"), ("2025-11-14", "MAA_FILED", "kind=CTL_FULL (announced)")]
    right = one(table(*pending, ("2025-12-27", "CTL_TERM_END", "calc; pending")))
    assert track(right, "approval")["state"] == "CTL_DEEMED"
    assert right["refused"] == []
    wrong = one(table(*pending, ("2025-12-28", "CTL_TERM_END", "calc")))
    assert track(wrong, "approval")["since"] == "2025-12-27"
    assert wrong["refused"][0]["line"] == 4
    assert "2025-12-27" in wrong["refused"][0]["reason"]


def test_without_a_day_a_file_is_read_as_of_its_own_last_day():
    text = table(("2018-12-28", "APPROVED_CTL", "term=7y"), ("2025-11-14", "MAA_FILED", "kind=CTL_FULL"))
    assert track(one(text, None), "approval")["state"] == "CTL_RUNNING"
    told = text + "X,p,m,RMP-C,2025-12-27,D,CTL_TERM_END,,calc,medium\r\n"
    assert track(one(told, None), "approval")["state"] == "CTL_DEEMED"
    two = text + "Y,p,m,RMP-C,2026-03-06,D,APPROVED_CTL,term=7y,S01,high\r\n"
    states = [track(case, "approval")["state"] for case in replay(two, None)["cases"]]
    assert states == ["CTL_DEEMED", "CTL_RUNNING"]


def test_later_events_are_left_out_and_said():
    text = table(("2018-12-28", "APPROVED_CTL", "term=7y"), ("2025-11-14", "MAA_FILED", "kind=CTL_FULL"))
    case = one(text, dt.date(2020, 1, 1))
    assert [each["machine"] for each in case["tracks"]] == ["application", "approval", "post_market"]
    assert any(note["line"] == 3 and "Left out" in note["text"] for note in case["notes"])


def test_information_is_kept_as_notes():
    case = one(table(("2021-12-01", "ROUTE_CHANGE", "aim full approval"), ("2023-12-31", "NOTE", "about 150 patients")))
    assert case["tracks"] == []
    assert [(note["line"], note["event"]) for note in case["notes"]] == [(2, "ROUTE_CHANGE"), (3, "NOTE")]
    assert "aim full approval" in case["notes"][0]["text"]
    assert case["refused"] == []


def test_inferred_states_are_said():
    case = one(table(("2022-01", "APPROVED_FULL")))
    assert any(note["line"] == 2 and "Filed" in note["text"] and "inferred" in note["text"] for note in case["notes"])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("2020-01-01", "FLEW_AWAY"), "FLEW_AWAY"),
        (("2020-13", "APPROVED_FULL"), "month"),
        (("2020-02-30", "APPROVED_FULL"), "day"),
        (("01/02/2020", "APPROVED_FULL"), "not a day"),
        (("2020-01-01", "MAA_FILED", "kind=FOO"), "FOO"),
        (("2020-01-01", "APPROVED_CTL", "term=long"), "term="),
        (("2020-01-01", "APPROVED_FULL", "", ""), "case_id"),
    ],
)
def test_what_cannot_be_read_is_refused_with_line_and_reason(row: tuple[str, ...], reason: str):
    cases = replay(table(("2019-01-01", "NOTE"), row))["cases"]
    (refused,) = [each for case in cases for each in case["refused"]]
    assert refused["line"] == 3
    assert refused["event"] == row[1]
    assert reason in refused["reason"]


def test_what_cannot_have_happened_is_refused_with_line_and_reason():
    case = one(table(("2020-06", "LAUNCHED"), ("2022-03-31", "SALES_ENDED"), ("2023-04-01", "LAUNCHED")))
    assert [(each["line"], each["event"]) for each in case["refused"]] == [(4, "LAUNCHED")]
    assert "cannot happen" in case["refused"][0]["reason"]


def test_a_precision_wider_than_the_date_is_obeyed_and_a_finer_one_refused():
    wide = table(("2020-01-15", "APPROVED_FULL")).replace(",D,", ",M,")
    case = one(wide)
    assert track(case, "approval")["since"] == "2020-01"
    assert any("2020-01" in note["text"] for note in case["notes"])
    fine = one(table(("2020-01", "APPROVED_FULL")).replace(",M,", ",D,"))
    assert "less exact" in fine["refused"][0]["reason"]
    odd = one(table(("2020-01-15", "APPROVED_FULL")).replace(",D,", ",Q,"))
    assert "'Q'" in odd["refused"][0]["reason"]


def test_too_many_cells_are_refused():
    text = table(("2020-01-15", "APPROVED_FULL", "a")).replace(",a,", ",a,b,")
    assert "quote" in one(text)["refused"][0]["reason"]


def test_the_heading_must_have_its_columns():
    text = table(columns=[column for column in COLUMNS if column != "precision"])
    assert "precision" in one(text)["refused"][0]["reason"]
    odd = replay(table(("2020-01-15", "APPROVED_FULL"), columns=[*COLUMNS[:-1], "confidence"]))
    assert odd["cases"][0]["refused"] == [odd["cases"][0]["refused"][0]]
    assert "confidence" in odd["cases"][0]["refused"][0]["reason"]
    assert track(odd["cases"][1], "approval")["state"] == "FULL_IN_FORCE"
    assert replay("")["cases"][0]["refused"][0]["line"] == 1


def test_a_row_twice_is_one_event():
    case = one(table(("2024-07-31", "APPROVED_CTL", "term=7y"), ("2025-03", "PCA_FILED"), ("2025-03", "PCA_FILED")))
    assert [each["instance"] for each in case["tracks"] if each["machine"] == "application"] == ["NEW", "PCA"]
    assert any("same row as line 3" in note["text"] for note in case["notes"])


def test_lines_are_counted_as_an_editor_does():
    text = table(("2020-01-01", "NOTE", "two\nlines"), ("2020-01-01", "FLEW_AWAY"))
    assert one(text)["refused"][0]["line"] == 4


def test_a_lifted_shipping_ban_closes_the_partial_change():
    case = one(
        table(
            ("2024-07-31", "APPROVED_CTL", "term=7y"),
            ("2025-03", "LOT_PASSED"),
            ("2025-06-05", "PCA_FILED"),
            ("2025-12-02", "SHIP_BAN_LIFTED"),
        )
    )
    assert track(case, "supply")["state"] == "SHIPPABLE"
    assert track(case, "application", "PCA")["since"] == "2025-12-02"
    assert track(case, "approval")["state"] == "CTL_RUNNING"
    assert case["refused"] == []
    assert any(note["line"] == 5 and "1 conforming" in note["text"] for note in case["notes"]), "two were asked for"


def test_a_term_that_is_said_to_be_unknown_is_no_fault():
    for detail in ("term=unknown; 60 cases", "term=?", "60 cases"):
        case = one(table(("2025-05-13", "APPROVED_CTL", detail)))
        assert (track(case, "approval")["term_end"], case["refused"]) == (None, [])
        assert any("does not state how long" in note["text"] for note in case["notes"])


def test_the_public_cases_replay_as_csv_to_what_they_promise():
    rows = [
        (
            event.on,
            event.event,
            "; ".join({"kind": "kind=", "term": "term=", "extension": "+"}[k] + v for k, v in event.attributes.items()),
            case.id,
        )
        for case in shipped().cases.values()
        if case.public
        for event in case.events
    ]
    replayed = {case["case_id"]: case for case in replay(table(*rows))["cases"]}
    assert len(replayed) == 13
    for case in shipped().cases.values():
        for expected in case.expected if case.public else ():
            instance = expected.instance or ("NEW" if expected.machine == "application" else None)
            found = track(replayed[case.id], expected.machine, instance)
            assert found["state"] == expected.state
            assert expected.since in (None, found["since"])
            assert expected.term_end in (None, found["term_end"])
    assert all(case["refused"] == [] for case in replayed.values())


@pytest.mark.parametrize("date", ["2026-00", "2026-00-15", "2026-04-00", "2026-13", "0000"])
def test_a_month_or_day_zero_is_no_date(date: str):
    case = one(table((date, "CTN_FILED")))
    assert case["tracks"] == []
    assert len(case["refused"]) == 1


def test_early_years_keep_their_four_digits():
    assert track(one(table(("0999-04", "CTN_FILED"))), "programme")["since"] == "0999-04"


def test_a_term_that_no_calendar_holds_is_refused_with_its_line():
    (refused,) = one(table(("2020-01-01", "APPROVED_CTL", "term=99999y")))["refused"]
    assert (refused["line"], "too long" in refused["reason"], "長すぎ" in refused["reason_ja"]) == (2, True, True)


def test_a_cell_that_is_no_csv_is_refused_and_what_stood_before_it_counts():
    cases = replay(table(("2026-04-01", "CTN_FILED"), ("2026-05-01", "CTN_CLEARED", "x" * 200_000)))["cases"]
    assert track(cases[0], "programme")["state"] == "CTN_CLOCK"
    assert cases[1]["refused"][0]["line"] == 3
