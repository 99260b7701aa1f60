"""The first journey, against the real processes, in a real browser, in both languages: from an invitation to a bundle,
deadline mails through SMTP, a grant and its end, and strangers who find nothing."""

from __future__ import annotations

import datetime as dt
import io
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from icalendar import Calendar
from playwright.sync_api import Browser, sync_playwright

from app.config import DEMO_PASSWORD
from app.core.clock import Clock
from app.documents.verify import verify_bundle
from app.engine.catalogue import consultation_type
from tests.browser import WHY_NONE, find_chromium
from tests.e2e.people import Mailbox, Person, english, japanese, link_in
from tests.e2e.running import ROOT, Running

pytestmark = pytest.mark.skipif(find_chromium() is None, reason=WHY_NONE)

BEGINS = dt.datetime.fromisoformat("2026-11-17T09:00:00+09:00")  # two weeks before the first step of the plan
OURS = "correct horse battery staple"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
GOLDEN = ("2026-12-01", "2026-12-07", "2026-12-28", "2027-01-08", "2027-02-08", "2027-02-15", "2027-03-17")

WORDS = {
    "ja": {
        "title": "論点",
        "question": "この計画で第III相試験を始めてよいか。",
        "position": "これまでの結果から、よいと考える。",
        "grounds": "添付資料",
        "purpose": "第III相試験の計画の妥当性を確認する。",
        "background": "これまでの経緯(添付資料1 p.2)。",
    },
    "en": {
        "title": "Topic",
        "question": "May phase III begin by this plan?",
        "position": "The results so far support it.",
        "grounds": "Attachment ",
        "purpose": "To confirm that the plan of phase III is adequate.",
        "background": "The history so far (Attachment 1 p.2).",
    },
}

LABELS = {
    "ja": ("【期限14日前", "【期限7日前", "【期限3営業日前", "【期限1営業日前", "【本日期限", "【期限超過1営業日"),
    "en": (
        "[Deadline in 14 days", "[Deadline in 7 days", "[Deadline in 3 office days", "[Deadline in 1 office day",
        "[Deadline today", "[Overdue by 1 office day",
    ),
}  # fmt: skip


