"""The bare loop: graphlib and concurrent.futures, no log, no state, no retry.

Arguments: the file of the DAG, and `threads` or `processes`.
"""

from __future__ import annotations

import sys
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from graphlib import TopologicalSorter

from tests.benchmarks.dags import Dag
from tests.benchmarks.runners.measured import call, execute, given, measured

POOLS: dict[str, type[ThreadPoolExecutor | ProcessPoolExecutor]] = {
    "threads": ThreadPoolExecutor,
    "processes": ProcessPoolExecutor,
}


def loop(dag: Dag, pool: Executor) -> None:
    """Run all tasks of a DAG in a pool."""
    sorter = TopologicalSorter(dag.upstream)
    sorter.prepare()
    running: dict[Future[None], str] = {}
    while sorter.is_active():
        for task in sorter.get_ready():
            running[_submit(dag, task, pool)] = task
        for done in wait(running, return_when=FIRST_COMPLETED).done:
            done.result()
            sorter.done(running.pop(done))


def _submit(dag: Dag, task: str, pool: Executor) -> Future[None]:
    return pool.submit(execute) if dag.action == "shell" else pool.submit(call, dag.seconds.get(task, 0.0))


def work() -> None:
    dag = given()
    with POOLS[sys.argv[2]](dag.slots) as pool:
        loop(dag, pool)


if __name__ == "__main__":
    measured(work)
