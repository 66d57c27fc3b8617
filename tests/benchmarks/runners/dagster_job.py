"""Dagster in process: one task after the other in this process, without isolation."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Any

from tests.benchmarks.runners.measured import call, execute, given, measured

dagster: Any = import_module("dagster")
DAG = given()


def op(name: str, upstream: list[str]) -> Any:
    def body() -> None:
        if DAG.action == "shell":
            execute()
        else:
            call(DAG.seconds.get(name, 0.0))

    nothing = dagster.Nothing
    inputs = {"start": dagster.In(nothing)} if upstream else {}
    return dagster.op(name=name, ins=inputs, out=dagster.Out(nothing))(body)


def graph() -> Any:
    after = {
        dagster.NodeInvocation(name): {
            "start": dagster.MultiDependencyDefinition([dagster.DependencyDefinition(other) for other in upstream])
        }
        if upstream
        else {}
        for name, upstream in DAG.upstream.items()
    }
    ops = [op(name, upstream) for name, upstream in DAG.upstream.items()]
    return dagster.GraphDefinition("benchmark", node_defs=ops, dependencies=after)


def work() -> None:
    assert graph().execute_in_process().success


if __name__ == "__main__":
    logging.disable(logging.INFO)
    measured(work)
