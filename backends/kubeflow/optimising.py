"""Which optimisations Kubeflow gains from."""

from __future__ import annotations

from collections.abc import Mapping

OPTIMISATIONS: Mapping[str, bool] = {"redundant-edges": True}
"""A workflow has to fit into one object of Kubernetes, and each edge is a part of it."""
