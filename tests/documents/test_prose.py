"""Text as typed becomes paragraphs, lists and links, and never markup; days print as each language writes them."""

from __future__ import annotations

import datetime as dt
import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.documents.prose import References, printed_day, prose

KNOWN = References({1: 6, 2: 8, 12: 3}, frozenset({"1", "1-1", "2"}))


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("添付資料2", "attachment-2-1"),
        ("添付資料2 p.4", "attachment-2-4"),
        ("添付資料２　p．８", "attachment-2-8"),
        ("添付資料12、p.3", "attachment-12-3"),
        ("Attachment 1, p. 6", "attachment-1-6"),
        ("Attachment 1 P6", "attachment-1-6"),
        ("相談事項1-1", "question-1-1"),
        ("相談事項２", "question-2"),
        ("Question 1", "question-1"),
    ],
)
def test_a_reference_becomes_a_link(text, target):
    html = prose(f"前（{text}）後", KNOWN)
    assert html == f'<p>前（<a href="shirube:{target}">{text}</a>）後</p>'


@pytest.mark.parametrize("text", ["添付資料3", "添付資料2 p.9", "添付資料2 p.0", "Attachment 99 p.1"])
def test_a_reference_to_nothing_stays_text_and_is_named(text):
    assert prose(text, KNOWN) == f"<p>{text}</p>"
    assert KNOWN.unresolved(f"前{text}後") == [text]


def test_other_numbers_are_no_references():
    for text in ("相談事項9", "添付資料一覧", "Questionnaire 1", "添付資料 p.3"):
        assert "<a" not in prose(text, KNOWN)
        assert KNOWN.unresolved(text) == []


def test_paragraphs_lines_and_lists():
    text = "一段\n二行\r\n\r\n次の段\n・一つ\n- two\n終わり"
    assert prose(text, KNOWN) == ("<p>一段<br>二行</p>\n<p>次の段</p><ul><li>一つ</li><li>two</li></ul><p>終わり</p>")
    assert prose(None, KNOWN) == prose(" \n ", KNOWN) == ""
    assert prose("-5 °C", KNOWN) == "<p>-5 °C</p>"  # a minus sign begins no list


@given(st.text(max_size=200))
def test_whatever_is_typed_no_tag_of_it_survives(text):
    html = str(prose(text, KNOWN))
    for tag in ("<p>", "</p>", "<br>", "<ul>", "</ul>", "<li>", "</li>", "</a>"):
        html = html.replace(tag, "")
    assert "<" not in html.replace('<a href="shirube:', "")


DAY = dt.date(2026, 3, 6)


@pytest.mark.parametrize(
    ("day", "how", "ja", "en"),
    [
        (DAY, {}, "2026年3月6日", "6 Mar 2026"),
        (DAY, {"weekday": True}, "2026年3月6日(金)", "6 Mar 2026 (Fri)"),
        (DAY, {"era": True}, "令和8年3月6日", "6 Mar 2026"),
        (DAY, {"era": True, "weekday": True}, "令和8年3月6日(金)", "6 Mar 2026 (Fri)"),
        (DAY, {"era": True, "precision": "month"}, "令和8年3月", "Mar 2026"),
        (DAY, {"era": True, "precision": "year"}, "令和8年", "2026"),
        (dt.date(2019, 5, 1), {"era": True}, "令和元年5月1日", "1 May 2019"),
        (dt.date(2019, 12, 31), {"era": True}, "令和元年12月31日", "31 Dec 2019"),
        (dt.date(2019, 4, 30), {"era": True}, "2019年4月30日", "30 Apr 2019"),
        (dt.date(2019, 6, 1), {"era": True, "precision": "year"}, "2019年", "2019"),
        (dt.date(2045, 1, 1), {"era": True}, "令和27年1月1日", "1 Jan 2045"),
    ],
)
def test_days_print_as_each_language_writes_them(day, how, ja, en):
    assert printed_day(day, "ja", **how) == ja
    assert printed_day(day, "en", **how) == en


@pytest.mark.parametrize("typed", ["添付資料" + "9" * 5000, "Attachment 1 p. " + "9" * 5000, "相談事項" + "1-" * 9000])
def test_endless_numbers_are_no_references_and_no_fault(typed):
    found = str(prose(typed, References({1: 3}, frozenset({"1"}))))
    assert "attachment-9" not in found
    assert found.replace("<wbr>", "").count("9") == typed.count("9")


def test_a_word_without_an_end_can_be_set_in_lines_and_loses_nothing():
    typed = "前 " + "<x&" * 7000 + " 後"
    found = str(prose(typed, References()))
    assert max(len(html.unescape(piece)) for piece in found.split("<wbr>")) < 200
    assert html.unescape(found.replace("<wbr>", "")) == f"<p>{typed}</p>"
    assert "<wbr>" not in str(prose("普通の文章です。" * 500 + "a word " * 500, References()))
