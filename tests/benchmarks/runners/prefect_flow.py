"""Prefect: a flow of tasks on its thread pool. The server that it starts for itself, and may be slow to, counts not."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from tests.benchmarks.runners.measured import call, execute, given, measured

prefect: Any = import_module("prefect")
pools: Any = import_module("prefect.task_runners")
DAG = given()


def work() -> None:
    """Submit all tasks, and wait for them."""
    action = prefect.task(execute) if DAG.action == "shell" else prefect.task(call)
    futures: dict[str, Any] = {}
    for name, upstream in DAG.upstream.items():
        arguments = () if DAG.action == "shell" else (DAG.seconds.get(name, 0.0),)
        futures[name] = action.submit(*arguments, wait_for=[futures[other] for other in upstream])
    for future in futures.values():
        future.result()


def main() -> None:
    """The body of the flow."""
    measured(work)


if __name__ == "__main__":
    prefect.flow(main, task_runner=pools.ThreadPoolTaskRunner(max_workers=DAG.slots))()
