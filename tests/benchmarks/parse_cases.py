"""The same DAGs twice: as `.pipe` files, and as a person who knows Airflow well would write them without pipec.

Those have the ids, edges, attempts and schedules of the generated ones and their tasks call the same functions; what is
left out is what a person would not think of: the check of outputs against their types, a digest, types of parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isqrt

from tests.benchmarks.compile_scale import LAYERS, random_graph
from tests.benchmarks.compile_scale import source as shell_pipe

Graph = dict[str, list[str]]
"""Task to its upstream tasks; every task stands behind those."""

GROUP = 10
"""How many tasks of the mixture stand in a group."""

_BASH = "from airflow.providers.standard.operators.bash import BashOperator"
_TWO_EMPTY_LINES = ["", ""]


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of pipeline: how a graph becomes a `.pipe` file, and how a DAG file written by hand."""

    title: str
    pipe: Callable[[Graph], str]
    by_hand: Callable[[Graph], str]


# --- shell tasks ---------------------------------------------------------------------------------


def shell_by_hand(graph: Graph) -> str:
    """A `BashOperator` a task."""
    return _file(
        [_BASH, "from airflow.sdk import DAG", ""],
        'dag_id="scale", schedule=None, catchup=False',
        [*(_bash(task) for task in graph), "", *_edges(graph)],
    )


def _bash(task: str, more: str = "") -> str:
    return f'{task} = BashOperator(task_id="{task}", bash_command="echo {task}", cwd="{{{{ dag.folder }}}}"{more})'


# --- python tasks with values --------------------------------------------------------------------


def python_pipe(graph: Graph) -> str:
    """Each task calls a function of its own with the outputs of the tasks upstream."""
    return "\n".join(["pipeline values {", *(f"  {_python_task(task, graph[task])}" for task in graph), "}", ""])


def _python_task(task: str, reads: Sequence[str]) -> str:
    inputs = ", ".join(f"{name} = {read}" for name, read in zip(("left", "right"), reads, strict=False))
    return f'task {task}{f"({inputs})" if inputs else ""} -> int = python("steps:{task}")'


def python_by_hand(graph: Graph) -> str:
    """A `@task` function a task."""
    functions = [line for task, reads in graph.items() for line in _function(task, reads)]
    calls = [f"{task}_task = {task}({', '.join(f'{read}_task' for read in graph[task])})" for task in graph]
    return _file(
        ["from airflow.sdk import DAG, task", *functions, *_TWO_EMPTY_LINES],
        'dag_id="values", schedule=None, catchup=False',
        calls,
    )


def _function(task: str, reads: Sequence[str], decorator: str = "@task") -> list[str]:
    inputs = ", ".join(f"{name}={read}" for name, read in zip(("left", "right"), reads, strict=False))
    body = ["    import steps", "", f"    return steps.{task}({inputs})"]
    return [*_TWO_EMPTY_LINES, decorator, f"def {task}({', '.join(reads)}):", *body]


# --- a mixture -----------------------------------------------------------------------------------


def mixed_pipe(graph: Graph) -> str:
    """Python tasks and shell tasks in groups, every third with retries; a branch behind the last, and a clean-up."""
    last = _last_python(graph)
    lines = ["pipeline mixture(limit: int = 3) {", '  schedule = cron("0 5 * * *")']
    for number, tasks in enumerate(_groups(graph)):
        lines += [f"  group group_{number} {{", *(f"    {_mixed_task(task, graph)}" for task in tasks), "  }"]
    lines += [
        f"  if {last} > limit as is_enough {{",
        f'    task publish(value = {last}) -> int = python("steps:publish")',
        "  } else {",
        "    task tell = shell('echo tell')",
        "  }",
        "  task close after publish, tell = shell('echo close') { trigger_rule = none_failed }",
        "  finally { task tidy = shell('echo tidy') }",
        "}",
        "",
    ]
    return "\n".join(lines)


def _mixed_task(task: str, graph: Graph) -> str:
    reads = _reads(task, graph)
    others = [upstream for upstream in graph[task] if upstream not in reads]
    after = f" after {', '.join(others)}" if others else ""
    retries = " { retry = { max: 2, delay: 30s } }" if _is_retried(task) else ""
    if not _is_python(task):
        return f"task {task}{after} = shell('echo {task}'){retries}"
    return _python_task(task, reads).replace(" = python(", f"{after} = python(") + retries


