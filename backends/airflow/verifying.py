"""Having DAG files loaded by the Airflow that is installed beside pipec, in a process and a home of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path

from pipec.backend import CannotVerifyError, Finding, OutputFile

_KEPT = frozenset({"AIRFLOW__CORE__EXECUTOR"})
"""Settings of Airflow that the process gets from outside: tasks may name executors, which have to be known then."""


def verify(files: Sequence[OutputFile], version: str) -> tuple[Finding, ...]:
    """What the installed Airflow says when it loads, checks and serialises the DAG files among `files`.

    `version` is the one they were compiled for. Raises CannotVerifyError where no Airflow of that version, or a later
    one of the same major version, is installed.
    """
    _check_installed(version)
    with tempfile.TemporaryDirectory(prefix="pipec-verify-") as home:
        dags = Path(home, "dags")
        dags.mkdir()
        for file in files:
            if not file.is_side:
                (dags / file.path).write_text(file.text, "utf-8", newline="")
        return _load(Path(home), dags)


def _check_installed(version: str) -> None:
    extra = "pipec[airflow]" if version.startswith("3.") else f"apache-airflow=={version}.*"
    install = f'pip install "{extra}"'
    try:
        installed = version_of("apache-airflow")
    except PackageNotFoundError:
        raise CannotVerifyError(
            f"to verify files for Airflow {version}, Airflow has to be installed beside pipec: {install}"
        ) from None
    if not _fits(installed, version):
        raise CannotVerifyError(
            f"the files are for Airflow {version}, and Airflow {installed} is installed beside pipec: {install}"
        )


def _fits(installed: str, version: str) -> bool:
    """Whether an installed Airflow loads what is compiled for a version."""
    has, wanted = ([int(part) for part in text.split(".")[:2]] for text in (installed, version))
    return has[0] == wanted[0] and has >= wanted


def _load(home: Path, dags: Path) -> tuple[Finding, ...]:
    report = home / "report.json"
    loaded = subprocess.run(
        [sys.executable, "-P", "-W", "default", "-m", "pipec.backends.airflow.loading", str(dags), str(report)],
        cwd=home,
        env=_environment(home, dags, os.environ),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if not report.exists():
        last = loaded.stdout.strip().splitlines()[-1:] or ["no output"]
        raise CannotVerifyError(f"the Airflow that is installed beside pipec does not start: {last[0]}")
    return tuple(Finding(**finding) for finding in json.loads(report.read_text("utf-8")))


def _environment(home: Path, dags: Path, given: Mapping[str, str]) -> dict[str, str]:
    """That of this process, without what would lead to anybody's real Airflow."""
    kept = {name: value for name, value in given.items() if not name.startswith("AIRFLOW") or name in _KEPT}
    return {
        **kept,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
    }
