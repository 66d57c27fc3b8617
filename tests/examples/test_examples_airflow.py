"""The examples on a real Airflow: all are loaded, and those that need a cluster run without their containers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.conformance.both import dag_file, run_both
from tests.examples.standing_in import without_containers
from tests.examples.test_examples_plan import CACHED, EXAMPLES, NAMES, SEVERAL, example, pipelines_of
from tests.support.airflow import AirflowHome

PIPELINES = [(name, pipeline) for name in NAMES if name not in CACHED for pipeline in SEVERAL.get(name, (name,))]


@pytest.mark.engine
@pytest.mark.parametrize(("name", "pipeline"), PIPELINES)
def test_loads(name: str, pipeline: str, airflow: AirflowHome) -> None:
    assert list(airflow.load(dag_file(example(name), pipeline), EXAMPLES / name)) == [pipeline]


FRAUD = {"day": "2026-01-31"}

RUNS: list[tuple[str, dict[str, Any], str]] = [
    ("adaptive_training", {}, "success"),
    ("adaptive_training", {"error_ratio": 3.0}, "success"),
    ("spot_training", {"data_gb": 3.0}, "success"),
    ("spot_training", {"data_gb": 42.0}, "success"),
    ("spot_training", {"data_gb": 250.0}, "success"),
    ("medical_imaging", {}, "success"),
    ("medical_imaging", {"blur": 1.6}, "failed"),
    ("fraud_detection_training", FRAUD, "success"),
    ("fraud_detection_training", {**FRAUD, "disguise": 1.5}, "success"),
    ("fraud_detection_training", {**FRAUD, "payments": 0}, "failed"),
]


@pytest.mark.engine
@pytest.mark.parametrize(("name", "parameters", "verdict"), RUNS, ids=str)
def test_does_the_same_without_its_containers(
    name: str, parameters: dict[str, Any], verdict: str, airflow: AirflowHome, tmp_path: Path
) -> None:
    given = {"workdir": str(tmp_path / "data"), **parameters}
    loaded = without_containers(name)
    local, _ = run_both(loaded, name, EXAMPLES / name, airflow, tmp_path / "store", given)
    assert local.state == verdict


@pytest.mark.engine
@pytest.mark.parametrize(("min_accuracy", "verdict"), [(0.8, "success"), (0.99, "failed")])
def test_templates_do_the_same(min_accuracy: float, verdict: str, airflow: AirflowHome, tmp_path: Path) -> None:
    """The training publishes what the evaluation, which is a pipeline in a pipeline, then judges."""
    folder, loaded = EXAMPLES / "templates", without_containers("templates")
    given = {"registry": str(tmp_path / "registry")}
    training = {**given, "workdir": str(tmp_path / "training")}
    trained, _ = run_both(loaded, "recommendation_training", folder, airflow, tmp_path / "store", training)
    assert trained.state == "success"
    evaluation = {**given, "workdir": str(tmp_path / "evaluation"), "min_accuracy": min_accuracy}
    evaluated, _ = run_both(loaded, "recommendation_evaluation", folder, airflow, tmp_path / "store", evaluation)
    assert evaluated.state == verdict


# --- pods ----------------------------------------------------------------------------------------


CLUSTER = """\
apiVersion: v1
kind: Config
clusters: [{name: none, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: none, context: {cluster: none, user: none}}]
users: [{name: none, user: {}}]
current-context: none
"""
"""A cluster for a client to be made for; nobody asks it anything."""


@pytest.fixture
def no_cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cluster.yaml").write_text(CLUSTER, "utf-8")
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "cluster.yaml"))
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "cluster.yaml"))


def pod_of(name: str, task: str, airflow: AirflowHome, pipeline: str | None = None) -> dict[str, Any]:
    """What Kubernetes is asked for, as its own client writes it."""
    from kubernetes.client import ApiClient

    [dag] = airflow.load(dag_file(example(name), pipeline or name), EXAMPLES / name).values()
    pod = dag.get_task(task).build_pod_request_obj()
    found: dict[str, Any] = ApiClient().sanitize_for_serialization(pod)
    return found


def container_of(pod: dict[str, Any]) -> dict[str, Any]:
    [container] = [one for one in pod["spec"]["containers"] if one["name"] == "base"]
    return dict(container)


@pytest.mark.engine
@pytest.mark.usefixtures("no_cluster")
@pytest.mark.parametrize(
    ("name", "pipeline", "task", "image", "requests", "limits"),
    [
        (
            "fraud_detection_training",
            None,
            "train",
            "fraud-training:3.1.0",
            {"cpu": "8", "memory": "32Gi", "nvidia.com/gpu": "1"},
            {"cpu": "16", "memory": "64Gi", "nvidia.com/gpu": "1"},
        ),
        (
            "distributed_training",
            None,
            "train",
            "defect-training:2.4.1",
            {"cpu": "32", "memory": "128Gi", "nvidia.com/gpu": "8"},
            {"cpu": "32", "memory": "128Gi", "nvidia.com/gpu": "8"},
        ),
        (
            "spot_training",
            None,
            "train_small",
            "spot-training:1.8.0",
            {"cpu": "4", "memory": "8Gi"},
            {"cpu": "4", "memory": "8Gi"},
        ),
        (
            "adaptive_training",
            None,
            "train_urgent",
            "forecast-training:2.2.0",
            {"cpu": "16", "memory": "64Gi", "nvidia.com/gpu": "4"},
            {"cpu": "16", "memory": "64Gi", "nvidia.com/gpu": "4"},
        ),
        (
            "templates",
            "fraud_training",
            "fit",
            "template-training:1.3.0",
            {"cpu": "2", "memory": "4Gi"},
            {"cpu": "2", "memory": "4Gi"},
        ),
    ],
)
def test_pods_ask_for_what_is_written(
    name: str,
    pipeline: str | None,
    task: str,
    image: str,
    requests: dict[str, str],
    limits: dict[str, str],
    airflow: AirflowHome,
) -> None:
    container = container_of(pod_of(name, task, airflow, pipeline))
    assert container["image"] == f"registry.example.com/{image}"
    assert container["resources"] == {"requests": requests, "limits": limits}


@pytest.mark.engine
@pytest.mark.usefixtures("no_cluster")
def test_the_secret_and_the_shared_folder_are_mounted(airflow: AirflowHome) -> None:
    pod = pod_of("fraud_detection_training", "train", airflow)
    sources = {volume.pop("name"): volume for volume in pod["spec"]["volumes"]}
    assert sources["warehouse-key"] == {"secret": {"secretName": "fraud-warehouse-key"}}
    assert sources["fraud"] == {"persistentVolumeClaim": {"claimName": "fraud-data"}}
    mounts = {mount["name"]: mount["mountPath"] for mount in container_of(pod)["volumeMounts"]}
    assert mounts["warehouse-key"] == "/var/secrets/warehouse"
    assert mounts["fraud"] == "/mnt/fraud"


@pytest.mark.engine
@pytest.mark.usefixtures("no_cluster")
def test_the_container_goes_to_a_machine_with_a100(airflow: AirflowHome) -> None:
    spec = pod_of("distributed_training", "train", airflow)["spec"]
    node = spec["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
    assert node["nodeSelectorTerms"] == [
        {"matchExpressions": [{"key": "node-type", "operator": "In", "values": ["gpu-a100"]}]}
    ]


@pytest.mark.engine
@pytest.mark.usefixtures("no_cluster")
def test_spot_machines_are_tolerated_and_selected(airflow: AirflowHome) -> None:
    spec = pod_of("spot_training", "train_large", airflow)["spec"]
    assert spec["nodeSelector"] == {"node-lifecycle": "spot"}
    taint = {"key": "node-lifecycle", "operator": "Equal", "value": "spot", "effect": "NoSchedule"}
    assert taint in spec["tolerations"]


def test_every_pipeline_is_looked_at() -> None:
    names = [name for name in NAMES if name not in CACHED]
    assert {(name, pipeline.name) for name in names for pipeline in pipelines_of(name)} == set(PIPELINES)
