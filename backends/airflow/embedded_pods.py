"""What generated DAG files hold a copy of where tasks run in pods: those that give outputs, or that may be lost."""

from __future__ import annotations

import base64
import inspect
import json
import os
import sys
import tempfile
from collections.abc import Callable, Mapping
from typing import Any

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowTaskTimeout
from kubernetes.client import models as k8s
from kubernetes.stream import stream
from pipec.backends.airflow.embedded import ExitCodeError
from pipec.backends.airflow.pods.runner import RUN_PYTHON

from pipec.runtime.values import MAX_OUTPUT_BYTES, OutputError, check_output, check_size, read_outputs, too_large

PACK_OUTPUTS = r"""
cd "$1" || exit 1
limit=$2
shift 2
total=0
for name in "$@"; do
  if [ -f "$name" ]; then total=$((total + $(wc -c < "$name"))); fi
done
echo "$total"
[ "$total" -le "$limit" ] || exit 0
for name in "$@"; do
  if [ -f "$name" ]; then echo "$name $(base64 < "$name" | tr -d '\n')"; fi
done
"""
"""Prints how many bytes the files of these names in a folder have, and each in base64 if that is within the limit."""


SPOT_PREFERENCES = [
    {"weight": 100, "preference": {"matchExpressions": [{"key": key, "operator": "In", "values": [value]}]}}
    for key, value in (
        ("cloud.google.com/gke-spot", "true"),
        ("eks.amazonaws.com/capacityType", "SPOT"),
        ("karpenter.sh/capacity-type", "spot"),
        ("kubernetes.azure.com/scalesetpriority", "spot"),
    )
]
"""Nodes that a cloud may take back, before others."""

SPOT_TOLERATIONS = [
    k8s.V1Toleration(key=key, operator="Equal", value=value, effect="NoSchedule")
    for key, value in (("cloud.google.com/gke-spot", "true"), ("kubernetes.azure.com/scalesetpriority", "spot"))
]
"""For clouds that keep other pods away from such nodes."""


