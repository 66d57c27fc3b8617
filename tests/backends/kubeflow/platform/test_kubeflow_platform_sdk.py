"""What tasks ask of the cluster is written as the SDK writes it for the same request."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from pipec.backends.kubeflow.linting import lint

from tests.backends.kubeflow.platform.written import text_of
from tests.support.kubeflow import Kubeflow

pytestmark = pytest.mark.engine

SDK = """
from kfp import dsl, kubernetes

@dsl.container_component
def work():
    return dsl.ContainerSpec(image="alpine:3.20", command=["true"])

@dsl.pipeline(name="p"{of_pipeline})
def pipeline():
    task = work().set_caching_options(False)
    {call}
"""

ZONE = '{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a", "b"]}]}'
AFFINITY = (
    f'{{"requiredDuringSchedulingIgnoredDuringExecution": {{"nodeSelectorTerms": [{ZONE}]}}, '
    f'"preferredDuringSchedulingIgnoredDuringExecution": [{{"weight": 5, "preference": {ZONE}}}]}}'
)

TASKS = {
    "cpu": ("resources = { cpu: 0.5, limits: { cpu: 2 } }", 'task.set_cpu_request("500m").set_cpu_limit("2")'),
    "memory": (
        "resources = { memory: 512Mi, limits: { memory: 3Gi } }",
        'task.set_memory_request("512Mi").set_memory_limit("3Gi")',
    ),
    "bytes": (
        "resources = { memory: 3MB }",
        'task.set_memory_request("3000000").set_memory_limit("3000000")',
    ),
    "gpu": (
        "resources = { gpu: 2 }",
        'task.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit("2")',
    ),
    "gpu type": (
        'resources = { gpu: 1, gpu_type: "NVIDIA-L4" }',
        'task.set_accelerator_type("nvidia.com/gpu").set_accelerator_limit("1")\n'
        '    kubernetes.add_node_selector(task, "nvidia.com/gpu.product", "NVIDIA-L4")',
    ),
    "env": (
        'env = { A: "b", C: "1e3" }',
        'task.set_env_variable("A", "b").set_env_variable("C", "1e3")',
    ),
    "node selector": (
        'resources = { node_selector: { a: "b", "c/d": "e" } }',
        'kubernetes.add_node_selector(kubernetes.add_node_selector(task, "a", "b"), "c/d", "e")',
    ),
    "tolerations": (
        'resources = { tolerations: ["a=b:NoSchedule", "c:NoExecute"] }',
        'kubernetes.add_toleration(task, "a", "Equal", "b", "NoSchedule")\n'
        '    kubernetes.add_toleration(task, "c", "Exists", effect="NoExecute")',
    ),
    "affinity": (
        f"resources = {{ affinity: {{ nodeAffinity: {AFFINITY} }} }}",
        f"kubernetes.add_node_affinity_json(task, {AFFINITY})",
    ),
    "secret env": (
        'secrets = { A: secret("s/k"), B: secret("s/l"), C: secret("t") }',
        'kubernetes.use_secret_as_env(task, "s", {"k": "A", "l": "B"})\n'
        '    kubernetes.use_secret_as_env(task, "t", {"value": "C"})',
    ),
    "secret files": (
        'secrets = { "/run/s/k": secret("s/k") }',
        'kubernetes.use_secret_as_volume(task, "s", "/run/s")',
    ),
    "claim": (
        'volumes = [{ mount_path: "/a", claim: "c" }, { mount_path: "/b", claim: "d", sub_path: "e/f" }]',
        'kubernetes.mount_pvc(task, "c", "/a")\n    kubernetes.mount_pvc(task, "d", "/b", "e/f")',
    ),
    "secret volume": (
        'volumes = [{ mount_path: "/a", secret: "s" }]',
        'kubernetes.use_secret_as_volume(task, "s", "/a")',
    ),
    "config map": (
        'volumes = [{ mount_path: "/a", config_map: "s" }]',
        'kubernetes.use_config_map_as_volume(task, "s", "/a")',
    ),
    "empty dir": (
        'volumes = [{ mount_path: "/a", name: "a", empty_dir: true }, { mount_path: "/b", name: "b", '
        'empty_dir: "Memory" }, { mount_path: "/c", name: "c", empty_dir: 5Gi }]',
        'kubernetes.empty_dir_mount(task, "a", "/a")\n    kubernetes.empty_dir_mount(task, "b", "/b", "Memory")\n'
        '    kubernetes.empty_dir_mount(task, "c", "/c", size_limit="5Gi")',
    ),
    "timeout": ("timeout = 90m", "kubernetes.set_timeout(task, 5400)"),
    "labels": (
        'target kubeflow { pod_labels = { a: "b" }  pod_annotations = { c: "d" } }',
        'kubernetes.add_pod_annotation(kubernetes.add_pod_label(task, "a", "b"), "c", "d")',
    ),
    "pull": (
        'target kubeflow { image_pull_policy = "Always"  image_pull_secrets = ["r"] }',
        'kubernetes.set_image_pull_secrets(kubernetes.set_image_pull_policy(task, "Always"), ["r"])',
    ),
    "security": (
        "target kubeflow { run_as_user = 1000  run_as_group = 0  run_as_non_root = true }",
        "kubernetes.set_security_context(task, 1000, 0, True)",
    ),
    "ephemeral volumes": (
        'target kubeflow { ephemeral_volumes = { "/a": 5Gi }  ephemeral_storage_class = "fast" }',
        'kubernetes.add_ephemeral_volume(task, "ephemeral-1", "/a", ["ReadWriteOnce"], "5Gi", "fast")',
    ),
    "ephemeral volumes of the default class": (
        'target kubeflow { ephemeral_volumes = { "/a": 5Gi } }',
        'kubernetes.add_ephemeral_volume(task, "ephemeral-1", "/a", ["ReadWriteOnce"], "5Gi")',
    ),
    "config map env": (
        'target kubeflow { config_map_env = { A: "s/k" } }',
        'kubernetes.use_config_map_as_env(task, "s", {"k": "A"})',
    ),
    "field path": (
        'target kubeflow { field_path_env = { A: "metadata.name" } }',
        'kubernetes.use_field_path_as_env(task, "A", "metadata.name")',
    ),
    "display name": ('target kubeflow { display_name = "A b" }', 'task.set_display_name("A b")'),
    "cache key": (
        'cache = true  target kubeflow { cache_key = "k" }',
        'task.set_caching_options(True, "k")',
    ),
}


@pytest.mark.parametrize("asked", TASKS)
def test_of_a_task(asked: str, kubeflow: Kubeflow) -> None:
    options, call = TASKS[asked]
    _alike(kubeflow, text_of(options), SDK.format(of_pipeline="", call=call))


RUNS = {
    "ttl": (
        "ttl_seconds_after_finished = 1d  ttl_seconds_after_success = 60  ttl_seconds_after_failure = 2h",
        "ttl_seconds_after_finished=86400, ttl_seconds_after_success=60, ttl_seconds_after_failure=7200",
    ),
    "deadline": ("active_deadline_seconds = 4h", "active_deadline_seconds=14400"),
    "workspace": ("workspace = 10Gi", 'workspace=dsl.WorkspaceConfig(size="10Gi")'),
    "workspace of a class": (
        'workspace = 10Gi  workspace_storage_class = "fast"  workspace_access_modes = ["ReadWriteMany"]',
        'workspace=dsl.WorkspaceConfig(size="10Gi", kubernetes=dsl.KubernetesWorkspaceConfig('
        'pvcSpecPatch={"storageClassName": "fast", "accessModes": ["ReadWriteMany"]}))',
    ),
}


@pytest.mark.parametrize("asked", RUNS)
def test_of_a_pipeline(asked: str, kubeflow: Kubeflow) -> None:
    options, config = RUNS[asked]
    source = SDK.format(of_pipeline=f", pipeline_config=dsl.PipelineConfig({config})", call="")
    _alike(kubeflow, text_of("", of_pipeline=f"target kubeflow {{ {options} }}"), source)


def test_of_names(kubeflow: Kubeflow) -> None:
    source = SDK.format(of_pipeline=', display_name="All of it"', call="")
    _alike(kubeflow, text_of("", of_pipeline='target kubeflow { display_name = "All of it" }'), source)


def _alike(kubeflow: Kubeflow, compiled: str, source: str) -> None:
    assert kubeflow.validate(compiled) == []
    found = list(yaml.safe_load_all(compiled))
    assert lint(found[0], found[1] if len(found) > 1 else {}) == ()
    expected: Any = kubeflow.canonical(kubeflow.compile_sdk(source))
    assert kubeflow.canonical(compiled) == expected