class Journey:
    """The running demo on 17 November 2026, and a browser."""

    def __init__(self, folder: Path, browser: Browser, language: str, port: int) -> None:
        self.var, self.port, self.language, self.browser = folder / "var", port, language, browser
        self.var.mkdir()
        Clock(self.var / "clock").move_to(BEGINS)
        os.environ["SHIRUBE_TICK_SECONDS"] = "0.5"
        self.start()

    def start(self) -> None:
        """Start everything, or start it again after a kill."""
        self.running = Running(self.var, self.port, demo=True)
        self.running.wait_for("Ctrl-C")
        self.site = f"http://127.0.0.1:{self.port}"
        self.mails = Mailbox(f"http://127.0.0.1:{self.port + 40}")

    def person(self, language: str | None = None) -> Person:
        """A new person at a new browser."""
        return Person(self.browser, self.site, language or self.language)

    def advance(self, day: str) -> None:
        """Let it be nine in the morning of that day, for all processes."""
        flask = [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "advance", "--to", day]
        subprocess.run(flask, cwd=ROOT, env=self.running.environment, check=True, capture_output=True)

    def kill_the_worker(self) -> None:
        """Kill -9; the supervisor stops the rest, and everything is started again."""
        worker = next(
            number for number, command in self.running.processes().items() if "worker" in command.split()[-1:]
        )
        os.kill(worker, signal.SIGKILL)
        self.running.process.wait(60)
        self.start()

    def day(self, day: str) -> str:
        """A day as the pages of this language print it."""
        return japanese(day) if self.language == "ja" else english(day)

    def end(self) -> None:
        """Stop everything that was started."""
        for process in self.running.processes():
            os.kill(process, signal.SIGKILL)
        self.running.process.wait()
        os.environ.pop("SHIRUBE_TICK_SECONDS", None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(params=["ja", "en"])
def journey(request: pytest.FixtureRequest, tmp_path: Path, browser: Browser, port: int) -> Iterator[Journey]:
    started = Journey(tmp_path, browser, request.param, port)
    yield started
    started.end()


def pdf(title: str, pages: int) -> bytes:
    """A PDF with so many A4 pages and a title."""
    document, out = pikepdf.new(), io.BytesIO()
    for _page in range(pages):
        document.add_blank_page(page_size=(595.276, 841.89))
    document.docinfo["/Title"] = title
    document.save(out)
    return out.getvalue()


def test_from_a_blank_page_to_a_bundle_and_a_deadline_mail(journey: Journey, tmp_path: Path) -> None:
    lead = invited_lead(journey)
    therapy = adds_a_therapy(lead)
    records_and_corrects(journey, lead, therapy)
    consultation = plans_and_confirms(journey, lead, therapy)
    sees_it_everywhere(journey, lead, therapy)
    makes_a_bundle(journey, lead, consultation, tmp_path)
    is_mailed_in_time(journey, lead, consultation)
    shares_and_takes_back(journey, lead, therapy)
    strangers_find_nothing(journey, lead, therapy, consultation)


def invited_lead(journey: Journey) -> Person:
    """1. A hub administrator invites a company; its lead opens the mail, sets a password, signs in."""
    admin = journey.person()
    admin.sign_in("admin@hub.example", DEMO_PASSWORD)
    admin.go("/companies/invite")
    admin.fill(
        name_ja="旅路再生株式会社", name_en="Tabiji Regen Inc.", lead="旅路 始", email="lead@tabiji.example",
        language=journey.language,
    )  # fmt: skip
    admin.press()
    mail = journey.mails.wait("lead@tabiji.example", lambda m: "/invitations/" in m["text"], "invitation")
    lead = journey.person()
    lead.go(link_in(mail))
    lead.fill(password=OURS, again=OURS)
    lead.press()
    lead.sign_in("lead@tabiji.example", OURS)
    assert lead.path == "/"
    return lead


def adds_a_therapy(lead: Person) -> str:
    """2. One short form; then the line map, what the next transition needs, and why it is not yet possible."""
    lead.go("/therapies/add")
    lead.fill(
        name="心筋シート TB-1", material="allogeneic_ips", indication="拡張型心筋症",
        stage="NONCLINICAL", because="開発会議の記録",
    )  # fmt: skip
    lead.press()
    therapy = lead.path.partition("?")[0]
    assert therapy.startswith("/therapies/")
    text = lead.read()
    assert "P01" in text
    assert lead.page.locator("svg.line-map-svg").count() >= 1
    return therapy


def records_and_corrects(journey: Journey, lead: Person, therapy: str) -> None:
    """3. Past events with days, months or years; picture and states follow; a wrong one is corrected, not erased."""
    lead.go(f"{therapy}/record/NONCLINICAL_STARTED?late=1")
    lead.fill(on="2024", late="yes")
    lead.press()
    lead.go(f"{therapy}/record/RS_ADVICE_REQUESTED?late=1")
    lead.fill(on="2026-02-30", late="yes")
    assert "2026-02-30" in lead.press() or lead.page.locator(".field-error").count() == 1
    lead.fill(on="2026-03", late="yes")
    assert "P02" in lead.press()
    lead.go(f"{therapy}/history")
    lead.follow("/correct")
    lead.fill(on="2026-04-10", reason="2026-03 → 2026-04")
    lead.press()
    text = lead.go(f"{therapy}/history")
    assert journey.day("2026-04-10") in text
    assert ("2026年3月" if journey.language == "ja" else "Mar 2026") in text  # the wrong one is still to be read


def plans_and_confirms(journey: Journey, lead: Person, therapy: str) -> str:
    """4 and 5. Every step with its date and reason; a missed window names the next month; assumed is unmistakable."""
    lead.go(f"{therapy}/consultations/plan?kind=drug_eop2&month=2027-01")
    assert lead.page.locator("a[href*='month=2027-02']").count() >= 1  # the next possible month
    text = lead.go(f"{therapy}/consultations/plan?kind=drug_eop2&meeting=2027-02-17")
    for day in GOLDEN:
        assert journey.day(day) in text, day
    assert lead.page.locator("details.why summary, details summary").count() >= 7
    plan = lead.page.url
    lead.go(f"{therapy}/consultations/plan?kind=rs_strategy_regen&month=2027-02")
    assert lead.page.locator(".basis-assumed").count() >= 4
    assert lead.page.locator(".basis-unknown").count() >= 2
    lead.go(plan)
    lead.press("main form[action$='/consultations'] button[type=submit]")
    assert lead.path.startswith("/consultations/")
    return lead.path.partition("?")[0]


def sees_it_everywhere(journey: Journey, lead: Person, therapy: str) -> None:
    """5. Today (station sign, departure board), the therapy, and the calendar feed."""
    today = lead.go("/")
    assert journey.day("2026-12-01") in today
    assert "P02" in today or "02" in lead.page.locator(".sign").first.inner_text()
    assert journey.day("2026-12-01") in lead.go(therapy)
    lead.go("/account/calendar")
    lead.press("main form[action='/account/calendar'] button")
    address = lead.page.locator(".feed-address a").get_attribute("href")
    assert address is not None
    with urllib.request.urlopen(address, timeout=20) as answer:
        days = {str(event.decoded("DTSTART"))[:10] for event in Calendar.from_ical(answer.read()).walk("VEVENT")}
    assert {"2026-12-01", "2027-01-08", "2027-02-17"} <= days


def makes_a_bundle(journey: Journey, lead: Person, consultation: str, folder: Path) -> None:
    """6. Three questions with positions, five PDFs of thirty pages, and one ZIP that reads back without a finding."""
    lead.go(f"{consultation}/bundles")
    lead.press()  # nothing is written yet, so it is refused with sentences
    lead.page.wait_for_selector(".findings-error", timeout=60_000)
    assert lead.page.locator("a[href*='/download']").count() == 0
    words = WORDS[journey.language]
    for number in (1, 2, 3):
        lead.go(f"{consultation}/questions/new")
        lead.fill(
            title=f"{words['title']} {number}", question=words["question"], position=words["position"],
            grounds=f"{words['grounds']}{number} p.1",
        )  # fmt: skip
        lead.press()
    lead.go(f"{consultation}/attachments")
    files = [
        {"name": f"report_{n}.pdf", "mimeType": "application/pdf", "buffer": pdf(f"R{n}", pages)}
        for n, pages in enumerate((6, 8, 4, 7, 5), 1)
    ]
    lead.page.locator("main input[type=file]").set_input_files(files)  # type: ignore[arg-type]
    lead.press("main form[enctype] button[type=submit]")
    lead.go(f"{consultation}/briefing")
    lead.fill(purpose=words["purpose"], background=words["background"])
    lead.press("main form:has([name=purpose]) button[type=submit]")
    lead.go(f"{consultation}/bundles")
    lead.fill(language=journey.language)
    lead.press()
    with lead.page.expect_download(timeout=90_000) as download:
        lead.page.locator("main .job a[href*='/download']").click(timeout=90_000)
    target = folder / "bundle.zip"
    download.value.save_as(target)
    assert [found.code for found in verify_bundle(target)] == []
    names = zipfile.ZipFile(target).namelist()
    assert sum(name.startswith("03-attachments/") for name in names) == 5
    said = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "bundle", "verify", str(target)],
        cwd=ROOT, env=journey.running.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert json.loads(said.stdout)["findings"] == []


