"""Waits between attempts that whole seconds and a whole factor tell, and nodes that a cloud may take back."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipec.analysis.placement import GPU_PRODUCT, SPOT_LABELS, SPOT_TAINTS, gpu_resource, node_labels
from pipec.analysis.simple_pods import waits_whole_seconds
from pipec.ir.model import Resources, Retry

WAITS = [
    (Retry(max=3), True),
    (Retry(max=3, delay=60), True),
    (Retry(max=3, delay=60, backoff=2), True),
    (Retry(max=3, delay=0.5), False),
    (Retry(max=3, delay=60, backoff=1.5), False),
    (Retry(max=1, delay=60, backoff=1.5), True),
    (Retry(max=3, delay=0, backoff=1.5), True),
    (Retry(max=3, delay=60, backoff=2, max_delay=240), True),
    (Retry(max=3, delay=60, backoff=2, max_delay=239), False),
    (Retry(max=1, delay=60, max_delay=30), False),
]


@pytest.mark.parametrize(("retry", "is_plain"), WAITS)
def test_waits(retry: Retry, is_plain: bool) -> None:
    assert waits_whole_seconds(retry) == is_plain


def test_spot_is_the_same_for_all_targets() -> None:
    """Airflow's files hold the labels as text, since they know nothing of pipec."""
    embedded = Path(__file__).parents[2].joinpath("backends/airflow/embedded_pods.py").read_text("utf-8")
    for label, value in SPOT_LABELS.items():
        times = 2 if label in SPOT_TAINTS else 1
        assert embedded.count(f'("{label}", "{value}")') == times


@pytest.mark.parametrize(
    ("gpu_type", "resource", "labels"),
    [
        (None, "nvidia.com/gpu", {}),
        ("amd.com/gpu", "amd.com/gpu", {}),
        ("NVIDIA-L4", "nvidia.com/gpu", {GPU_PRODUCT: "NVIDIA-L4"}),
        ("gpu=a100", "nvidia.com/gpu", {"gpu": "a100"}),
        ("example.com/gpu=a100", "nvidia.com/gpu", {"example.com/gpu": "a100"}),
    ],
)
def test_types_of_gpus(gpu_type: str | None, resource: str, labels: dict[str, str]) -> None:
    assert gpu_resource(gpu_type) == resource
    assert node_labels(Resources(gpu=1, gpu_type=gpu_type)) == labels


def test_a_label_that_is_asked_for_is_kept() -> None:
    wanted = Resources(gpu_type="NVIDIA-L4", node_selector={GPU_PRODUCT: "NVIDIA-A100"})
    assert node_labels(wanted) == {GPU_PRODUCT: "NVIDIA-A100"}
