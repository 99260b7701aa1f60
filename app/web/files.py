"""Files on their way in and out: how large they may be, how a form's files become uploads, how one is handed out."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

from flask import current_app, request, send_file, session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from app.config import Settings
from app.core.storage import FolderStorage
from app.core.uploads import Upload

FILES_AT_ONCE = 8  # how many files of the largest size one upload may hold


def make_room() -> None:
    """Let uploads in, so that what is too large is named at its field; a stranger's files are not even read."""
    if "person_id" in session:
        request.max_content_length = FILES_AT_ONCE * largest()


def largest() -> int:
    """Bytes that one attached file may have."""
    return _settings().upload_megabytes * 2**20


def storage() -> FolderStorage:
    """Where files are kept."""
    return FolderStorage(_settings().files)


def uploads(files: Iterable[FileStorage] | None) -> list[Upload]:
    """The files of a field, without the empty one that a browser sends where none was chosen."""
    return [_upload(file) for file in files or () if file and file.filename]


def hand_out(sha256: str, *, mimetype: str, name: str) -> Response:
    """A stored file, for saving; a browser never opens it on a page of ours."""
    path = storage().path(sha256)
    answer = send_file(path, mimetype=mimetype, as_attachment=True, download_name=name, conditional=False, etag=False)
    del answer.headers["Last-Modified"]  # equal files are stored once: it would tell when others stored the same
    return answer


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _upload(file: Any) -> Upload:
    file.stream.seek(0, io.SEEK_END)
    size = file.stream.tell()
    file.stream.seek(0)
    return Upload(file.filename or "", file.stream, size)
