"""A PostgreSQL of the session's own: programs of this machine, reached through a socket in a folder, not by network.

SQLite would not do: parts of Airflow's API server wait there for locks that other parts of it hold, and under the load
of these tests such requests end as "database is locked".
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

_NOT_ON_DISK = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
"""What would only help after a crash of the machine."""


class DatabaseError(Exception):
    """PostgreSQL is not installed, or one of its programs failed."""


@contextlib.contextmanager
def running_postgres() -> Iterator[str]:
    """An empty database: the part of its address behind `postgresql+<driver>://`."""
    folder = Path(tempfile.mkdtemp(prefix="pipec-postgres-"))
    account = _account()
    if account:
        shutil.chown(folder, account)
    data, log = str(folder / "data"), str(folder / "log")
    settings = ("listen_addresses=", f"unix_socket_directories={folder}", *_NOT_ON_DISK)
    options = shlex.join(word for setting in settings for word in ("-c", setting))
    try:
        _run(account, "initdb", "-D", data, "-U", "airflow", "-A", "trust", "-E", "UTF8", "--no-sync")
        _run(account, "pg_ctl", "start", "--wait", "-D", data, "-l", log, "-o", options)
        try:
            yield f"airflow@/postgres?host={folder}"
        finally:
            _run(account, "pg_ctl", "stop", "--mode", "immediate", "-D", data)
    finally:
        shutil.rmtree(folder)


def _account() -> str | None:
    """Whom the programs run as where it cannot be oneself: PostgreSQL refuses to run as root."""
    if os.getuid():
        return None
    accounts = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in accounts else "nobody"


def _run(account: str | None, name: str, *arguments: str) -> None:
    program = _program(name)
    done = subprocess.run(
        [program, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # no pipe, which the server would inherit and keep open
        check=False,
        user=account,
        cwd="/",
    )
    if done.returncode:
        raise DatabaseError(f"{program} failed with exit code {done.returncode}")


def _program(name: str) -> str:
    """A program of PostgreSQL on the path, or where Debian has it. Raises DatabaseError where it is not installed."""
    if found := shutil.which(name):
        return found
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not installed:
        raise DatabaseError(f"{name} is not installed: these tests need PostgreSQL (Debian: apt install postgresql)")
    return str(installed[-1])
