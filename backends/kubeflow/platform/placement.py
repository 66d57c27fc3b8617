"""On which nodes a pod may run."""

from __future__ import annotations

from typing import Any

from pipec.analysis.placement import PREFERRED, SPOT_LABELS, SPOT_TAINTS, node_labels
from pipec.analysis.pods import Toleration, toleration
from pipec.ir.model import Resources


def placement(resources: Resources) -> dict[str, Any]:
    """`nodeSelector`, `tolerations` and `nodeAffinity`, those that are asked for."""
    labels = node_labels(resources)
    found = {
        "nodeSelector": {"labels": labels} if labels else None,
        "tolerations": _tolerations(resources),
        "nodeAffinity": _node_affinity(resources),
    }
    return {name: value for name, value in found.items() if value}


def _tolerations(resources: Resources) -> list[dict[str, str]]:
    asked = [one for one in map(toleration, dict.fromkeys(resources.tolerations)) if one is not None]
    of_spot = [Toleration(key, SPOT_LABELS[key], "NoSchedule") for key in SPOT_TAINTS] if resources.spot else []
    return [_toleration(one) for one in (*asked, *of_spot)]


def _toleration(one: Toleration) -> dict[str, str]:
    written = {"key": one.key, "operator": "Exists" if one.value is None else "Equal"}
    if one.value is not None:
        written["value"] = one.value
    if one.effect is not None:
        written["effect"] = one.effect
    return written


def _node_affinity(resources: Resources) -> list[dict[str, Any]]:
    """One term that holds all rules in the words of Kubernetes."""
    rules = dict(resources.affinity.get("nodeAffinity", {}))
    if resources.spot:
        rules[PREFERRED] = [*rules.get(PREFERRED, []), *map(_spot_preference, SPOT_LABELS)]
    return [{"nodeAffinityJson": {"runtimeValue": {"constant": rules}}}] if rules else []


def _spot_preference(label: str) -> dict[str, Any]:
    expression = {"key": label, "operator": "In", "values": [SPOT_LABELS[label]]}
    return {"weight": 100, "preference": {"matchExpressions": [expression]}}