def mixed_by_hand(graph: Graph) -> str:
    """`BashOperator`s and `@task` functions in task groups, `@task.branch`, a teardown task."""
    last = _last_python(graph)
    python = [task for task in graph if _is_python(task)]
    functions = [
        line
        for task in python
        for line in _function(task, _reads(task, graph), f"@task({_ATTEMPTS})" if _is_retried(task) else "@task")
    ]
    functions += [
        *_TWO_EMPTY_LINES,
        "@task.branch",
        f"def is_enough({last}, params=None):",
        f'    return "publish" if {last} > params["limit"] else "tell"',
        *_function("publish", [last]),
    ]
    drawn = {task: [above for above in graph[task] if above not in _reads(task, graph)] for task in graph}
    variables = {task: f"{task}_task" if _is_python(task) else task for task in graph}
    body = []
    for number, tasks in enumerate(_groups(graph)):
        body.append(f'with TaskGroup("group_{number}", prefix_group_id=False):')
        body += [f"    {_created(task, graph)}" for task in tasks]
    # A task fails as soon as one of several upstream does: the clean-up has to wait for the others by itself.
    followed_alone = {graph[task][0] for task in graph if len(graph[task]) == 1} | {last}
    awaited = [variables[task] for task in graph if task not in followed_alone]
    body += [
        f"is_enough_task = is_enough({last}_task)",
        f"publish_task = publish({last}_task)",
        _bash("tell"),
        _bash("close", ', trigger_rule="none_failed"'),
        f"{_bash('tidy')}.as_teardown()",
        "",
        *_edges({variables[task]: [variables[above] for above in drawn[task]] for task in graph}),
        "is_enough_task >> [publish_task, tell] >> close",
        f"[{', '.join([*awaited, 'publish_task', 'tell', 'close'])}] >> tidy",
    ]
    return _file(
        [
            "from datetime import timedelta",
            "",
            _BASH,
            "from airflow.sdk import DAG, CronTriggerTimetable, Param, TaskGroup, task",
            *functions,
            *_TWO_EMPTY_LINES,
        ],
        'dag_id="mixture", schedule=CronTriggerTimetable("0 5 * * *", timezone="UTC"), catchup=False, '
        'params={"limit": Param(3, type="integer")}',
        body,
    )


_ATTEMPTS = "retries=2, retry_delay=timedelta(seconds=30)"


def _created(task: str, graph: Graph) -> str:
    if _is_python(task):
        return f"{task}_task = {task}({', '.join(f'{read}_task' for read in _reads(task, graph))})"
    return _bash(task, f", {_ATTEMPTS}" if _is_retried(task) else "")


def _number(task: str) -> int:
    return int(task.removeprefix("task_"))


def _is_python(task: str) -> bool:
    return _number(task) % 2 == 0


def _is_retried(task: str) -> bool:
    return _number(task) % 3 == 0


def _reads(task: str, graph: Graph) -> list[str]:
    """The tasks upstream whose output a task is given."""
    return [upstream for upstream in graph[task] if _is_python(upstream)] if _is_python(task) else []


def _last_python(graph: Graph) -> str:
    return next(task for task in reversed(graph) if _is_python(task))


def _groups(graph: Graph) -> list[list[str]]:
    tasks = list(graph)
    return [tasks[start : start + GROUP] for start in range(0, len(tasks), GROUP)]


# --- files ---------------------------------------------------------------------------------------


def _edges(graph: Graph) -> list[str]:
    lines = []
    for task, upstream in graph.items():
        if upstream:
            shown = upstream[0] if len(upstream) == 1 else f"[{', '.join(upstream)}]"
            lines.append(f"{shown} >> {task}")
    return lines


def _file(head: list[str], arguments: str, body: list[str]) -> str:
    lines = [*head, f"with DAG({arguments}):", *(f"    {line}" if line else "" for line in body)]
    return "\n".join([*lines, ""])


CASES = {
    "shell": Case("shell tasks", shell_pipe, shell_by_hand),
    "python": Case("python tasks with values", python_pipe, python_by_hand),
    "mixed": Case("a mixture: groups, retries, values, a branch, a teardown", mixed_pipe, mixed_by_hand),
}


def texts(kind: str, tasks: int, seed: int) -> tuple[str, str]:
    """A `.pipe` file, and the DAG file that a person would write for the same tasks."""
    graph = random_graph(tasks, seed, layers=min(LAYERS, isqrt(tasks)))
    return CASES[kind].pipe(graph), CASES[kind].by_hand(graph)
