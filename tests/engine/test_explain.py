"""Why this date? One sentence in each language, with counting, rolling, source and the day it was read."""

from __future__ import annotations

import datetime as dt

import pytest

from app.engine.bounds import Given, Milestone, Rule
from app.engine.calendar import japan
from app.engine.catalogue import clock, clocks, consultation_type, consultation_types
from app.engine.clocks import run_clock
from app.engine.consultation import Fact, plan_consultation
from app.engine.definition.common import Basis, Confidence, Provenance, Role, Source, Text
from app.engine.definition.rules import DateRule, Unit
from app.engine.explain import explain, sources_text
from app.engine.schedule import forward
from app.engine.sources import load_sources
from app.engine.trace import Span
from app.engine.wording import day_text, month_text

READ = Source(id="X1", title=Text(ja="ある通知", en="A notice"), read_on=dt.date(2026, 3, 6))
UNDATED = Source(id="X2", title=Text(ja="ある資料", en="A paper"))


def why(
    unit: str,
    offset: int,
    anchor: str,
    role: Role,
    sources: dict[str, Source] | None = None,
    *,
    until: int | None = None,
) -> Text:
    mark = Provenance(confidence=Confidence.READ, sources=tuple(sources or {}))
    rule = Rule(DateRule(anchor="meeting", offset=offset, until=until, unit=Unit(unit)), role, mark)
    nodes = [
        Milestone("meeting", Text(ja="面談", en="Meeting"), Role.THEIRS),
        Milestone("work", Text(ja="提出", en="Filing"), role, (rule,)),
    ]
    start = dt.date.fromisoformat(anchor)
    plan = forward(nodes, {"meeting": Given(Span.on(start), Basis.AGREED)}, japan())
    return explain(plan["work"].trace, sources or {})


def test_a_rolled_duty_with_its_source_and_the_day_it_was_read() -> None:
    told = why("week_monday", -5, "2027-02-17", Role.NOT_AFTER, {"X1": READ, "X2": UNDATED})
    assert told.ja == (
        "提出の期限は、面談(2027年2月17日(水)、確定)の5週前の週の月曜日である2027年1月11日(月)が閉庁日(成人の日)に"
        "当たるため、直前の営業日の2027年1月8日(金)です"
        "(出典: ある通知(2026年3月6日(金)閲覧)、ある資料(閲覧日の記録なし))。"
    )
    assert told.en == (
        "Filing: not after 8 Jan 2027 (Fri), the Monday of the week 5 weeks before “Meeting” "
        "[17 Feb 2027 (Wed), agreed]; 11 Jan 2027 (Mon) is a closed day (Coming of Age Day), "
        "hence the office day before (source: A notice, read on 6 Mar 2026 (Fri) and A paper, "
        "day of reading not recorded)."
    )


def test_counting_names_day_one() -> None:
    told = why("bd", 4, "2026-12-25", Role.THEIRS, {"X2": UNDATED})
    assert told.ja == (
        "提出の見込みは、面談(2026年12月25日(金)、確定)の翌日から起算して(翌日を1日目として)4営業日目である"
        "2027年1月6日(水)です(出典: ある資料(閲覧日の記録なし))。"
    )
    assert "office day 4 after “Meeting” [25 Dec 2026 (Fri), agreed] (the day after is day 1)" in told.en
    assert "day of reading not recorded" in told.en
    back = why("bd", -3, "2027-01-06", Role.NOT_AFTER)
    assert "前日を1日目として遡り3営業日目である2026年12月28日(月)" in back.ja
    assert "office day 3 before" in back.en


@pytest.mark.parametrize(
    ("unit", "offset", "until", "ja", "en"),
    [
        ("cd", -10, None, "の10日前", "10 calendar days before"),
        ("mo", 1, None, "の1か月後", "1 month after"),
        ("wk", -4, -3, "の4週間前から3週間前", "4 to 3 weeks before"),
    ],
)
def test_plain_distances(unit: str, offset: int, until: int | None, ja: str, en: str) -> None:
    told = why(unit, offset, "2027-03-17", Role.THEIRS, until=until)
    assert ja in told.ja
    assert en in told.en


