"""Questions, attachments and the data for the documents: nothing typed is lost, nothing half-stored."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest

from app.config import Settings
from app.consultations import bundles, queries, services
from app.core.errors import Changed, NotFound
from tests.factories.world import World, scope_of
from tests.web.visitor import Visitor


def pdf(pages: int = 1, **save) -> bytes:
    out, made = io.BytesIO(), pikepdf.new()
    for _ in range(pages):
        made.add_blank_page()
    made.save(out, **save)
    return out.getvalue()


ENCRYPTED = {"encryption": pikepdf.Encryption(owner="owner", user="user")}
RESTRICTED = {"encryption": pikepdf.Encryption(owner="owner", user="")}


@pytest.fixture
def lead(visit: Visitor, world: World, scope) -> Visitor:
    """The lead in a browser."""
    return visit.as_(world.lead, "ja")


@pytest.fixture
def upload(lead: Visitor, consultation: str):
    """Send files to the page of attachments."""

    def send(*files: tuple[str, bytes], status: int = 302) -> str:
        data = {"files": [(io.BytesIO(content), name) for name, content in files]}
        return lead.post(f"/consultations/{consultation}/attachments", data, status=status)

    return send


def test_questions_are_numbered_by_their_place(lead: Visitor, scope, consultation: str) -> None:
    for text in ("一", "二", "三"):
        lead.post(f"/consultations/{consultation}/questions/new", {"question": text, "position": "妥当"})
    third = queries.questions(scope, consultation)[2]
    lead.post(f"/consultations/{consultation}/questions/{third.id}/move", {"to": "up"})
    assert [(q.number, q.question) for q in queries.questions(scope, consultation)] == [(1, "一"), (2, "三"), (3, "二")]
    lead.get(f"/consultations/{consultation}/questions/{third.id}/delete")
    lead.post(f"/consultations/{consultation}/questions/{third.id}/delete", {"version": "1"})
    assert [(q.number, q.question) for q in queries.questions(scope, consultation)] == [(1, "一"), (2, "二")]


def test_a_question_may_be_long_but_not_endless(lead: Visitor, scope, consultation: str) -> None:
    address = f"/consultations/{consultation}/questions/new"
    lead.post(address, {"question": "問" * 20_000, "position": "あ" * 20_000, "grounds": "根" * 20_000})
    page = lead.post(address, {"question": "問", "grounds": "い" * 20_001}, status=200)
    assert "い" * 100 in page  # what was typed stays
    (stored,) = queries.questions(scope, consultation)
    assert len(stored.position) == 20_000


@pytest.mark.parametrize("language", ["ja", "en"])
def test_on_a_conflict_what_was_typed_stays(visit: Visitor, world: World, scope, consultation: str, language) -> None:
    lead = visit.as_(world.lead, language)
    identity = services.add_question(scope, consultation, question="first")
    address = f"/consultations/{consultation}/questions/{identity}"
    services.edit_question(scope, consultation, identity, version=1, question="colleague's text")
    page = lead.post(address, {"question": "my own text", "version": "1"}, status=409)
    assert "my own text" in page
    assert "colleague&#39;s text" in page
    assert queries.question(scope, consultation, identity).question == "colleague's text"
    lead.post(address, {"question": "my own text", "version": "2"})
    assert queries.question(scope, consultation, identity).question == "my own text"


def test_several_files_are_attached_at_once(upload, lead: Visitor, scope, consultation: str) -> None:
    upload(("品質_概要.pdf", pdf(2)), ("../../etc/toxicity.PDF", pdf(3)), ("c.pdf", pdf(1)))
    stored = queries.attachments(scope, consultation)
    assert [(a.number, a.title, a.filename, a.pages) for a in stored] == [
        (1, "品質 概要", "品質_概要.pdf", 2),
        (2, "toxicity", "toxicity.pdf", 3),
        (3, "c", "c.pdf", 1),
    ]
    answer = lead.client.get(f"/consultations/{consultation}/attachments/{stored[1].id}/file")
    assert answer.data.startswith(b"%PDF-")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    page = lead.get(f"/consultations/{consultation}/attachments")
    assert "合計6ページ" in page


@pytest.mark.parametrize("guarded", [False, True], ids=["", "with_limits"])
@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("letter.docx", b"PK\x03\x04 not a pdf", "PDFではありません"),
        ("locked.pdf", pdf(1, **ENCRYPTED), "保護されています"),
        ("restricted.pdf", pdf(1, **RESTRICTED), "保護されています"),
        ("half.pdf", pdf(4)[:300], "壊れていて開けません"),
        ("empty.pdf", b"", "空のファイル"),
        ("none.pdf", pdf(0), "ページがありません"),
    ],
)
def test_a_bad_file_is_named_and_nothing_is_stored(
    upload, scope, consultation: str, settings: Settings, name: str, content: bytes, sentence: str, guarded: bool
) -> None:
    if guarded:  # the maker of bundles bounds qpdf for its whole process
        pikepdf.settings.set_qpdf_limits(doc_max_warnings=1000)
    page = upload(("good.pdf", pdf(1)), (name, content), status=200)
    assert f"「{name}」" in page
    assert sentence in page
    assert "何も保存していません" in page
    assert queries.attachments(scope, consultation) == []
    assert not list(Path(settings.files).rglob("*")) if Path(settings.files).exists() else True


def test_a_file_that_is_too_large_is_refused_at_its_field(upload, app, settings: Settings, scope, consultation) -> None:
    object.__setattr__(settings, "upload_megabytes", 1)
    page = upload(("large.pdf", pdf(1) + b"%" * (1 << 20)), status=200)
    assert "一つのファイルは1 MBまで" in page
    assert queries.attachments(scope, consultation) == []


def test_no_file_at_all(upload) -> None:
    assert "PDFファイルを選んでください" in upload(status=200)


def test_attachments_are_named_ordered_and_deleted(upload, lead: Visitor, scope, consultation: str) -> None:
    upload(("a.pdf", pdf()), ("b.pdf", pdf()))
    first, second = queries.attachments(scope, consultation)
    below = f"/consultations/{consultation}/attachments"
    lead.get(f"{below}/{first.id}")
    lead.post(f"{below}/{first.id}", {"title": "毒性試験 報告書", "version": "1"})
    page = lead.post(f"{below}/{first.id}", {"title": "別の表題", "version": "1"}, status=409)  # an old version
    assert "別の表題" in page
    assert "毒性試験 報告書" in page
    lead.post(f"{below}/{first.id}/move", {"to": "down"})
    assert [a.title for a in queries.attachments(scope, consultation)] == ["b", "毒性試験 報告書"]
    lead.get(f"{below}/{second.id}/delete")
    lead.post(f"{below}/{second.id}/delete", {"version": "1"})
    assert [(a.number, a.title) for a in queries.attachments(scope, consultation)] == [(1, "毒性試験 報告書")]


def test_the_data_for_the_documents_reach_the_bundle(lead: Visitor, scope, consultation: str) -> None:
    address = f"/consultations/{consultation}/briefing"
    lead.get(address)
    typed = {
        "place": "web",
        "purpose": "用量の確認",
        "abbreviations": "MSC = 間葉系幹細胞\nLVEF=左室駆出率",
        "version": "0",
    }
    lead.post(address, typed)
    source = bundles.bundle_source(scope, consultation)
    assert source.texts["purpose"] == "用量の確認"
    assert source.manner is not None
    assert source.manner.ja == "Web会議で"
    assert "place" not in source.texts
    assert source.abbreviations == (("MSC", "間葉系幹細胞"), ("LVEF", "左室駆出率"))
    page = lead.post(address, {**typed, "purpose": "別の目的", "version": "0"}, status=409)
    assert "別の目的" in page
    assert "用量の確認" in page
    page = lead.post(address, {**typed, "abbreviations": "MSC 間葉系幹細胞", "version": "1"}, status=200)
    assert "1行目" in page


def test_strangers_neither_read_nor_write(upload, visit: Visitor, world: World, scope, consultation: str) -> None:
    upload(("a.pdf", pdf()))
    (stored,) = queries.attachments(scope, consultation)
    stranger, below = visit.as_(world.stranger), f"/consultations/{consultation}/attachments"
    for path in (f"{below}/{stored.id}", f"{below}/{stored.id}/file", f"{below}/{stored.id}/delete"):
        stranger.get(path, status=404)
    for path in (f"{below}/{stored.id}", f"{below}/{stored.id}/delete", f"{below}/{stored.id}/move"):
        stranger.post(path, {"title": "x", "version": "1", "to": "up"}, status=404)
    with pytest.raises(NotFound):
        bundles.bundle_source(scope_of(world.stranger), consultation)
    assert queries.attachments(scope, consultation) == [stored]


def test_the_service_itself_refuses_an_old_version(scope, consultation: str) -> None:
    identity = services.add_question(scope, consultation, question="first")
    with pytest.raises(Changed):
        services.edit_question(scope, consultation, identity, version=7, question="second")


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("path", ["questions", "questions/new", "attachments", "briefing"])
def test_pages_hold_the_contract(visit: Visitor, world: World, consultation: str, language, path: str) -> None:
    visit.as_(world.lead, language).get(f"/consultations/{consultation}/{path}")


def test_a_question_without_a_heading_is_headed_by_its_beginning(scope, consultation: str) -> None:
    services.add_question(scope, consultation, question="あ" * 60)
    services.add_question(scope, consultation, title="表題", question="い")
    first, second = bundles.bundle_source(scope, consultation).questions
    assert first.title == "あ" * 48 + "…"
    assert second.title == "表題"
