"""Reading milestones; every query sees only the therapies that the reader may see."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Protocol, cast

from sqlalchemy import ColumnElement, Executable, Select, String, and_, bindparam, case, select
from sqlalchemy import cast as cast_to

from app.access.asking import Reader, ask
from app.access.scope import Reads, Scope
from app.core.db import session
from app.core.errors import NotFound
from app.engine.definition.common import Basis, Role, Text
from app.schedule.models import Milestone
from app.therapies import queries as therapies
from app.therapies.models import Therapy

# The order of days. What shares a day goes by what it means, so that it does so wherever the same is planned; the
# identifier, which is random, only tells apart what reads the same. A statement with it joins the therapies.
IN_ORDER: tuple[Any, ...] = (
    Milestone.duty_day,
    Milestone.position,
    Milestone.key,
    case((Therapy.name_en != "", Therapy.name_en), else_=Therapy.name_ja),
    Milestone.about_en,
    Milestone.about_ja,
    Milestone.id,
)


FOLLOWING = "duty"  # the kind of what follows from a history; see app.schedule.duties


@dataclass(frozen=True)
class MilestoneView:
    """A milestone as other rooms see it. ``therapy`` is the name of its therapy."""

    id: str
    therapy_id: str
    therapy: Text
    subject_kind: str
    subject_id: str
    key: str
    title: Text
    about: Text | None
    role: Role
    basis: Basis
    certainty: str | None
    on_day: dt.date | None
    earliest: dt.date | None
    latest: dt.date | None
    duty_day: dt.date | None
    alarm_from: dt.date | None
    hours: str | None
    is_window: bool
    derivation: str | dict[str, Any]  # the trace, or its JSON: most lists need none of it,
    why_words: tuple[str, str]  # nor of these, in Japanese and English
    price_words: tuple[str, str]
    done_on: dt.date | None
    position: int
    version: int

    @cached_property
    def trace(self) -> dict[str, Any]:
        """How the date came about."""
        told = self.derivation
        return cast("dict[str, Any]", json.loads(told)) if isinstance(told, str) else told

    @property
    def why(self) -> Text | None:
        """The sentence of the derivation."""
        return _text(*self.why_words)

    @property
    def price(self) -> Text | None:
        """What it costs to miss it."""
        return _text(*self.price_words)

    @property
    def ours(self) -> bool:
        """True for what we must do or have planned; False for what PMDA does."""
        return self.role is not Role.THEIRS

    @property
    def among_equals(self) -> tuple[int | str, ...]:
        """Its place among what shares its day; see ``IN_ORDER``."""
        about = (self.about.en, self.about.ja) if self.about else ("", "")
        return (self.position, self.key, self.therapy.en, *about, self.id)

    @property
    def last_day(self) -> dt.date | None:
        """The day after which it is late: the duty day, or the last of a range that counts ``to_its_end``."""
        return last_day(self)


class Dated(Protocol):
    """A milestone, stored or not."""

    @property
    def role(self) -> Role: ...
    @property
    def duty_day(self) -> dt.date | None: ...
    @property
    def latest(self) -> dt.date | None: ...
    @property
    def is_window(self) -> bool: ...
    @property
    def subject_kind(self) -> str: ...


def to_its_end(milestone: Any) -> Any:
    """Whether a range is late only after its last day: one in which the true day lies, and what PMDA is expected to do.
    Of a milestone, or of the columns of a statement."""
    return milestone.is_window | (milestone.role == Role.THEIRS)


def last_day(milestone: Dated) -> dt.date | None:
    """See ``MilestoneView.last_day``."""
    return milestone.latest if milestone.latest and to_its_end(milestone) else milestone.duty_day


LAST_DAY: ColumnElement[Any] = case(  # the same in a statement
    (and_(to_its_end(Milestone), Milestone.latest.is_not(None)), Milestone.latest), else_=Milestone.duty_day
)


def follows_the_history(milestone: Dated) -> bool:
    """Whether it ends by an event of the history, and nobody can call it done."""
    return milestone.subject_kind == FOLLOWING


def may_be_over(milestone: Dated, today: dt.date) -> bool:
    """Whether nobody can tell if a duty's day has passed: the first that it may be has, the last has not."""
    first, last = milestone.duty_day, last_day(milestone)
    return follows_the_history(milestone) and first is not None and last is not None and first < today <= last


def get(scope: Scope, milestone_id: str) -> MilestoneView:
    """One milestone; raises NotFound."""
    found = read(scope, _one, milestone_id=milestone_id)
    if not found:
        raise NotFound
    return found[0]


def of_therapy(scope: Scope, therapy_id: str) -> list[MilestoneView]:
    """All milestones of one therapy in the order of their days, those without a day last."""
    return read(scope, _of_therapy, therapy_id=therapy_id)


