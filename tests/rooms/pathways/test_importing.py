"""Files of histories: looked at first, then done as a whole or not at all; again, they change nothing."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from typing import Any

import pytest
from flask import Flask

from app.audit import queries as audit
from app.core import clock
from app.core.db import session
from app.core.errors import NotFound, Refused
from app.pathways import outlook, queries, services
from app.pathways.models import PathwayEvent, PathwayUpload
from app.pathways.outlook import Fate
from app.pathways.services import importing, storing
from app.therapies import queries as therapies
from app.therapies.kinds import classes
from tests.factories.therapies import happened
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor

HEADING = "case_id,product,mah,class,date,precision,event,detail,src,conf\n"
ROWS = """
A,シートA,見本社,RMP-C,2024-12-26,D,APPROVED_CTL,"term=7y
<b>二行目</b>","=HYPERLINK(""http://x"")",high
A,シートA,見本社,RMP-C,2024-05-10,D,MAA_FILED,,会社発表,medium
A,シートA,見本社,RMP-C,2025,Y,LAUNCHED,,,low

A,シートA,見本社,RMP-C,2025-03,M,NOTE,記事,,
A,シートA,見本社,RMP-C,2031-12-25,D,CTL_TERM_END,calc,,
"""
TWO = HEADING + ROWS.strip() + "\nB,シートB,見本社,RMP-C,2024-02,M,CTN_FILED,,S131|S07,high\n"
WHY = "公表資料による"


def seen(scope: Any, text: str, **where: Any) -> outlook.Outlook:
    return outlook.look(scope, text, outlook.target(scope, **where))


def fates(view: outlook.Outlook) -> list[tuple[int, str]]:
    return [(each.row.line, str(each.fate)) for case in view.cases for each in case.rows]


def bring(scope: Any, text: str, cases: tuple[str, ...] = ("A", "B"), **where: Any) -> services.Imported:
    target = outlook.target(scope, **where)
    return services.bring(scope, target, outlook.look(scope, text, target), cases=cases, because=WHY)


def test_new_therapies_are_made_once_with_everything_the_file_says(app: Flask, world: World) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        view = seen(lead, TWO)
        assert fates(view) == [(2, "new"), (4, "new"), (5, "new"), (7, "new"), (8, "checked"), (9, "new")]
        assert session.query(PathwayEvent).count() == 0, "looking changes nothing"
        strange = seen(lead, TWO.replace("RMP-C", "XX")).cases[0]
        assert (strange.possible, "no pathway for the class XX" in str(strange.fault)) == (False, True)
        with pytest.raises(services.ReasonNeeded):
            services.bring(lead, outlook.target(lead), view, cases=["A"])
        done = bring(lead, TWO)
        assert done.events == 5
        found = {each.name_ja: each for each in therapies.of_own(lead)}
        assert set(found) == {"シートA", "シートB"}
        history = queries.history(lead, found["シートA"].id)
        approval = history.tracks.get("approval")
        assert approval
        assert (approval.state, str(approval.term_end)) == ("CTL_RUNNING", "2031-12-25")
        told = {each.event: each for each in history.entries}
        assert told["APPROVED_CTL"].note("ja") == "term=7y\n<b>二行目</b>"
        assert told["APPROVED_CTL"].source == '=HYPERLINK("http://x")'
        assert (told["LAUNCHED"].certainty, str(told["LAUNCHED"].on)) == ("low", "2025")
        assert told["NOTE"].arrivals == ()
        passed = [each for each in history.entries if each.passed]
        assert [each.event for each in passed] == ["MAA_FILED"]
        assert passed[0].why_passed == WHY
        assert {each.recorded_by for each in history.entries} == {"薬事 太郎"}
        trail = [each.action for each in audit.of_subject(lead, found["シートA"].id)]
        assert trail.count("pathways:event:recorded") == 4

        rows = session.query(PathwayEvent).count()
        assert bring(lead, TWO).events == 0
        assert set(fates(seen(lead, TWO))) == {(n, "known") for n in (2, 4, 5, 7, 9)} | {(8, "checked")}
        assert (session.query(PathwayEvent).count(), len(therapies.of_own(lead))) == (rows, 2)


def test_what_a_person_corrected_since_or_typed_before_is_not_brought_again(
    app: Flask, world: World, therapy: str
) -> None:
    one = HEADING + "X,,,,2024-02-01,D,CTN_FILED,届出,,\nX,,,,2024-04-01,D,NONCLINICAL_STARTED,,,\n"
    one = one.replace("2024-04-01", "2023-04-01")
    with app.app_context():
        lead = scope_of(world.lead)
        happened(world.lead, therapy, "NONCLINICAL_STARTED", "2023-04-01")
        assert fates(seen(lead, one, therapy_id=therapy)) == [(2, "new"), (3, "known")]
        bring(lead, one, ("X",), therapy_id=therapy)
        filed = next(e for e in queries.history(lead, therapy).entries if e.event == "CTN_FILED")
        services.withdraw(lead, filed.id, reason="別の品目")
        assert fates(seen(lead, one, therapy_id=therapy)) == [(2, "known"), (3, "known")]


@pytest.mark.parametrize(
    ("rows", "line", "said"),
    [
        ("X,,,RMP-C,2024,Y,CTN_FILD,,,\n", 2, "Did you mean CTN_FILED"),
        ("X,,,RMP-C,2024-02-30,D,CTN_FILED,,,\n", 2, "day"),
        ("X,,,RMP-C,2099,Y,CTN_FILED,,,\n", 2, "has not come yet"),
        ('X,"two\nlines",,RMP-C,2024,Y,CTN_FILED,,,\n', 2, "on one line"),
        ("X,,,RMP-C,2024,Y,NOTE," + "あ" * 1001 + ",,\n", 2, "more than 1000 signs"),
        ("X,,,RMP-C,2024,Y,NOTE,," + "s" * 201 + ",\n", 2, "more than 200 signs"),
        ("X,,,RMP-C,2024-02-01,D,DISCONTINUED,,,\nX,,,RMP-C,2024-03-01,D,CTN_FILED,,,\n", 3, "cannot happen"),
        ("X,,,RMP-C,2024-01-01,D,APPROVED_CTL,term=7y,,\nX,,,RMP-C,2030-01-01,D,CTL_TERM_END,,,\n", 3, "disagrees"),
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_line_and_nothing_is_done(
    app: Flask, world: World, rows: str, line: int, said: str
) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        view = seen(lead, HEADING + rows + "Y,,,RMP-C,2024,Y,CTN_FILED,,,\n")
        refused = [each for each in view.cases[0].rows if each.fate is Fate.REFUSED]
        assert [(each.row.line, said in each.reason.en) for each in refused if each.reason] == [(line, True)]
        with pytest.raises(Refused, match="cannot be imported"):
            services.bring(lead, outlook.target(lead), view, cases=["Y", "X"], because=WHY)
        assert (session.query(PathwayEvent).count(), therapies.of_own(lead)) == (0, [])
        services.bring(lead, outlook.target(lead), view, cases=["Y"], because=WHY)
        assert [each.name_ja for each in therapies.of_own(lead)] == ["Y"]


def test_a_failure_in_the_middle_leaves_nothing(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stored, calls = storing.store, []

    def fail_at_the_fourth(*given: Any, **more: Any) -> None:
        calls.append(1)
        if len(calls) == 4:
            raise OSError("the disk is full")
        stored(*given, **more)

    with app.app_context():
        monkeypatch.setattr(importing, "store", fail_at_the_fourth)
        lead = scope_of(world.lead)
        kept = services.upload(lead, filename="a.csv", data=TWO.encode())
        with pytest.raises(OSError, match="full"):
            services.confirm(
                lead, kept, cases=["A", "B"], digest=services.waiting(lead, kept).outlook.digest, because=WHY
            )
        session.rollback()
        assert (session.query(PathwayEvent).count(), therapies.of_own(lead)) == (0, [])
        assert services.waiting(lead, kept).filename == "a.csv", "and the file still waits"


def test_files_are_limited_and_wait_for_a_day(app: Flask, world: World, therapy: str) -> None:
    with app.app_context():
        lead = scope_of(world.lead)
        many = HEADING + "X,,,RMP-C,2024,Y,NOTE,,,\n" * (services.MOST_ROWS + 1)
        for data, said in (
            (b"x" * (services.LARGEST + 1), "more than 1 MB"),
            (many.encode(), "more than 2000 rows"),
            (b"PK\x03\x04", "workbook"),
            (b"", "Missing columns"),
            (HEADING.encode(), "no row"),
            (b"a,b\n1,2\n", "Line 1: Missing columns"),
            (HEADING.encode() + "X,,,,2024,Y,NOTE,\u202e,,\n".encode(), "control sign"),
            ((HEADING + ",,,,2024,Y,NOTE,,,\n").encode(), "Line 2: case_id is empty"),
        ):
            with pytest.raises(Refused, match=said) as refusal:
                services.upload(lead, filename="a.csv", data=data)
            assert refusal.value.field == "file"
        with pytest.raises(Refused, match="holds 2 cases"):
            services.upload(lead, filename="a.csv", data=TWO.encode(), therapy_id=therapy)
        with pytest.raises(Refused, match="no C in the file"):
            services.upload(lead, filename="a.csv", data=TWO.encode(), therapy_id=therapy, case="C")
        assert session.query(PathwayUpload).count() == 0
        kept = services.upload(lead, filename="a.csv", data=TWO.encode("cp932"), therapy_id=therapy, case="B")
        assert [each.case for each in services.waiting(lead, kept).outlook.cases] == ["B"]
        clock.move_to(clock.now() + dt.timedelta(hours=24))
        with pytest.raises(NotFound):
            services.waiting(lead, kept)
        assert (services.forget_uploads(), services.forget_uploads()) == (1, 0)
        assert session.query(PathwayUpload).count() == 0


def test_others_find_neither_file_nor_therapy(app: Flask, visit: Visitor, world: World, therapy: str) -> None:
    with app.app_context():
        kept = services.upload(scope_of(world.lead), filename="a.csv", data=TWO.encode(), therapy_id=therapy, case="A")
        for person in (world.stranger, world.staff, world.member):
            for attempt in (
                lambda scope: services.upload(scope, filename="a.csv", data=TWO.encode(), therapy_id=therapy, case="A"),
                lambda scope: services.waiting(scope, kept),
                lambda scope: services.drop(scope, kept),
                lambda scope: services.confirm(scope, kept, cases=["A"], digest="", because=WHY),
            ):
                with pytest.raises(NotFound):
                    attempt(scope_of(person))
    for person in (world.stranger, world.staff, world.member):
        for address in (f"/therapies/{therapy}/import", f"/imports/{kept}"):
            visit.as_(person).get(address, status=404)
            visit.as_(person).post(address, {"cases": "A"}, status=404)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_upload_look_and_confirm_in_the_browser(visit: Visitor, world: World, language: Any) -> None:
    lead = visit.as_(world.lead, language)
    assert "/therapies/import" in lead.get("/therapies")
    words = set(re.findall(r"<code[^>]*>([A-Z_]+)</code>", lead.get("/therapies/import")))
    assert {"CTN_FILED", "DEVICE_CLASSIFIED", "NOTE"} <= words, "the page says how a file must name its events"
    assert "CTL_TERM_END" not in words
    shown = lead.get("/therapies/import")
    for code, names in classes().items():
        assert re.search(rf"{re.escape(names.say(language))}</dt><dd><code[^>]*>{code}</code>", shown), code
    page = lead.post("/therapies/import", {"file": (io.BytesIO(b"PK\x03\x04"), "a.xlsx")}, status=200)
    assert 'id="file-error"' in page
    lead.post("/therapies/import", {}, status=200)
    wrong = "C,シートC,,RMP-C,2024,Y,CTN_FILD,,,\n"
    address = lead.post("/therapies/import", {"file": (io.BytesIO((TWO + wrong).encode("utf-8-sig")), "表<i>.csv")})
    page = lead.get(address)
    for shown in ("表&lt;i&gt;.csv", "&lt;b&gt;二行目&lt;/b&gt;", "CTN_FILED", "K02", 'class="map-wide"', "シートB"):
        assert shown in page
    assert 'value="C"' not in page, "what has a refused row cannot be chosen"
    digest = page.partition('name="digest" type="hidden" value="')[2].partition('"')[0]
    form = {"cases": ["A", "B"], "digest": digest}
    page = lead.post(address, form, status=200)
    assert 'id="because-error"' in page
    page = lead.post(address, {**form, "because": "12 <b>34</b>", "digest": "0" * 64}, status=409)
    assert "12 &lt;b&gt;34&lt;/b&gt;" in page
    page = lead.post(address, {"digest": digest}, status=200)
    assert 'id="cases-error"' in page
    with visit._app.app_context():
        assert session.query(PathwayEvent).count() == 0
    assert lead.post(address, {**form, "because": WHY}).endswith("/therapies")
    lead.get(address, status=404)
    page = lead.get("/therapies")
    for name in ("シートA", "シートB"):
        assert name in page
    again = lead.post("/therapies/import", {"file": (io.BytesIO(TWO.encode()), "表.csv")})
    page = lead.get(again)
    assert 'name="cases"' not in page
    lead.post(again, {"drop": "1"})
    lead.get(again, status=404)
    again = lead.post("/therapies/import", {"file": (io.BytesIO((HEADING + wrong).encode()), "表.csv")})
    assert 'name="drop" value="for another"' in lead.get(again)
    assert lead.post(again, {"drop": "for another"}).endswith("/therapies/import")
    lead.get(again, status=404)


def test_into_one_therapy_in_the_browser(visit: Visitor, world: World, therapy: str) -> None:
    lead = visit.as_(world.lead, "en")
    here = f"/therapies/{therapy}/import"
    assert here in lead.get(f"/therapies/{therapy}/history")
    offered = lead.get(here)
    assert ("CTN_FILED" in offered, "DEVICE_CLASSIFIED" in offered) == (True, False), "only what this class can have"
    page = lead.post(here, {"file": (io.BytesIO(TWO.encode()), "a.csv")}, status=200)
    assert 'id="case-error"' in page
    address = lead.post(here, {"file": (io.BytesIO(TWO.encode()), "a.csv"), "case": "B"})
    page = lead.get(address)
    digest = page.partition('name="digest" type="hidden" value="')[2].partition('"')[0]
    happened(world.lead, therapy, "NONCLINICAL_STARTED", "2023")  # somebody records something in between
    assert lead.post(address, {"cases": "B", "digest": digest, "because": WHY}).endswith(
        f"/therapies/{therapy}/history"
    )
    assert "S131" in lead.get(f"/therapies/{therapy}/history")


def test_the_command_says_what_it_would_do_and_does_it(app: Flask, world: World, therapy: str, tmp_path: Any) -> None:
    file = tmp_path / "two.csv"
    file.write_bytes(TWO.encode("cp932"))
    run = app.test_cli_runner()
    with app.app_context():
        company = therapies.own(scope_of(world.lead), therapy).organisation_ja
    words = ["pathways", "import", str(file), "--organisation", company]
    for wrong, code in (
        (words[:3], 2),
        ([*words, "--therapy", therapy], 2),
        ([*words[:4], "nobody"], 1),
        ([*words[:3], "--therapy", therapy], 1),
        (words, 1),
    ):
        assert run.invoke(args=wrong).exit_code == code, wrong
    told = json.loads(run.invoke(args=[*words, "--dry-run"]).stdout)
    assert (told["done"], [case["possible"] for case in told["cases"]]) == (False, [True, True])
    done = json.loads(run.invoke(args=[*words, "--reason", WHY]).stdout)
    assert (done["done"], done["events"]) == (True, 5)
    again = json.loads(run.invoke(args=[*words, "--reason", WHY]).stdout)
    assert (again["events"], [c["therapy"] for c in again["cases"]]) == (0, [c["therapy"] for c in done["cases"]])
    one = json.loads(run.invoke(args=[*words[:3], "--therapy", therapy, "--case", "B", "--reason", WHY]).stdout)
    assert (one["events"], one["cases"][0]["therapy"]) == (1, therapy)
    file.write_text(TWO + "C,,,RMP-C,2024,Y,CTN_FILD,,,\n")
    refused = run.invoke(args=[*words, "--reason", WHY])
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["cases"][2]["rows"][0]["line"] == 10
