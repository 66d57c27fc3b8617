"""The runners of the benchmark: how each runs a DAG, and what one run of it takes."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks import pipes
from tests.benchmarks.dags import Dag
from tests.benchmarks.processes import Cost, run
from tests.benchmarks.runners import metaflow_flow

_SECONDS = ("seconds", "duration_s")
"""Under which key a runner reports them: the scripts, `pipec run --json`."""

ROOT = Path(__file__).resolve().parents[2]
RUNNERS = "tests.benchmarks.runners"


@dataclass(frozen=True, slots=True)
class Command:
    """A process to start in a folder that holds what it reads."""

    words: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)


Prepare = Callable[[Path, Dag, str], Command | None]
"""Writes a DAG into a folder for the Python that is named; None where the runner cannot express it."""


@dataclass(frozen=True, slots=True)
class Runner:
    """One row of the tables. `peer` is what must be installed for it, None for nothing but pipec's own environment.

    `warm_up` is a command of that environment which is run once before all, in the folder of `home`. A `slow` runner is
    run once for each case.
    """

    name: str
    prepare: Prepare
    peer: str | None = None
    slow: bool = False
    warm_up: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What a run took: the seconds of the run alone, None where the runner does not say, and its whole process."""

    inside: float | None
    process: Cost


def take(runner: Runner, dag: Dag, python: Path, home: Path) -> Taken | None:
    """Run a DAG once, in a new folder; None where the runner cannot express it. Raises FailedError."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = runner.prepare(folder, dag, str(python))
        if command is None:
            return None
        finished = run(command.words, folder=folder, environment={**homes(home), **command.environment})
        return Taken(_inside(finished.output), finished.cost)


def warm_up(runner: Runner, python: Path, home: Path) -> None:
    """Do what the runner needs once: its database, its bytecode."""
    if runner.warm_up:
        words = [str(python.with_name(runner.warm_up[0])), *runner.warm_up[1:]]
        run(words, folder=home, environment=homes(home))


def homes(home: Path) -> dict[str, str]:
    """The environment in which all peers keep what they keep below one folder, and send nothing out."""
    return {
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DO_NOT_TRACK": "1",
        "METAFLOW_USER": "benchmark",
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
    }


def _inside(output: str) -> float | None:
    """The seconds that a runner reports: pipec in its result, the scripts in their last line."""
    text = output.strip()
    for document in (text, text.rpartition("\n")[2]):
        try:
            found = json.loads(document)
        except ValueError:
            continue
        if isinstance(found, dict) and (key := next((key for key in _SECONDS if key in found), None)):
            return float(found[key])
    return None


def _script(module: str, *arguments: str) -> Prepare:
    def prepare(folder: Path, dag: Dag, python: str) -> Command:
        dag.write(folder / "dag.json")
        return Command([python, "-m", f"{RUNNERS}.{module}", "dag.json", *arguments])

    return prepare


def _pipec(folder: Path, dag: Dag, python: str) -> Command:
    return Command(pipes.command(folder, dag))


def _metaflow(folder: Path, dag: Dag, python: str) -> Command | None:
    text = metaflow_flow.flow(dag)
    if text is None:
        return None
    (folder / "flow.py").write_text(text, encoding="utf-8")
    limits = ["--max-workers", str(dag.slots), "--max-num-splits", "10000"]
    return Command([python, "flow.py", "--no-pylint", "--quiet", "run", *limits])


def _airflow(folder: Path, dag: Dag, python: str) -> Command:
    dag.write(folder / "dag.json")
    dags = folder / "dags"
    dags.mkdir()
    (dags / "benchmark.py").write_text((ROOT / "tests/benchmarks/runners/airflow_dag.py").read_text("utf-8"), "utf-8")
    environment = {"AIRFLOW__CORE__DAGS_FOLDER": str(dags), "BENCHMARK_DAG": str(folder / "dag.json")}
    return Command([python, str(dags / "benchmark.py")], environment)


PIPEC = Runner("**pipec run**", _pipec)
BARE_THREADS = Runner("bare loop, threads (shell: a subprocess each)", _script("bare", "threads"))
BARE_PROCESSES = Runner("bare loop, process pool", _script("bare", "processes"))

ALL = [
    PIPEC,
    BARE_THREADS,
    BARE_PROCESSES,
    Runner("Luigi, local scheduler", _script("luigi_build"), peer="luigi"),
    Runner("Dagster, in process", _script("dagster_job"), peer="dagster", slow=True),
    Runner("Prefect, thread pool", _script("prefect_flow"), peer="prefect", slow=True),
    Runner("kfp.local, subprocess", _script("kfp_local"), peer="kfp", slow=True),
    Runner("Airflow, `dag.test()`", _airflow, peer="airflow", slow=True, warm_up=("airflow", "db", "migrate")),
    Runner("Metaflow, `run`", _metaflow, peer="metaflow", slow=True),
]

OWN_PYTHON = Path(sys.executable)
