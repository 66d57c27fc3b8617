"""On which nodes a pod may run: the labels and taints that resources stand for.

GPUs are `nvidia.com/gpu`; `gpu_type` is another such resource where it is a name with a slash, a label of nodes where
it is `label=value`, else their product as NVIDIA's discovery labels it. `spot` prefers nodes that a cloud may take
back, as the big clouds mark them, and tolerates their taints.
"""

from __future__ import annotations

from pipec.ir.model import Resources

GPU = "nvidia.com/gpu"
GPU_PRODUCT = "nvidia.com/gpu.product"

PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"

SPOT_LABELS = {
    "cloud.google.com/gke-spot": "true",
    "eks.amazonaws.com/capacityType": "SPOT",
    "karpenter.sh/capacity-type": "spot",
    "kubernetes.azure.com/scalesetpriority": "spot",
}
"""Labels of nodes that a cloud may take back; a node has at most one of them."""

SPOT_TAINTS = ("cloud.google.com/gke-spot", "kubernetes.azure.com/scalesetpriority")
"""Those of the labels that are taints too, of the effect NoSchedule."""


def gpu_resource(gpu_type: str | None) -> str:
    """The resource that GPUs of a type are counted as."""
    return gpu_type if gpu_type is not None and "=" not in gpu_type and "/" in gpu_type else GPU


def node_labels(resources: Resources) -> dict[str, str]:
    """The labels that a node needs."""
    wanted = dict(resources.node_selector)
    if resources.gpu_type is not None and gpu_resource(resources.gpu_type) == GPU:
        label, equals, value = resources.gpu_type.partition("=")
        wanted.setdefault(*((label, value) if equals else (GPU_PRODUCT, label)))
    return wanted