class PodOperator(KubernetesPodOperator):
    """Runs a container that writes each output into a file of its name in the folder $PIPEC_OUTPUTS.

    The XCom sidecar hands the files over. Bad outputs and requirements that do not hold fail the task for good. Other
    failures are told apart for `retry_policy`: exit codes and timeouts.
    """

    def __init__(
        self,
        *,
        outputs: Mapping[str, str] = {},
        single_output: bool = False,
        requirements: Callable[..., None] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(do_xcom_push=bool(outputs), **options)
        self.outputs = outputs
        self.single_output = single_output
        self.requirements = requirements
        self.handed_over: Any = None

    def execute(self, context: Any) -> Any:
        """Run the pod to its end; the outputs."""
        super().execute(context)
        return self.checked_outputs(context)

    def trigger_reentry(self, context: Any, event: dict[str, Any]) -> Any:
        """Go on where the pod of a deferred task has ended; the outputs."""
        super().trigger_reentry(context, event)
        return self.checked_outputs(context)

    def extract_xcom(self, pod: Any, **options: Any) -> None:
        """Keep what the container wrote: it is no XCom before it was checked, and none of a container that failed."""
        try:
            self.handed_over = stream(
                self.client.connect_get_namespaced_pod_exec,
                pod.metadata.name,
                pod.metadata.namespace,
                container="airflow-xcom-sidecar",
                command=["sh", "-c", PACK_OUTPUTS, "sh", "/airflow/xcom", str(MAX_OUTPUT_BYTES), *self.outputs],
                stdin=False,
                stdout=True,
                stderr=False,
                tty=False,
            )
        finally:
            super().extract_xcom(pod, **options)

    def cleanup(self, pod: Any, remote_pod: Any, xcom_result: Any = None, context: Any = None) -> None:
        """Clean up; raise why the task failed rather than that the pod did."""
        reason = sys.exception()
        try:
            super().cleanup(pod, remote_pod, xcom_result, context)
        except Exception as error:
            if isinstance(reason, AirflowTaskTimeout):
                raise reason from None
            failure = container_failure(remote_pod, self.base_container_name)
            if failure is not None:
                raise failure from error
            raise

    def checked_outputs(self, context: Any) -> Any:
        """What the task returns, after its requirements held."""
        try:
            outputs = self.read_handed_over() if self.outputs else {}
        except OutputError as error:
            raise AirflowFailException(str(error)) from error
        if self.requirements is not None:
            keys = list(inspect.signature(self.requirements).parameters)[1:]
            self.requirements(outputs, **{key: context[key] for key in keys})
        return outputs[next(iter(outputs))] if self.single_output else outputs or None

    def read_handed_over(self) -> dict[str, Any]:
        """The outputs in JSON form by name. Raises OutputError."""
        if self.handed_over is None:
            raise RuntimeError("the container gave no outputs: it ended early, or was gone before they were read")
        size, *lines = str(self.handed_over).splitlines()
        if int(size) > MAX_OUTPUT_BYTES:
            raise OutputError(too_large(int(size)))
        with tempfile.TemporaryDirectory(prefix="pipec-") as folder:
            for line in lines:
                name, _, content = line.partition(" ")
                with open(os.path.join(folder, name), "wb") as file:
                    file.write(base64.b64decode(content))
            return read_outputs(folder, self.outputs)


class PythonPodOperator(PodOperator):
    """Calls a Python function in a container by RUN_PYTHON, which leaves its answer to the XCom sidecar."""

    def build_pod_request_obj(self, *arguments: Any, **options: Any) -> Any:
        """The pod with the program, in which nothing is the name of a variable to Kubernetes."""
        self.cmds = ["python3", "-c", RUN_PYTHON.replace("$", "$$")]
        return super().build_pod_request_obj(*arguments, **options)

    def extract_xcom(self, pod: Any, **options: Any) -> None:
        """Keep the answer."""
        self.handed_over = super(PodOperator, self).extract_xcom(pod, **options)

    def read_handed_over(self) -> dict[str, Any]:
        """The outputs in JSON form by name. Raises OutputError."""
        if self.handed_over is None:
            raise RuntimeError("the container gave no outputs: it ended early, or was gone before they were read")
        return outputs_of_answer(self.handed_over, self.outputs)


def outputs_of_answer(answer: Mapping[str, Any], outputs: Mapping[str, str]) -> dict[str, Any]:
    """The outputs in JSON form by name from an answer of RUN_PYTHON. Raises OutputError."""
    if "outputs" not in answer:
        raise OutputError(answer["message"])
    given = answer["outputs"]
    return check_size({name: check_output(given[name], outputs[name], f"output {name}") for name in outputs})


def container_failure(pod: Any, name: str) -> Exception | None:
    """Why a container ended with a status that is not zero; None where it did not."""
    for status in (pod and pod.status and pod.status.container_statuses) or ():
        ended = status.state and status.state.terminated
        if status.name == name and ended and ended.exit_code:
            return failure_of_answer(ended.message or "") or ExitCodeError(ended.exit_code)
    return None


def failure_of_answer(text: str) -> Exception | None:
    """The exception that the last words of RUN_PYTHON tell of; None where it was none."""
    try:
        answer = json.loads(text)
    except ValueError:
        return None
    if not isinstance(answer, dict) or not answer.get("exceptions"):
        return None
    if "exit_code" in answer:
        left: Exception = ExitCodeError(answer["exit_code"] or 1)
        return left
    return remote_exception(answer["exceptions"])(str(answer["message"]))


def remote_exception(names: list[str]) -> type[Exception]:
    """A class that is called as one of another process, and its bases as well: dotted names, nearest first."""
    known: type[Exception] = Exception
    for name in reversed([name for name in names if name not in ("builtins.Exception", "builtins.BaseException")]):
        module, _, own = name.rpartition(".")
        known = type(own, (known,), {"__module__": module})
    return known
