"""What the names mean that a person gives a simulation: tasks and their outputs, decisions, approvals, waits, maps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pipec.diagnostics.suggest import hint
from pipec.ir.model import ApprovalRequest, Decision, Estimate, Pipeline, PipelineCall, Task, WaitCondition
from pipec.parameters import value_from_text
from pipec.runtime.values import OutputError, check_output
from pipec.simulation.assumptions import NEVER, Assumptions
from pipec.simulation.errors import NamingError
from pipec.simulation.what_if import read_estimate


def assumptions(
    pipelines: Sequence[Pipeline],
    *,
    task_overhead: float = 0.0,
    delays: Mapping[str, Estimate] | None = None,
    given: Mapping[str, Any] | None = None,
    items: Mapping[str, int] | None = None,
) -> Assumptions:
    """Assumptions by the names of a pipeline and of those it runs as tasks. Raises NamingError.

    `given` holds values in JSON form by `task.output`, `task`, a decision, or an approval. `items` may name a map by a
    task in it or by its variable.
    """
    names = _Names(pipelines)
    outputs: dict[tuple[str, str], Any] = {}
    answers: dict[str, bool] = {}
    for name, value in (given or {}).items():
        task, output = names.given(name)
        if output is None:
            if not isinstance(value, bool):
                raise NamingError(f"`{name}` is true or false, not {value!r}")
            answers[task] = value
        else:
            outputs[task, output] = value
    return Assumptions(
        task_overhead=task_overhead,
        delays={names.patient(name): delay for name, delay in (delays or {}).items()},
        outputs=outputs,
        answers=answers,
        items={found: count for name, count in (items or {}).items() for found in names.maps(name)},
    )


def read_given(name: str, text: str, pipelines: Sequence[Pipeline]) -> Any:
    """The value a text says for what `given` names, in JSON form. Raises NamingError."""
    task, output = (names := _Names(pipelines)).given(name)
    if output is None:
        if text not in _ANSWERS:
            raise NamingError(f"`{name}` is true or false, not `{text}`")
        return _ANSWERS[text]
    declared = next(found for found in names.tasks(task)[0].outputs if found.name == output)
    try:
        return value_from_text(text, declared.type, name, pipelines[0].timezone)
    except OutputError as error:
        raise NamingError(str(error)) from None


_ANSWERS = {"true": True, "false": False, "approved": True, "rejected": False}


def checked_given(name: str, value: Any, pipelines: Sequence[Pipeline]) -> Any:
    """A value for what `given` names in JSON form, from native or JSON form. Raises NamingError."""
    task, output = (names := _Names(pipelines)).given(name)
    if output is None:
        return value
    declared = next(found for found in names.tasks(task)[0].outputs if found.name == output)
    try:
        return check_output(value, str(declared.type), name)
    except OutputError as error:
        raise NamingError(str(error)) from None


def read_delay(name: str, text: str) -> Estimate:
    """`2h`, `never`, or `{ min: 1h, likely: 2h, max: 4h }`. Raises NamingError."""
    if text.strip() == "never":
        return Estimate(min=NEVER, likely=NEVER, max=NEVER)
    estimate = read_estimate(text)
    if estimate is None:
        raise NamingError(
            f"`{name}={text}`: write a duration such as 2h, `never`, or {{ min: 1h, likely: 2h, max: 4h }}"
        )
    return estimate


class _Names:
    def __init__(self, pipelines: Sequence[Pipeline]) -> None:
        self._pipelines = pipelines
        self._tasks: dict[str, list[Task]] = {}
        for task in (task for pipeline in pipelines for task in pipeline.tasks):
            for name in dict.fromkeys((task.id, task.name)):
                self._tasks.setdefault(name, []).append(task)

    def tasks(self, name: str) -> list[Task]:
        """Those of an id, a name or an instance; none where there is none."""
        if name in self._tasks:
            return self._tasks[name]
        return self._tasks.get(re.sub(r"(\[\d+\])+$", "", name.rpartition("/")[2]), [])

    def given(self, name: str) -> tuple[str, str | None]:
        """A task and its output; no output for a decision or an approval."""
        found = self.tasks(name)
        if not found:
            task, _, output = name.rpartition(".")
            return task, self._output(task, output, name)
        if isinstance(found[0].implementation, Decision | ApprovalRequest):
            return name, None
        _check_code(name, found[0])
        outputs = [output.name for output in found[0].outputs]
        if not found[0].single_output:
            way = f"its outputs are {', '.join(outputs)}" if outputs else "it has no outputs"
            raise NamingError(f"`{name}` names no output: {way}")
        return name, outputs[0]

    def _output(self, task: str, output: str, name: str) -> str:
        found = self.tasks(task)
        if not found:
            raise NamingError(f"there is no task `{task or name}`{_near(task or name, self._tasks)}")
        _check_code(task, found[0])
        outputs = [one.name for one in found[0].outputs]
        if output not in outputs:
            raise NamingError(f"task `{task}` has no output `{output}`{_near(output, outputs)}")
        return output

    def patient(self, name: str) -> str:
        """The name of an approval or a wait."""
        found = self.tasks(name)
        if not found or not isinstance(found[0].implementation, ApprovalRequest | WaitCondition):
            known = [
                known
                for known, tasks in self._tasks.items()
                if isinstance(tasks[0].implementation, ApprovalRequest | WaitCondition)
            ]
            what = "is no approval and no wait" if found else "is not there"
            there = _near(name, known) or (f": there are {', '.join(known)}" if known else ": there are none")
            raise NamingError(f"--delay is for approvals and waits, `{name}` {what}{there}")
        return name

    def maps(self, name: str) -> list[str]:
        """The names of the maps that go by a name, by that of a task right inside, or by their variable."""
        known = list(self._maps())
        found = [map for map, others in known if name in others]
        if not found:
            names = [map for map, _ in known]
            way = _near(name, names) or (f": there are {', '.join(names)}" if names else ": there are none")
            raise NamingError(f"there is no map `{name}`{way}")
        return found

    def _maps(self) -> Iterator[tuple[str, set[str]]]:
        for pipeline in self._pipelines:
            for region in pipeline.maps:
                inside = {name for task in pipeline.tasks if task.map == region.name for name in (task.id, task.name)}
                yield region.name, {region.name, region.variable, *inside}


def _check_code(name: str, task: Task) -> None:
    if isinstance(task.implementation, PipelineCall):
        raise NamingError(f"`{name}` runs a pipeline: give outputs of the tasks in it, by their own names")


def _near(name: str, known: Iterable[str]) -> str:
    found = hint(name, known)
    return f": {found}" if found else ""
