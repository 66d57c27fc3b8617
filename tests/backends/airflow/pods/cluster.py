"""A Kubernetes cluster that is none: containers are processes of this machine, everything of Airflow is as it is.

Paths of the pod are folders of the test; variables are put into commands as Kubernetes does it.
"""

from __future__ import annotations

import copy
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """What Kubernetes makes of a text: `$(NAME)` is a variable if there is one, `$$` is `$`."""
    return re.sub(
        r"\$(\$|\(([^)]*)\)|.)",
        lambda match: "$" if match[1] == "$" else variables.get(match[2], match[0]),
        text,
        flags=re.DOTALL,
    )


class Cluster:
    """What was asked of the cluster: `pods` as they were created, by task id, and the names of those `deleted`.

    `secrets` are values by the name and key of their Secret.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pods: dict[str, list[Any]] = {}
        self.deleted: list[str] = []
        self.secrets: dict[tuple[str, str], str] = {}
        self._shared: dict[str, Path] = {}

    def create(self, operator: Any, pod: Any, context: Any) -> Any:
        """A pod that waits for its node."""
        from kubernetes.client import models as k8s

        pod.status = k8s.V1PodStatus(phase="Pending")
        self.pods.setdefault(operator.task_id, []).append(pod)
        self._shared[pod.metadata.name] = self.folder / pod.metadata.name
        self._shared[pod.metadata.name].mkdir()
        return pod

    def run(self, pod: Any) -> Any:
        """Run the first container to its end; the pod as it is then."""
        from kubernetes.client import models as k8s

        container = pod.spec.containers[0]
        variables: dict[str, str] = {}
        for one in container.env or []:
            if one.value_from is not None:
                reference = one.value_from.secret_key_ref
                variables[one.name] = self.secrets[reference.name, reference.key]
            else:
                variables[one.name] = self._here(pod, expanded(one.value, variables))
        command = [*container.command, *container.args]
        shown = [self._here(pod, expanded(part, variables)) for part in command]
        if shown[0] == "python3":
            shown[0] = sys.executable
        ended = subprocess.run(
            shown,
            env={"PATH": os.environ["PATH"], **variables},
            cwd=self.folder,
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        print(ended.stdout)
        last_words = self._shared[pod.metadata.name] / "termination-log"
        terminated = k8s.V1ContainerStateTerminated(
            exit_code=ended.returncode, message=last_words.read_text() if last_words.exists() else None
        )
        state = k8s.V1ContainerState(terminated=terminated)
        status = k8s.V1ContainerStatus(name="base", state=state, image="", image_id="", ready=False, restart_count=0)
        after = copy.deepcopy(pod)
        after.status = k8s.V1PodStatus(
            phase="Succeeded" if ended.returncode == 0 else "Failed", container_statuses=[status]
        )
        return after

    def execute(self, method: Any, name: str, namespace: str, *, command: list[str], **_: Any) -> str:
        """Run a command in the sidecar of a pod."""
        shown = [part.replace("/airflow/xcom", str(self._shared[name])) for part in command]
        return subprocess.run(shown, check=True, capture_output=True, text=True).stdout

    def returned(self, pod: Any) -> str:
        """What the sidecar reads as XCom."""
        file = self._shared[pod.metadata.name] / "return.json"
        return file.read_text("utf-8") if file.exists() else "__airflow_xcom_result_empty__"

    def _here(self, pod: Any, text: str) -> str:
        shared = self._shared[pod.metadata.name]
        text = text.replace("/dev/termination-log", str(shared / "termination-log"))
        return text.replace("/airflow/xcom", str(shared))


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """A cluster in place of the one that `KubernetesPodOperator` would call."""
    from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

    made = Cluster(tmp_path)
    finished: dict[str, Any] = {}

    class Manager:
        def await_xcom_sidecar_container_start(self, pod: Any) -> None:
            """It is there at once."""

        def extract_xcom(self, pod: Any, **_: Any) -> str:
            return made.returned(pod)

        def await_pod_completion(self, pod: Any, *_: Any) -> Any:
            return finished[pod.metadata.name]

        def read_pod(self, pod: Any) -> Any:
            return pod

        def delete_pod(self, pod: Any) -> None:
            made.deleted.append(pod.metadata.name)

    def run(operator: Any, pod: Any) -> None:
        finished[pod.metadata.name] = made.run(pod)

    hook = MagicMock(
        is_in_cluster=False,
        get_namespace=lambda: "default",
        get_xcom_sidecar_container_image=lambda: None,
        get_xcom_sidecar_container_resources=lambda: None,
        get_xcom_sidecar_container_security_context=lambda: None,
    )
    replaced: dict[str, Any] = {
        "hook": property(lambda operator: hook),
        "client": property(lambda operator: MagicMock()),
        "pod_manager": property(lambda operator: Manager()),
        "get_or_create_pod": lambda operator, pod_request_obj, context: made.create(operator, pod_request_obj, context),
        "find_pod": lambda operator, namespace, context, **_: copy.deepcopy(operator.pod_request_obj),
        "await_pod_start": lambda operator, pod: None,
        "await_init_containers_completion": lambda operator, pod: None,
        "await_pod_completion": run,
    }
    for name, value in replaced.items():
        monkeypatch.setattr(KubernetesPodOperator, name, value)
    monkeypatch.setattr("kubernetes.stream.stream", made.execute)
    return made
