"""`train.estimate = 2h`: changes of a pipeline that are tried without writing them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from pipec.diagnostics.suggest import hint
from pipec.ir.model import Estimate, Options, Pipeline, Resources, Retry
from pipec.parameters import read_literal
from pipec.simulation.errors import WhatIfError
from pipec.simulation.study import Scenario

_SETTINGS = ("slots", "concurrency")
_OPTIONS = (
    "estimate",
    "failure_rate",
    "retries",
    "retry.max",
    "retry.delay",
    "retry.backoff",
    "timeout",
    "priority",
    "resources.cpu",
    "resources.memory",
    "resources.gpu",
)


def changed(scenario: Scenario, text: str) -> Scenario:
    """The scenario with the changes of a text, which `;` separates; the text is its name. Raises WhatIfError."""
    for change in text.split(";"):
        name, equals, value = (part.strip() for part in change.partition("="))
        if not equals or not name or not value:
            raise WhatIfError(f"`{change.strip()}` is no change: write `train.estimate = 2h` or `slots = 4`")
        scenario = _changed(scenario, name, value)
    return replace(scenario, name=" ".join(text.split()))


def _changed(scenario: Scenario, name: str, value: str) -> Scenario:
    if name in _SETTINGS:
        count = int(_number(name, value, minimum=1, whole=True))
        if name == "slots":
            return replace(scenario, capacity=replace(scenario.capacity, slots=count))
        return replace(scenario, pipeline=scenario.pipeline.model_copy(update={"concurrency": count}))
    for option in _OPTIONS:
        if name.endswith(f".{option}"):
            return _with_option(scenario, name.removesuffix(f".{option}"), _change(option, name, value))
    known = [*_SETTINGS, *(f"TASK.{option}" for option in _OPTIONS)]
    raise WhatIfError(f"`{name}` is nothing to change here: {', '.join(known)}")


def _with_option(scenario: Scenario, task: str, change: Callable[[Options], Options]) -> Scenario:
    found = False

    def of(pipeline: Pipeline) -> Pipeline:
        nonlocal found
        tasks = []
        for one in pipeline.tasks:
            if task in (one.id, one.name):
                found = True
                one = one.model_copy(update={"options": change(one.options)})
            tasks.append(one)
        return pipeline.model_copy(update={"tasks": tuple(tasks)})

    pipelines = {key: of(pipeline) for key, pipeline in scenario.pipelines.items()}
    result = replace(scenario, pipeline=of(scenario.pipeline), pipelines=pipelines)
    if not found:
        raise WhatIfError(no_such_task(task, (scenario.pipeline, *scenario.pipelines.values())))
    return result


def no_such_task(name: str, pipelines: Iterable[Pipeline]) -> str:
    """The message for a task that is not there."""
    known = {task.name for pipeline in pipelines for task in pipeline.tasks}
    near = hint(name, known)
    return f"there is no task `{name}`" + (f": {near}" if near else "")


def _change(option: str, name: str, value: str) -> Callable[[Options], Options]:
    match option:
        case "estimate":
            estimate = read_estimate(value)
            if estimate is None:
                raise WhatIfError(
                    f"`{name} = {value}`: write a duration such as 2h, or {{ min: 1h, likely: 2h, max: 4h }}"
                )
            return lambda options: options.model_copy(update={"estimate": estimate})
        case "failure_rate":
            return _set(failure_rate=_number(name, value, maximum=1))
        case "timeout":
            return _set(timeout=_seconds(name, value))
        case "priority":
            return _set(priority=int(_number(name, value, whole=True)))
        case "retries" | "retry.max":
            return _set_retry(max=int(_number(name, value, whole=True)))
        case "retry.delay":
            return _set_retry(delay=_seconds(name, value))
        case "retry.backoff":
            return _set_retry(backoff=_number(name, value, minimum=1))
        case "resources.memory":
            return _set_resources(memory=_memory(name, value))
        case "resources.gpu":
            return _set_resources(gpu=int(_number(name, value, whole=True)))
        case _:
            return _set_resources(cpu=_number(name, value))


def _set(**values: Any) -> Callable[[Options], Options]:
    return lambda options: options.model_copy(update=values)


def _set_retry(**values: Any) -> Callable[[Options], Options]:
    return lambda options: options.model_copy(update={"retry": (options.retry or Retry()).model_copy(update=values)})


def _set_resources(**values: Any) -> Callable[[Options], Options]:
    def change(options: Options) -> Options:
        resources = (options.resources or Resources()).model_copy(update=values)
        return options.model_copy(update={"resources": resources})

    return change


# --- values --------------------------------------------------------------------------------------


def read_estimate(text: str) -> Estimate | None:
    """`2h` or `{ min: 1h, likely: 2h, max: 4h }` as an option of the language says it; None where it is neither."""
    text = text.strip()
    if not text.startswith("{"):
        seconds = read_seconds(text)
        return None if seconds is None else Estimate(min=seconds, likely=seconds, max=seconds)
    parts: dict[str, float] = {}
    for part in text.removeprefix("{").removesuffix("}").split(","):
        found = re.fullmatch(r"\s*(min|likely|max)\s*:\s*(\S+)\s*", part)
        seconds = read_seconds(found[2]) if found else None
        if found is None or seconds is None:
            return None
        parts[found[1]] = seconds
    if parts.keys() != {"min", "likely", "max"} or not parts["min"] <= parts["likely"] <= parts["max"]:
        return None
    return Estimate(**parts)


def read_seconds(text: str) -> float | None:
    """A duration of the language, or a number of seconds, not below 0; None where the text is neither."""
    kind, value = read_literal(text)
    if kind not in ("DURATION", "INT", "FLOAT"):
        return None
    seconds = float(value.total_seconds() if hasattr(value, "total_seconds") else value)
    return seconds if 0 <= seconds < float("inf") else None


def _seconds(name: str, value: str) -> float:
    seconds = read_seconds(value)
    if seconds is None:
        raise WhatIfError(f"`{name} = {value}`: a duration such as 90s or 2h is needed")
    return seconds


def _memory(name: str, value: str) -> int:
    kind, size = read_literal(value)
    if kind not in ("SIZE", "INT") or not isinstance(size, int) or size < 0:
        raise WhatIfError(f"`{name} = {value}`: a size such as 16Gi is needed")
    return size


def _number(name: str, value: str, *, minimum: float = 0, maximum: float = float("inf"), whole: bool = False) -> float:
    kind, number = read_literal(value)
    if (
        kind not in (("INT",) if whole else ("INT", "FLOAT"))
        or not minimum <= number <= maximum
        or number == float("inf")
    ):
        limit = f" from {minimum:g} to {maximum:g}" if maximum != float("inf") else f" of at least {minimum:g}"
        raise WhatIfError(f"`{name} = {value}`: a {'whole ' if whole else ''}number{limit} is needed")
    return float(number)
