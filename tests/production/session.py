"""All scenarios of a test session in one Airflow: submitted together at its start, looked at one by one."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from tests.production.client import RefusedError, wait_for
from tests.production.installation import Installation
from tests.production.scenario import Backfill, Scenario

PARSE_SECONDS = 120.0
RUN_SECONDS = 180.0
FINAL = ("success", "failed")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a task, or of one of its mapped instances, counted from 1.

    A time is None where it has not come.
    """

    task: str
    map_index: int
    number: int
    state: str | None
    started: datetime | None
    ended: datetime | None


class NotSubmittedError(Exception):
    """pipec or Airflow did not take a scenario; the message says why."""


class Run:
    """One run of a scenario, by its id."""

    def __init__(self, installation: Installation, dag: str, name: str) -> None:
        self._client = installation.client
        self._path = ("dags", dag, "dagRuns", name)
        self._log = installation.logs / "scheduler.log"

    def details(self) -> dict[str, Any]:
        """What Airflow says of the run itself."""
        found: dict[str, Any] = self._client.get(*self._path)
        return found

    def wait(self) -> Run:
        """Wait until the run is over."""
        wait_for(lambda: self.details()["state"] in FINAL, f"the end of {'/'.join(self._path)}", RUN_SECONDS)
        return self

    def wait_for_task(self, task: str, *states: str) -> None:
        """Wait until a task is in one of these states."""
        wait_for(lambda: self.states().get(task) in states, f"{task} to be {' or '.join(states)}", RUN_SECONDS)

    def stop(self) -> None:
        """Stop the run, as the user interface does it: mark it failed."""
        self._client.patch(*self._path, body={"state": "failed"})

    @property
    def state(self) -> str:
        """The state of the run; `success` and `failed` are final."""
        return str(self.details()["state"])

    def states(self) -> dict[str, str | None]:
        """The tasks' states by id, without mapped instances."""
        return {one.task: one.state for one in self.attempts() if one.map_index < 0}

    def attempts(self) -> list[Attempt]:
        """The last attempt of each task and of each mapped instance."""
        found = self._client.get(*self._path, "taskInstances", limit=100)["task_instances"]
        return [_attempt(one) for one in found]

    def all_attempts(self, task: str) -> list[Attempt]:
        """Every attempt of a task, first to last."""
        found = self._client.get(*self._path, "taskInstances", task, "tries")["task_instances"]
        return sorted((_attempt(one) for one in found), key=lambda attempt: attempt.number)

    def value(self, task: str, map_index: int = -1) -> Any:
        """What a task gave back."""
        path = (*self._path, "taskInstances", task, "xcomEntries", "return_value")
        return self._client.get(*path, map_index=map_index, deserialize=True)["value"]

    def question(self, task: str) -> dict[str, Any]:
        """What a person is asked by an approval, when it is asked and the scheduler has noticed."""

        def look() -> dict[str, Any] | None:
            try:
                found: dict[str, Any] = self._client.get(*self._path, "taskInstances", task, "-1", "hitlDetails")
            except RefusedError as error:
                if error.status == 404:
                    return None
                raise
            return found

        found = wait_for(look, f"the question of {task}", RUN_SECONDS)
        # A task that goes on before the scheduler has noticed that it paused is failed by Airflow 3.3.
        _, dag, _, name = self._path
        noticed = f"TaskInstance Finished: dag_id={dag}, task_id={task}, run_id={name},"
        wait_for(lambda: noticed in self._log.read_text("utf-8", "replace"), f"the scheduler, {noticed}", RUN_SECONDS)
        return found

    def answer(self, task: str, *options: str) -> None:
        """Answer the question of an approval."""
        path = (*self._path, "taskInstances", task, "-1", "hitlDetails")
        self._client.patch(*path, body={"chosen_options": list(options)})


@contextlib.contextmanager
def noted(problems: dict[str, Exception], scenario: Scenario) -> Iterator[None]:
    """Keep what goes wrong with a scenario, a fault of pipec too: its tests are told, and no others are hindered."""
    try:
        yield
    except Exception as problem:
        problems[scenario.name] = problem


def write_all(scenarios: Iterable[Scenario], folder: Path) -> dict[str, Exception]:
    """Write scenarios to a folder of DAG files; what went wrong, by the names of scenarios."""
    problems: dict[str, Exception] = {}
    for scenario in scenarios:
        with noted(problems, scenario):
            scenario.write(folder)
    return problems