@pytest.mark.parametrize(
    ("key", "start", "ja", "en"),
    [
        (
            "ctn_first_contract",
            "2026-04-01",
            "当日を1日目として)30日が経過した後の最初の日である2026年5月1日",
            "have passed (that day is day 1)",
        ),
        ("safety_report_7", "2026-12-28", "0日目として7日目である2027年1月4日", "(that day is day 0)"),
        ("ctl_term", "2018-12-28", "7年の期間の末日である2025年12月27日", "a period of 7 years"),
        ("minor_change", "2026-12-01", "翌日を1日目として)30日目である2026年12月31日", "calendar day 30"),
    ],
)
def test_statutory_periods(key: str, start: str, ja: str, en: str) -> None:
    told = explain(run_clock(clock(key), dt.date.fromisoformat(start), japan()).dated.trace, load_sources())
    assert ja in told.ja
    assert en in told.en


def test_recalled_facts_and_unpublished_holidays_are_said() -> None:
    plan = plan_consultation(consultation_type("drug_eop2"), meeting=dt.date(2028, 6, 14))
    fee = plan.step("fee_and_application").why
    assert "資料で未確認の知見による(誤りの可能性あり)" in fee.ja
    assert "recalled, not verified, may be wrong" in fee.en
    assert "その年の祝日は未公表のため予測" in fee.ja
    assert "not yet published" in fee.en


@pytest.mark.parametrize("kind", sorted(consultation_types()))
@pytest.mark.parametrize("wish", [{"meeting": dt.date(2027, 3, 18)}, {"month": (2027, 4)}, {}])
def test_every_step_is_one_sentence_and_what_is_assumed_has_a_second_that_says_what_to_ask(
    kind: str, wish: dict
) -> None:
    plan = plan_consultation(consultation_type(kind), **wish)
    for step in plan.steps:
        assert step.why.ja.endswith("。")
        mark = step.trace.provenance
        ask = mark.ask if mark and mark.analogy and step.span is not None else None
        assert step.why.ja.count("。") == (2 if ask else 1)
        assert ask is None or step.why.ja.endswith(f"。{ask.ja}")
        assert ask is None or step.why.en.endswith(f". {ask.en}")
        assert step.why.en.endswith(".")
        assert "None" not in step.why.ja + step.why.en
        if step.span is not None and step.trace.provenance and step.trace.provenance.sources:
            assert "出典" in step.why.ja
            assert "not recorded" in step.why.en


def test_facts_and_wishes_speak_for_themselves() -> None:
    facts = {
        "schedule_request": Fact(day=dt.date(2026, 12, 1)),
        "date_notice": Fact(day=dt.date(2026, 12, 7), basis=Basis.PUBLISHED),
        "meeting": Fact(day=dt.date(2027, 2, 17), basis=Basis.AGREED),
    }
    plan = plan_consultation(consultation_type("drug_eop2"), facts=facts)
    assert plan.step("schedule_request").why.ja == "日程調整依頼書の提出の実績は2026年12月1日(火)です。"
    assert plan.step("date_notice").why.en == (
        "Notice of the meeting date: 7 Dec 2026 (Mon), published by PMDA in principle; it may come later."
    )
    assert plan.step("meeting").why.ja == "対面助言の実施は、PMDAとの調整により2027年2月17日(水)と決まっています。"
    wished = plan_consultation(consultation_type("drug_eop2"), meeting=dt.date(2027, 2, 17)).step("meeting")
    assert wished.why.en == "Meeting: 17 Feb 2027 (Wed), the target."


def test_own_work_kept_on_its_day_says_so() -> None:
    nodes = [
        Milestone("a", Text(ja="開始", en="Start"), Role.OWN),
        Milestone(
            "b",
            Text(ja="原稿", en="Draft"),
            Role.OWN,
            (Rule(DateRule(anchor="a", offset=1, unit=Unit("bd")), Role.OWN, Provenance(confidence=Confidence.READ)),),
        ),
    ]
    given = {"a": Given(Span.on(dt.date(2027, 2, 1)), Basis.ACTUAL)}
    kept = forward(nodes, given, japan(), before={"b": dt.date(2027, 2, 9)})["b"]
    assert "前の計画の日を保っています" in explain(kept.trace, {}).ja
    assert "kept on the later day" in explain(kept.trace, {}).en


def test_words_of_days_and_sources() -> None:
    assert (day_text(dt.date(2026, 3, 6)).ja, day_text(dt.date(2026, 3, 6)).en) == (
        "2026年3月6日(金)",
        "6 Mar 2026 (Fri)",
    )
    plan = plan_consultation(consultation_type("drug_eop2"), month=(2027, 4))
    assert plan.month is not None
    assert month_text(plan.month) == Text(ja="2027年4月", en="Apr 2027")
    assert sources_text(Provenance(confidence=Confidence.KNOWN_HIGH), {}) is None
    assert all(explain(run_clock(c, dt.date(2026, 4, 1), japan()).dated.trace, {}).ja for c in clocks().values())
