"""Sample views for the style guide: invented, in the reader's language, one of every kind."""

from __future__ import annotations

import datetime as dt
from typing import Any

from app.engine.definition.common import Basis, Language, Text
from app.web.components import (
    DateView,
    Departure,
    DepartureBoard,
    DepartureState,
    JobProgress,
    Link,
    Missing,
    Name,
    SourceMark,
    StationSign,
    Step,
    Stop,
    Task,
    TaskStatus,
    Why,
)
from app.web.linemap import line_map_view
from app.web.lists import Column, Pagination, Tab
from app.web.sample_form import sample_form
from app.web.sample_map import TODAY, line_map

HERE = "/styleguide"
SHEET = Text(ja="心筋細胞シート(見本)", en="Cardiac cell sheet (sample)")


def samples(language: Language) -> dict[str, Any]:
    """The context of ``web/styleguide.html``."""

    def say(ja: str, en: str) -> str:
        return ja if language == "ja" else en

    return {
        "sign": sign(language),
        "board": board(language),
        "map": line_map_view(line_map(), language, SHEET.say(language), link=lambda key: f"{HERE}?station={key}"),
        "dates": dates(language),
        "steps": steps(language),
        "tasks": tasks(language),
        "sources": sources(language),
        "jobs": (
            JobProgress(say("資料一式の作成", "Making the bundle"), "running", 12, 30),
            JobProgress(
                say("資料一式の作成", "Making the bundle"),
                "done",
                link=Link(say("ZIPを保存する", "Save the ZIP"), HERE),
            ),
        ),
        "tabs_sample": (
            Tab(say("路線図", "Line map"), HERE, current=True),
            Tab(say("相談", "Consultations"), HERE, count=3),
            Tab(say("文書", "Documents"), HERE, count=12),
            Tab(say("履歴", "History"), HERE),
        ),
        "columns": (
            Column(say("開発品目", "Therapy"), sort=HERE, sorted="ascending"),
            Column(say("段階", "Stage"), sort=HERE),
            Column(say("次のPMDA期日", "Next PMDA date"), sort=HERE),
            Column(say("余裕(営業日)", "Slack (business days)"), numeric=True),
        ),
        "rows": table_rows(language),
        "pages": Pagination.of(4, 10, 118, lambda page: f"{HERE}?page={page}"),
        "link": Link(say("開発品目を登録する", "Add a therapy"), HERE),
        "crumbs": (Link(say("開発品目", "Therapies"), HERE), Link(SHEET.say(language), HERE)),
        "form": sample_form(language),
        "text": say,
    }


def sources(language: Language) -> tuple[SourceMark, ...]:
    """The three looks of a source."""
    title = Text(ja="対面助言の実施要綱(見本)", en="Guidance on consultations (sample)").say(language)
    return (
        SourceMark("read", title, "https://example.org/", dt.date(2026, 11, 22)),
        SourceMark("recalled"),
        SourceMark("verified", title, None, dt.date(2026, 11, 22), "見本 花子", dt.date(2026, 11, 24)),
    )


def why(language: Language, *, assumed: bool = False) -> Why:
    """A derivation, and one by analogy."""
    if assumed:
        return Why(
            sentence=Text(
                ja="この相談区分の提出期限は公表資料で確認できていません。",
                en="The lead time of this consultation type was not found in a published source.",
            ).say(language),
            sources=(SourceMark("recalled"),),
            analogy=Text(
                ja="医薬品の対面助言と同じ日数とみなしています。",
                en="taken to be the same number of days as for a drug consultation.",
            ).say(language),
            ask=Text(
                ja="資料の提出期限は何営業日前か。PMDAの担当室へ。",
                en="How many business days before the meeting is the data package due? Ask the PMDA office in charge.",
            ).say(language),
        )
    inputs = (
        (Text(ja="面談の日", en="Day of the meeting"), Text(ja="2027年2月17日(水)", en="17 Feb 2027 (Wed)")),
        (
            Text(ja="数え方", en="Counting"),
            Text(ja="面談の前日から、営業日で", en="business days, from the day before"),
        ),
        (Text(ja="期日の性格", en="Whose date"), Text(ja="当方の期限(遅れ不可)", en="ours, not later")),
    )
    return Why(
        sentence=Text(
            ja="面談の日から営業日でさかのぼって数えました(見本の計算です)。",
            en="Counted back from the day of the meeting in business days (a sample).",
        ).say(language),
        inputs=tuple((name.say(language), value.say(language)) for name, value in inputs),
        sources=sources(language)[:1],
    )


