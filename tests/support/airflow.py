"""Runs DAG files with real Airflow, in this process, by `dag.test()` on an SQLite of their own.

`airflow.run(text)` is what a test needs; it also holds that the file loads with no error and no warning.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pipec.backends.airflow.names import VERDICT_ID

from tests.support.airflow2_runner import looking_often


@dataclass(frozen=True, slots=True)
class AirflowRun:
    """What came of a DAG run: its state, and by task id the states, numbers of attempts and return values.

    The id of an instance of a mapped task has its index behind it, `score[3]`; one that was not expanded has none. The
    task `finally-verdict`, which is no task of a pipeline, is left out. `log` is what was written meanwhile.
    """

    state: str
    states: dict[str, str]
    attempts: dict[str, int]
    values: dict[str, Any]
    log: str


@dataclass(frozen=True, slots=True)
class AirflowHome:
    """An installation: `dags` is its folder of DAG files."""

    dags: Path
    version: str = "3.3"

    def load(self, text: str, files: Mapping[str, str] | Path | None = None) -> dict[str, Any]:
        """The DAGs of a file by id, after it was loaded alone with `files` beside it.

        `files` are texts by name, or a folder to copy.
        """
        from airflow.dag_processing.dagbag import DagBag
        from airflow.serialization.serialized_objects import DagSerialization

        self._clear()
        fill(self.dags, files)
        file = self.dags / "generated_dag.py"
        file.write_text(text, "utf-8")
        bag = DagBag(dag_folder=str(file))
        assert not bag.import_errors, bag.import_errors
        assert not bag.captured_warnings, bag.captured_warnings
        dags: dict[str, Any] = dict(bag.dags)
        for dag in dags.values():
            DagSerialization.from_dict(DagSerialization.to_dict(dag))
            dag.validate()
        return dags

    def run(
        self,
        text: str,
        files: Mapping[str, str] | Path | None = None,
        parameters: Mapping[str, Any] | None = None,
        **test_options: Any,
    ) -> AirflowRun:
        """Run the DAG of a file to its end. `test_options` go to `dag.test`."""
        (dag,) = self.load(text, files).values()
        dag.deadline = None  # `dag.test` of Airflow 3.3.2 cannot end a run that has one (apache/airflow#73428)
        written = io.StringIO()
        output = contextlib.redirect_stdout(written), contextlib.redirect_stderr(written)
        with output[0], output[1], looking_often(dag):
            run = dag.test(run_conf=dict(parameters or {}), **test_options)
        return _result(run, written.getvalue())

    def _clear(self) -> None:
        clear(self.dags)
        folder = str(self.dags)
        for name, module in list(sys.modules.items()):
            if (getattr(module, "__file__", None) or "").startswith(folder):
                del sys.modules[name]


def clear(folder: Path) -> None:
    """Remove all that is in a folder."""
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def fill(folder: Path, files: Mapping[str, str] | Path | None) -> None:
    """Put texts by name, or the content of another folder, into a folder."""
    match files:
        case Path():
            shutil.copytree(files, folder, dirs_exist_ok=True)
        case _:
            for name, content in (files or {}).items():
                (folder / name).write_text(content, "utf-8")


def _result(run: Any, log: str) -> AirflowRun:
    from airflow.models.xcom import XComModel
    from airflow.sdk.serde import deserialize
    from airflow.utils.session import create_session

    with create_session() as session:
        tasks = [task for task in run.get_task_instances(session=session) if task.task_id != VERDICT_ID]
        rows = session.query(XComModel).filter(XComModel.dag_id == run.dag_id, XComModel.run_id == run.run_id)
        values = {_instance(row): deserialize(row.value) for row in rows if row.key == "return_value"}
    return AirflowRun(
        state=_plain(run.state),
        states={_instance(task): _plain(task.state) for task in tasks},
        attempts={_instance(task): task.try_number for task in tasks},
        values=values,
        log=log,
    )


def _instance(row: Any) -> str:
    return str(row.task_id) if row.map_index < 0 else f"{row.task_id}[{row.map_index}]"


def _plain(state: Any) -> str:
    return str(getattr(state, "value", state))


@pytest.fixture(scope="session")
def airflow() -> Iterator[AirflowHome]:
    """Airflow with an empty database and an empty folder of DAG files."""
    with installed_airflow() as home:
        yield home


@contextlib.contextmanager
def installed_airflow() -> Iterator[AirflowHome]:
    """What the fixture gives, for programs: only once in a process."""
    home = Path(tempfile.mkdtemp(prefix="pipec-airflow-"))
    dags = home / "dags"
    dags.mkdir()
    settings = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor,KubernetesExecutor",  # a task may name its executor
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
    }
    os.environ.update(settings)  # Airflow reads them when it is imported first
    _migrate(home / "airflow.db")
    sys.path.append(str(dags))
    yield AirflowHome(dags)
    with contextlib.suppress(ValueError):  # who was last may have put another list in its place
        sys.path.remove(str(dags))
    logging.shutdown()
    shutil.rmtree(home, ignore_errors=True)


def _migrate(database: Path) -> None:
    """Make a database; once for each version of Airflow, after that it is copied."""
    version = importlib.metadata.version("apache-airflow")
    cached = Path(tempfile.gettempdir()) / f"pipec-airflow-{version}-{os.getuid()}.db"
    if not cached.exists():
        subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True, capture_output=True)
        partial = cached.with_suffix(f".{os.getpid()}")
        shutil.copy(database, partial)
        partial.replace(cached)
    else:
        shutil.copy(cached, database)
