"""What a container asks of its node, and on which nodes its pod may be placed.

Limits are the requests where they do not differ. What `gpu_type` and `spot` stand for: see `pipec.analysis.placement`.
"""

from __future__ import annotations

from typing import Any

from pipec.analysis.placement import PREFERRED, gpu_resource, node_labels
from pipec.analysis.pods import Toleration, toleration
from pipec.analysis.quantities import cores, memory
from pipec.ir.model import Resources

from ..layout import Call, DictNode, ListNode, Node
from ..literals import py


def container_resources(resources: Resources) -> Node | None:
    """`V1ResourceRequirements`; None where neither cores, memory nor GPUs are asked for."""
    limits = {"cpu": resources.cpu, "memory": resources.memory, "gpu": resources.gpu, **resources.limits}
    requests = {"cpu": resources.cpu, "memory": resources.memory, "gpu": limits["gpu"]}
    gpu = gpu_resource(resources.gpu_type)
    shown = [(name, _quantities(values, gpu)) for name, values in (("requests", requests), ("limits", limits))]
    arguments = tuple((name, node) for name, node in shown if node.entries)
    return Call("k8s.V1ResourceRequirements", arguments) if arguments else None


def _quantities(values: dict[str, Any], gpu: str) -> DictNode:
    entries: list[tuple[str, Node]] = []
    if values.get("cpu"):
        entries.append((py("cpu"), py(cores(values["cpu"]))))
    if values.get("memory"):
        entries.append((py("memory"), py(memory(values["memory"]))))
    if values.get("gpu"):
        entries.append((py(gpu), py(str(values["gpu"]))))
    return DictNode(tuple(entries))


def tolerations(resources: Resources) -> Node | None:
    """The list of `V1Toleration`; None where there are none."""
    found = [_toleration(one) for one in map(toleration, dict.fromkeys(resources.tolerations)) if one is not None]
    if resources.spot:
        return ListNode((*found, "*SPOT_TOLERATIONS")) if found else "SPOT_TOLERATIONS"
    return ListNode(tuple(found)) if found else None


def _toleration(one: Toleration) -> Node:
    arguments: list[tuple[str | None, Node]] = [("key", py(one.key))]
    arguments.append(("operator", py("Exists" if one.value is None else "Equal")))
    if one.value is not None:
        arguments.append(("value", py(one.value)))
    if one.effect is not None:
        arguments.append(("effect", py(one.effect)))
    return Call("k8s.V1Toleration", tuple(arguments))


def affinity(resources: Resources) -> Node | None:
    """Rules of placement as Kubernetes names them; None where there are none."""
    rules = dict(resources.affinity)
    if not resources.spot:
        return tree(rules) if rules else None
    of_nodes = dict(rules.pop("nodeAffinity", {}))
    own = [tree(one) for one in of_nodes.pop(PREFERRED, [])]
    preferred: Node = ListNode((*own, "*SPOT_PREFERENCES")) if own else "SPOT_PREFERENCES"
    shown = [(py(name), tree(rule)) for name, rule in of_nodes.items()]
    node_rules = DictNode((*shown, (py(PREFERRED), preferred)))
    return DictNode(((py("nodeAffinity"), node_rules), *((py(name), tree(rule)) for name, rule in rules.items())))


def placement(resources: Resources | None) -> list[tuple[str | None, Node]]:
    """What decides on which nodes a pod may run, as arguments of an operator or of a `V1PodSpec`."""
    if resources is None:
        return []
    labels = node_labels(resources)
    found: list[tuple[str | None, Node | None]] = [
        ("node_selector", tree(labels) if labels else None),
        ("tolerations", tolerations(resources)),
        ("affinity", affinity(resources)),
    ]
    return [(name, node) for name, node in found if node is not None]


def tree(value: Any) -> Node:
    """Maps and lists that may go over several lines."""
    match value:
        case dict():
            return DictNode(tuple((py(key), tree(item)) for key, item in value.items()))
        case list() | tuple():
            return ListNode(tuple(tree(item) for item in value))
    return py(value)