def is_mailed_in_time(journey: Journey, lead: Person, consultation: str) -> None:
    """7. Mails before a day, on it, and once after; they move with the plan, stop when it is done, survive a kill."""
    to = "lead@tabiji.example"
    wait_until(lambda: len(deadline_mails(journey, to)) == 1, "the mail fourteen days before 1 December")
    for number, day in enumerate(
        ("2026-11-24", "2026-11-26", "2026-11-30", "2026-12-01", "2026-12-02"), 2
    ):  # 7 days, 3 and 1 office days before, the day, overdue
        journey.advance(day)
        if day == "2026-11-30":
            journey.kill_the_worker()
        wait_until(lambda wanted=number: len(deadline_mails(journey, to)) >= wanted, f"a mail on {day}")
    mails = deadline_mails(journey, to)
    assert len(mails) == len({mail["message_id"] for mail in mails}) == 6, [mail["subject"] for mail in mails]
    for label in LABELS[journey.language]:
        assert [mail["subject"].startswith(label) for mail in mails].count(True) == 1, label
    assert all(journey.day("2026-12-01") in mail["text"] for mail in mails)
    assert all(journey.site in mail["text"] for mail in mails)
    assert all("text/calendar" in [part["type"] for part in mail["parts"]] for mail in mails)

    records(lead, f"{consultation}/steps/schedule_request", day="2026-12-01")
    journey.advance("2026-12-08")
    records(lead, f"{consultation}/steps/date_notice", day="2026-12-07", meeting="2027-02-10")
    text = lead.go(consultation)
    assert journey.day("2027-01-04") in text  # the materials moved with the earlier meeting
    journey.advance("2026-12-22")
    moved = journey.day("2027-01-04")
    journey.mails.wait(to, lambda m: moved in m["text"], "fourteen days before the moved day")
    assert len(deadline_mails(journey, to)) == 6  # what is done is silent


