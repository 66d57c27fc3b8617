"""Conditions of tasks in the expression language of Kubeflow (CEL), over what decisions have chosen."""

from __future__ import annotations

from collections.abc import Mapping

from pipec.analysis.run_conditions import Condition, choices_in

from .channels import TRUTH
from .nodes import Given, Node, TaskOutput
from .plumbing import channel_name


def constrain(node: Node, condition: Condition, chosen: Mapping[str, TaskOutput], negated: bool = False) -> None:
    """Let a task run where the condition holds, or where it does not; `chosen` says where choices are told."""
    names = {}
    for name, _ in choices_in(condition):
        source = chosen[name]
        names[name] = channel_name(source)
        node.inputs[names[name]] = Given(TRUTH, source)
    clauses = sorted(
        " && ".join(f"inputs.parameter_values['{names[name]}'] == {str(side).lower()}" for name, side in sorted(clause))
        for clause in condition
    )
    text = clauses[0] if len(clauses) == 1 else " || ".join(f"({clause})" for clause in clauses)
    node.condition = f"!({text})" if negated else text
