"""Asking for a bundle, and making those that wait.

Nothing is rendered inside a transaction, and nothing half-made is kept: a bundle that a killed worker had taken is
taken up again as soon as its signs of life are missed, and the finished file is stored before the row says that it is
ready.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, select

from app.access.scope import EVERYTHING, Scope
from app.audit import services as audit
from app.config import Settings
from app.consultations import queries as consultations
from app.consultations.bundles import bundle_source
from app.core import clock, disk
from app.core.db import session, transaction
from app.core.errors import NotFound, Refused
from app.core.leases import Leases
from app.core.storage import FolderStorage, Storage
from app.documents.content import BundleRequest, content_hash
from app.documents.models import Bundle
from app.documents.sources import bundle_request
from app.documents.states import State
from app.engine.definition.common import Language, Text
from app.therapies import queries as therapies

log = logging.getLogger(__name__)

MOST_WAITING = 6  # bundles of one organisation
ATTEMPTS = 3  # a bundle that ended the worker three times is not tried a fourth time

_leases = Leases(Bundle, Bundle.state == State.RUNNING, lambda: {"state": State.WAITING})


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
        _must_not_crowd_out(scope)
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


def _must_not_crowd_out(scope: Scope) -> None:
    """Bundles are made one after the other, and those of other organisations wait behind ours."""
    ours = Bundle.consultation_id.in_(consultations.owned_ids(scope)), Bundle.state.in_((State.WAITING, State.RUNNING))
    if (session.scalar(select(func.count()).select_from(Bundle).where(*ours)) or 0) >= MOST_WAITING:
        raise Refused(
            Text(
                ja=f"作成待ちの資料一式がすでに{MOST_WAITING}件あります。できあがってから、もう一度作成してください。",
                en=f"{MOST_WAITING} bundles are being made already. Please ask again once one of them is ready.",
            ),
            field="language",
        )


def make_waiting(settings: Settings) -> int:
    """Make every bundle that waits, oldest first; returns how many were finished. Safe in several processes."""
    _leases.give_back_dead(settings.lease_seconds)
    finished = 0
    while (row := _lease(settings)) is not None:
        with _leases.held(row, settings.lease_seconds):
            if not _make(row, settings):
                break
        finished += 1
    return finished


def _lease(settings: Settings) -> Bundle | None:
    """Take the oldest bundle that nobody works on."""
    with transaction() as current:
        row = current.scalar(
            select(Bundle)
            .where(Bundle.state == State.WAITING)
            .order_by(Bundle.requested_at, Bundle.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if row is not None:
            _leases.take(row, settings.lease_seconds)
            row.state, row.attempts = State.RUNNING, row.attempts + 1
        return row


def _make(row: Bundle, settings: Settings) -> bool:
    """Make one; False where nothing can be stored at the moment, so that it waits."""
    from app.documents.bundle import make_bundle  # noqa: PLC0415 — Word and PDF are read only where one is made

    if row.attempts > ATTEMPTS:
        _finish(row, State.FAILED, [])
        return True
    storage = FolderStorage(settings.files)
    try:
        content = _content(row, storage)
        with _work_folder(row, settings) as (work, folder):
            target = folder / "bundle.zip"
            result = make_bundle(content, target, work / "cache")
            findings = [found.as_data() for found in result.findings]
            if not result.ok:
                _finish(row, State.BLOCKED, findings, content)
                return True
            with target.open("rb") as file:
                sha256, size = storage.put(file)
        _finish(row, State.READY, findings, content, sha256=sha256, size=size, pages=result.pages)
    except NotFound:
        _finish(row, State.FAILED, [])
    except Exception as error:
        if disk.cannot_store(error):
            log.critical("bundle %s waits: nothing can be stored: %s", row.id, error)
            _give_back(row)
            return False
        log.exception("bundle %s could not be made", row.id)
        _finish(row, State.FAILED, [])
    return True


@contextmanager
def _work_folder(row: Bundle, settings: Settings) -> Iterator[tuple[Path, Path]]:
    """The folder of all rendering, and one in it for this bundle, without what a killed worker left of it."""
    work = settings.var / "rendering"
    work.mkdir(parents=True, exist_ok=True)
    for rest in work.glob(f"{row.id}-*"):
        shutil.rmtree(rest, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=work, prefix=f"{row.id}-", ignore_cleanup_errors=True) as folder:
        yield work, Path(folder)


def _content(row: Bundle, storage: Storage) -> BundleRequest:
    source = bundle_source(EVERYTHING, row.consultation_id)
    content = bundle_request(source, row.language, row.made_on, storage, japanese_era=row.japanese_era)
    session.rollback()  # the reading is over; rendering takes its time without a snapshot
    return content


def _give_back(taken: Bundle) -> None:
    """It was not the bundle's fault, so the attempt does not count."""
    with transaction() as current:
        row = current.get(Bundle, taken.id, populate_existing=True)
        if row is not None and _is_ours(row, taken):
            row.state, row.leased_until, row.attempts = State.WAITING, None, row.attempts - 1


def _is_ours(row: Bundle, taken: Bundle) -> bool:
    """Nobody took us for dead meanwhile and tried again."""
    return row.state == State.RUNNING and row.attempts == taken.attempts


def _finish(
    taken: Bundle,
    state: State,
    findings: list[dict[str, str]],
    content: BundleRequest | None = None,
    *,
    sha256: str = "",
    size: int = 0,
    pages: int = 0,
) -> None:
    with transaction() as current:
        row = current.get(Bundle, taken.id, populate_existing=True)
        if row is None or not _is_ours(row, taken):
            return
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
