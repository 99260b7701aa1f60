"""A process that has read the program once and forks a worker for every line that it is sent; answers with its number.

``python -m tests.faults.nursery``: so a drill can kill hundreds of workers and wait for none of them to start.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import sys

import app.documents.bundle
from app import create_app, worker
from app.config import Settings
from app.core import db
from app.core.processes import PR_SET_PDEATHSIG

_libc = ctypes.CDLL(None)


def begin(settings: Settings) -> None:
    """The worker as ``flask worker`` runs it."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with program.app_context():
        worker.run(settings)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(process)d %(asctime)s %(name)s: %(message)s")
    for noisy in ("apscheduler", "huey", "fontTools"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    assert app.documents.bundle.program()
    import weasyprint

    assert weasyprint.__version__
    here = Settings()
    program = create_app(here)
    db.SessionFactory.kw["bind"].dispose()  # no two processes may share a connection
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the dead
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            begin(here)
            os._exit(0)
        print(child, flush=True)
