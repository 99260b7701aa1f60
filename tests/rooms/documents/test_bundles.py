"""A bundle is asked for in the browser, made by the worker, and taken home by nobody but its owner."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest
from flask import Flask

from app.access.scope import Scope
from app.config import Settings
from app.consultations import services as plans
from app.consultations.wish import Wish
from app.core.db import session, transaction
from app.core.errors import NotFound
from app.documents import queries, services
from app.documents.models import Bundle
from app.documents.states import State
from app.engine.definition.common import Language
from app.therapies import services as therapies
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor


@pytest.mark.parametrize("language", ["ja", "en"])
def test_from_the_button_to_the_file(
    visit: Visitor, world: World, consultation: str, settings: Settings, language: Language
) -> None:
    lead = visit.as_(world.lead, language)
    page = f"/consultations/{consultation}/bundles"
    lead.get(page)
    assert lead.post(page, {"language": language, "japanese_era": "y"}) == page
    assert lead.client.get(page).headers["Refresh"]  # no script is needed to see it finish
    assert services.make_waiting(settings) == 1
    text = lead.get(page)
    (bundle,) = queries.of_consultation(scope_of(world.lead), consultation)
    assert bundle.state is State.READY, bundle.findings
    assert bundle.sha256 in text
    assert "Refresh" not in lead.client.get(page).headers
    answer = lead.client.get(f"/bundles/{bundle.id}/download")
    assert answer.mimetype == "application/zip"
    names = zipfile.ZipFile(io.BytesIO(answer.data)).namelist()
    assert {"01-briefing-package.pdf", "02-request-form.docx", "manifest.json"} <= set(names)


def test_one_organisation_does_not_fill_the_queue_of_all(
    visit: Visitor, world: World, consultation: str, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "MOST_WAITING", 1)
    first = services.request(scope, consultation, "ja")
    assert services.request(scope, consultation, "ja") == first, "the one that waits is still the one"
    page = f"/consultations/{consultation}/bundles"
    for language, said in (("ja", "作成待ちの資料一式がすでに1件"), ("en", "1 bundles are being made already")):
        lead = visit.as_(world.lead, language)  # type: ignore[arg-type]
        assert said in lead.post(page, {"language": "en"}, status=200)
    stranger = scope_of(world.stranger)
    therapy = therapies.add(stranger, name_ja="乙", product_class="RMP-C", material="allogeneic_ips")
    theirs = plans.confirm(stranger, therapy, "drug_eop2", Wish(meeting=dt.date(2027, 7, 14)))
    services.request(stranger, theirs, "ja")
    with transaction():
        session.get_one(Bundle, first).state = State.READY
    services.request(scope, consultation, "en")


@pytest.mark.parametrize("who", ["stranger", "staff", "admin"])
def test_nobody_else_finds_it(
    visit: Visitor, world: World, consultation: str, settings: Settings, scope: Scope, who: str
) -> None:
    bundle = services.request(scope, consultation, "ja")
    services.make_waiting(settings)
    other = visit.as_(getattr(world, who))
    other.get(f"/consultations/{consultation}/bundles", status=404)
    other.post(f"/consultations/{consultation}/bundles", {"language": "ja"}, status=404)
    other.get(f"/bundles/{bundle}/download", status=404)
    with pytest.raises(NotFound):
        services.request(scope_of(world.stranger), consultation, "ja")


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_is_missing_is_said_and_no_file_is_left(
    visit: Visitor, world: World, empty_consultation: str, settings: Settings, scope: Scope, language: Language
) -> None:
    bundle = services.request(scope, empty_consultation, language)
    services.make_waiting(settings)
    view = queries.get(scope, bundle)
    assert view.state is State.BLOCKED
    assert {found.code for found in view.findings if found.blocks} >= {"no_questions"}
    page = visit.as_(world.lead, language).get(f"/consultations/{empty_consultation}/bundles")
    assert ("修正が必要な点" if language == "ja" else "Must be mended") in page
    assert f'/consultations/{empty_consultation}/bundles" aria-current="page"' in page  # its own tab
    assert page.count(f'href="/consultations/{empty_consultation}/questions"') >= 2  # a tab, and where to mend it
    assert not [file for file in settings.files.rglob("*") if file.is_file()]
    visit.as_(world.lead).get(f"/bundles/{bundle}/download", status=404)


def test_asking_twice_makes_one(scope: Scope, consultation: str) -> None:
    assert services.request(scope, consultation, "ja") == services.request(scope, consultation, "ja")
    assert services.request(scope, consultation, "en") != services.request(scope, consultation, "ja")


def test_a_bundle_of_a_dead_worker_is_taken_up_again(scope: Scope, consultation: str, settings: Settings) -> None:
    bundle = services.request(scope, consultation, "ja")
    killed = services._lease(settings)
    assert killed is not None
    assert services.make_waiting(settings) == 0  # nobody takes it from a living one
    at_once = settings.model_copy(update={"lease_seconds": 0})
    assert services.make_waiting(at_once) == 1
    made = queries.get(scope, bundle)
    assert made.state is State.READY
    services._finish(killed, State.FAILED, [])  # it was not dead but slow, and comes too late
    session.expire_all()
    assert queries.get(scope, bundle) == made


def test_a_bundle_that_ends_every_worker_is_given_up(
    app: Flask, scope: Scope, consultation: str, settings: Settings
) -> None:
    bundle = services.request(scope, consultation, "ja")
    with transaction():
        row = session.get_one(Bundle, bundle)
        row.attempts = services.ATTEMPTS
    services.make_waiting(settings)
    assert queries.get(scope, bundle).state is State.FAILED


def test_the_same_contents_are_the_same_file(scope: Scope, consultation: str, settings: Settings) -> None:
    first = services.request(scope, consultation, "ja")
    services.make_waiting(settings)
    second = services.request(scope, consultation, "ja")
    services.make_waiting(settings)
    assert first != second
    assert queries.get(scope, first).sha256 == queries.get(scope, second).sha256


def test_an_attachment_whose_bytes_are_gone_is_a_finding(scope: Scope, consultation: str, settings: Settings) -> None:
    for file in settings.files.rglob("*"):
        if file.is_file():
            file.unlink()
    bundle = services.request(scope, consultation, "ja")
    services.make_waiting(settings)
    view = queries.get(scope, bundle)
    assert view.state is State.BLOCKED
    assert "attachment_unreadable" in {found.code for found in view.findings}
