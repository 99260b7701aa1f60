"""Reading bundles."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select

from app.access.scope import Scope
from app.consultations import queries as consultations
from app.core.db import session
from app.core.errors import NotFound
from app.documents.findings import Finding, Severity
from app.documents.models import Bundle
from app.documents.states import State
from app.engine.definition.common import Language, Text


@dataclass(frozen=True)
class BundleView:
    """One bundle."""

    id: str
    consultation_id: str
    language: Language
    made_on: dt.date
    state: State
    findings: tuple[Finding, ...]
    sha256: str
    size: int
    pages: int
    requested_by: str
    requested_at: dt.datetime
    finished_at: dt.datetime | None

    @property
    def pending(self) -> bool:
        """Whether the worker has still to finish it."""
        return self.state in (State.WAITING, State.RUNNING)

    @property
    def file_name(self) -> str:
        """What the file is called when somebody saves it."""
        return f"briefing-{self.language}-{self.made_on:%Y%m%d}-{self.sha256[:8]}.zip"


def of_consultation(scope: Scope, consultation_id: str) -> list[BundleView]:
    """The bundles of a consultation of one's own, newest first."""
    consultations.own(scope, consultation_id)
    chosen = select(Bundle).where(Bundle.consultation_id == consultation_id)
    return [view(row) for row in session.scalars(chosen.order_by(Bundle.requested_at.desc(), Bundle.id).limit(50))]


def get(scope: Scope, bundle_id: str) -> BundleView:
    """One bundle of one's own; else NotFound."""
    mine = Bundle.consultation_id.in_(consultations.owned_ids(scope))
    row = session.scalar(
        select(Bundle).where(Bundle.id == bundle_id, mine), execution_options={"populate_existing": True}
    )
    if row is None:
        raise NotFound
    return view(row)


def view(row: Bundle) -> BundleView:
    """A row as pages see it."""
    return BundleView(
        id=row.id,
        consultation_id=row.consultation_id,
        language=row.language,
        made_on=row.made_on,
        state=State(row.state),
        findings=tuple(
            Finding(f["code"], Severity(f["severity"]), Text(ja=f["ja"], en=f["en"]), f["where"]) for f in row.findings
        ),
        sha256=row.sha256,
        size=row.size,
        pages=row.pages,
        requested_by=row.requested_by_name,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
    )
