"""Which optimisations Kubeflow gains from."""

from __future__ import annotations

from collections.abc import Mapping

OPTIMISATIONS: Mapping[str, bool] = {
    "constant-branches": True,
    "redundant-edges": True,
    "fuse": False,
    "split": True,
    "shared-programs": True,
}
"""A decision may be a pod. Each edge and program is a part of the one object of Kubernetes that a workflow is."""
