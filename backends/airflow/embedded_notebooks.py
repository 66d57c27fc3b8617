"""What generated DAG files hold a copy of where tasks run notebooks."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from typing import Any

from airflow.sdk.exceptions import AirflowFailException
from pipec.backends.airflow.embedded import extra_environment
from pipec.backends.airflow.embedded_pods import remote_exception

from pipec.runtime.values import OutputError, read_outputs, to_json


def run_notebook(
    path: str,
    *,
    inputs: Mapping[str, Any] = {},
    outputs: Mapping[str, str] = {},
    env: Mapping[str, str] = {},
    working_dir: str = "",
) -> dict[str, Any]:
    """Run a notebook with its inputs as parameters in JSON form, and give its outputs by name.

    Each output is a file of its name in the folder $PIPEC_OUTPUTS. Paths count from the folder of this file.
    """
    import papermill  # late: it takes as long as Airflow itself

    beside = os.path.dirname(os.path.abspath(__file__))
    with (
        tempfile.TemporaryDirectory(prefix="pipec-") as written,
        extra_environment({**env, "PIPEC_OUTPUTS": written}),
    ):
        try:
            papermill.execute_notebook(
                os.path.join(beside, path),
                None,
                parameters=to_json(inputs),
                cwd=os.path.join(beside, working_dir),
                log_output=True,
                progress_bar=False,
            )
        except papermill.PapermillExecutionError as error:
            raise remote_exception([error.ename])(error.evalue) from error
        try:
            return read_outputs(written, outputs)
        except OutputError as error:
            raise AirflowFailException(str(error)) from error
