"""Loads and runs DAG files with Airflow 2.11, which cannot be installed beside Airflow 3.

It has an environment of its own in the user's cache folder, made by `uv` from `airflow2.txt` when it is missing, and a
process of its own that lives as long as the tests do. `airflow2.run(text)` gives the same as `airflow.run(text)`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from pipec.backends.airflow.names import VERDICT_ID

from tests.support.airflow import AirflowRun, clear, fill
from tests.support.environments import Answering, alone, answering, environment

VERSION = "2.11"
REQUIREMENTS = Path(__file__).with_name("airflow2.txt")
_KNOWN = ("AIRFLOW_CONN_", "AIRFLOW_VAR_")
"""How variables of this process begin that Airflow is to know: connections and Variables that a test sets."""

RUNNER = Path(__file__).with_name("airflow2_runner.py")


@dataclass(frozen=True, slots=True)
class Airflow2Home:
    """An installation: `dags` is its folder of DAG files, `program` answers requests."""

    dags: Path
    program: Answering
    version: str = VERSION

    def load(self, text: str, files: Mapping[str, str] | Path | None = None) -> list[str]:
        """The ids of the DAGs of a file, after it was loaded alone with `files` beside it: no error, no warning.

        `files` are texts by name, or a folder to copy.
        """
        dags: list[str] = self._ask(text, files, None)["dags"]
        return dags

    def run(
        self,
        text: str,
        files: Mapping[str, str] | Path | None = None,
        parameters: Mapping[str, Any] | None = None,
        *,
        logical_date: datetime | None = None,
    ) -> AirflowRun:
        """Run the DAG of a file to its end."""
        date = None if logical_date is None else logical_date.isoformat()
        found = self._ask(text, files, {"conf": dict(parameters or {}), "logical_date": date})
        for of_tasks in (found["states"], found["attempts"]):
            of_tasks.pop(VERDICT_ID, None)
        return AirflowRun(found["state"], found["states"], found["attempts"], found["values"], found["log"])

    def _ask(self, text: str, files: Mapping[str, str] | Path | None, run: dict[str, Any] | None) -> dict[str, Any]:
        clear(self.dags)
        fill(self.dags, files)
        file = self.dags / "generated_dag.py"
        file.write_text(text, "utf-8")
        known = {name: value for name, value in os.environ.items() if name.startswith(_KNOWN)}
        found = self.program.ask({"file": str(file), "run": run, "known": known})
        assert not found["import_errors"], found["import_errors"]
        assert not found["warnings"], found["warnings"]
        return found


@pytest.fixture(scope="session")
def airflow2() -> Iterator[Airflow2Home]:
    """Airflow 2.11 with an empty database and an empty folder of DAG files."""
    with installed_airflow2() as home:
        yield home


@contextlib.contextmanager
def installed_airflow2() -> Iterator[Airflow2Home]:
    """What the fixture gives, for programs."""
    python = environment(f"airflow-{VERSION}", REQUIREMENTS, newest=(3, 12))
    home = Path(tempfile.mkdtemp(prefix="pipec-airflow2-"))
    dags = home / "dags"
    dags.mkdir()
    shutil.copy(_database(python), home / "airflow.db")
    try:
        with answering([python, "-P", RUNNER], _settings(home), home / "errors") as program:
            yield Airflow2Home(dags, program)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _database(python: Path) -> Path:
    """An empty database, made once for each environment."""
    database = python.parents[1] / "airflow.db"
    with alone(database.with_suffix(".lock")):
        if not database.exists():
            with tempfile.TemporaryDirectory(prefix="pipec-airflow2-") as home:
                command = [str(python), "-m", "airflow", "db", "migrate"]
                made = subprocess.run(command, env=_settings(Path(home)), capture_output=True, text=True)
                assert made.returncode == 0, made.stderr
                shutil.copy(Path(home, "airflow.db"), database)
    return database


def _settings(home: Path) -> dict[str, str]:
    """The environment variables of a process with Airflow, without those of another Airflow."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "PYTHONPATH"))}
    return {
        **kept,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__CORE__EXECUTOR": "SequentialExecutor,KubernetesExecutor",  # a task may name its executor
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
    }
