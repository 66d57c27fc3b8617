"""Conditions of tasks in the expression language of Kubeflow (CEL), over what decisions have chosen."""

from __future__ import annotations

from collections.abc import Mapping

from pipec.analysis.run_conditions import Condition, choices_in
from pipec.frozen import Frozen

from .channels import LIST, Channel
from .nodes import DagInput, Given, Node, TaskOutput
from .plumbing import channel_name


class Told(Frozen):
    """Where it is told what was chosen: a truth, or a list that has items or has none."""

    source: DagInput | TaskOutput
    channel: Channel

    def test(self, side: bool) -> str:
        """What holds where this side was chosen."""
        value = f"inputs.parameter_values['{channel_name(self.source)}']"
        if self.channel == LIST:
            return f"size({value}) {'>' if side else '=='} 0"
        return f"{value} == {str(side).lower()}"


def constrain(node: Node, condition: Condition, chosen: Mapping[str, Told], negated: bool = False) -> None:
    """Let a task run where the condition holds, or where it does not; `chosen` says where choices are told."""
    for name, _ in choices_in(condition):
        told = chosen[name]
        node.inputs[channel_name(told.source)] = Given(told.channel, told.source)
    clauses = sorted(" && ".join(chosen[name].test(side) for name, side in sorted(clause)) for clause in condition)
    text = clauses[0] if len(clauses) == 1 else " || ".join(f"({clause})" for clause in clauses)
    node.condition = f"!({text})" if negated else text
