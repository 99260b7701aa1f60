"""The briefing package of a finished bundle, read back by other programs than the one that wrote it."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest

from app.documents import pdf as reading
from app.documents.sections import groups, sections
from app.documents.templates import load_template
from app.documents.verify import verify_bundle
from tests.documents import samples


@pytest.fixture
def package(made, language):
    """The package as an open PDF."""
    with zipfile.ZipFile(made[language].path) as archive:
        data = archive.read("01-briefing-package.pdf")
    with pikepdf.open(io.BytesIO(data)) as pdf:
        yield pdf


@pytest.fixture
def texts(made, language):
    """The text of each page as another program reads it."""
    with zipfile.ZipFile(made[language].path) as archive:
        document = pypdfium2.PdfDocument(archive.read("01-briefing-package.pdf"))
    return ["".join(page.get_textpage().get_text_bounded().split()) for page in document]


def flat(bookmarks, level=1):
    for bookmark in bookmarks:
        yield level, bookmark.title, bookmark.page
        yield from flat(bookmark.children, level + 1)


def leads_to(pages, page):
    """The pages to which the links of ``page`` lead, without those out of the document."""
    places = [pages.of_link(link) for link in reading.notes(page) if "/A" not in link]
    return [place and place[0] for place in places]


def test_every_bookmark_leads_to_the_page_with_its_words(package, texts):
    found = list(flat(reading.bookmarks(package, reading.Pages(package))))
    branch = next(title for _, title, _ in found if title in ("添付資料", "Attachments"))
    cover = found[0][1]
    for _, title, page in found:
        assert page is not None, title
        on_the_card = title in (
            "Rabbit study 4",
            "ウサギ網膜下移植試験報告書 4",
        )  # that page is too small for its words
        if title not in (branch, cover) and not title.startswith(("添付資料", "Attachment ")) and not on_the_card:
            assert "".join(title.split()) in texts[page], title


def test_the_outline_names_all_parts_in_order(package, language):
    found = list(flat(reading.bookmarks(package, reading.Pages(package))))
    top = [title.replace("　", " ") for level, title, _ in found if level == 1]
    expected = {
        "ja": ["表紙", "目次", "略号一覧", "1 相談の背景及び開発の経緯", "2 品目の概要", "3 相談事項",
               "4 品質、非臨床及び臨床の要約", "5 過去の対面助言", "6 添付資料一覧", "添付資料"],
        "en": ["Cover", "Contents", "Abbreviations", "1 Background and development history", "2 Outline of the product",
               "3 Questions", "4 Summary of quality, non-clinical and clinical data", "5 Earlier consultations",
               "6 List of attachments", "Attachments"],
    }[language]  # fmt: skip
    assert top == expected
    questions = [title for level, title, _ in found if level == 2 and title.startswith(("相談事項", "Question"))]
    assert len(questions) == 3


def test_attachments_keep_their_own_outline_beneath_their_bookmark(package, language):
    found = list(flat(reading.bookmarks(package, reading.Pages(package))))
    start = len(package.pages) - sum(samples.PAGES)
    for number, pages in enumerate(samples.PAGES):
        title = samples.TITLES[language][number]
        own = [
            page for level, name, page in found if level == 3 and name in {f"{title} {n}" for n in range(1, pages + 1)}
        ]
        assert own == list(range(start, start + pages))
        start += pages


def test_contents_name_the_page_on_which_each_heading_stands(package, texts, language):
    contents = "".join(texts[1:2])
    found = list(flat(reading.bookmarks(package, reading.Pages(package))))[2:]
    for level, title, page in found:
        if level <= 2:
            line = re.search(re.escape("".join(title.split())) + r"\.{3,}(\d+)", contents)
            assert line, title
            assert line[1].startswith(str(page + 1)), title


def test_every_link_of_our_own_pages_leads_to_a_page(package, language):
    pages = reading.Pages(package)
    own = len(package.pages) - sum(samples.PAGES)
    links = [link for page in list(package.pages)[:own] for link in reading.notes(page)]
    assert len(links) > 30
    assert all(pages.of_link(link) is not None for link in links)


def test_a_reference_in_the_text_jumps_to_that_page_of_the_attachment(package, texts):
    pages = reading.Pages(package)
    number = next(i for i, text in enumerate(texts) if text.startswith(("相談事項1造腫瘍性", "Question1Sufficiency")))
    targets = leads_to(pages, package.pages[number])
    first = len(package.pages) - sum(samples.PAGES)
    assert targets == [first + 6 + 5, first + 6 + 7, first + 6 + 8 + 1]  # attachment 2 p.6, 2 p.8, 3 p.2


def test_the_list_of_attachments_leads_to_their_first_pages(package):
    pages = reading.Pages(package)
    first = len(package.pages) - sum(samples.PAGES)
    targets = leads_to(pages, package.pages[first - 1])
    assert targets == [first + sum(samples.PAGES[:n]) for n in range(5)]


def test_links_within_an_attachment_still_work(package):
    pages = reading.Pages(package)
    last = len(package.pages) - sum(samples.PAGES) + samples.PAGES[0] - 1
    assert leads_to(pages, package.pages[last]) == [last]


def test_every_page_carries_its_running_number(package, texts, language):
    total, own = len(texts), len(texts) - sum(samples.PAGES)
    for number, text in enumerate(texts, start=1):
        if number <= own:
            assert f"{number}/{total}" in text
        else:
            assert ("通し" if language == "ja" else "runningpage") + f"{number}/{total}" in text
    stamped = "添付資料2p.3/8" if language == "ja" else "Attachment2p.3/8"
    assert stamped in texts[own + 6 + 2]


def test_fonts_are_embedded_truetype_and_only_ours(package):
    own = len(package.pages) - sum(samples.PAGES)
    fonts = {font for page in list(package.pages)[:own] for font in reading.fonts(page)}
    assert fonts
    assert all(font.embedded and not font.compact for font in fonts)
    families = {font.name.split("+")[-1].replace("-", "").lower() for font in fonts}
    assert all(name.startswith(("notoserifjp", "notosansjp", "dejavusans")) for name in families), families
    assert any(name.startswith("dejavu") for name in families)  # the sample holds CO₂ and 10⁴


def test_it_opens_with_bookmarks_on_the_first_page_at_the_readers_zoom(package):
    assert package.Root.PageMode == "/UseOutlines"
    assert package.Root.OpenAction[0].objgen == package.pages[0].obj.objgen
    assert list(package.Root.OpenAction)[1:] == [pikepdf.Name.XYZ, None, None, None]
    assert package.Root.ViewerPreferences.DisplayDocTitle
    assert package.pdf_version == "1.7"
    assert not package.is_encrypted
    assert package.is_linearized


def test_own_pages_are_a4_and_the_page_label_is_the_page_number(package):
    own = len(package.pages) - sum(samples.PAGES)
    assert all(reading.sheet(page).is_a4 for page in list(package.pages)[:own])
    assert [page.label for page in package.pages] == [str(n) for n in range(1, len(package.pages) + 1)]


def test_nothing_active_reaches_the_package_but_what_was_filled_in_is_printed(package):
    names = package.Root.get("/Names", pikepdf.Dictionary())
    assert "/JavaScript" not in names
    assert "/EmbeddedFiles" not in names
    assert "/AcroForm" not in package.Root
    links = [link for page in package.pages for link in reading.notes(page)]
    assert {str(link.Subtype) for link in links} == {"/Link"}
    addresses = [str(link.A.URI) for link in links if "/A" in link]
    assert addresses == ["https://example.org/paper"]
    page = package.pages[len(package.pages) - samples.PAGES[4]]
    assert b"/PageDrawing" in page.Contents.read_bytes()
    drawn = page.obj.Resources.XObject.PageDrawing
    assert any(b"0 0 1 rg" in form.read_bytes() for form in drawn.Resources.XObject.values())


def test_title_language_and_day_are_written_into_the_file(package, language):
    title = str(package.docinfo["/Title"])
    assert title.startswith("相談資料" if language == "ja" else "Briefing package")
    assert str(package.Root.Lang) == language
    assert str(package.docinfo["/CreationDate"]) == "D:20261122000000+09'00'"
    assert "/ModDate" not in package.docinfo


def test_pmda_finds_an_empty_field_for_its_opinion(texts, language):
    wanted = "機構意見（本欄は空欄で提出します）" if language == "ja" else "OpinionofPMDA(leftblankbytheapplicant)"
    assert sum(wanted in text for text in texts) == 3


def test_set_in_many_runs_or_few_the_pages_say_the_same(full, texts, make, monkeypatch):
    monkeypatch.setattr("app.documents.sections._TOGETHER", 1)
    result = make(full)
    assert result.ok
    with zipfile.ZipFile(result.path) as archive:
        document = pypdfium2.PdfDocument(archive.read("01-briefing-package.pdf"))
    assert ["".join(page.get_textpage().get_text_bounded().split()) for page in document] == texts
    assert verify_bundle(result.path) == []


def test_a_long_package_is_set_in_runs_of_bounded_length(full):
    parts = sections(load_template("briefing_package"), replace(full, questions=full.questions * 30))
    runs = groups(parts, lambda _: 5_000)
    assert [part for run in runs for part in run.sections] == parts
    assert max(len(run.sections) for run in runs) == 9
    assert [run.title for run in runs if len(run.sections) == 1] == [parts[0].title, parts[1].title, parts[-1].title]
