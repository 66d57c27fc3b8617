"""Options of tasks, and what is written for them; see `test_kubeflow_platform_sdk` for what the SDK writes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.backends.kubeflow.platform.written import HAS_IMAGE, container, documents, text_of, told

SPOT = [
    {
        "weight": 100,
        "preference": {"matchExpressions": [{"key": key, "operator": "In", "values": [value]}]},
    }
    for key, value in (
        ("cloud.google.com/gke-spot", "true"),
        ("eks.amazonaws.com/capacityType", "SPOT"),
        ("karpenter.sh/capacity-type", "spot"),
        ("kubernetes.azure.com/scalesetpriority", "spot"),
    )
]
ZONE = '{ matchExpressions: [{ key: "zone", operator: "In", values: ["a"] }] }'
ZONES: Any = {"matchExpressions": [{"key": "zone", "operator": "In", "values": ["a"]}]}


def affinity(rules: Any) -> Any:
    return {"nodeAffinity": [{"nodeAffinityJson": {"runtimeValue": {"constant": rules}}}]}


def named(field: str, name: str) -> dict[str, Any]:
    return {field: name, f"{field}Parameter": {"runtimeValue": {"constant": name}}}


RESOURCES: dict[str, dict[str, Any]] = {
    "cpu: 2": {"resourceCpuRequest": "2", "cpuRequest": 2.0, "resourceCpuLimit": "2", "cpuLimit": 2.0},
    "cpu: 0.25, limits: { cpu: 1 }": {
        "resourceCpuRequest": "250m",
        "cpuRequest": 0.25,
        "resourceCpuLimit": "1",
        "cpuLimit": 1.0,
    },
    "memory: 64Mi": {
        "resourceMemoryRequest": "64Mi",
        "memoryRequest": 0.067108864,
        "resourceMemoryLimit": "64Mi",
        "memoryLimit": 0.067108864,
    },
    "limits: { memory: 2GB }": {"resourceMemoryLimit": "1953125Ki", "memoryLimit": 2.0},
    "gpu: 2": {
        "accelerator": {
            "count": "2",
            "type": "nvidia.com/gpu",
            "resourceCount": "2",
            "resourceType": "nvidia.com/gpu",
        }
    },
    'gpu: 1, gpu_type: "amd.com/gpu"': {
        "accelerator": {"count": "1", "type": "amd.com/gpu", "resourceCount": "1", "resourceType": "amd.com/gpu"}
    },
    "gpu: 0": {},
}


@pytest.mark.parametrize("asked", RESOURCES)
def test_resources(asked: str) -> None:
    assert container(f"resources = {{ {asked} }}").get("resources", {}) == RESOURCES[asked]


VARIABLES = {
    'A: "b"': "b",
    'A: "08"': "08",
    'A: "it\'s $HOME $(date)"': "it's $HOME $(date)",
    'A: "$$"': "$$$$",
    'B: "1", A: "$(B)"': "$$(B)",
    'A: "$(S)", S: secret("s")': "$$(S)",
}


def test_variables_of_the_target_block_are_not_filled_in_either() -> None:
    block = 'target kubeflow { field_path_env = { POD: "metadata.name" }  config_map_env = { LEVEL: "s/l" } }'
    made = container(f'env = {{ A: "$(POD) $(LEVEL) $(OTHER)" }}  {block}')
    assert made["env"] == [{"name": "A", "value": "$$(POD) $$(LEVEL) $(OTHER)"}]


@pytest.mark.parametrize("variables", VARIABLES)
def test_variables(variables: str) -> None:
    env = {one["name"]: one["value"] for one in container(f"env = {{ {variables} }}")["env"]}
    assert env["A"] == VARIABLES[variables]


TOLD: dict[str, dict[str, Any]] = {
    "timeout = 90s": {"activeDeadlineSeconds": "90"},
    "timeout = 1500ms": {"activeDeadlineSeconds": "2"},
    # --- where the pod runs
    'resources = { node_selector: { pool: "a" } }': {"nodeSelector": {"labels": {"pool": "a"}}},
    'resources = { gpu: 1, gpu_type: "NVIDIA-A100" }': {
        "nodeSelector": {"labels": {"nvidia.com/gpu.product": "NVIDIA-A100"}}
    },
    'resources = { gpu: 1, gpu_type: "gpu=a100" }': {"nodeSelector": {"labels": {"gpu": "a100"}}},
    'resources = { tolerations: ["a", "b:NoExecute", "c=d", "e=f:NoSchedule"] }': {
        "tolerations": [
            {"key": "a", "operator": "Exists"},
            {"key": "b", "operator": "Exists", "effect": "NoExecute"},
            {"key": "c", "operator": "Equal", "value": "d"},
            {"key": "e", "operator": "Equal", "value": "f", "effect": "NoSchedule"},
        ]
    },
    "resources = { spot: true }": {
        "tolerations": [
            {"key": key, "operator": "Equal", "value": value, "effect": "NoSchedule"}
            for key, value in (("cloud.google.com/gke-spot", "true"), ("kubernetes.azure.com/scalesetpriority", "spot"))
        ],
        **affinity({"preferredDuringSchedulingIgnoredDuringExecution": SPOT}),
    },
    f"resources = {{ affinity: {{ nodeAffinity: {{ requiredDuringSchedulingIgnoredDuringExecution: "
    f"{{ nodeSelectorTerms: [{ZONE}] }} }} }} }}": affinity(
        {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": [ZONES]}}
    ),
    # --- what it sees
    'secrets = { PASSWORD: secret("db/password"), USER: secret("db/user"), TOKEN: secret("api") }': {
        "secretAsEnv": [
            {
                **named("secretName", "db"),
                "optional": False,
                "keyToEnv": [
                    {"secretKey": "password", "envVar": "PASSWORD"},
                    {"secretKey": "user", "envVar": "USER"},
                ],
            },
            {**named("secretName", "api"), "optional": False, "keyToEnv": [{"secretKey": "value", "envVar": "TOKEN"}]},
        ]
    },
    'secrets = { "/run/db/user": secret("db/user"), "/run/db/password": secret("db/password") }': {
        "secretAsVolume": [{**named("secretName", "db"), "mountPath": "/run/db", "optional": False}]
    },
    'volumes = [{ mount_path: "/data", claim: "lots", sub_path: "in" }]': {
        "pvcMount": [
            {
                "mountPath": "/data",
                "constant": "lots",
                "subPath": "in",
                "pvcNameParameter": {"runtimeValue": {"constant": "lots"}},
            }
        ]
    },
    'volumes = [{ mount_path: "/keys", secret: "keys", read_only: true }]': {
        "secretAsVolume": [{**named("secretName", "keys"), "mountPath": "/keys", "optional": False}]
    },
    'volumes = [{ mount_path: "/etc/it", config_map: "it" }]': {
        "configMapAsVolume": [{**named("configMapName", "it"), "mountPath": "/etc/it", "optional": False}]
    },
    'volumes = [{ mount_path: "/a", empty_dir: true }, { mount_path: "/b", empty_dir: "Memory", name: "fast" }, '
    '{ mount_path: "/c", empty_dir: 1Gi }]': {
        "emptyDirMounts": [
            {"volumeName": "volume-1", "mountPath": "/a"},
            {"volumeName": "fast", "mountPath": "/b", "medium": "Memory"},
            {"volumeName": "volume-3", "mountPath": "/c", "sizeLimit": "1Gi"},
        ]
    },
    # --- the target block
    'target kubeflow { pod_labels = { a: "b" }  pod_annotations = { "c/d": "e" } }': {
        "podMetadata": {"labels": {"a": "b"}, "annotations": {"c/d": "e"}}
    },
    'target kubeflow { image_pull_policy = "Always"  image_pull_secrets = ["one", "two"] }': {
        "imagePullPolicy": "Always",
        "imagePullSecret": [named("secretName", "one"), named("secretName", "two")],
    },
    "target kubeflow { run_as_user = 0  run_as_group = 1000  run_as_non_root = false }": {
        "securityContext": {"runAsUser": "0", "runAsGroup": "1000", "runAsNonRoot": False}
    },
    'target kubeflow { ephemeral_volumes = { "/scratch": 100Gi } }': {
        "genericEphemeralVolume": [
            {
                "volumeName": "ephemeral-1",
                "mountPath": "/scratch",
                "size": "100Gi",
                "accessModes": ["ReadWriteOnce"],
                "defaultStorageClass": True,
            }
        ]
    },
    'target kubeflow { config_map_env = { LEVEL: "settings/level", MODE: "settings" } }': {
        "configMapAsEnv": [
            {
                **named("configMapName", "settings"),
                "optional": False,
                "keyToEnv": [
                    {"configMapKey": "level", "envVar": "LEVEL"},
                    {"configMapKey": "MODE", "envVar": "MODE"},
                ],
            }
        ]
    },
    'target kubeflow { field_path_env = { POD: "metadata.name" } }': {
        "fieldPathAsEnv": [{"name": "POD", "fieldPath": "metadata.name"}]
    },
    "priority = 3": {},
}


@pytest.mark.parametrize("options", TOLD)
def test_what_kubernetes_is_told(options: str) -> None:
    assert told(options) == TOLD[options]


def test_own_preferences_come_before_those_of_spot() -> None:
    rule = f"preferredDuringSchedulingIgnoredDuringExecution: [{{ weight: 7, preference: {ZONE} }}]"
    found = told(f"resources = {{ spot: true, affinity: {{ nodeAffinity: {{ {rule} }} }} }}")
    rules = found["nodeAffinity"][0]["nodeAffinityJson"]["runtimeValue"]["constant"]
    assert rules == {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 7, "preference": ZONES}, *SPOT]}


def test_options_of_the_pipeline_are_those_of_all_pods() -> None:
    """Also of helpers; maps are merged, all else is replaced."""
    of_pipeline = """
      target kubeflow {
        pod_labels = { team: "ml", stage: "test" }
        image_pull_secrets = ["all"]
        run_as_user = 7
      }
      gate good { require run.id != "" }
    """
    options = 'target kubeflow { pod_labels = { stage: "live" }  run_as_user = 8 }'
    _, kubernetes = documents(text_of(options, of_pipeline=of_pipeline))
    executors = kubernetes["deploymentSpec"]["executors"]
    secrets = [{"secretName": "all", "secretNameParameter": {"runtimeValue": {"constant": "all"}}}]
    assert executors["exec-work"] == {
        "podMetadata": {"labels": {"team": "ml", "stage": "live"}},
        "imagePullSecret": secrets,
        "securityContext": {"runAsUser": "8"},
    }
    assert executors["exec-good"] == {
        "podMetadata": {"labels": {"team": "ml", "stage": "test"}},
        "imagePullSecret": secrets,
        "securityContext": {"runAsUser": "7"},
    }


RUNS: dict[str, dict[str, Any]] = {
    "ttl_seconds_after_finished = 7d": {"resourceTtlOnCompletion": 604800},
    "ttl_seconds_after_success = 60": {"resourceTtlOnSuccess": 60},
    "ttl_seconds_after_failure = 1500ms": {"resourceTtlOnFailure": 2},
    "active_deadline_seconds = 4h": {"activeDeadlineSeconds": 14400},
    "workspace = 10Gi": {"workspace": {"size": "10Gi", "kubernetes": {"pvcSpecPatch": {}}}},
    'workspace = 10Gi workspace_storage_class = "fast" workspace_access_modes = ["ReadWriteMany"]': {
        "workspace": {
            "size": "10Gi",
            "kubernetes": {"pvcSpecPatch": {"storageClassName": "fast", "accessModes": ["ReadWriteMany"]}},
        }
    },
    'display_name = "Nightly"': {},
}


@pytest.mark.parametrize("options", RUNS)
def test_what_is_said_of_runs(options: str) -> None:
    _, kubernetes = documents(text_of("", of_pipeline=f"target kubeflow {{ {options} }}"))
    assert kubernetes.get("pipelineConfig", {}) == RUNS[options]


def test_names_for_people() -> None:
    pipeline, _ = documents(
        text_of('target kubeflow { display_name = "Train!" }', of_pipeline='target kubeflow { display_name = "All" }')
    )
    assert pipeline["pipelineInfo"] == {"name": "p", "displayName": "All"}
    assert pipeline["root"]["dag"]["tasks"]["work"]["taskInfo"] == {"name": "Train!"}


def test_the_workspace_is_mounted_where_an_input_names_it() -> None:
    options = "target kubeflow { workspace = true }"
    pipeline, _ = documents(text_of(options, of_pipeline="target kubeflow { workspace = 1Gi }"))
    inputs = pipeline["root"]["dag"]["tasks"]["work"]["inputs"]["parameters"]
    assert inputs == {"kfp-workspace": {"runtimeValue": {"constant": "{{$.workspace_path}}"}}}


TASKS: dict[str, dict[str, Any]] = {
    "": {"cachingOptions": {}},
    "cache = true": {"cachingOptions": {"enableCache": True}},
    'cache = true  target kubeflow { cache_key = "k" }': {"cachingOptions": {"enableCache": True, "cacheKey": "k"}},
    "retries = 2": {
        "cachingOptions": {},
        "retryPolicy": {
            "maxRetryCount": 2,
            "backoffDuration": "0s",
            "backoffFactor": 1.0,
            "backoffMaxDuration": "31536000s",
        },
    },
    "retry = { max: 3, delay: 2m, backoff: 2, max_delay: 8m }": {
        "cachingOptions": {},
        "retryPolicy": {
            "maxRetryCount": 3,
            "backoffDuration": "120s",
            "backoffFactor": 2.0,
            "backoffMaxDuration": "31536000s",
        },
    },
}


@pytest.mark.parametrize("options", TASKS)
def test_what_is_said_of_the_task(options: str) -> None:
    pipeline, _ = documents(text_of(options))
    task = pipeline["root"]["dag"]["tasks"]["work"]
    assert {name: task[name] for name in ("cachingOptions", "retryPolicy") if name in task} == TASKS[options]


@pytest.mark.parametrize(
    "retry",
    [
        "{ max: 2, delay: 500ms }",
        "{ max: 3, delay: 1s, backoff: 1.5 }",
        "{ max: 4, delay: 60s, backoff: 2, max_delay: 90s }",
    ],
)
def test_waits_that_the_cluster_does_not_know_are_kept_inside_the_container(retry: str) -> None:
    pipeline, kubernetes = documents(text_of(f"retry = {retry}  timeout = 60s", "shell('true')", HAS_IMAGE))
    assert "retryPolicy" not in pipeline["root"]["dag"]["tasks"]["work"]
    assert kubernetes == {}, "the time limit is that of an attempt, and not of the pod"