def dates(language: Language) -> tuple[DateView, ...]:
    """A date of every basis."""
    return (
        DateView(Basis.ACTUAL, day=dt.date(2026, 6, 18)),
        DateView(Basis.AGREED, day=dt.date(2027, 2, 17)),
        DateView(Basis.PUBLISHED, day=dt.date(2026, 12, 1)),
        DateView(Basis.TARGET, month=(2027, 3)),
        DateView(Basis.COMPUTED, day=dt.date(2027, 1, 13), why=why(language)),
        DateView(Basis.PREDICTED, earliest=dt.date(2027, 1, 6), latest=dt.date(2027, 1, 8)),
        DateView(Basis.ASSUMED, day=dt.date(2027, 1, 20), why=why(language, assumed=True)),
        DateView(Basis.UNKNOWN, why=why(language, assumed=True)),
    )


def sign(language: Language) -> StationSign:
    """The station sign of Today."""
    names = {
        "P03": Text(ja="品質・安全性", en="Quality and safety"),
        "P04": Text(ja="治験届準備", en="CTN in preparation"),
        "P05": Text(ja="30日調査", en="30-day review"),
    }
    return StationSign(
        letter="P",
        number="04",
        name=Name.of(names["P04"], language),
        line=Name.of(Text(ja="治験・開発", en="Programme"), language),
        came_from=Stop("P03", Name.of(names["P03"], language), DateView(Basis.ACTUAL, day=dt.date(2026, 6, 18))),
        going_to=Stop("P05", Name.of(names["P05"], language), DateView(Basis.TARGET, day=dt.date(2027, 3, 1))),
        missing=(
            Missing(
                Text(
                    ja="RS戦略相談の記録が確定していません。",
                    en="The record of the RS strategy consultation is not confirmed.",
                ).say(language),
                Link(Text(ja="2月17日の面談を見る", en="See the meeting of 17 February").say(language), HERE),
            ),
            Missing(
                Text(ja="培地充填試験(1回分)の承認版がありません。", en="One media fill has no approved report.").say(
                    language
                ),
                Link(Text(ja="証拠を見る", en="See the evidence").say(language), HERE),
            ),
            Missing(
                Text(
                    ja="原料細胞の提供契約が国外提供に及ぶか、記載がありません。",
                    en="Nothing says whether the donor agreement covers use abroad.",
                ).say(language),
                answer="cannot_tell",
            ),
        ),
    )


