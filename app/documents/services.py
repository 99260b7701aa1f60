"""Asking for a bundle, and making those that wait.

Nothing is rendered inside a transaction, and nothing half-made is kept: a bundle that a killed worker had taken is
taken up again when its lease has run out, and the finished file is stored before the row says that it is ready.
"""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
from pathlib import Path

from sqlalchemy import and_, or_, select

from app.access.scope import EVERYTHING, Scope
from app.audit import services as audit
from app.config import Settings
from app.consultations import queries as consultations
from app.consultations.bundles import bundle_source
from app.core import clock, disk
from app.core.db import session, transaction
from app.core.errors import NotFound
from app.core.storage import FolderStorage, Storage
from app.documents.content import BundleRequest, content_hash
from app.documents.models import Bundle
from app.documents.sources import bundle_request
from app.documents.states import State
from app.engine.definition.common import Language
from app.therapies import queries as therapies

log = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=10)  # longer than any bundle takes
ATTEMPTS = 3  # a bundle that ended the worker three times is not tried a fourth time


def request(scope: Scope, consultation_id: str, language: Language, *, japanese_era: bool = True) -> str:
    """Ask for a bundle of a consultation of one's own; one that still waits in that language is not doubled."""
    therapy = therapies.own(scope, consultations.own(scope, consultation_id).therapy_id)
    actor = scope.person()
    with transaction():
        waiting = session.scalar(
            select(Bundle.id).where(
                Bundle.consultation_id == consultation_id,
                Bundle.language == language,
                Bundle.japanese_era == japanese_era,
                Bundle.state == State.WAITING,
            )
        )
        if waiting:
            return waiting
        row = Bundle(
            consultation_id=consultation_id,
            language=language,
            japanese_era=japanese_era,
            made_on=clock.today(),
            state=State.WAITING,
            findings=[],
            requested_by=actor.id,
            requested_by_name=actor.name,
            requested_at=clock.now(),
        )
        session.add(row)
        session.flush()
        audit.record(
            actor,
            "documents:bundle:requested",
            organisation_id=therapy.organisation_id,
            subject_id=consultation_id,
            after={"bundle": row.id, "language": language},
        )
    return row.id


def make_waiting(settings: Settings) -> int:
    """Make every bundle that waits, oldest first; returns how many were finished. Safe in several processes."""
    finished = 0
    while (row := _lease()) is not None:
        _make(row, settings)
        finished += 1
    return finished


def _lease() -> Bundle | None:
    """Take the oldest bundle that nobody works on. Leases are in the machine's time, which no demo moves."""
    now = clock.machine_time()
    with transaction() as current:
        row = current.scalar(
            select(Bundle)
            .where(
                or_(
                    Bundle.state == State.WAITING,
                    and_(Bundle.state == State.RUNNING, Bundle.leased_until <= now),
                )
            )
            .order_by(Bundle.requested_at, Bundle.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is not None:
            row.state, row.leased_until, row.attempts = State.RUNNING, now + LEASE, row.attempts + 1
        return row


def _make(row: Bundle, settings: Settings) -> None:
    from app.documents.bundle import make_bundle  # noqa: PLC0415 — Word and PDF are read only where one is made

    if row.attempts > ATTEMPTS:
        _finish(row.id, State.FAILED, [])
        return
    storage = FolderStorage(settings.files)
    work = settings.var / "rendering"
    work.mkdir(parents=True, exist_ok=True)
    try:
        content = _content(row, storage)
        with tempfile.TemporaryDirectory(dir=work) as folder:
            target = Path(folder) / "bundle.zip"
            result = make_bundle(content, target, work / "cache")
            findings = [found.as_data() for found in result.findings]
            if not result.ok:
                _finish(row.id, State.BLOCKED, findings, content)
                return
            with target.open("rb") as file:
                sha256, size = storage.put(file)
        _finish(row.id, State.READY, findings, content, sha256=sha256, size=size, pages=result.pages)
    except NotFound:
        _finish(row.id, State.FAILED, [])
    except Exception as error:
        if disk.cannot_store(error):  # not the bundle's fault: its lease runs out, and it is taken up again
            log.critical("bundle %s waits: nothing can be stored: %s", row.id, error)
            return
        log.exception("bundle %s could not be made", row.id)
        _finish(row.id, State.FAILED, [])


def _content(row: Bundle, storage: Storage) -> BundleRequest:
    source = bundle_source(EVERYTHING, row.consultation_id)
    content = bundle_request(source, row.language, row.made_on, storage, japanese_era=row.japanese_era)
    session.rollback()  # the reading is over; rendering takes its time without a snapshot
    return content


def _finish(
    bundle_id: str,
    state: State,
    findings: list[dict[str, str]],
    content: BundleRequest | None = None,
    *,
    sha256: str = "",
    size: int = 0,
    pages: int = 0,
) -> None:
    with transaction() as current:
        row = current.get(Bundle, bundle_id, populate_existing=True)
        if row is None or row.state != State.RUNNING:
            return  # another worker was faster
        row.state, row.findings, row.leased_until = state, list(findings), None
        row.content_sha256 = content_hash(content) if content else ""
        row.sha256, row.size, row.pages, row.finished_at = sha256, size, pages, clock.now()
        therapy = therapies.get(EVERYTHING, consultations.get(EVERYTHING, row.consultation_id).therapy_id)
        audit.record(
            None,
            f"documents:bundle:{state}",
            organisation_id=therapy.organisation_id,
            subject_id=row.consultation_id,
            after={"bundle": row.id, "sha256": sha256, "findings": [found["code"] for found in findings]},
        )