def shares_and_takes_back(journey: Journey, lead: Person, therapy: str) -> None:
    """8. The hub sees what was granted, in its pipeline and its weekly mail, and nothing once it is revoked."""
    lead.go(f"{therapy}/as-the-hub")
    lead.go(f"{therapy}/sharing")
    lead.press()
    staff = journey.person()
    staff.sign_in("staff@hub.example", DEMO_PASSWORD)
    assert "TB-1" in staff.go("/hub")
    assert "TB-1" in staff.go("/hub?sort=next")
    assert "TB-1" in staff.go(therapy)
    staff.go(f"{therapy}/record", status=404)
    journey.advance("2026-12-28")  # a Monday
    digest = journey.mails.wait("staff@hub.example", lambda m: "TB-1" in m["text"], "weekly digest")
    assert "/hub" in digest["text"]
    assert "見本 次郎" in lead.go(f"{therapy}/sharing")  # every outside read is shown to the owner
    lead.press("main form[action$='/revoke'] button")
    staff.go(therapy, status=404)
    assert "TB-1" not in staff.go("/hub")


def strangers_find_nothing(journey: Journey, lead: Person, therapy: str, consultation: str) -> None:
    """9. Another company's lead gets 'not found' for every address of the first one."""
    stranger = journey.person()
    stranger.sign_in("lead@izumi.example", DEMO_PASSWORD)
    bundle = next(
        link.get_attribute("href") or "" for link in _links(lead, f"{consultation}/bundles") if link is not None
    )
    own = [
        therapy, f"{therapy}/edit", f"{therapy}/sharing", f"{therapy}/record", f"{therapy}/history", f"{therapy}/plan",
        f"{therapy}/as-the-hub", f"{therapy}/consultations/new", f"{therapy}/record/CTN_FILED",
        consultation, f"{consultation}/questions", f"{consultation}/attachments", f"{consultation}/briefing",
        f"{consultation}/bundles", f"{consultation}/steps/slides", f"{consultation}/wish", bundle,
    ]  # fmt: skip
    for address in own:
        stranger.go(address, status=404)
    assert "TB-1" not in stranger.go("/therapies")


def _links(person: Person, path: str) -> list:  # type: ignore[type-arg]
    person.go(path)
    return person.page.locator("main a[href*='/download']").all()


def records(lead: Person, path: str, **fields: str) -> None:
    """Type what happened at a step, look at what moves, and save it."""
    lead.go(path)
    lead.fill(**fields)
    lead.press()
    if lead.page.locator("main button[name=sure]").count():
        lead.press("main button[name=sure]")


def deadline_mails(journey: Journey, to: str) -> list[dict[str, Any]]:
    """The mails about the schedule request."""
    step = consultation_type("drug_eop2").step("schedule_request").name.say(journey.language)  # type: ignore[arg-type]
    return [mail for mail in journey.mails.all(to) if step in mail["subject"]]


def wait_until(true, what: str) -> None:  # type: ignore[no-untyped-def]
    """Wait for something that another process does."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.3)
