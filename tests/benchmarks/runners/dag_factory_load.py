"""dag-factory has no file to compile to: Airflow loads its YAML, by a DAG file, which is given as the only argument."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

if __name__ == "__main__":
    DagBag: Any = import_module("airflow.dag_processing.dagbag").DagBag
    bag = DagBag(dag_folder=os.devnull, collect_dags=False)
    bag.process_file(sys.argv[1], only_if_updated=False, safe_mode=False)
    assert not bag.import_errors, bag.import_errors
    (dag,) = bag.dags.values()
    print(*dag.task_dict)
