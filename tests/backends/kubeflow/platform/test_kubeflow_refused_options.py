"""What a cluster could not keep is refused where it stands, with what to write instead."""

from __future__ import annotations

import pytest

from tests.backends.kubeflow.platform.written import HAS_IMAGE, refusals

IMAGE = 'image("alpine:3.20", command = ["true"])'


def task(options: str = "", implementation: str = IMAGE) -> str:
    return f"pipeline p {{ {HAS_IMAGE}\ntask work = {implementation} {{ {options} }} }}"


REFUSED = {
    task(implementation='image("alpine:3.20", args = ["a"])'): "the program that an image starts by itself",
    task(implementation='image("alpine:3.20")'): "the program that an image starts by itself",
    task('packages = ["numpy"]'): "packages installed for an image task",
    task('retry = { max: 1, on: ["timeout"] }'): "retries of an image task",
    task("retry = { max: 2, delay: 500ms }"): "retries of an image task",
    task("retry = { max: 2, delay: 1s, backoff: 1.5 }"): "retries of an image task",
    task("retry = { max: 5, delay: 1s, backoff: 2, max_delay: 5s }"): "retries of an image task",
    "pipeline p { task work(N = run.attempt) = " + IMAGE + " { retries = 1 } }": "retries of an image task",
    task('volumes = [{ mount_path: "/a", host_path: "/b" }]'): "volumes that are folders of the node",
    task('volumes = [{ mount_path: "/a", secret: "s", sub_path: "b" }]'): "a part of a Secret, config map",
    task('volumes = [{ mount_path: "/a", empty_dir: true, sub_path: "b" }]'): "a part of a Secret, config map",
    task('volumes = [{ mount_path: "/a", claim: "s", read_only: true }]'): "claims and temporary folders",
    task('volumes = [{ mount_path: "/a", claim: "s.t" }]'): "a volume of what is mounted twice",
    task('volumes = [{ mount_path: "/a", claim: "s" }, { mount_path: "/b", claim: "s" }]'): "a volume of what is",
    task('secrets = { "/run/s/other": secret("s/k") }'): "secrets as files that are not named as their keys",
    task('secrets = { "/k": secret("s/k") }'): "secrets as files that are not named as their keys",
    task('secrets = { "/a/k": secret("s/k"), "/a/l": secret("t/l") }'): "secrets as files that are not named",
    task('secrets = { "/a/k": secret("s/k"), "/b/k": secret("s/k") }'): "secrets as files that are not named",
    task('secrets = { "/a/k": secret("s/k") } volumes = [{ mount_path: "/b", secret: "s" }]'): "secrets as files",
    task("resources = { affinity: { podAffinity: { a: 1 } } }"): "affinity to anything else than nodes",
    task("resources = { affinity: { nodeAffinity: { preferred: [] } } }"): "affinity to anything else than nodes",
    task(
        "resources = { affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: "
        "[{ weight: 101, preference: { matchExpressions: [] } }] } } }"
    ): "affinity to anything else than nodes",
    task('resources = { tolerations: ["a b"] }'): "what no pod of Kubernetes can have",
    task('resources = { tolerations: ["a b"] }', "shell('true')"): "what no pod of Kubernetes can have, for a task",
    task("cache = 7d"): "caching for a limited time",
    task('pool = "few"'): "pools",
    task('queue = "fast"'): "queues",
    task("deadline = 1h"): "deadline of a task",
    task(implementation='notebook("a.ipynb")'): "notebook tasks",
    task(implementation='sql("select 1", conn = "w")'): "sql tasks",
}


@pytest.mark.parametrize("program", REFUSED)
def test_refused(program: str) -> None:
    found = refusals(program)
    assert len(found) == 1, found
    assert f"`kubeflow` cannot express {REFUSED[program]}" in found[0]
    message, label, way_out = found[0].split(" | ")
    assert "`work`" in label
    assert way_out not in ("", "None")
    assert "does not lower it yet" not in message


ACCEPTED = [
    task("retry = { max: 3, delay: 1m, backoff: 2, max_delay: 4m }"),
    task("retry = { max: 1, delay: 1m, backoff: 1.5 }"),
    task('volumes = [{ mount_path: "/a", secret: "s", read_only: true }]'),
    task('secrets = { "/a/k": secret("s/k"), "/a/l": secret("s/l"), "/b/m": secret("t/m") }'),
    task("cache = true"),
    task('packages = ["numpy==2.0"]', 'python("steps:f")'),
    task('packages = ["numpy==2.0"]', "shell('true')"),
    task('working_dir = "data"', "shell('true')"),
    task('retry = { max: 2, delay: 500ms, on: ["timeout"] }', "shell('true')"),
]


@pytest.mark.parametrize("program", ACCEPTED)
def test_accepted(program: str) -> None:
    assert refusals(program) == []


WRONG_IN_BLOCK = {
    "cpu_limit = 2": "write resources = { limits: { cpu: 2 } }",
    "run_as_user = -1": "must be at least 0",
    'image_pull_policy = "Sometimes"': "it is one of Always, IfNotPresent, Never",
    "pod_labels = { a: 1 }": "each value in option `pod_labels`",
    "ttl_seconds_after_finished = 1d": "set it in the target block of the pipeline",
}


@pytest.mark.parametrize("block", WRONG_IN_BLOCK)
def test_wrong_in_the_target_block(block: str) -> None:
    (found,) = refusals(task(f"target kubeflow {{ {block} }}"))
    assert WRONG_IN_BLOCK[block] in found
