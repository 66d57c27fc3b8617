"""Pods as Kubernetes is asked for them, held against the models of its client."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.backends.airflow.compiling import compile_text
from tests.backends.airflow.pods.cluster import Cluster
from tests.support.airflow import AirflowHome

pytestmark = pytest.mark.engine


def check_fields(data: Any, type_name: str, place: str) -> None:
    """That every field of an object in JSON form is one of its model, whose constructor checks the values."""
    from kubernetes import client

    if match := re.fullmatch(r"list\[(.*)\]", type_name):
        assert isinstance(data, list), place
        for number, item in enumerate(data):
            check_fields(item, match[1], f"{place}[{number}]")
    elif match := re.fullmatch(r"dict\[str, (.*)\]", type_name):
        assert all(isinstance(key, str) for key in data), place
        for key, item in data.items():
            check_fields(item, match[1], f"{place}.{key}")
    elif hasattr(client, type_name):
        model = getattr(client, type_name)
        names = {key: name for name, key in model.attribute_map.items()}
        assert set(data) <= names.keys(), f"{place}: {set(data) - names.keys()}"
        for key, item in data.items():
            check_fields(item, model.openapi_types[names[key]], f"{place}.{key}")
    else:
        assert isinstance(data, {"str": str, "int": int, "bool": bool, "object": object}[type_name]), (place, data)


def lines(value: Any, place: str = "") -> Iterator[str]:
    """A value in JSON form as one line a leaf; empty lists and maps have none."""
    match value:
        case dict():
            for key, item in value.items():
                yield from lines(item, f"{place}.{key}" if place else key)
        case list():
            for number, item in enumerate(value):
                yield from lines(item, f"{place}[{number}]")
        case _:
            yield f"{place} = {value}"


def spec_of(pod: Any) -> dict[str, Any]:
    """The specification of a pod in JSON form, after its fields were checked."""
    from kubernetes.client import ApiClient

    data = ApiClient().sanitize_for_serialization(pod)
    check_fields(data, "V1Pod", "pod")
    spec: dict[str, Any] = data["spec"]
    return spec


def shown(spec: dict[str, Any]) -> set[str]:
    """The lines of a specification without what Airflow says of every pod."""
    always = {"restartPolicy = Never", "containers[0].name = base", "containers[0].terminationMessagePolicy = File"}
    return {
        re.sub(r"^containers\[0\]\.", "", line)
        for line in lines(spec)
        if line not in always and not line.startswith(("containers[1]", "hostNetwork"))
    }


SPECS = {
    "an image as it is": (
        """image("alpine:3")""",
        "image = alpine:3",
    ),
    "command, arguments, environment": (
        """image("t:1", command = ["mpirun", "-x"], args = ["--n=${1 + 1}", 8, 0.5, true, 2h]) { env = { A: "1" } }""",
        """
        image = t:1
        command[0] = mpirun
        command[1] = -x
        args[0] = --n=2
        args[1] = 8
        args[2] = 0.5
        args[3] = true
        args[4] = 7200
        env[0].name = A
        env[0].value = 1
        """,
    ),
    "a shell text": (
        """shell('echo $(date) $HOME $$') { image = "bash:5"  working_dir = "/work" }""",
        """
        image = bash:5
        command[0] = bash
        command[1] = -c
        args[0] = echo $$(date) $HOME $$$
        workingDir = /work
        """,
    ),
    "a command": (
        """command(["scan", "--all"]) { image = "scan:2" }""",
        """
        image = scan:2
        command[0] = scan
        args[0] = --all
        """,
    ),
    "resources": (
        """image("t:1") { resources = { cpu: 0.5, memory: 32Gi, gpu: 2 } }""",
        """
        image = t:1
        resources.requests.cpu = 500m
        resources.requests.memory = 32Gi
        resources.requests.nvidia.com/gpu = 2
        resources.limits.cpu = 500m
        resources.limits.memory = 32Gi
        resources.limits.nvidia.com/gpu = 2
        """,
    ),
    "limits": (
        """image("t:1") { resources = { cpu: 8, memory: 1.5GB, limits: { cpu: 16, memory: 2000Mi, gpu: 1 } } }""",
        """
        image = t:1
        resources.requests.cpu = 8
        resources.requests.memory = 1500000000
        resources.requests.nvidia.com/gpu = 1
        resources.limits.cpu = 16
        resources.limits.memory = 2000Mi
        resources.limits.nvidia.com/gpu = 1
        """,
    ),
    "no gpu": (
        """image("t:1") { resources = { gpu: 0 } }""",
        "image = t:1",
    ),
    "a product of gpus": (
        """image("t:1") { resources = { gpu: 1, gpu_type: "NVIDIA-A100-SXM4-80GB" } }""",
        """
        image = t:1
        resources.requests.nvidia.com/gpu = 1
        resources.limits.nvidia.com/gpu = 1
        nodeSelector.nvidia.com/gpu.product = NVIDIA-A100-SXM4-80GB
        """,
    ),
    "a label for gpus": (
        """image("t:1") { resources = { gpu: 1, gpu_type: "cloud.google.com/gke-accelerator=nvidia-tesla-t4" } }""",
        """
        image = t:1
        resources.requests.nvidia.com/gpu = 1
        resources.limits.nvidia.com/gpu = 1
        nodeSelector.cloud.google.com/gke-accelerator = nvidia-tesla-t4
        """,
    ),
    "gpus of another maker": (
        """image("t:1") { resources = { gpu: 1, gpu_type: "amd.com/gpu" } }""",
        """
        image = t:1
        resources.requests.amd.com/gpu = 1
        resources.limits.amd.com/gpu = 1
        """,
    ),
    "where it may run": (
        """image("t:1") { resources = {
             node_selector: { "node-lifecycle": "spot", "example.com/zone": "" },
             tolerations: ["node-lifecycle=spot:NoSchedule", "gpu:NoExecute", "dedicated=ml", "any"],
             affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [
               { matchExpressions: [{ key: "node-type", operator: "In", values: ["gpu-a100"] }] } ] } } } } }""",
        """
        image = t:1
        nodeSelector.node-lifecycle = spot
        nodeSelector.example.com/zone =
        tolerations[0].key = node-lifecycle
        tolerations[0].operator = Equal
        tolerations[0].value = spot
        tolerations[0].effect = NoSchedule
        tolerations[1].key = gpu
        tolerations[1].operator = Exists
        tolerations[1].effect = NoExecute
        tolerations[2].key = dedicated
        tolerations[2].operator = Equal
        tolerations[2].value = ml
        tolerations[3].key = any
        tolerations[3].operator = Exists
        affinity.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].key = node-type
        affinity.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].operator = In
        affinity.nodeAffinity.required.nodeSelectorTerms[0].matchExpressions[0].values[0] = gpu-a100
        """,
    ),
    "volumes": (
        """image("t:1") { volumes = [
             { name: "data", claim: "datasets", mount_path: "/mnt/data", sub_path: "a{{b}}", read_only: true },
             { name: "data", claim: "datasets", mount_path: "/mnt/more" },
             { secret: "keys", mount_path: "/keys" },
             { config_map: "settings", mount_path: "/settings" },
             { host_path: "/var/cache", mount_path: "/cache" },
             { empty_dir: "Memory", mount_path: "/dev/shm" },
             { empty_dir: 2Gi, mount_path: "/scratch" },
             { empty_dir: true, mount_path: "/tmp" } ] }""",
        """
        image = t:1
        volumes[0].name = data
        volumes[0].persistentVolumeClaim.claimName = datasets
        volumes[1].name = volume-3
        volumes[1].secret.secretName = keys
        volumes[2].name = volume-4
        volumes[2].configMap.name = settings
        volumes[3].name = volume-5
        volumes[3].hostPath.path = /var/cache
        volumes[4].name = volume-6
        volumes[4].emptyDir.medium = Memory
        volumes[5].name = volume-7
        volumes[5].emptyDir.sizeLimit = 2Gi
        volumes[6].name = volume-8
        volumeMounts[0].name = data
        volumeMounts[0].mountPath = /mnt/data
        volumeMounts[0].subPath = a{{b}}
        volumeMounts[0].readOnly = True
        volumeMounts[1].name = data
        volumeMounts[1].mountPath = /mnt/more
        volumeMounts[2].name = volume-3
        volumeMounts[2].mountPath = /keys
        volumeMounts[3].name = volume-4
        volumeMounts[3].mountPath = /settings
        volumeMounts[4].name = volume-5
        volumeMounts[4].mountPath = /cache
        volumeMounts[5].name = volume-6
        volumeMounts[5].mountPath = /dev/shm
        volumeMounts[6].name = volume-7
        volumeMounts[6].mountPath = /scratch
        volumeMounts[7].name = volume-8
        volumeMounts[7].mountPath = /tmp
        """,
    ),
    "secrets": (
        """image("t:1") {
             env = { TOKEN: secret("registry-token"), PLAIN: "x" }
             secrets = { KEY: secret("keys/api.key"), "/etc/keys/tls.pem": secret("keys/tls") } }""",
        """
        image = t:1
        env[0].name = PLAIN
        env[0].value = x
        env[1].name = TOKEN
        env[1].valueFrom.secretKeyRef.name = registry-token
        env[1].valueFrom.secretKeyRef.key = value
        env[2].name = KEY
        env[2].valueFrom.secretKeyRef.name = keys
        env[2].valueFrom.secretKeyRef.key = api.key
        volumes[0].name = secret-file-1
        volumes[0].secret.secretName = keys
        volumes[0].secret.items[0].key = tls
        volumes[0].secret.items[0].path = tls.pem
        volumeMounts[0].name = secret-file-1
        volumeMounts[0].mountPath = /etc/keys/tls.pem
        volumeMounts[0].subPath = tls.pem
        volumeMounts[0].readOnly = True
        """,
    ),
    "options of the target": (
        """image("t:1") { target airflow {
             service_account_name = "trainer"  image_pull_policy = "Always"  priority_class_name = "high"
             image_pull_secrets = "registry"  termination_grace_period = 30 } }""",
        """
        image = t:1
        imagePullPolicy = Always
        serviceAccountName = trainer
        priorityClassName = high
        imagePullSecrets[0].name = registry
        terminationGracePeriodSeconds = 30
        """,
    ),
}


@pytest.mark.parametrize("name", SPECS)
def test_a_pod_is_what_the_task_says(
    airflow: AirflowHome, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    task, expected = SPECS[name]
    monkeypatch.setattr(Cluster, "run", lambda cluster, pod: ended(pod))
    run = airflow.run(compile_text(f"pipeline p {{ task work = {task} }}"))
    assert run.states == {"work": "success"}, run.log
    (pod,) = cluster.pods["work"]
    spec = spec_of(pod)
    found = {line.replace("requiredDuringSchedulingIgnoredDuringExecution", "required") for line in shown(spec)}
    assert found == {
        line.strip() if not line.endswith(" =") else line.strip() + " " for line in expected.split("\n") if line.strip()
    }
    assert re.fullmatch(r"work-[a-z0-9]+", pod.metadata.name)


def ended(pod: Any) -> Any:
    """The pod after it succeeded."""
    from kubernetes.client import models as k8s

    pod.status = k8s.V1PodStatus(phase="Succeeded")
    return pod


def test_spot_tolerates_and_prefers_such_nodes(
    airflow: AirflowHome, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cluster, "run", lambda cluster, pod: ended(pod))
    text = compile_text("""
        pipeline p {
          task plain = image("t:1") { resources = { spot: true } }
          task own = image("t:1") { resources = { spot: true, tolerations: ["a=b:NoSchedule"], affinity: {
            podAntiAffinity: {},
            nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, preference: { matchExpressions: [{ key: "x", operator: "Exists" }] } } ] } } } }
        }""")
    airflow.run(text)
    specs = {name: spec_of(pods[0]) for name, pods in cluster.pods.items()}
    wanted = {name: _preferred(spec) for name, spec in specs.items()}
    spot = [
        ("cloud.google.com/gke-spot", 100),
        ("eks.amazonaws.com/capacityType", 100),
        ("karpenter.sh/capacity-type", 100),
        ("kubernetes.azure.com/scalesetpriority", 100),
    ]
    assert wanted == {"plain": spot, "own": [("x", 1), *spot]}
    tolerated = ["cloud.google.com/gke-spot", "kubernetes.azure.com/scalesetpriority"]
    assert [one["key"] for one in specs["plain"]["tolerations"]] == tolerated
    assert [one["key"] for one in specs["own"]["tolerations"]] == ["a", *tolerated]


def _preferred(spec: dict[str, Any]) -> list[tuple[str, int]]:
    rules = spec["affinity"]["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"]
    return [(rule["preference"]["matchExpressions"][0]["key"], rule["weight"]) for rule in rules]


def test_the_executor_is_told_of_resources(airflow: AirflowHome) -> None:
    text = compile_text("""
        pipeline p {
          target airflow { executor = "KubernetesExecutor" }
          task train = python("steps:train") {
            resources = { cpu: 4, memory: 8Gi, gpu: 1, tolerations: ["gpu:NoSchedule"], node_selector: { zone: "a" } }
            volumes = { claim: "data", mount_path: "/data" }
          }
          task small = shell('true')
          task idle = shell('true') { resources = { gpu: 0 } }
        }""")
    (dag,) = airflow.load(text).values()
    assert dag.get_task("small").executor_config == {}
    assert dag.get_task("idle").executor_config == {}
    pod = dag.get_task("train").executor_config["pod_override"]
    assert sorted(lines(spec_of(pod))) == [
        "containers[0].name = base",
        "containers[0].resources.limits.cpu = 4",
        "containers[0].resources.limits.memory = 8Gi",
        "containers[0].resources.limits.nvidia.com/gpu = 1",
        "containers[0].resources.requests.cpu = 4",
        "containers[0].resources.requests.memory = 8Gi",
        "containers[0].resources.requests.nvidia.com/gpu = 1",
        "containers[0].volumeMounts[0].mountPath = /data",
        "containers[0].volumeMounts[0].name = volume-1",
        "nodeSelector.zone = a",
        "tolerations[0].effect = NoSchedule",
        "tolerations[0].key = gpu",
        "tolerations[0].operator = Exists",
        "volumes[0].name = volume-1",
        "volumes[0].persistentVolumeClaim.claimName = data",
    ]
