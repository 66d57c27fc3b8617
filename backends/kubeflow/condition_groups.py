"""The DAGs of decisions whose tasks stand in groups: one under a condition for each side, and one around both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipec.analysis.run_conditions import Choice, Condition
from pipec.ir.expressions import OutputReference

from .bindings import Known
from .branches import Branches, Chain, OneOf
from .conditions import Told, constrain
from .names import Names, plain_name
from .nodes import Dag, DagOutput, Node, TaskOutput


@dataclass(eq=False, repr=False, slots=True)
class ConditionGroups:
    """Makes each group when its first task is placed. `found` says where outputs are, `chosen` where choices are."""

    branches: Branches
    names: Names
    prefix: str
    chosen: Mapping[str, Told]
    found: dict[tuple[str, str], Known]
    dags: dict[Chain, Dag] = field(default_factory=dict)
    around: dict[str, Node] = field(default_factory=dict)

    def dag_of(self, item: str, dag: Dag) -> Dag:
        """The DAG of a task or map whose groups stand in `dag`."""
        chain = self.branches.chains.get(item, ())
        for depth, side in enumerate(chain, 1):
            inside = self.dags.get(chain[:depth])
            dag = self.dags[chain[:depth]] = self._group(side, dag) if inside is None else inside
        return dag

    def _group(self, side: Choice, dag: Dag) -> Dag:
        decision, taken = side
        name = f"{self.prefix}{plain_name(decision)}"
        is_one_of_two = decision in self.branches.both
        if is_one_of_two:
            if decision not in self.around:
                self.around[decision] = Node(self.names.free(f"{name}-branches"), dag)
                self.around[decision].with_body()
            body = self.around[decision].body
            assert body is not None
            dag = body
        group = Node(self.names.free(f"{name}-{'if' if taken else 'else'}"), dag)
        is_else = is_one_of_two and not taken
        holds: Condition = frozenset({frozenset({(decision, taken or is_else)})})
        constrain(group, holds, self.chosen, negated=is_else)
        return group.with_body()

    def joined(self, name: str) -> Known:
        """Where the value is found that one of two groups gives."""
        return self._joined(self.branches.joined[name])

    def _joined(self, one: OneOf | OutputReference) -> Known:
        if isinstance(one, OutputReference):
            return self.found[one.task, one.output]
        sides = [self._joined(side) for side in (one.taken, one.otherwise)]
        choices = tuple(side.source for side in sides if isinstance(side.source, TaskOutput))
        node = self.around[one.decision]
        assert node.body is not None
        output = DagOutput(sides[0].channel, choices)
        name = next((name for name, other in node.body.outputs.items() if other == output), None)
        if name is None:
            name = f"oneof-{len(node.body.outputs) + 1}"
            node.body.outputs[name] = output
            node.outputs[name] = output.channel
        return Known(TaskOutput(node, name), sides[0].channel, sides[0].form)
