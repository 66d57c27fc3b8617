"""Airflow's `dag.test()`. It loads this file again from the folder of DAGs, so the DAG's file is in the environment."""

from __future__ import annotations

import os
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from tests.benchmarks.dags import read
from tests.benchmarks.runners.measured import call, measured

sdk: Any = import_module("airflow.sdk")
BashOperator: Any = import_module("airflow.providers.standard.operators.bash").BashOperator
DAG = read(Path(os.environ["BENCHMARK_DAG"]))

with sdk.DAG("benchmark", start_date=datetime(2026, 1, 1), schedule=None) as dag:
    made: dict[str, Any] = {}
    for name, upstream in DAG.upstream.items():
        if DAG.action == "shell":
            made[name] = BashOperator(task_id=name, bash_command="true")
        else:
            made[name] = sdk.task(call, task_id=name)(DAG.seconds.get(name, 0.0))
        for other in upstream:
            made[other] >> made[name]


def work() -> None:
    assert str(dag.test().state).rpartition(".")[2].lower() == "success"


if __name__ == "__main__":
    measured(work)
