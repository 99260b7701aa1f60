"""What nobody should type, and somebody will: days, texts, ids and headers at their most hostile."""

from __future__ import annotations

from hypothesis import strategies as st

MARKUP = [
    "<b>bold</b>",
    "</script><script>alert(1)</script>",
    "</textarea></title></option><img src=x onerror=alert(1)>",
    "\" onfocus='alert(1)' x=\"",
    "&lt;b&gt; &amp; &#0; &",
    "<!-- --><![CDATA[x]]><svg/onload=alert(1)>",
    "{{ 7*7 }} {% raw %} {# x #} %(name)s {0} ${7*7}",
    "javascript:alert(1)",
]
SIGNS = [
    "a\x00b",
    "\x00",
    "a\x01\x02\x1b[31m\x7fb",
    "a\x0bb\x0cc",
    "one\u2028two\u2029three\x85four",
    "\ufeffx\ufffe\uffff",
    "\ufffd",
    "\U0010ffff\U000e0001",
    "e\u0301" * 50 + "\u0300" * 300,
    "👩‍👩‍👧‍👦🏳️‍🌈",
    "𠮷野家㍿㌔ｶﾞﾊﾞ",
    "شركة العلاج بالخلايا",
    "\u202egpj.exe\u202c",
    "a\u202eb\u2066c\u200fd",
    "\u200b\u2060\u00ad",
    "ﷺ" * 100,
]
LINES = [
    "a\r\nBcc: x@evil.example\r\n\r\nbody",
    "a\nb",
    "a\rb",
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
]
WAYS = [
    "../../etc/passwd",
    "..\\..\\x",
    "/etc/passwd",
    "//evil.example",
    "http://127.0.0.1:9/x",
    "' OR 1=1 --",
    "%00",
    "%s%n",
    "con.pdf",
]
NUMBERS = [
    "0",
    "-1",
    "1e309",
    "NaN",
    "٣",
    "２",
    "1_000",
    "9" * 400,
    str(2**31),
    str(2**63),
    str(2**64),
    "0x10",
    "1.5",
    "",
]
DAYS = [
    *(
        "2026-02-30",
        "令和8年2月30日",
        "令和元年4月30日",
        "平成31年5月1日",
        "令和元年5月1日",
        "平成31年4月30日",
        "昭和64年1月8日",
    ),
    *(
        "0000-01-01",
        "0-0-0",
        "99999",
        "99999-01-01",
        "9999-12-31",
        "46000",
        "45292.5",
        "２０２６年３月６日",
        "未定",
        "TBD",
        "tomorrow",
    ),
    *(
        "2026-13-01",
        "2026-00-00",
        "R0.1.1",
        "R99.1.1",
        "M45.1.1",
        "2026-W10-1",
        "20260306",
        "2026-03-06T10:00:00Z",
        "٢٠٢٦-٠٣-٠٦",
    ),
    *(
        "二〇二六年三月六日",
        "2026年",
        "2026-03",
        "March 2026",
        "31 Feb 2026",
        "2026年3月6日（金）",
        "1944-12-31",
        "2100-01-01",
        "-2026-01-01",
    ),
]
LONG = [
    "x" * 100_000,
    "あ" * 100_000,
    "\n" * 100_000,
    "a b " * 25_000,
    "2026-03-06" * 10_000,
    "<" * 100_000,
    "添付資料1 " * 16_000,
]
VALID_DAYS = [
    "2026-03-06",
    "2026-11-24",
    "2026-11-20",
    "2027-07-14",
    "令和8年3月6日",
    "R8.11.2",
    "2025-01-15",
    "2027-08",
    "2024",
]

hostile = st.one_of(
    st.sampled_from(MARKUP + SIGNS + LINES + WAYS + NUMBERS + DAYS),
    st.sampled_from(MARKUP + SIGNS).map(lambda text: f"x{text}y"),
    st.text(max_size=40),
)
long = st.sampled_from(LONG)
days = st.one_of(st.sampled_from(VALID_DAYS), st.sampled_from(VALID_DAYS), st.sampled_from(DAYS + NUMBERS), hostile)
sentences = st.one_of(
    st.sampled_from(["造腫瘍性は十分か。", "Is it enough?", "CTD = Common Technical Document"]), hostile
)
arguments = st.one_of(
    st.sampled_from(WAYS + NUMBERS + SIGNS + MARKUP), st.text(min_size=1, max_size=30), st.just("x" * 3000)
)
HEADERS: dict[str, list[str]] = {
    "Accept-Language": [
        "ja",
        "en;q=0.5, *;q=x",
        "*",
        "xx-" + "y" * 4000,
        "\xff\xfe",
        ",;=,;q=9999999999",
        "ja-JP-x-" + "a" * 200,
    ],
    "Content-Type": [
        *("application/json", "text/xml", "multipart/form-data", "multipart/form-data; boundary=", "", "/", "\xe9"),
        *(
            "multipart/form-data; boundary=" + "b" * 300,
            "application/x-www-form-urlencoded; charset=utf-7",
            "multipart/form-data; boundary=\xe9",
        ),
        *("multipart/mixed; boundary=x", "application/x-www-form-urlencoded; charset=nonsense"),
    ],
    "Cookie": [
        "shirube=",
        "shirube=" + "a" * 43,
        "shirube=\xff",
        "=; ;;",
        "session=" + "x" * 4000,
        'shirube="\\000\\377"',
        "a=b; " * 200,
    ],
    "Range": [
        "bytes=0-0",
        "bytes=-1",
        "bytes=9999999999999999999-",
        "bytes=5-1",
        "bytes=0-1,2-3,4-5",
        "x=y",
        "bytes=" + "9" * 500 + "-",
        "bytes=-0",
    ],
    "If-None-Match": ["*", '"', "W/", "\xff"],
    "If-Modified-Since": ["x", "Thu, 32 Feb 99999 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "9" * 300],
    "If-Range": ['"x"', "Thu, 01 Jan 1970 00:00:00 GMT", "\xff"],
    "Host": ["evil.example", "127.0.0.1:99999", "[::1", "a b", "", "x" * 300, "127.0.0.1:x"],
    "Accept": ["application/json", "text/html;q=x", "\xff", "*/*;q=" + "9" * 400],
    "X-Forwarded-For": ["1.2.3.4, x", "\xff", "::1%eth0"],
    "User-Agent": ["", "x" * 4000, "<b>", "\xff", "a\tb"],
    "Referer": ["http://evil.example/", "x", "\xff"],
    "X-CSRFToken": ["", "x", "\xff"],
    "Content-Length": ["0", "-1", "x", "1", str(2**64)],
    "Transfer-Encoding": ["chunked", "gzip"],
    "Origin": ["null", "http://evil.example"],
    "HX-Request": ["true"],
}
