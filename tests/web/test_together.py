"""Two people at one form: whoever saves second sees both versions and keeps what was typed; nothing is lost silently.

Every form of the ledger that changes something stored is here, or has a reason for needing no version.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.abroad import queries as abroad_read
from app.access.policy import POLICY
from app.config import Settings
from app.consultations import queries as advice
from app.core.db import session
from app.evidence import queries as evidence_read
from app.rules import queries as rules_read
from app.therapies import queries as therapies_read
from tests.factories.world import World
from tests.web.editing import FORMS, MINE, Case, Desk, open_desk
from tests.web.visitor import Visitor

# Why the other forms need no version: nothing that a colleague wrote can be overwritten by them.
ADDS = "adds something, changes nothing that is there"
ONE_WISH = "says what shall be, and says it of one thing: sending it twice, or after somebody else, is no loss"
SECURITY = "signing in and passwords: only the person's own"
NO_VERSION = {
    "web.language": ONE_WISH,
    "security.login": SECURITY,
    "security.logout": SECURITY,
    "security.verify": SECURITY,
    "security.forgot_password": SECURITY,
    "security.reset_password": SECURITY,
    "security.change_password": SECURITY,
    "people.end_session": ONE_WISH,
    "people.end_other_sessions": ONE_WISH,
    "organisations.invite_company": ADDS,
    "organisations.accept_invitation": ADDS,
    "therapies.add": ADDS,
    "therapies.sharing": ADDS,
    "therapies.revoke": ONE_WISH,
    "pathways.record_event": ADDS,
    "pathways.condition": ADDS,
    "pathways.also": ADDS,
    "pathways.import_into": ADDS,
    "pathways.import_new": ADDS,
    "pathways.import_confirm": "carries the digest of what was shown, and is refused where that is no longer so",
    "consultations.confirm": ADDS,
    "consultations.add_inquiry": ADDS,
    "consultations.add_question": ADDS,
    "consultations.move_question": ONE_WISH,
    "consultations.attachments": ADDS,
    "consultations.move_attachment": ONE_WISH,
    "evidence.attach": ADDS,
    "evidence.remove": ONE_WISH,
    "rules.add": ADDS,
    "rules.appoint": ONE_WISH,
    "rules.verify": "adds one more verification, each with its day and person; refused where the entry has changed",
    "rules.take_back": "says it of one verification and once: whoever is second is told so",
    "rules.edition": "carries the digest of what was shown, and is refused where that is no longer so",
    "abroad.add": ADDS,
    "notices.renew_feed": ONE_WISH,
    "notices.end_feed": ONE_WISH,
    "documents.bundles": ADDS,
}


ELSEWHERE = {  # the answer is a page that asks to look again, not the form
    *("pathways.correct", "pathways.withdraw", "consultations.take_back"),
    *("notices.choose_mails", "notices.choose_names"),
    *("rules.discard", "rules.moves", "rules.end"),
}


@pytest.fixture
def desk(app: Flask, world: World, settings: Settings) -> Desk:
    return open_desk(app, world, settings)


def test_every_form_is_here_or_says_why_not(app: Flask) -> None:
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert posts - set(FORMS) - set(NO_VERSION) == set(), "forms that nobody thought about"
    assert (set(FORMS) | set(NO_VERSION)) - posts == set()
    assert posts <= set(POLICY)


@pytest.mark.parametrize("endpoint", FORMS)
def test_whoever_saves_second_sees_both_and_keeps_the_text(
    visit: Visitor, world: World, desk: Desk, endpoint: str
) -> None:
    case: Case = FORMS[endpoint](desk)
    before = stored(desk)
    lead = visit.as_(world.admin if endpoint.startswith("rules.") else world.lead, "ja")
    old = "0" if endpoint.startswith("notices.") else "1"
    page = lead.post(case.address, {**case.typed, "version": old}, status=409)
    assert endpoint in ELSEWHERE or re.search(r'name="version"[^>]* value="\d+"', page), "the page forgot the version"
    for text in case.shown:
        assert text in page, f"{text} is not on the page"
    assert stored(desk) == before, "nothing was overwritten"


def stored(desk: Desk) -> list[Any]:
    """What both of them wrote."""
    one = therapies_read.own(desk.scope, desk.therapy)
    talk = advice.get(desk.scope, desk.talk)
    lists = (advice.questions, advice.attachments, advice.inquiries, advice.briefing)
    pieces = evidence_read.matrix(desk.scope, desk.therapy)
    foreign = abroad_read.of_therapy(desk.scope, desk.therapy)
    entered = rules_read.kept(desk.keeper)
    return [one, talk, pieces, foreign, entered, *(read(desk.scope, desk.talk) for read in lists)]


ONCE = {  # whoever is first has done it, and there is nothing left for the others
    *("pathways.correct", "pathways.withdraw", "consultations.happened", "consultations.take_back"),
    *("consultations.delete_question", "consultations.delete_attachment", "consultations.delete_inquiry"),
    *("abroad.drop", "rules.discard", "rules.moves", "rules.end"),
}
OTHERWISE = {  # what is typed where it is no text: each save another one of these
    "consultations.change_wish": [{"meeting": day} for day in ("2027-04-14", "2027-03-10", "2027-05-12", "2027-06-09")],
    "consultations.step": [{"day": f"2026-11-{day}"} for day in (16, 17, 18, 19)],
    "notices.choose_mails": [{"mails": "y"}, {"mails": ""}],
    "notices.choose_names": [{"hide_names": "y"}, {"hide_names": ""}],
}
_VERSION = re.compile(r'name="version"[^>]*?value="(\d*)"')


@dataclass
class Editor:
    """One of many at the same form; ``saved`` holds the version that each acknowledged save was made upon."""

    visitor: Visitor
    name: str
    case: Case
    others: list[dict[str, str]]
    saved: list[str] = field(default_factory=list)
    refused: int = 0
    faults: list[str] = field(default_factory=list)

    def work(self, saves: int, *, once: bool) -> None:
        """Save so often; who is refused goes on from the page that says so, unless it can be done once only."""
        token, address = self.visitor.token(), self.case.fresh or self.case.address
        page = ""
        while len(self.saved) < saves and not self.faults:
            seen = _version(page) or _version(self.visitor.client.get(self.case.page or address).text)
            if not seen and not once:
                self.faults.append("the form gives out no version")
            mine = f"{self.name} {len(self.saved)}"
            typed = {name: mine if value == MINE else value for name, value in self.case.typed.items()}
            if self.others:
                typed |= self.others[(len(self.saved) + self.refused) % len(self.others)]
            form = {"csrf_token": token, "version": seen, **{name: value for name, value in typed.items() if value}}
            answer = self.visitor.client.post(address, data=form)
            page = answer.text if answer.status_code == 409 else ""
            if answer.status_code == 302:
                self.saved.append(seen)
            elif page or (once and _too_late(answer)):
                self.refused += 1
                if page and MINE in self.case.typed.values() and mine not in page:
                    self.faults.append(f"{mine} is not on the page any more")
            else:
                self.faults.append(f"{answer.status_code}: {answer.text[:3000]}")
            if once:
                return


def _version(page: str) -> str:
    found = _VERSION.search(page)
    return found[1] if found else ""


def _too_late(answer: TestResponse) -> bool:
    """It is gone, or a sentence on the form says that it cannot be done any more."""
    return answer.status_code == 404 or (answer.status_code == 200 and 'id="error-summary"' in answer.text)


@pytest.fixture
def meet(app: Flask, visit: Visitor, world: World, settings: Settings) -> Callable[[str, int, int], int]:
    """Let so many editors save so often at one form: no two saves were made upon the same version, and each refused
    text stays. How often they were refused."""

    def at(endpoint: str, editors: int, saves: int) -> int:
        case: Case = FORMS[endpoint](open_desk(app, world, settings))
        session.remove()
        once, others, who = endpoint in ONCE, OTHERWISE.get(endpoint, []), world.lead
        if endpoint == "notices.choose_mails":  # a lead gets the mails in any case
            who = world.member
        elif endpoint.startswith("rules."):
            who = world.admin
        people = [Editor(visit.as_(who, "ja"), f"編集者{n}", case, others) for n in range(editors)]
        threads = [threading.Thread(target=one.work, args=(saves,), kwargs={"once": once}) for one in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [one.faults for one in people] == [[]] * editors, endpoint
        saved = [seen for one in people for seen in one.saved]
        assert len(saved) == (1 if once else editors * saves), endpoint
        assert len(set(saved)) == len(saved), f"{endpoint}: two were made upon the same version"
        assert once or min(map(len, saved)), f"{endpoint}: the form gives out no version"
        return sum(one.refused for one in people)

    return at


def test_no_save_is_lost_silently_at_any_form(meet: Callable[[str, int, int], int]) -> None:
    for endpoint in FORMS:
        meet(endpoint, 3, 2)


@pytest.mark.long
@pytest.mark.parametrize("endpoint", FORMS)
def test_eight_editors_lose_no_save_silently(meet: Callable[[str, int, int], int], endpoint: str) -> None:
    refused = meet(endpoint, 8, 60)
    assert refused, "they never met"
    print(f"\n8 editors × 60 saves at {endpoint}; {refused} refused and done again")