def board(language: Language) -> DepartureBoard:
    """A departure board with every state of a row."""

    def row(date: DateView, what: Text, state: DepartureState, **more: Any) -> Departure:
        sheet = Link(SHEET.say(language), HERE)
        return Departure(date, what.say(language), state, therapy=sheet, href=HERE, **more)

    reception = Text(ja="日程調整 受付", en="Reception of meeting requests")
    answer = Text(ja="日程の通知(PMDA)", en="Notice of the meeting day (PMDA)")
    data = Text(ja="資料搬入", en="Data package due")
    february = Text(ja="2月面談", en="February meeting").say(language)
    march = Text(ja="3月面談", en="March meeting").say(language)
    published, predicted = Basis.PUBLISHED, Basis.PREDICTED
    return DepartureBoard(
        departures=(
            row(DateView(published, day=dt.date(2026, 11, 20)), data, DepartureState.OVERDUE, business_days=1),
            row(DateView(published, day=TODAY), data, DepartureState.TODAY, hours="15:00"),
            row(
                DateView(published, day=dt.date(2026, 12, 1)),
                reception,
                DepartureState.COUNTED,
                hours="10:00–16:00",
                meeting=february,
                business_days=5,
            ),
            row(DateView(predicted, day=dt.date(2026, 12, 7)), answer, DepartureState.PREDICTED, meeting=february),
            row(DateView(predicted, month=(2027, 1)), reception, DepartureState.NOT_PUBLISHED, meeting=march),
            row(
                DateView(Basis.ASSUMED, day=dt.date(2027, 1, 20)),
                data,
                DepartureState.ASSUMED,
                meeting=march,
                business_days=36,
            ),
        ),
        foot=Text(
            ja="12月1日を逃すと、面談は3月になり、治験届は1か月遅れて2027年4月1日(木)になります。",
            en="Miss 1 December and the meeting moves to March; the CTN moves by a month, to 1 Apr 2027 (Thu).",
        ).say(language),
        next_business_days=5,
    )


def steps(language: Language) -> tuple[Step, ...]:
    """The rail of a consultation."""
    names = (
        (Text(ja="日程調整の申込み", en="Ask for a meeting day"), "done", "ours"),
        (Text(ja="日程の通知", en="Notice of the day"), "done", "theirs"),
        (Text(ja="対面助言の申込み", en="Apply for the consultation"), "now", "ours"),
        (Text(ja="資料搬入", en="Submit the data package"), "next", "ours"),
        (Text(ja="事前見解", en="Preliminary opinion"), "next", "theirs"),
        (Text(ja="面談", en="Meeting"), "next", None),
        (Text(ja="記録の確定", en="Record confirmed"), "next", "theirs"),
        (Text(ja="追加の相談", en="Follow-up meeting"), "not_needed", None),
    )
    return tuple(
        Step(name.say(language), standing, date, whose)  # type: ignore[arg-type]
        for (name, standing, whose), date in zip(names, dates(language), strict=True)
    )


def tasks(language: Language) -> tuple[Task, ...]:
    """A row of every status."""
    names = (
        (Text(ja="相談事項を3つ書く", en="Write three questions"), TaskStatus.DONE, None),
        (Text(ja="相談者の見解を書く", en="Write our position"), TaskStatus.IN_PROGRESS, None),
        (
            Text(ja="添付資料をそろえる", en="Collect the attachments"),
            TaskStatus.BLOCKED,
            Text(ja="造腫瘍性試験の報告書がありません。", en="The tumorigenicity report is missing."),
        ),
        (Text(ja="資料一式を作る", en="Make the bundle"), TaskStatus.NOT_STARTED, None),
        (Text(ja="手数料を振り込む", en="Pay the fee"), TaskStatus.NOT_NEEDED, None),
    )
    due = DateView(Basis.COMPUTED, day=dt.date(2027, 1, 13))
    return tuple(
        Task(name.say(language), status, HERE, hint.say(language) if hint else None, due if hint else None)
        for name, status, hint in names
    )


def table_rows(language: Language) -> tuple[tuple[str, str, str, DateView, int], ...]:
    """Rows of a table: therapy, station, name of the station, date, slack in business days."""
    names = (
        (SHEET, "P04", Text(ja="治験届準備", en="CTN in preparation"), dates(language)[2], 6),
        (
            Text(ja="網膜色素上皮細胞(見本)", en="Retinal pigment cells (sample)"),
            "P06",
            Text(ja="治験", en="Trial"),
            dates(language)[6],
            -3,
        ),
        (
            Text(ja="軟骨細胞(見本)", en="Chondrocytes (sample)"),
            "A02",
            Text(ja="審査", en="Review"),
            dates(language)[7],
            41,
        ),
    )
    return tuple((n.say(language), code, stage.say(language), date, slack) for n, code, stage, date, slack in names)
