"""The scheduler by itself: directions, bounds, contradictions, back-planning, slack and the critical path."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.engine.bounds import Given, Milestone, Rule
from app.engine.calendar import OfficeCalendar, japan
from app.engine.definition.common import Basis, Confidence, Provenance, Role, Text
from app.engine.definition.rules import ROLL_OF_ROLE, Counting, DateRule, Roll, Unit
from app.engine.errors import ContradictionError
from app.engine.offsets import latest_anchor, shift
from app.engine.schedule import backward, critical_path, forward, slack
from app.engine.trace import Span

CALENDAR = japan()
MONDAY = dt.date(2027, 2, 1)
READ = Provenance(confidence=Confidence.READ, sources=("C1",))
OFFSETS = {Unit.BUSINESS_DAYS: 120, Unit.CALENDAR_DAYS: 200, Unit.WEEKS: 30, Unit.WEEK_MONDAY: 30, Unit.MONTHS: 18}
days = st.dates(dt.date(2003, 1, 1), dt.date(2043, 12, 31))


@st.composite
def rules(draw: st.DrawFn) -> tuple[DateRule, Role]:
    role = draw(st.sampled_from(list(Role)))
    unit = draw(st.sampled_from(list(OFFSETS)))
    offset = draw(st.integers(-OFFSETS[unit], OFFSETS[unit]))
    roll = draw(st.sampled_from([None, ROLL_OF_ROLE[role], Roll.NONE]))
    periods = unit in (Unit.CALENDAR_DAYS, Unit.MONTHS) and offset > 0
    counting = draw(st.sampled_from([None, *([Counting.SAME_DAY, Counting.DAY_AFTER] if periods else [])]))
    return DateRule(anchor="a", offset=offset, unit=unit, roll=roll, count_from=counting), role


def node(key: str, *lines: tuple[str, int, str, Role], role: Role | None = None, mark: Provenance = READ) -> Milestone:
    made = [
        Rule(DateRule(anchor=anchor, offset=n, unit=Unit(unit)), line_role, mark)
        for anchor, n, unit, line_role in lines
    ]
    return Milestone(key, Text(ja=key, en=key), role or (made[0].role if made else Role.OWN), tuple(made))


def on(day: dt.date, basis: Basis = Basis.ACTUAL) -> Given:
    return Given(Span.on(day), basis)


# ---------------------------------------------------------------- one rule


@given(days, rules())
def test_a_duty_is_never_late_nor_on_a_closed_day_and_a_wait_never_ends_early(
    day: dt.date, rule: tuple[DateRule, Role]
) -> None:
    date_rule, role = rule
    shifted = shift(date_rule, role, day, CALENDAR)
    if role is Role.NOT_AFTER:
        assert shifted.day <= shifted.ruled
    if role is Role.NOT_BEFORE:
        assert shifted.day >= shifted.ruled
    if date_rule.rolling(role) is not Roll.NONE:
        assert CALENDAR.is_open(shifted.day)
        assert CALENDAR.roll(shifted.day, date_rule.rolling(role)) == shifted.day


@given(days, rules())
def test_a_later_anchor_never_gives_an_earlier_date(day: dt.date, rule: tuple[DateRule, Role]) -> None:
    date_rule, role = rule
    following = day + dt.timedelta(days=1)
    assert shift(date_rule, role, day, CALENDAR).day <= shift(date_rule, role, following, CALENDAR).day


@given(days, rules())
def test_back_planning_finds_the_very_latest_anchor(goal: dt.date, rule: tuple[DateRule, Role]) -> None:
    date_rule, role = rule
    anchor = latest_anchor(date_rule, role, goal, CALENDAR)
    assert shift(date_rule, role, anchor, CALENDAR).day <= goal
    assert shift(date_rule, role, anchor + dt.timedelta(days=1), CALENDAR).day > goal


@pytest.mark.parametrize(
    ("data", "role", "message"),
    [
        ({"unit": "bd", "offset": 1, "roll": "next"}, Role.NOT_AFTER, "must not roll"),
        ({"unit": "cd", "offset": 1, "roll": "previous"}, Role.NOT_BEFORE, "must not roll"),
        ({"unit": "cd", "offset": -1, "count_from": "day_itself_is_day_1"}, Role.OWN, "must be positive"),
        ({"unit": "wk", "offset": 1, "count_from": "day_after_is_day_1"}, Role.OWN, "plain distance"),
        ({"unit": "bd", "offset": 1, "count_from": "apart"}, Role.OWN, "counted from the day after"),
        ({"unit": "cd", "offset": 3, "after_period": True}, Role.OWN, "after_period"),
        ({"unit": "wk", "offset": -3, "until": -4}, Role.OWN, "smaller"),
    ],
)
def test_a_rule_that_cannot_be_counted_safely_is_refused(data: dict, role: Role, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        DateRule.model_validate({"anchor": "a", **data}).refuse_unsafe_roll(role)


# ---------------------------------------------------------------- forward


def test_a_duty_follows_its_anchor_both_ways_and_own_work_only_later(calendar: OfficeCalendar) -> None:
    plan_of = [
        node("notice"),
        node("fee", ("notice", 15, "bd", Role.NOT_AFTER)),
        node("draft", ("notice", 5, "bd", Role.OWN)),
    ]
    first = forward(plan_of, {"notice": on(dt.date(2026, 12, 7))}, calendar)
    before = {key: dated.day for key, dated in first.items() if dated.day}
    later = forward(plan_of, {"notice": on(dt.date(2026, 12, 9))}, calendar, before=before)
    assert (later["fee"].day, later["draft"].day) == (dt.date(2027, 1, 5), dt.date(2026, 12, 16))
    earlier = forward(plan_of, {"notice": on(dt.date(2026, 12, 1))}, calendar, before=before)
    assert (earlier["fee"].day, earlier["draft"].day) == (dt.date(2026, 12, 22), before["draft"])
    assert earlier["draft"].trace.kept
    asked = forward(plan_of, {"notice": on(dt.date(2026, 12, 1))}, calendar, before=before, pull={"draft"})
    assert asked["draft"].day == dt.date(2026, 12, 8)


def test_the_earliest_duty_and_the_latest_wait_bind(calendar: OfficeCalendar) -> None:
    given_days = {"a": on(MONDAY), "b": on(dt.date(2027, 2, 3))}
    duty = node("duty", ("a", 10, "cd", Role.NOT_AFTER), ("b", 1, "bd", Role.NOT_AFTER))
    wait = node("wait", ("a", 10, "cd", Role.NOT_BEFORE), ("b", 1, "bd", Role.THEIRS))
    plan = forward([node("a"), node("b"), duty, wait], given_days, calendar)
    assert (plan["duty"].day, plan["wait"].day) == (dt.date(2027, 2, 4), dt.date(2027, 2, 11))
    assert [entry.key for entry in plan["duty"].trace.inputs] == ["b", "a"]  # the binding one first
    assert critical_path(plan, ["duty"]) == ("b", "duty")
    assert critical_path(plan, ["duty", "wait"]) == ("a", "wait")


def test_an_unknown_input_leaves_a_wait_unknown_and_a_known_duty_binding(calendar: OfficeCalendar) -> None:
    wait = node("wait", ("a", 1, "bd", Role.NOT_BEFORE), ("b", 1, "bd", Role.NOT_BEFORE))
    duty = node("duty", ("a", 1, "bd", Role.NOT_AFTER), ("b", 1, "bd", Role.NOT_AFTER))
    plan = forward([node("a"), node("b"), wait, duty], {"a": on(MONDAY)}, calendar)
    assert (plan["wait"].day, plan["wait"].basis) == (None, Basis.UNKNOWN)
    assert plan["duty"].day == dt.date(2027, 2, 2)
    assert critical_path(plan, ["wait"]) == ()


def test_a_window_carries_nothing_but_a_range_does(calendar: OfficeCalendar) -> None:
    nodes = [node("a"), node("b", ("a", 4, "bd", Role.THEIRS))]
    span = Span(dt.date(2027, 5, 6), dt.date(2027, 5, 10))
    window = forward(nodes, {"a": Given(span, Basis.PREDICTED, carries=False)}, calendar)["b"]
    assert (window.span, window.basis) == (None, Basis.UNKNOWN)
    carried = forward(nodes, {"a": Given(span, Basis.PREDICTED)}, calendar)["b"]
    assert carried.span == Span(dt.date(2027, 5, 12), dt.date(2027, 5, 14))


@pytest.mark.parametrize(
    ("start", "confidence", "basis", "certainty"),
    [
        (Basis.ACTUAL, Confidence.READ, Basis.COMPUTED, "likely"),
        (Basis.AGREED, Confidence.KNOWN_MEDIUM, Basis.COMPUTED, "likely"),
        (Basis.TARGET, Confidence.READ, Basis.COMPUTED, "possible"),
        (Basis.PUBLISHED, Confidence.DERIVED, Basis.PREDICTED, "possible"),
        (Basis.ACTUAL, Confidence.ASSUMED, Basis.ASSUMED, "possible"),
        (Basis.PREDICTED, Confidence.READ, Basis.PREDICTED, "possible"),
        (Basis.ASSUMED, Confidence.READ, Basis.ASSUMED, "possible"),
    ],
)
def test_no_date_is_firmer_than_its_inputs_and_rule(
    start: Basis, confidence: Confidence, basis: Basis, certainty: str, calendar: OfficeCalendar
) -> None:
    mark = Provenance(confidence=confidence)
    nodes = [node("a"), node("b", ("a", 1, "bd", Role.THEIRS), mark=mark), node("c", ("b", 1, "bd", Role.NOT_AFTER))]
    plan = forward(nodes, {"a": on(MONDAY, start)}, calendar)
    assert (plan["b"].basis, plan["b"].certainty) == (basis, certainty)
    assert plan["c"].basis in (basis, Basis.COMPUTED)
    assert plan["c"].certainty == certainty
    assert plan["a"].certainty == ("certain" if start in (Basis.ACTUAL, Basis.AGREED, Basis.PUBLISHED) else "possible")


def test_a_date_that_needs_unpublished_holidays_is_predicted(calendar: OfficeCalendar) -> None:
    nodes = [node("a"), node("rolls", ("a", 10, "cd", Role.NOT_AFTER)), node("runs", ("a", 10, "cd", Role.NOT_BEFORE))]
    plan = forward(nodes, {"a": on(dt.date(2027, 12, 28))}, calendar)
    assert (plan["rolls"].day, plan["rolls"].basis) == (dt.date(2028, 1, 7), Basis.PREDICTED)
    assert plan["runs"].basis is Basis.COMPUTED  # thirty days pass whatever the holidays are


def test_rings_and_contradictions_name_the_milestones(calendar: OfficeCalendar) -> None:
    ring = [node("x", ("y", 1, "bd", Role.OWN)), node("y", ("x", 1, "bd", Role.OWN))]
    with pytest.raises(ContradictionError) as error:
        forward(ring, {}, calendar)
    assert set(error.value.milestones) == {"x", "y"}
    crossing = node("c", ("a", 20, "bd", Role.NOT_BEFORE), ("b", 1, "bd", Role.NOT_AFTER))
    with pytest.raises(ContradictionError, match="not before 2027-03-03 and not after 2027-02-02") as error:
        forward([node("a"), node("b"), crossing], {"a": on(MONDAY), "b": on(MONDAY)}, calendar)
    assert error.value.milestones == ("a", "c", "b")
    with pytest.raises(ContradictionError, match="not in the plan"):
        forward([node("c", ("nowhere", 1, "bd", Role.OWN))], {}, calendar)


def test_a_target_must_keep_the_rules_but_a_fact_is_a_fact(calendar: OfficeCalendar) -> None:
    nodes = [
        node("filed"),
        node("contract", ("filed", 30, "cd", Role.NOT_BEFORE)),
        node("due", ("filed", 3, "bd", Role.NOT_AFTER)),
    ]
    early, late = dt.date(2027, 2, 20), dt.date(2027, 2, 5)
    with pytest.raises(ContradictionError, match="target 2027-02-20 for contract must be not before 2027-03-03"):
        forward(nodes, {"filed": on(MONDAY), "contract": on(early, Basis.TARGET)}, calendar)
    with pytest.raises(ContradictionError, match="not after 2027-02-04"):
        forward(nodes, {"filed": on(MONDAY), "due": on(late, Basis.TARGET)}, calendar)
    plan = forward(nodes, {"filed": on(MONDAY), "contract": on(early), "due": on(late)}, calendar)
    assert (plan["contract"].day, plan["due"].day) == (early, late)


# ---------------------------------------------------------------- backward


def chain(*steps: tuple[int, str, Role]) -> list[Milestone]:
    keys = [f"m{n}" for n in range(len(steps) + 1)]
    return [node("m0")] + [node(keys[n + 1], (keys[n], *step)) for n, step in enumerate(steps)]


forward_steps = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.sampled_from(["bd", "cd", "wk", "mo"]),
        st.sampled_from([Role.OWN, Role.THEIRS, Role.NOT_BEFORE]),
    ),
    min_size=1,
    max_size=6,
).filter(lambda steps: sum(n for n, unit, _ in steps if unit == "mo") < 120)


@given(forward_steps, st.dates(dt.date(2024, 1, 1), dt.date(2032, 12, 31)))
def test_back_planning_then_forward_reaches_the_goal_in_time_and_no_later_start_does(
    steps: list[tuple[int, str, Role]], goal: dt.date
) -> None:
    nodes, last = chain(*steps), f"m{len(steps)}"
    latest = backward(nodes, {last: goal}, CALENDAR)
    reached = forward(nodes, {"m0": on(latest["m0"])}, CALENDAR)
    dates = {key: dated.day for key, dated in reached.items() if dated.day}
    assert dates[last] <= goal
    assert all(dates[key] <= latest[key] for key in latest)
    assert min(slack(reached, latest, CALENDAR).values()) >= 0
    too_late = forward(nodes, {"m0": on(latest["m0"] + dt.timedelta(days=1))}, CALENDAR)[last].day
    assert too_late is not None
    assert too_late > goal


def test_slack_is_counted_in_office_days_and_negative_when_late(calendar: OfficeCalendar) -> None:
    nodes = [node("start"), node("work", ("start", 5, "bd", Role.OWN)), node("file", ("work", 2, "bd", Role.OWN))]
    latest = backward(nodes, {"file": dt.date(2027, 2, 26)}, calendar)
    assert latest == {"file": dt.date(2027, 2, 26), "work": dt.date(2027, 2, 24), "start": dt.date(2027, 2, 16)}
    in_time = forward(nodes, {"start": on(MONDAY)}, calendar)
    assert slack(in_time, latest, calendar) == {"start": 10, "work": 10, "file": 10}
    late = forward(nodes, {"start": on(dt.date(2027, 2, 18))}, calendar)
    assert slack(late, latest, calendar)["file"] == -2
    assert critical_path(late, ["file"]) == ("start", "work", "file")


def test_duties_take_their_limit_from_the_anchor_and_impossible_rules_are_refused(calendar: OfficeCalendar) -> None:
    nodes = [
        node("meeting"),
        node("materials", ("meeting", -5, "week_monday", Role.NOT_AFTER)),
        node("draft"),
        node("review", ("draft", 10, "bd", Role.OWN)),
    ]
    latest = backward(nodes, {"meeting": dt.date(2027, 2, 17)}, calendar)
    assert latest["materials"] == dt.date(2027, 1, 8)
    assert "draft" not in latest  # nothing binds it
    impossible = [
        node("request"),
        node("work", ("request", 20, "bd", Role.OWN)),
        node("file", ("work", 1, "bd", Role.OWN), ("request", 5, "bd", Role.NOT_AFTER)),
    ]
    with pytest.raises(ContradictionError, match="No days satisfy"):
        backward(impossible, {"file": dt.date(2027, 2, 26)}, calendar)