class Production:
    """The session's Airflow, in which the runs of all scenarios go on."""

    def __init__(self, installation: Installation, problems: dict[str, Exception]) -> None:
        self.installation = installation
        self.client = installation.client
        self._problems = problems

    def submit(self, scenarios: Iterable[Scenario]) -> None:
        """Wait until Airflow has read the pipelines that could be written, and ask for all their runs."""
        written = [scenario for scenario in scenarios if scenario.name not in self._problems]
        wait_for(lambda: self._read(written), "the DAG files to be read", PARSE_SECONDS)
        for scenario in written:
            with noted(self._problems, scenario):
                self._ask_for_runs(scenario)

    def run(self, scenario: Scenario, name: str = "by_hand") -> Run:
        """A run of a scenario by its name. Raises NotSubmittedError."""
        self.check(scenario)
        return Run(self.installation, scenario.name, name)

    def runs(self, scenario: Scenario) -> list[Run]:
        """All runs of a scenario until now, the earliest date first."""
        self.check(scenario)
        found = self.client.get("dags", scenario.name, "dagRuns", order_by="run_after", limit=100)["dag_runs"]
        return [Run(self.installation, scenario.name, one["dag_run_id"]) for one in found]

    def wait_for_runs(self, scenario: Scenario, count: int) -> list[Run]:
        """The runs of a scenario, when there are at least so many and all of them are over."""

        def look() -> list[Run]:
            runs = self.runs(scenario)
            return runs if len(runs) >= count and all(run.state in FINAL for run in runs) else []

        return wait_for(look, f"{count} runs of {scenario.name}", RUN_SECONDS)

    def check(self, scenario: Scenario) -> None:
        """Raises NotSubmittedError where something went wrong when the scenario was submitted."""
        if problem := self._problems.get(scenario.name):
            raise NotSubmittedError(f"{scenario.name}: {problem}") from problem

    def notes(self, scenario: Scenario, run: str) -> list[dict[str, Any]]:
        """What the functions that a scenario calls for alerts have been told of a run until now."""
        file = self.installation.notes / f"{scenario.name}.jsonl"
        lines = file.read_text("utf-8").splitlines() if file.exists() else []
        return [note for note in map(json.loads, lines) if note["run_id"] == run]

    def _read(self, scenarios: Iterable[Scenario]) -> bool:
        known = {dag["dag_id"] for dag in self.client.get("dags", limit=100)["dags"]}
        broken = {Path(error["filename"]).name for error in self.client.get("importErrors", limit=100)["import_errors"]}
        return all(scenario.name in known or f"{scenario.name}_dag.py" in broken for scenario in scenarios)

    def _ask_for_runs(self, scenario: Scenario) -> None:
        if scenario.pools:
            self.installation.command("pools", "import", str(self.installation.dags / f"{scenario.name}_pools.json"))
        for name, parameters in scenario.runs.items():
            self.trigger(scenario, name, parameters)
        match scenario.backfill:
            case Backfill(first, last):
                body = {"dag_id": scenario.name, "from_date": _midnight(first), "to_date": _midnight(last)}
                self.client.post("backfills", body=body)

    def make_pool(self, name: str, slots: int) -> None:
        """Make a pool."""
        self.client.post("pools", body={"name": name, "slots": slots})

    def trigger(self, scenario: Scenario, name: str, parameters: Mapping[str, Any]) -> Run:
        """Ask for a run. Raises RefusedError where Airflow does not take the parameters."""
        self.client.post(
            *("dags", scenario.name, "dagRuns"),
            body={"dag_run_id": name, "logical_date": None, "conf": dict(parameters)},
        )
        return Run(self.installation, scenario.name, name)


def most_at_once(attempts: Iterable[Attempt]) -> int:
    """How many of these attempts went on at the same time, at most."""
    times = [(attempt.started, attempt.ended) for attempt in attempts]
    return max(sum(start <= moment < end for start, end in times if start and end) for moment, _ in times if moment)


def _attempt(found: Mapping[str, Any]) -> Attempt:
    return Attempt(
        task=found["task_id"],
        map_index=found["map_index"],
        number=found["try_number"],
        state=found["state"],
        started=_time(found["start_date"]),
        ended=_time(found["end_date"]),
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _midnight(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"
