"""What a compilation for Kubeflow gives: two documents as data."""

from __future__ import annotations

from dataclasses import field
from typing import Any

from pipec.frozen import Frozen


class Specification(Frozen):
    """The PipelineSpec, and the PlatformSpec of what only Kubernetes knows; that is empty where nothing needs it."""

    pipeline: dict[str, Any]
    platform: dict[str, Any] = field(default_factory=dict)
