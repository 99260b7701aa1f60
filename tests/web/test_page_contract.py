"""The checker of pages catches every fault that it is there for, and nothing in a good page."""

from __future__ import annotations

import pytest

from tests.web.page_contract import check_page

GOOD = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>{word} – Shirube</title></head><body>
<a href="#main">{skip}</a><header><nav aria-label="{word}"><a href="/">{word}</a></nav></header>
<main id="main"><h1>{word}</h1>
<form method="post" action="/x"><input type="hidden" name="csrf_token" value="t">
<label for="name">{word}</label><input id="name" name="name"><button>{word}</button></form>
<table><thead><tr><th scope="col">{word}</th></tr></thead>
<tbody><tr><td><img src="/a.png" alt=""></td></tr></tbody></table>
<p>{date}</p></main><footer></footer><script src="/h.js" nonce="n"></script></body></html>"""
JA = GOOD.format(lang="ja", word="今日", skip="本文へ移動", date="2026年3月6日(金)")
EN = GOOD.format(lang="en", word="Today", skip="Skip to the content", date="6 Mar 2026 (Fri)")


def faults(html: str, language: str = "en") -> list[str]:
    return check_page(html, language=language, url="/page")


def test_a_good_page_has_no_fault() -> None:
    assert faults(EN) == []
    assert faults(JA, "ja") == []


EACH = [
    ("<h1>Today</h1>", "", "0 h1"),
    ("<h1>Today</h1>", "<h1>Today</h1><h1>Again</h1>", "2 h1"),
    ("<h1>Today</h1>", "<h1>Today</h1><h3>Deep</h3>", "follows h1"),
    ("<h1>Today</h1>", "<h1></h1>", "empty h1"),
    ("Today – Shirube", "Shirube", "is not 'page – site'"),
    ("<title>Today – Shirube</title>", "", "0 titles"),
    ('<html lang="en">', '<html lang="ja">', "html lang is 'ja'"),
    ("<!doctype html>", "", "html: expected-doctype"),
    ("<p>6 Mar", "<p><div></p>6 Mar", "html: "),
    ('<main id="main">', '<main id="main"></main><main>', "2 main"),
    ("<footer></footer>", "", "0 footer"),
    ('<nav aria-label="Today">', "<nav>", "nav without a name"),
    ("</header>", '<nav aria-label="Today"></nav></header>', "two nav named"),
    ('<a href="#main">Skip to the content</a>', "", "does not skip"),
    ('for="name"', 'for="other"', "field: 'name' has no label"),
    ('for="name"', 'for="other"', "for='other' leads nowhere"),
    ('<input id="name"', '<input id="main"', "id: 'main' is used 2 times"),
    ('href="#main"', 'href="#gone"', "'#gone' leads nowhere"),
    ('name="csrf_token" value="t"', 'name="other"', "no csrf_token"),
    ('id="name" name="name"', 'id="name" name="name" aria-invalid="true"', "does not say why"),
    (' alt=""', "", "without alt"),
    ("<button>Today</button>", "<button></button>", "empty button"),
    ('<a href="/">Today</a>', '<a href="/"></a>', "empty a /"),
    ('<a href="/">Today</a>', "<a>Today</a>", "leads nowhere"),
    ("<p>6 Mar", '<svg viewBox="0 0 1 1"></svg><p>6 Mar', "svg without a name"),
    (' scope="col"', "", "without scope"),
    ('<th scope="col">Today</th>', "<td>Today</td>", "no th"),
    ("<p>6 Mar", '<p style="color:red">6 Mar', "inline style at p"),
    ("</head>", "<style>p{}</style></head>", "inline style at style"),
    (' nonce="n"', "", "without nonce"),
    ('<script src="/h.js" nonce="n">', '<script nonce="n">go()', "script inline"),
    ("<p>6 Mar", '<p onclick="go()">6 Mar', "onclick at p"),
    ('<a href="/">', '<a href="javascript:go()">', "script address"),
    ("6 Mar 2026 (Fri)", "2026/03/06", "two ways"),
    ("6 Mar 2026 (Fri)", "03/06", "two ways"),
    ("6 Mar 2026 (Fri)", "06.03.2026", "two ways"),
    ("6 Mar 2026 (Fri)", "due None", "None in"),
    ("6 Mar 2026 (Fri)", "{{ day }}", "braces"),
    ("6 Mar 2026 (Fri)", "%(num)s days", "placeholder"),
    ("6 Mar 2026 (Fri)", "治験届", 'Japanese outside lang="ja"'),
    ('alt=""', 'alt="治験届"', 'Japanese outside lang="ja"'),
]


@pytest.mark.parametrize(("good", "bad", "fault"), EACH)
def test_each_fault_is_named(good: str, bad: str, fault: str) -> None:
    assert good in EN
    found = faults(EN.replace(good, bad, 1))
    assert any(fault in line for line in found), found
    assert all(line.startswith("/page: ") for line in found)


def test_english_of_the_program_on_a_japanese_page_is_named() -> None:
    for text in ("Skip to the content", "3 business days left", "Station P04"):
        found = faults(JA.replace("2026年3月6日(金)", text), "ja")
        assert any("is English" in line for line in found), text


def test_what_is_marked_as_another_language_or_as_a_name_is_left_alone() -> None:
    assert faults(EN.replace("6 Mar 2026 (Fri)", '<span lang="ja">治験届</span>')) == []
    assert faults(EN.replace("6 Mar 2026 (Fri)", '<span translate="no">見本 花子</span>')) == []
    assert faults(JA.replace("2026年3月6日(金)", '<span lang="en">Skip to the content</span>'), "ja") == []


def test_numbers_that_are_not_dates_are_left_alone() -> None:
    for text in ("12 / 30", "25 of 118", "薬食発0812第30号", "version 1.20.1", "1/100"):
        assert not any("two ways" in line for line in faults(EN.replace("6 Mar 2026 (Fri)", text))), text
