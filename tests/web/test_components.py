"""The components: every page of the style guide and every error page keeps the page contract, and says what it must."""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import re
from dataclasses import replace

import pytest
from babel.messages.pofile import read_po
from ruamel.yaml import YAML

from app.core import i18n
from app.engine.definition.common import LANGUAGES, Basis, Language
from app.web import dates as dates_of
from app.web.components import DateView, Departure, DepartureBoard, DepartureState, Shell, ShellUrls, StationSign, Why
from app.web.lists import Pagination
from app.web.samples import board, dates, sign
from tests.web.page_contract import check_page
from tests.web.rendering import ERRORS, WEB, environment, render

STATIC = WEB / "static"
PAGES = ("styleguide", *(f"errors/{code}" for code in ERRORS))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_pages_keep_the_contract(page: str, language: Language) -> None:
    assert check_page(render(f"web/{page}.html", language), language=language, url=page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_error_pages_need_nobody_signed_in(language: Language) -> None:
    bare = Shell("Shirube", language, ShellUrls("/"))
    for code in ERRORS:
        page = render(f"web/errors/{code}.html", language, shell=bare)
        assert check_page(page, language=language, url=str(code)) == []


def test_an_error_page_says_the_refusal_it_was_given() -> None:
    page = render("web/errors/409.html", "en", sentence="The plan moved on 3 Mar 2026.", reference="7F3A")
    assert "The plan moved on 3 Mar 2026." in page
    assert "7F3A" in page
    assert "<script>" not in render("web/errors/409.html", "en", sentence="<script>x</script>")


def macro(template: str, call: str, language: Language = "en", **context: object) -> str:
    """What a macro makes of ``context``, in one line."""
    source = f'{{% from "web/components/{template}.html" import {call.partition("(")[0]} %}}{{{{ {call} }}}}'
    with i18n.speaking(language):
        return " ".join(environment().from_string(source).render(context).split())


def plain(html: str) -> str:
    """The text of a piece of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("basis", "word"), [(Basis.ASSUMED, "assumed"), (Basis.UNKNOWN, "unknown"), (Basis.ACTUAL, "actual")]
)
def test_the_basis_of_a_date_is_written(basis: Basis, word: str) -> None:
    with i18n.speaking("en"):
        assert plain(environment().from_string("{{ basis_chip(basis) }}").render(basis=basis)) == word
    with i18n.speaking("ja"):
        assert plain(dates_of.basis_chip(basis)) not in {"", word}, (
            "what is kept in one language is not said in another"
        )
    assert {b.value for b in Basis} == {d.basis.value for d in dates("en")}


def test_a_date_is_printed_as_precisely_as_it_is_known() -> None:
    day = dt.date(2026, 3, 6)
    expected = {
        "6 Mar 2026 (Fri)": DateView(Basis.ACTUAL, day=day),
        "Mar 2026": DateView(Basis.TARGET, month=(2026, 3)),
        "year 2026": DateView(Basis.TARGET, year=2026),
        "from 6 Mar 2026 (Fri)": DateView(Basis.COMPUTED, earliest=day),
        "by 6 Mar 2026 (Fri)": DateView(Basis.COMPUTED, latest=day),
        "6 Mar 2026 (Fri) – 9 Mar 2026 (Mon)": DateView(Basis.PREDICTED, earliest=day, latest=dt.date(2026, 3, 9)),
        "no date": DateView(Basis.UNKNOWN),
    }
    with i18n.speaking("en"):
        assert {plain(dates_of.when(date)) for date in expected.values()} == set(expected)
        unsure = replace(expected["Mar 2026"], certainty="low", also=(expected["year 2026"],))
        assert plain(dates_of.when(unsure)) == "Mar 2026 (unsure) (another source: year 2026 )"


def test_a_sign_with_nothing_missing_says_so_and_counts_only_what_blocks() -> None:
    full = sign("en")
    assert "3 things are missing" in macro("sign", "station_sign(sign)", sign=full)
    warned = replace(full, missing=(replace(full.missing[0], answer="warning"),))
    said = macro("sign", "station_sign(sign)", sign=warned)
    assert "Nothing is missing" in said
    assert "Careful:" in said


def test_the_end_of_a_line_has_no_next_station() -> None:
    last: StationSign = replace(sign("ja"), going_to=None, missing=())
    said = plain(macro("sign", "station_sign(sign)", "ja", sign=last))
    assert "終着" in said
    assert "次へ進む条件はそろっています" not in said


def test_the_board_counts_one_day_as_one_day() -> None:
    row = Departure(
        DateView(Basis.PUBLISHED, day=dt.date(2026, 12, 1)), "Reception", DepartureState.COUNTED, business_days=1
    )
    assert "1 business day left" in macro("board", "departure_board(board)", board=DepartureBoard((row,)))
    late = replace(row, state=DepartureState.OVERDUE, business_days=2)
    assert "2営業日の遅れ" in macro("board", "departure_board(board)", "ja", board=DepartureBoard((late,)))
    assert "Plan a consultation" in macro("board", "departure_board(board)", board=DepartureBoard(()))
    assert (board("ja").foot or "missing") in macro("board", "departure_board(board)", "ja", board=board("ja"))


def test_a_choice_that_always_has_an_answer_is_not_called_optional() -> None:
    page = " ".join(re.sub(r"<[^>]+>", " ", render("web/styleguide.html", "ja")).split())
    assert "起きた日 任意" in page
    assert "区分 必須" in page
    assert "今日の段階" in page
    assert "今日の段階 任意" not in page


def test_texts_of_users_are_escaped() -> None:
    row = Departure(DateView(Basis.UNKNOWN), "<b>x</b>", DepartureState.NOT_PUBLISHED)
    assert "<b>x</b>" not in macro("board", "departure_board(board)", board=DepartureBoard((row,)))


def test_pagination_stays_inside_the_list_and_names_gaps() -> None:
    pages = Pagination.of(99, 10, 118, lambda n: f"?page={n}")
    assert (pages.page, pages.first, pages.last) == (12, 111, 118)
    assert list(Pagination.of(6, 10, 118, str).numbers) == [1, None, 5, 6, 7, None, 12]
    assert Pagination.of(1, 10, 0, str).first == 0


def test_a_page_is_spoken_in_the_language_of_its_reader_even_after_another_one() -> None:
    assert "PMDA departures" in render("web/styleguide.html", "en")
    assert "PMDA 発車標" in render("web/styleguide.html", "ja")
    assert "PMDA departures" in render("web/styleguide.html", "en")


def test_every_text_of_the_web_room_is_translated_once() -> None:
    with (WEB / "translations/ja/LC_MESSAGES/messages.po").open("rb") as file:
        catalogue = read_po(file)
    assert [m.id for m in catalogue if m.id and not m.string] == []
    sources = [
        re.sub(r"\{#.*?#\}", "", p.read_text(encoding="utf-8"), flags=re.DOTALL)
        for p in WEB.rglob("templates/**/*.html")
    ]
    used = {text for source in sources for text in re.findall(r'\b_\("((?:[^"\\]|\\.)+)"', source)}
    ids = {m.id if isinstance(m.id, str) else m.id[0] for m in catalogue}
    assert used - ids == set()


def test_vendored_files_are_unmodified() -> None:
    entries = YAML(typ="safe").load((STATIC / "vendor/VENDORED.yaml").read_text(encoding="utf-8"))
    listed = {path: digest for entry in entries for path, digest in entry["sha256"].items()}
    present = {str(p.relative_to(STATIC / "vendor")) for p in (STATIC / "vendor").rglob("*") if p.is_file()}
    assert present - {"VENDORED.yaml"} == set(listed)
    for path, digest in listed.items():
        assert hashlib.sha256((STATIC / "vendor" / path).read_bytes()).hexdigest() == digest, path


def test_styles_are_small_and_use_only_known_colours_and_weights() -> None:
    sheets = {p.name: p.read_text(encoding="utf-8") for p in (STATIC / "css").glob("*.css")}
    assert len(gzip.compress("".join(sheets.values()).encode())) < 20_000
    everything = "".join(sheets.values())
    assert set(re.findall(r"font-weight: (\d+)", everything)) <= {"400", "700"}
    defined = set(re.findall(r"(--[a-z0-9-]+):", everything + (STATIC / "vendor/design-tokens/tokens.css").read_text()))
    assert set(re.findall(r"var\((--[a-z0-9-]+)", everything)) <= defined
    assert not re.search(r"@import|url\(", everything)


def test_templates_are_short() -> None:
    long = {
        p.name: n
        for p in WEB.rglob("templates/**/*.html")
        if (n := len(p.read_text(encoding="utf-8").splitlines())) > 60
    }
    assert long == {}


def test_japanese_words_in_an_english_sentence_say_that_they_are_japanese() -> None:
    said = macro("date", "why(reason)", reason=Why("Write RS事前_ in front <of it>."))
    assert 'Write RS<span lang="ja">事前</span>_ in front &lt;of it&gt;.' in said
    assert 'lang="ja"' not in macro("date", "why(reason)", "ja", reason=Why("件名はRS事前_です。"))


def test_a_class_looks_as_one_style_sheet_says() -> None:
    """Two sheets that define the same selector override one another, and nobody knows which one is meant."""
    where: dict[str, set[str]] = {}
    for sheet in sorted((STATIC / "css").glob("*.css")):
        if sheet.name == "print.css":  # paper says what differs there
            continue
        rules = re.sub(r"/\*.*?\*/|^ .*$|^@.*$", "", sheet.read_text(encoding="utf-8"), flags=re.MULTILINE)
        for selector in re.findall(r"^([.#\w][^{}\n]*?) \{", rules, flags=re.MULTILINE):
            where.setdefault(selector, set()).add(sheet.name)
    assert len(where) > 200
    assert {selector: sheets for selector, sheets in where.items() if len(sheets) > 1} == {}
