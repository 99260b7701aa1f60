"""The request form as Word opens it: what is known is filled in, what is not is marked; the same bytes each time."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import docx
import pytest

from app.documents.request_form import load_form, make_request_form
from tests.documents import samples

TITLES = ["添付資料1　製造方法", "添付資料2　試験報告書"]


def read(data):
    document = docx.Document(io.BytesIO(data))
    rows = {row.cells[0].text: row.cells[1].text for row in document.tables[0].rows}
    return [paragraph.text for paragraph in document.paragraphs], rows


@pytest.fixture
def form():
    return make_request_form(samples.request("ja"), TITLES, "Shirube test")


def test_what_is_known_stands_in_its_place(form):
    lines, rows = read(form[0])
    assert "令和8年11月22日" in lines
    assert "独立行政法人医薬品医療機器総合機構　審査センター長　殿" in lines
    assert "名称　株式会社標見本バイオ" in lines
    assert rows["相談区分＊"] == "レギュラトリーサイエンス戦略相談（再生医療等製品）"
    assert rows["対面助言の希望日＊"].split("\n") == ["令和9年2月17日(水)", "令和9年2月24日(水)", "令和9年3月3日(水)"]
    assert rows["同一品目についての過去の対面助言"].split("\n")[1].startswith("令和8年3月　")
    assert rows["添付資料一覧"].split("\n") == TITLES
    assert "電話　06-0000-0000" in rows["担当者の氏名、所属及び連絡先"]
    assert rows["相談内容の種類（相談事項）"].startswith("1　造腫瘍性評価の十分性\n2　")


def test_what_is_unknown_is_a_marked_blank_with_a_finding(form):
    _, rows = read(form[0])
    blank = {label for label, value in rows.items() if value == "〔要記入〕"}
    assert blank == {"出席予定者数＊", "通訳の有無＊", "AMED課題管理番号及び情報共有への同意"}
    assert {one.where for one in form[1]} == {f"request_form.{key}" for key in ("attendees", "interpreter", "amed")}
    assert {one.code for one in form[1]} == {"fill_in"}


def test_every_undefined_field_becomes_a_blank():
    bare = replace(samples.request("ja"), contact=samples.request("ja").contact.__class__(), addressee=None)
    data, found = make_request_form(bare, [], "x")
    lines, rows = read(data)
    assert rows["担当者の氏名、所属及び連絡先"] == "〔要記入〕"
    assert rows["添付資料一覧"] == "なし"
    assert "〔要記入〕" in lines
    assert {"request_form.contact", "request_form.addressee"} <= {one.where for one in found}


def test_it_says_that_it_is_not_the_form_of_pmda(form):
    lines, _ = read(form[0])
    assert load_form().note.ja in lines
    assert load_form().legend.ja in lines


def test_the_form_and_the_fee_stand_beside_with_what_to_ask_where_they_are_unknown(form):
    lines, _ = read(form[0])
    (told,) = [line for line in lines if line.startswith("転記先の様式　")]
    assert "不明" in told
    assert any(line.startswith("手数料　") and "確認してください" in line for line in lines)
    asked = samples.request("ja").consultation
    bare = replace(samples.request("ja"), consultation=replace(asked, forms=None, fees=None))
    assert not any(line.startswith(("転記先の様式", "手数料")) for line in read(make_request_form(bare, [], "x")[0])[0])


def test_english():
    lines, rows = read(make_request_form(samples.request("en"), ["Attachment 1"], "x")[0])
    assert "22 Nov 2026" in lines
    assert rows["Meeting days wished for＊"].startswith("17 Feb 2027 (Wed)\n")
    assert rows["Interpreter＊"] == "[to fill in]"


def test_the_same_content_is_the_same_bytes(form):
    again, _ = make_request_form(samples.request("ja"), TITLES, "Shirube test")
    assert again == form[0]
    with zipfile.ZipFile(io.BytesIO(again)) as archive:
        assert archive.namelist() == sorted(archive.namelist())
        assert {(entry.date_time, entry.create_system) for entry in archive.infolist()} == {
            ((2026, 11, 22, 0, 0, 0), 3)
        }
    about = docx.Document(io.BytesIO(again)).core_properties
    assert (about.created.date().isoformat(), about.author) == ("2026-11-22", "株式会社標見本バイオ")


def test_markup_in_a_field_is_text():
    organisation = replace(samples.request("ja").organisation, name="<w:p>&amp;]]>")
    lines, _ = read(make_request_form(replace(samples.request("ja"), organisation=organisation), [], "x")[0])
    assert "名称　<w:p>&amp;]]>" in lines
