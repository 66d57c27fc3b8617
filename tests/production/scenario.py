"""What a test wants to be run: a pipeline, the code of its tasks, and the runs that are asked for at the start."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pipec
from pipec.backend import OutputFile


@dataclass(frozen=True, eq=False, slots=True)
class Backfill:
    """Runs for what the schedule has from midnight (UTC) of one day to midnight of another."""

    first: date
    last: date


@dataclass(frozen=True, eq=False, slots=True)
class Scenario:
    """A pipeline of its own name in the session's Airflow. A test module has its scenarios as its globals.

    `text` is the `.pipe` file and `code` the Python module `<pipeline>_steps` that its tasks call. `runs` are triggered
    by hand as soon as Airflow has read all pipelines: their parameters, by a name for the run. With `pools` those that
    pipec has written down for the pipeline are imported before.
    """

    text: str
    code: str = ""
    runs: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"by_hand": {}})
    pools: bool = False
    backfill: Backfill | None = None

    @property
    def name(self) -> str:
        """The name of the last pipeline of the text, which is the id of the DAG."""
        name: str = re.findall(r"^pipeline (\w+)", self.text, re.MULTILINE)[-1]
        return name

    def compile(self) -> tuple[OutputFile, ...]:
        """The files for Airflow. Raises CompileError where pipec refuses the pipeline."""
        loaded = pipec.load(Path(f"{self.name}.pipe"), text=self.text)
        return pipec.compile(loaded, "airflow", pipeline=self.name)

    def write(self, folder: Path) -> None:
        """Write the code of the tasks, and what was compiled, to a folder of DAG files."""
        if self.code:
            (folder / f"{self.name}_steps.py").write_text(self.code, "utf-8")
        for file in self.compile():
            partial = folder / f"{file.path}.partial"
            partial.write_text(file.text, "utf-8")
            partial.replace(folder / file.path)


def scenarios_of(modules: Iterable[object]) -> list[Scenario]:
    """The scenarios that stand in modules, each once."""
    found = {value: None for module in modules for value in vars(module).values() if isinstance(value, Scenario)}
    return list(found)
