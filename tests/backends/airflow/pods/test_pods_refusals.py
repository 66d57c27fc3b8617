"""What no pod can have is refused where it is written, and what a task without an image asks for is never dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipec.api import load
from pipec.compilation import check_target


def refusals(text: str, target: str = "airflow") -> list[tuple[str, str]]:
    """What is said of each refusal: the text it points at, and the label."""
    loaded = load(Path("test.pipe"), text=text)
    assert not loaded.diagnostics.found, [fault.message for fault in loaded.diagnostics.found]
    assert loaded.program is not None
    (key,) = loaded.program.own
    return [
        (fault.code, f"{fault.message} {fault.label} {fault.help}") for fault in check_target(loaded, key, target).found
    ]


FAULTS = [
    ('resources = { tolerations: ["a=b:NoSchedul"] }', "`a=b:NoSchedul` is no toleration"),
    ('resources = { tolerations: ["=b:NoSchedule"] }', "`=b:NoSchedule` is no toleration"),
    ('resources = { tolerations: ["a=b:NoSchedule:x"] }', "is no toleration"),
    ('resources = { node_selector: { "a b": "c" } }', "`a b: c` is no label of a node"),
    ('resources = { node_selector: { a: "{{ x }}" } }', "is no label of a node"),
    ("resources = { gpu: 1, limits: { gpu: 2 } }", "1 gpus are requested and the limit is 2"),
    ('resources = { gpu: 1, gpu_type: "two words" }', "`two words` is no type of gpus"),
    ('volumes = { mount_path: "/data" }', "a volume is one of claim, secret, config_map, host_path, empty_dir"),
    ('volumes = { mount_path: "/data", claim: "a", secret: "b" }', "a volume is one of"),
    ('volumes = { mount_path: "data", claim: "a" }', "a volume needs a `mount_path`"),
    ('volumes = { claim: "a" }', "a volume needs a `mount_path`"),
    ('volumes = { mount_path: "/data", claim: "A_b" }', "`A_b` is no name of Kubernetes"),
    ('volumes = { mount_path: "/data", calim: "a" }', "a volume has no `calim`"),
    ('volumes = { mount_path: "/data", claim: "a", name: "N" }', "`N` is no name of a volume"),
    ('volumes = { mount_path: "/data", claim: "a", sub_path: "../b" }', "a `sub_path` is relative"),
    ('volumes = { mount_path: "/data", claim: "a", read_only: 1 }', "`read_only` is true or false"),
    ('volumes = { mount_path: "/data", empty_dir: "Disk" }', '`empty_dir` is true, a size or "Memory"'),
    ('volumes = { mount_path: "/data", host_path: "tmp" }', "`host_path` is a path from the root"),
    ('volumes = "data"', "a volume is a map"),
    (
        'volumes = [{ mount_path: "/d", claim: "a" }, { mount_path: "/d", claim: "b" }]',
        "two volumes are mounted at `/d`",
    ),
    (
        'volumes = [{ name: "n", mount_path: "/c", claim: "a" }, { name: "n", mount_path: "/d", claim: "b" }]',
        "two volumes are called `n`",
    ),
    ('env = { A: secret("chat_token") }', "`chat_token` is no name of a Secret"),
    ('secrets = { A: secret("chat/to ken") }', "`chat/to ken` is no name of a Secret"),
    ('env = { "A B": "x" }', "`A B` is no environment variable of a container"),
    ('secrets = { "1A": secret("x") }', "`1A` is no environment variable of a container"),
    ('working_dir = "src"', "`src` is a relative path"),
]


@pytest.mark.parametrize(("option", "label"), FAULTS)
def test_what_no_pod_can_have(option: str, label: str) -> None:
    ((code, said),) = refusals(f'pipeline p {{ task work = image("t:1") {{ {option} }} }}')
    assert (code, label in said) == ("P0501", True), said


WITHOUT_IMAGE = [
    ("resources = { gpu: 1 }", "cpu, memory and gpu of a task without a container image"),
    ("resources = { cpu: 1 }", "cpu, memory and gpu of a task without a container image"),
    ("resources = { spot: true }", "cpu, memory and gpu of a task without a container image"),
    ('volumes = { mount_path: "/data", claim: "a" }', "volumes of a task without a container image"),
    ('secrets = { "/etc/key": secret("a") }', "secrets as files of a task without a container image"),
    ("cache = true", "caching"),
]


@pytest.mark.parametrize(("option", "message"), WITHOUT_IMAGE)
def test_what_a_task_without_an_image_cannot_have(option: str, message: str) -> None:
    ((code, said),) = refusals(f'pipeline p {{ task work = python("steps:work") {{ {option} }} }}')
    assert (code, message in said) == ("P0501", True), said


@pytest.mark.parametrize(
    "executor",
    ["KubernetesExecutor", "airflow.providers.cncf.kubernetes.executors.kubernetes_executor.KubernetesExecutor"],
)
def test_the_kubernetes_executor_offers_resources(executor: str) -> None:
    task = 'task work = python("s:w") { resources = { gpu: 1 }  volumes = { mount_path: "/d", claim: "a" } '
    block = f'target airflow {{ executor = "{executor}" }}'
    assert refusals(f"pipeline p {{ {block} {task} }} }}") == []
    assert refusals(f"pipeline p {{ {task} {block} }} }}") == []
    other = 'target airflow { executor = "CeleryExecutor" }'
    assert len(refusals(f"pipeline p {{ {block} {task} {other} }} }}")) == 2


OTHERS = [
    ("task work = shell('x') { packages = [\"numpy\"] }", "packages installed for a task that is no Python function"),
    ('task work = python("s:w") { packages = ["numpy"]  image = "i:1" }', "packages installed for a task that"),
    ('task work = sql("select 1")', "sql that names no connection"),
]


@pytest.mark.parametrize(("task", "message"), OTHERS)
def test_other_refusals(task: str, message: str) -> None:
    ((code, said),) = refusals(f"pipeline p {{ {task} }}")
    assert (code, message in said) == ("P0501", True), said


def test_nothing_of_this_is_about_other_targets() -> None:
    task = "task work = shell('x') { resources = { gpu: 1, tolerations: [\"?\"] } }"
    assert refusals(f"pipeline p {{ {task} }}", "local") == []
    assert refusals(f"pipeline p {{ {task} }}", "ir") == []


def test_gpu_zero_asks_for_nothing() -> None:
    assert refusals("pipeline p { task work = shell('x') { resources = { gpu: 0 } } }") == []
