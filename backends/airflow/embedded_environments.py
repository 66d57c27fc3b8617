"""What generated DAG files hold a copy of where tasks have packages of their own."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

from airflow.providers.standard.utils.python_virtualenv import prepare_virtualenv
from airflow.sdk.exceptions import AirflowFailException
from pipec.backends.airflow.embedded import ExitCodeError
from pipec.backends.airflow.embedded_pods import failure_of_answer, outputs_of_answer
from pipec.backends.airflow.pods.runner import RUN_PYTHON

from pipec.runtime.process import run_process
from pipec.runtime.values import OutputError, to_json


def run_with_packages(
    packages: Sequence[str],
    function: str,
    *,
    inputs: Mapping[str, Any] = {},
    types: Mapping[str, str] = {},
    outputs: Mapping[str, str] = {},
    single: bool = False,
    env: Mapping[str, str] = {},
    working_dir: str | None = None,
) -> dict[str, Any]:
    """Call a function, `module:function`, in a new virtual environment with these packages; its outputs by name.

    The environment has nothing of the worker's. Modules beside this file are found first; the working directory counts
    from there, and is that of the worker where none is given.
    """
    beside = os.path.dirname(os.path.abspath(__file__))
    with tempfile.TemporaryDirectory(prefix="pipec-") as place:
        python = prepare_virtualenv(os.path.join(place, "environment"), sys.executable, False, list(packages))
        variables = {
            **os.environ,
            **env,
            "PYTHONPATH": beside,
            "PIPEC_INPUTS": json.dumps(to_json(inputs)),
            "PIPEC_OUTPUTS": place,
        }
        status = run_process(
            [python, "-c", RUN_PYTHON, function, *map(json.dumps, (types, outputs, single))],
            environment=variables,
            working_dir=None if working_dir is None else os.path.join(beside, working_dir),
            log=None,
            timeout=None,
        )
        try:
            with open(os.path.join(place, "return.json"), encoding="utf-8") as file:
                answer = file.read()
        except FileNotFoundError:
            raise ExitCodeError(status if status > 0 else 128 - status) from None
    failure = failure_of_answer(answer)
    if failure is not None:
        raise failure
    try:
        given: dict[str, Any] = outputs_of_answer(json.loads(answer), outputs)
    except OutputError as error:
        raise AirflowFailException(str(error)) from error
    return given
