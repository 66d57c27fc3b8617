"""Reads and runs files for Kubeflow Pipelines with its own SDK, which cannot be installed beside Airflow.

It has an environment of its own in the user's cache folder, made by `uv` from `kubeflow.txt` when it is missing, and a
process of its own that lives as long as the tests do. `kubeflow.run(text)` really executes a pipeline: the SDK's local
runner says what comes after what, and commands of tasks run on this machine. Where that runner is known to do other
than a cluster, the cluster's rules are kept: see `kubeflow_runner`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.environments import Answering, answering, environment

VERSION = "2.17"
REQUIREMENTS = Path(__file__).with_name("kubeflow.txt")


@dataclass(frozen=True, slots=True)
class KubeflowTask:
    """What came of a task: `state` is SUCCESS or FAILURE, `error` says why it failed.

    `path` is where it is, `for-loop-2[0]/condition-3/train`. `waits` are the seconds before each retry, which a cluster
    would have waited. `log` is what its attempts wrote. An artifact of `outputs` is a mapping of its `type`, `uri`,
    `metadata` and `text`, null for a folder. A part of a pipeline is only there when its inputs could not be had.
    """

    path: str
    state: str
    outputs: dict[str, Any]
    error: str | None
    log: str
    attempts: int
    waits: list[float]


@dataclass(frozen=True, slots=True)
class KubeflowRun:
    """What came of a run: its state, SUCCESS or FAILURE, its outputs and the tasks that were not skipped, by path.

    The tasks are in the order in which they ended. `log` is what the runner says.
    """

    state: str
    outputs: dict[str, Any]
    tasks: dict[str, KubeflowTask]
    log: str

    @property
    def states(self) -> dict[str, str]:
        """The states of the tasks by path."""
        return {path: task.state for path, task in self.tasks.items()}


@dataclass(frozen=True, slots=True)
class Kubeflow:
    """An installation: `home` is its folder, `program` answers requests."""

    home: Path
    program: Answering
    version: str = VERSION

    def validate(self, pipeline: str) -> list[str]:
        """What the protobufs find wrong with a file."""
        faults: list[str] = self._ask("validate", pipeline=pipeline)["faults"]
        return faults

    def canonical(self, pipeline: str) -> dict[str, dict[str, Any]]:
        """The documents `pipeline` and `platform` of a file as the protobufs hold them. Equal files give equal ones."""
        found = self._ask("canonical", pipeline=pipeline)
        return {document: found[document] for document in ("pipeline", "platform")}

    def compile_sdk(self, source: str) -> str:
        """The file that the SDK writes for the function `pipeline` of a module."""
        text: str = self._ask("compile_sdk", source=source)["pipeline"]
        return text

    def run(
        self,
        pipeline: str,
        arguments: Mapping[str, Any] | None = None,
        folder: Path | None = None,
        variables: Mapping[str, str] | None = None,
    ) -> KubeflowRun:
        """Run a file to its end.

        Tasks run in `folder`, an empty one where there is none, and find their modules there. `variables` are what they
        have in their environment besides: what a cluster would take from its secrets.
        """
        root = Path(tempfile.mkdtemp(prefix="run-", dir=self.home))
        here = folder or root / "here"
        here.mkdir(exist_ok=True)
        found = self._ask(
            "run",
            pipeline=pipeline,
            arguments=dict(arguments or {}),
            folder=str(here.absolute()),
            root=str(root / "outputs"),
            variables=dict(variables or {}),
        )
        tasks = {task["path"]: KubeflowTask(**task) for task in found["tasks"]}
        assert len(tasks) == len(found["tasks"]), f"two tasks in one place: {[task['path'] for task in found['tasks']]}"
        return KubeflowRun(found["state"], found["outputs"], tasks, found["log"])

    def _ask(self, what: str, **arguments: Any) -> dict[str, Any]:
        return self.program.ask({"do": what, **arguments})


@pytest.fixture(scope="session")
def kubeflow() -> Iterator[Kubeflow]:
    """Kubeflow Pipelines 2.17."""
    with installed_kubeflow() as found:
        yield found


@contextlib.contextmanager
def installed_kubeflow() -> Iterator[Kubeflow]:
    """What the fixture gives, for programs."""
    python = environment(f"kubeflow-{VERSION}", REQUIREMENTS, newest=(3, 13))
    home = Path(tempfile.mkdtemp(prefix="pipec-kubeflow-"))
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KFP", "PYTHON"))}
    variables = {**kept, "PYTHONPATH": str(Path(__file__).parents[2])}
    command: list[str | Path] = [python, "-P", "-m", "tests.support.kubeflow_runner"]
    try:
        with answering(command, variables, home / "errors") as program:
            yield Kubeflow(home, program)
    finally:
        shutil.rmtree(home, ignore_errors=True)
