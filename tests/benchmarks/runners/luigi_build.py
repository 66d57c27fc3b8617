"""Luigi with its local scheduler: a task is done when the file it promised is there."""

from __future__ import annotations

import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.benchmarks.runners.measured import call, execute, given, measured

luigi: Any = import_module("luigi")
DAG = given()
FOLDER = Path(tempfile.mkdtemp())


class Step(luigi.Task):  # type: ignore[misc]  # installed in an environment of its own
    """One task of the DAG."""

    name = luigi.Parameter()

    def requires(self) -> list[Step]:
        return [Step(name=other) for other in DAG.upstream[self.name]]

    def output(self) -> Any:
        return luigi.LocalTarget(str(FOLDER / self.name))

    def run(self) -> None:
        if DAG.action == "shell":
            execute()
        else:
            call(DAG.seconds.get(self.name, 0.0))
        (FOLDER / self.name).touch()


def work() -> None:
    steps = [Step(name=name) for name in DAG.upstream]
    assert luigi.build(steps, local_scheduler=True, workers=DAG.slots, log_level="ERROR", no_lock=True)


if __name__ == "__main__":
    measured(work)
