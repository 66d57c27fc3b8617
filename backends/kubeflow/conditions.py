"""Conditions of tasks in the expression language of Kubeflow (CEL), over what decisions have chosen."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from pipec.analysis.run_conditions import Choice, Condition, choices_in
from pipec.frozen import Frozen

from .channels import LIST, TRUTH, Channel
from .comparisons import Comparison
from .nodes import DagInput, Given, Node, TaskOutput
from .plumbing import channel_name


class Told(Frozen):
    """How it is told what was chosen: the expressions that hold for one side and the other, and what they look at."""

    sources: tuple[tuple[DagInput | TaskOutput, Channel], ...]
    holds: str
    fails: str
    is_joined: bool = False
    """Whether `holds` stands in brackets beside others."""

    @staticmethod
    def by_truth(source: DagInput | TaskOutput) -> Told:
        """By what a task gives."""
        value = _value(source)
        return Told(((source, TRUTH),), f"{value} == true", f"{value} == false")

    @staticmethod
    def by_list(source: DagInput | TaskOutput) -> Told:
        """By whether a list has items."""
        size = f"size({_value(source)})"
        return Told(((source, LIST),), f"{size} > 0", f"{size} == 0")

    @staticmethod
    def by_comparison(made: Comparison) -> Told:
        """By the values that are compared."""
        sources = tuple((one.source, one.channel) for one in made.sources)
        return Told(sources, made.text, f"!({made.text})", made.is_joined)

    def test(self, side: bool, *, is_alone: bool) -> str:
        """What holds where this side was chosen."""
        text = self.holds if side else self.fails
        return f"({text})" if side and self.is_joined and not is_alone else text


def constrain(node: Node, condition: Condition, chosen: Mapping[str, Told], negated: bool = False) -> None:
    """Let a task run where the condition holds, or where it does not; `chosen` says how choices are told."""
    for name, _ in choices_in(condition):
        for source, channel in chosen[name].sources:
            node.inputs[channel_name(source)] = Given(channel, source)
    clauses = sorted(_all_of(clause, chosen) for clause in condition)
    text = clauses[0] if len(clauses) == 1 else " || ".join(f"({clause})" for clause in clauses)
    node.condition = f"!({text})" if negated else text


def _all_of(clause: Collection[Choice], chosen: Mapping[str, Told]) -> str:
    return " && ".join(chosen[name].test(side, is_alone=len(clause) == 1) for name, side in sorted(clause))


def _value(source: DagInput | TaskOutput) -> str:
    return f"inputs.parameter_values['{channel_name(source)}']"
