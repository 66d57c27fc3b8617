"""What pipelines need where Airflow runs, as far as the source says it: connections, secrets, modules, queues."""

from __future__ import annotations

from collections.abc import Iterator

from pipec.analysis.pods import SecretKey, runs_in_pod, secret_files, secret_key, secret_variables
from pipec.ir.expressions import Expression, Interpolation, LiteralValue
from pipec.ir.model import (
    NO_OPTIONS,
    Alert,
    NotebookFile,
    Pipeline,
    PythonFunction,
    SqlQuery,
    Task,
    WaitCondition,
)
from pipec.semantics.references import function_reference

from .options import kubernetes_arguments
from .providers import CONNECTIONS, Connection, default_connections

_CLUSTER = CONNECTIONS["KubernetesPodOperator"]
_KAFKA = Connection("kafka_default", "the Kafka servers that messages come from, in its extra")

PACKAGES = {"messages": ("confluent-kafka>=2.16",), "notebooks": ("ipykernel>=7.4", "papermill>=2.7")}
"""Packages besides Airflow's providers that generated code imports late, from the versions on that were tested."""


def without_plain_tasks(pipeline: Pipeline) -> Pipeline:
    """The pipeline without those of its tasks that need nothing, which are most of a large one."""
    return pipeline.model_copy(update={"tasks": tuple(task for task in pipeline.tasks if not _is_plain(task))})


def _is_plain(task: Task) -> bool:
    return (
        task.implementation.kind in ("shell", "gate")
        and task.options is NO_OPTIONS
        and not task.alerts
        and not task.targets
    )


def connections(pipelines: list[Pipeline], modules: dict[str, set[str]]) -> list[Connection]:
    """Those that the classes go by which are imported, and those that the source names, in order of their ids."""
    found = {connection.id: connection for connection in default_connections(modules) if connection is not _CLUSTER}
    for pipeline, task in _tasks(pipelines):
        match task.implementation:
            case SqlQuery(connection=str(id)):
                found[id] = Connection(
                    id, "the database that queries go to; the provider of its type has to be installed"
                )
            case WaitCondition(condition="message"):
                found[_KAFKA.id] = _KAFKA
        if runs_in_pod(task):
            id = kubernetes_arguments(pipeline, task).get("kubernetes_conn_id", _CLUSTER.id)
            found |= {id: Connection(id, _CLUSTER.purpose)} if id is not None else {}
    return [found[id] for id in sorted(found)]


def other_packages(pipelines: list[Pipeline]) -> list[str]:
    """Packages besides providers that generated code imports when a task runs."""
    has_messages = any(condition == "message" for condition, _ in _waits(pipelines))
    has_notebooks = any(isinstance(task.implementation, NotebookFile) for _, task in _tasks(pipelines))
    return [*(PACKAGES["messages"] if has_messages else ()), *(PACKAGES["notebooks"] if has_notebooks else ())]


def data_files(pipelines: list[Pipeline]) -> set[str]:
    """The paths of notebooks and queries, from the folder of the DAG file."""
    found = set()
    for _, task in _tasks(pipelines):
        match task.implementation:
            case NotebookFile(path=path) | SqlQuery(file=str(path)):
                found.add(path)
    return found


def variables(pipelines: list[Pipeline]) -> set[str]:
    """The names of secrets that are read from Airflow's variables: all but those of pods."""
    found = {name for _, task in _tasks(pipelines) if not runs_in_pod(task) for name in _secrets(task)}
    for alert in _alerts(pipelines):
        headers = alert.arguments.get("headers")
        values = [*alert.arguments.values(), *(headers.values() if isinstance(headers, dict) else ())]
        found |= {value["name"] for value in values if isinstance(value, dict) and value.get("kind") == "secret"}
    return found


def kubernetes_secrets(pipelines: list[Pipeline]) -> list[SecretKey]:
    """The keys of Kubernetes Secrets that pods get, in order of their names."""
    names = {name for _, task in _tasks(pipelines) if runs_in_pod(task) for name in _secrets(task)}
    return [secret_key(name) for name in sorted(names)]


def stores(pipelines: list[Pipeline]) -> set[str]:
    """The schemes of the objects that are waited for, as far as the source says them."""
    uris = (_beginning(arguments["uri"]) for condition, arguments in _waits(pipelines) if condition == "object")
    return {scheme for scheme, separator, _ in (uri.partition("://") for uri in uris) if separator}


def python_modules(pipelines: list[Pipeline]) -> set[str]:
    """The user's own modules that tasks outside of pods, waits and alerts call."""
    found = {
        task.implementation.module
        for _, task in _tasks(pipelines)
        if isinstance(task.implementation, PythonFunction) and not runs_in_pod(task)
    }
    named = [_beginning(arguments["function"]) for condition, arguments in _waits(pipelines) if condition == "python"]
    named.extend(str(alert.arguments["function"]) for alert in _alerts(pipelines) if alert.channel == "python")
    return found | {reference.module for reference in map(function_reference, named) if reference is not None}


def chosen(pipelines: list[Pipeline], option: str) -> set[str]:
    """What is said of a queue or an executor, in the language or in target blocks."""
    blocks = [pipeline.targets for pipeline in pipelines] + [task.targets for _, task in _tasks(pipelines)]
    found: set[str] = {block["airflow"][option] for block in blocks if option in block.get("airflow", {})}
    if option == "queue":
        found |= {task.options.queue for _, task in _tasks(pipelines) if task.options.queue}
    return found


def _tasks(pipelines: list[Pipeline]) -> Iterator[tuple[Pipeline, Task]]:
    for pipeline in pipelines:
        for task in pipeline.tasks:
            yield pipeline, task


def _waits(pipelines: list[Pipeline]) -> Iterator[tuple[str, dict[str, Expression]]]:
    for _, task in _tasks(pipelines):
        if isinstance(task.implementation, WaitCondition):
            yield task.implementation.condition, task.implementation.arguments


def _alerts(pipelines: list[Pipeline]) -> Iterator[Alert]:
    for pipeline in pipelines:
        yield from pipeline.alerts
    for _, task in _tasks(pipelines):
        yield from task.alerts


def _secrets(task: Task) -> list[str]:
    return [*secret_variables(task).values(), *secret_files(task).values()]


def _beginning(expression: Expression) -> str:
    """The text of an expression up to what is known only in a run."""
    match expression:
        case LiteralValue(value=str(text)):
            return text
        case Interpolation(parts=(first, *_)):
            return _beginning(first)
        case _:
            return ""
