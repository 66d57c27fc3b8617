"""Loads and runs DAG files in an environment that has Airflow 2.11: it imports Airflow and the standard library alone.

python -P airflow2_runner.py     without -P a module beside this one would be taken for Airflow

It reads requests from its input and answers on its output, each as JSON in a line, until the input ends: Airflow takes
longer to start than most DAGs to run. A request has `file`, the path of a DAG file, `known`, connections and Variables
as environment variables, and `run`: `conf` and a `logical_date` that may be null, or null where the file is only
loaded. An answer has

- `import_errors` and `warnings` of the file, in Airflow's words, and `dags`, the ids of its DAGs by no order;
- `error`, what was raised besides, or null;
- where it ran: `state`, and `states`, `attempts` and `values` of tasks by `task` or `task[index]`; and `log`.
"""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import logging
import os
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

Answer = dict[str, Any]


def answer(request: dict[str, Any]) -> Answer:
    """What came of loading a file and running its DAG."""
    _forget_modules()
    for name in [name for name in os.environ if name.startswith(("AIRFLOW_CONN_", "AIRFLOW_VAR_"))]:
        del os.environ[name]
    os.environ.update(request["known"])
    written = io.StringIO()
    found: Answer = {"error": None}
    with contextlib.redirect_stdout(written), contextlib.redirect_stderr(written):
        try:
            dags, loaded = _load(request["file"])
            found.update(loaded)
            if request["run"] is not None and not loaded["import_errors"]:
                (dag,) = dags.values()
                found.update(_run(dag, **request["run"]))
        except Exception as error:
            found["error"] = repr(error)
    return {**found, "log": written.getvalue()}


def _load(file: str) -> tuple[dict[str, Any], Answer]:
    from airflow.models.dagbag import DagBag

    serialization: Any = import_module("airflow.serialization.serialized_objects").SerializedDAG
    bag = DagBag(dag_folder=file, include_examples=False)
    for dag in bag.dags.values():
        serialization.from_dict(serialization.to_dict(dag))
        dag.validate()
    found = {"dags": list(bag.dags), "import_errors": bag.import_errors, "warnings": bag.captured_warnings}
    return bag.dags, found


def _run(dag: Any, conf: dict[str, Any], logical_date: str | None) -> Answer:
    date = None if logical_date is None else datetime.fromisoformat(logical_date)
    dag.sync_to_db()  # as the scheduler does: datasets have to be known
    logging.getLogger("airflow.task").handlers.clear()  # `dag.test` adds one, and only once, to the output of then
    with looking_often(dag):
        run = dag.test(run_conf=conf, execution_date=date)
    return _result(run)


@contextlib.contextmanager
def looking_often(dag: Any) -> Iterator[None]:
    """Have `dag.test` look for tasks that may go on twenty times a second, instead of once."""
    sleep, code = time.sleep, inspect.unwrap(dag.test).__code__

    def sleep_less(seconds: float) -> None:
        sleep(0.05 if seconds == 1 and sys._getframe(1).f_code is code else seconds)

    time.sleep = sleep_less  # type: ignore[assignment]
    try:
        yield
    finally:
        time.sleep = sleep


def _result(run: Any) -> Answer:
    from airflow.models.xcom import XCom
    from airflow.utils.session import create_session

    with create_session() as session:
        tasks = run.get_task_instances(session=session)
        rows = session.query(XCom).filter(XCom.dag_id == run.dag_id, XCom.run_id == run.run_id).all()
        return {
            "state": str(run.state),
            "states": {_instance(task): str(task.state) for task in tasks},
            "attempts": {_instance(task): task.try_number for task in tasks},
            "values": {_instance(row): row.value for row in rows if row.key == "return_value"},
        }


def _instance(row: Any) -> str:
    return str(row.task_id) if row.map_index < 0 else f"{row.task_id}[{row.map_index}]"


def _forget_modules() -> None:
    """Import modules from the folder of DAG files anew: the next file has others of the same names."""
    folder = os.environ["AIRFLOW__CORE__DAGS_FOLDER"]
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(folder):
            del sys.modules[name]


def _never_wait_for_the_disk() -> None:
    """The database is for these tests alone, and after a crash nobody wants it."""
    from sqlalchemy import event

    settings: Any = import_module("airflow.settings")
    event.listen(settings.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
    settings.engine.dispose()  # connections made so far


def _let_tests_go_on() -> None:
    """`dag.test` stops at a task that is ended by a timeout, which is no `Exception`. Workers do not."""
    module: Any = import_module("airflow.models.dag")
    run_task = module._run_task

    def run(**arguments: Any) -> None:
        try:
            run_task(**arguments)
        except BaseException as error:
            raise RuntimeError(repr(error)) from error

    module._run_task = run


def main() -> None:
    """Answer requests."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what programs of tasks print is no answer
    sys.path.append(os.environ["AIRFLOW__CORE__DAGS_FOLDER"])
    import_module("airflow.providers.fab.auth_manager.models")  # users, to which tables of Airflow's own refer
    _never_wait_for_the_disk()
    _let_tests_go_on()
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line)), default=repr), file=answers, flush=True)


if __name__ == "__main__":
    Path(os.environ["AIRFLOW__CORE__DAGS_FOLDER"]).mkdir(exist_ok=True)
    main()
