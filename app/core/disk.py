"""Tells whether something failed because the disk is full, broken or must not be written to."""

from __future__ import annotations

import errno
import sqlite3

from app.core.errors import reasons

_SYSTEM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO}
_SQLITE = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
# Of PostgreSQL: disk full, only readable (a stand-by, or switched so), error of the system's files.
_POSTGRESQL = {"53100", "25006", "58030"}


def cannot_store(error: BaseException) -> bool:
    """Whether the reason, or a reason of it, is that nothing can be stored at the moment."""
    return any(_is_of_the_disk(one) for one in reasons(error))


def _is_of_the_disk(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return error.errno in _SYSTEM
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", -1) & 0xFF in _SQLITE  # the rest says which kind of it
    return getattr(error, "sqlstate", None) in _POSTGRESQL