def of_subject(scope: Scope, subject_kind: str, subject_id: str) -> list[MilestoneView]:
    """The milestones of one subject in the order of their steps."""
    return of_subjects(scope, subject_kind, [subject_id])[subject_id]


def of_subjects(scope: Scope, subject_kind: str, subject_ids: Collection[str]) -> dict[str, list[MilestoneView]]:
    """The same for many, in one statement."""
    found: dict[str, list[MilestoneView]] = {each: [] for each in subject_ids}
    for milestone in read(scope, _of_subjects, subject_kind=subject_kind, subject_ids=list(subject_ids)):
        found[milestone.subject_id].append(milestone)
    return found


def upcoming(
    scope: Scope,
    therapy_ids: Collection[str] | Select[str] | None,
    today: dt.date,
    limit: int | None = 12,
    *,
    days: int | None = None,
) -> list[MilestoneView]:
    """What is not done yet, soonest first and late ones before all; ``None`` means every therapy the reader may see,
    a ``Select`` those that a statement of the room of therapies finds.

    ``limit``: how many in all, None for every one. ``days``: only what is due within so many calendar days after
    ``today``. One SQL statement.
    """
    chosen = visible(scope).where(Milestone.done_on.is_(None), Milestone.duty_day.is_not(None))
    if therapy_ids is not None:
        wanted = therapy_ids if isinstance(therapy_ids, Select) else list(therapy_ids)
        chosen = chosen.where(Milestone.therapy_id.in_(wanted))
    if days is not None:
        chosen = chosen.where(Milestone.duty_day <= today + dt.timedelta(days=days))
    return _views(session.execute(chosen.order_by(*IN_ORDER).limit(limit)))


def view(row: Any, therapy: Text) -> MilestoneView:
    """A row, or one of ``visible``, as other rooms see it."""
    return MilestoneView(
        id=row.id,
        therapy_id=row.therapy_id,
        therapy=therapy,
        subject_kind=row.subject_kind,
        subject_id=row.subject_id,
        key=row.key,
        title=_said(row.title_ja, row.title_en),
        about=_text(row.about_ja, row.about_en),
        role=Role(row.role),
        basis=Basis(row.basis),
        certainty=row.certainty,
        on_day=row.on_day,
        earliest=row.earliest,
        latest=row.latest,
        duty_day=row.duty_day,
        alarm_from=row.alarm_from,
        hours=row.hours,
        is_window=row.is_window,
        derivation=row.trace,
        why_words=(row.why_ja, row.why_en),
        price_words=(row.price_ja, row.price_en),
        done_on=row.done_on,
        position=row.position,
        version=row.version,
    )


def visible(scope: Reads) -> Select[*tuple[Any, ...]]:
    """The milestones of therapies that the reader may see, with the names of these; a condition must follow.

    Columns, because a page may show a thousand and changes none; the trace stays JSON until somebody asks for it.
    """
    return (
        select(*_COLUMNS, Therapy.name_ja.label("therapy_ja"), Therapy.name_en.label("therapy_en"))
        .join(Therapy, Therapy.id == Milestone.therapy_id)
        .where(Milestone.therapy_id.in_(therapies.visible_ids(scope)))
    )


def read(scope: Scope, make: Callable[..., Executable], *parts: Any, **values: Any) -> list[MilestoneView]:
    """The rows of a statement that begins with ``visible``; see ``access.asking.ask``."""
    return _views(ask(scope, make, *parts, **values))


def _views(rows: Iterable[Any]) -> list[MilestoneView]:
    return [view(row, named(row.therapy_ja, row.therapy_en)) for row in rows]


def _one(reader: Reader) -> Executable:
    return visible(reader).where(Milestone.id == bindparam("milestone_id"))


def _of_therapy(reader: Reader) -> Executable:
    chosen = visible(reader).where(Milestone.therapy_id == bindparam("therapy_id"))
    return chosen.order_by(Milestone.duty_day.is_(None), *IN_ORDER)


def _of_subjects(reader: Reader) -> Executable:
    these = Milestone.subject_id.in_(bindparam("subject_ids", expanding=True))
    chosen = visible(reader).where(Milestone.subject_kind == bindparam("subject_kind"), these)
    return chosen.order_by(Milestone.position)


def named(name_ja: str, name_en: str) -> Text:
    """The name of a therapy, which may have one in one language only."""
    return _said(name_ja or name_en or "–", name_en or name_ja or "–")


def _text(ja: str, en: str) -> Text | None:
    return _said(ja or en, en or ja) if ja or en else None


@lru_cache(maxsize=4096)
def _said(ja: str, en: str) -> Text:
    return Text(ja=ja, en=en)


_COLUMNS: tuple[Any, ...] = tuple(
    cast_to(column, String).label("trace") if column.name == "trace" else column
    for column in Milestone.__table__.columns
    if column.name != "done_by"
)
