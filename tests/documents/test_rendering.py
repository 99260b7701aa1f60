"""The door to WeasyPrint: nothing is fetched, every complaint is heard, the fonts are ours alone."""

from __future__ import annotations

import http.server
import io
import shutil
import threading

import pikepdf
import pytest

from app.documents import fonts, rendering
from app.documents import pdf as reading
from app.documents.rendering import Renderer

STYLE = ("@page {size: A4} html {font-family: 'Noto Serif JP', 'DejaVu Sans'}",)


def page(body, head=""):
    return f"<html lang='ja'><head><title>t</title>{head}</head><body>{body}</body></html>"


@pytest.fixture
def fresh(tmp_path):
    """A renderer that has kept nothing yet."""
    return Renderer(tmp_path / "work")


@pytest.fixture
def listener():
    """A server on loopback that counts who asks."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(404)
            self.end_headers()

        def log_message(self, *_):
            return

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()


HOSTILE = [
    "<img src='{0}/a.png'>",
    "<link rel=stylesheet href='{0}/a.css'>",
    "<link rel=attachment href='{0}/a.bin'>",
    "<style>@import '{0}/b.css'; p {{background: url({0}/d.png)}}</style><p>x</p>",
    "<style>@font-face {{font-family: X; src: url({0}/c.ttf)}}</style><p style='font-family: X'>x</p>",
    "<svg><image href='{0}/e.png' width=9 height=9 /></svg>",
    "<object data='{0}/f.svg'></object><embed src='{0}/g.svg'>",
    "<ul style='list-style-image: url({0}/h.png)'><li>x</li></ul>",
]


@pytest.mark.parametrize("body", HOSTILE)
def test_no_address_is_asked_for(fresh, listener, body):
    address, asked = listener
    rendered = fresh.render(page(body.format(address)), STYLE)
    assert asked == []
    assert rendered.complaints


@pytest.mark.parametrize("body", HOSTILE)
def test_no_file_of_the_machine_is_read(fresh, tmp_path, body):
    secret = tmp_path / "a.css"
    secret.write_text("p {color: red}")
    rendered = fresh.render(page(body.format(tmp_path.as_uri())), STYLE)
    assert rendered.complaints
    with pikepdf.open(io.BytesIO(rendered.pdf)) as pdf:
        assert "/Names" not in pdf.Root
        assert len(pdf.attachments) == 0


def test_data_addresses_and_hosts_hidden_in_a_base_are_refused(fresh, listener):
    address, asked = listener
    fresh.render(page("<img src='data:image/png;base64,AAAA'><img src='x.png'>", f"<base href='{address}/'>"), STYLE)
    assert asked == []


def test_own_assets_are_served(tmp_path):
    dot = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    renderer = Renderer(tmp_path, {"asset:dot.svg": ("image/svg+xml", dot)})
    assert renderer.render(page("<img src='asset:dot.svg'>"), STYLE).complaints == ()
    assert renderer.render(page("<img src='asset:other.svg'>"), STYLE).complaints != ()


def test_signs_that_no_font_has_are_named(fresh):
    rendered = fresh.render(page("有る ₂⁶☐☑①髙﨑𠮷 無い \U0001f9ec と ሀ"), STYLE)
    assert rendered.missing_glyphs == ("ሀ", "\U0001f9ec")


def test_only_our_fonts_are_used_whatever_the_page_asks_for(fresh):
    body = "<p style='font-family: Arial, Courier, sans-serif'>abc 日本 <b>太字</b> <code>x</code> ₂</p>"
    rendered = fresh.render(page(body), ("@page {size: A4}",))
    with pikepdf.open(io.BytesIO(rendered.pdf)) as pdf:
        names = {font.name.lower().replace("-", "") for font in reading.fonts(pdf.pages[0])}
    assert names
    assert all("noto" in name or "dejavu" in name for name in names), names


def test_headings_and_anchors_tell_page_and_place(fresh):
    body = "<h1 id=a>一</h1><h2>二</h2><h1 id=b style='break-before: page; margin-top: 100pt'>三</h1>"
    rendered = fresh.render(page(body), ("@page {size: A4; margin: 20mm} body {margin: 0} h1 {margin: 0}",))
    assert [(h.level, h.title, h.page) for h in rendered.headings] == [(1, "一", 0), (2, "二", 0), (1, "三", 1)]
    assert rendered.anchors["b"][0] == rendered.pages - 1 == 1
    assert rendered.headings[0].top == pytest.approx(56.7, abs=1)


def test_a_page_is_set_once_and_read_again(fresh, monkeypatch):
    first = fresh.render(page("<h1 id=x>一度</h1>"), STYLE)

    def never(*_):
        raise AssertionError("set again")

    monkeypatch.setattr(Renderer, "_render", never)
    assert fresh.render(page("<h1 id=x>一度</h1>"), STYLE) == first
    with pytest.raises(AssertionError):
        fresh.render(page("<h1 id=x>二度</h1>"), STYLE)


def test_a_kept_page_that_was_touched_is_set_again(fresh, tmp_path):
    first = fresh.render(page("内容"), STYLE)
    [kept] = (tmp_path / "work" / "pages").iterdir()
    for spoiled in (kept.read_bytes()[:-1], b"", b"{}\n", kept.read_bytes().replace(b"%PDF", b"%PDX")):
        kept.write_bytes(spoiled)
        assert fresh.render(page("内容"), STYLE).pdf == first.pdf


def test_a_page_with_complaints_is_not_kept(fresh, tmp_path):
    fresh.render(page("\U0001f9ec"), STYLE)
    assert list((tmp_path / "work" / "pages").iterdir()) == []


def test_kept_pages_do_not_grow_without_end(fresh, tmp_path, monkeypatch):
    monkeypatch.setattr(rendering, "_KEPT_PAGES", 2)
    for word in "abc":
        fresh.render(page(word), STYLE)
    assert len(list((tmp_path / "work" / "pages").iterdir())) == 2


def test_a_changed_font_is_refused(tmp_path):
    folder = tmp_path / "fonts"
    shutil.copytree(fonts.FONT_FOLDER, folder)
    assert len(fonts.font_set(folder).fonts) == 6
    fonts.font_set.cache_clear()
    with (folder / "DejaVuSans.ttf").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(fonts.DamagedFontsError, match="DejaVuSans"):
        fonts.font_set(folder)


def test_every_font_file_has_its_licence_beside_it():
    for font in fonts.font_set().fonts:
        assert (fonts.FONT_FOLDER / font.licence_file).is_file()
    described = {font.file for font in fonts.font_set().fonts}
    assert {path.name for path in fonts.FONT_FOLDER.glob("*.ttf")} == described
