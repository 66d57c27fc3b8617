"""Which decisions have their tasks in groups, as the SDK of Kubeflow writes `If` and `Else`: parts under one condition.

Elsewhere the condition stands on each task. In a group it stands once, and what joins both sides waits for the two
groups, of which one is skipped: no task has to stand in for those that are. That says the same of what runs where

- what runs in a group waits for nothing else outside of it than its decision does: a group waits for all that is
  needed inside;
- what follows from outside follows all that is in both groups, since it waits for the groups as a whole;
- a value is read from outside as `a.x ?? b.x` alone, of which one is there whichever side is taken.

Decisions of which this is not true keep conditions on tasks.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipec.analysis.graph import ancestors
from pipec.analysis.run_conditions import (
    ALWAYS,
    Choice,
    Condition,
    RunConditions,
    choices_in,
    without,
)
from pipec.frozen import Frozen
from pipec.ir.expressions import BinaryOperation, Expression, OutputReference, outputs_used
from pipec.ir.model import ContainerImage, Decision, Pipeline, PipelineCall, Task
from pipec.ir.rewriting import change_implementation, change_requirement, with_operands
from pipec.ir.traverse import task_expressions
from pipec.ir.types import Type

from .channels import JSON_TEXT, Channel, channel_of

Chain = tuple[Choice, ...]
"""The groups around a task, outermost first."""


class OneOf(Frozen):
    """What one of two sides gives: an output of a task there, or what joins a further decision of that side."""

    decision: str
    taken: OutputReference | OneOf
    otherwise: OutputReference | OneOf


class Branches(Frozen):
    """`chains` has the groups around each task and map, inside of the map around it, `both` the decisions that have
    groups for both sides.

    Tasks of `pipeline` read joined values by references to `joined`, which are no tasks.
    """

    pipeline: Pipeline
    chains: dict[str, Chain]
    both: frozenset[str]
    joined: dict[str, OneOf]

    def left(self, item: str, condition: Condition) -> Condition:
        """What is left of the condition of a task or map inside of its groups."""
        made = frozenset(self.chains.get(item, ()))
        return without(condition, frozenset({made})) if made else condition

    def awaited(self, task: Task) -> Iterator[str]:
        """What a task comes after; decisions come before what they decide, so before what joins that too."""
        depth = len(self.chains.get(task.id, ()))
        joined = {chain[depth][0] for id in task.upstream if len(chain := self.chains.get(id, ())) > depth}
        return (id for id in task.upstream if id not in joined or id not in self.both)


def branches(pipeline: Pipeline, conditions: RunConditions) -> Branches:
    """The decisions that have groups, and what stands in them."""
    decisions = {task.id for task in pipeline.tasks if isinstance(task.implementation, Decision)}
    while decisions:
        found = _Branches(pipeline, conditions, decisions)
        unfit = found.unfit()
        if not unfit:
            return found.written()
        decisions -= unfit
    return Branches(pipeline, {}, frozenset(), {})


class _Branches:
    """Tries groups for some decisions. Tasks and maps stand side by side in the pipeline, or inside of a map."""

    def __init__(self, pipeline: Pipeline, conditions: RunConditions, decisions: set[str]) -> None:
        self.pipeline = pipeline
        self.decisions = decisions
        self.tasks = {task.id: task for task in pipeline.tasks if not task.is_finally}
        self.around: dict[str, str | None] = {id: task.map for id, task in self.tasks.items()}
        self.conditions = {id: conditions.tasks[id] for id in self.tasks}
        for region in pipeline.maps:
            self.around[region.name] = region.parent
            whole = conditions.maps[region.name]
            outside = ALWAYS if region.parent is None else conditions.maps[region.parent]
            self.conditions[region.name] = without(whole, outside)
        self.sides = {item: self._sides(item) for item in self.around}
        self.chains = {item: self._chain(item) for item in self.around}
        self.upstream = self._upstream()
        self.place = {item: place for place, item in enumerate(self.upstream)}
        self.ancestors = ancestors(self.upstream)
        self.members = self._members()
        self.both = {decision for decision, taken in self.members if (decision, not taken) in self.members}
        self.joined: dict[OneOf, str] = {}
        self.tasks = {id: self._with_joins(task) for id, task in self.tasks.items()}
        self.returns = pipeline.returns and self._joining(pipeline.returns, None)

    # --- where things stand ---------------------------------------------------------------------------

    def _sides(self, item: str) -> frozenset[Choice]:
        """The choices beside an item that it cannot run without."""
        condition = self.conditions[item]
        common: frozenset[Choice] = frozenset.intersection(*condition) if condition else frozenset()
        return frozenset(side for side in common if self._is_beside(side[0], item))

    def _is_beside(self, decision: str, item: str) -> bool:
        return decision in self.decisions and self.around[decision] == self.around[item]

    def _chain(self, item: str) -> Chain:
        return tuple(sorted(self.sides[item], key=lambda side: (len(self.sides[side[0]]), side)))

    def _within(self, around: str | None, item: str) -> str | None:
        """The item right inside of a map, or of the pipeline, that is the given one or holds it."""
        while self.around[item] != around:
            outer = self.around[item]
            if outer is None:
                return None
            item = outer
        return item

    def _apart(self, reader: str | None, item: str) -> tuple[str | None, str]:
        """What holds a reader, and what holds the item beside it. None reads for the pipeline."""
        while reader is not None:
            beside = self._within(self.around[reader], item)
            if beside is not None:
                return reader, beside
            reader = self.around[reader]
        outermost = self._within(None, item)
        assert outermost is not None
        return None, outermost

    def _chains_apart(self, reader: str | None, item: str) -> tuple[Chain, Chain]:
        """The groups around a reader and around an item, in the innermost map that both stand in."""
        holder, beside = self._apart(reader, item)
        return () if holder is None else self.chains[holder], self.chains[beside]

    def _upstream(self) -> dict[str, list[str]]:
        """What each item waits for beside it."""
        found: dict[str, dict[str, None]] = {item: {} for item in self.around}
        awaited = {id: [one for one in task.upstream if one in self.tasks] for id, task in self.tasks.items()}
        for region in self.pipeline.maps:
            awaited[region.name] = [read.task for read in outputs_used(region.items)]
        for reader, others in awaited.items():
            for other in others:
                holder, beside = self._apart(reader, other)
                if holder is not None and holder != beside:
                    found[holder][beside] = None
        return {item: list(others) for item, others in found.items()}

    def _members(self) -> dict[Choice, int]:
        """All that stands in a group or further inside, as bitsets."""
        found: dict[Choice, int] = {}
        for item, chain in self.chains.items():
            for side in chain:
                found[side] = found.get(side, 0) | 1 << self.place[item]
        return found

    def _follows(self, item: str, other: str) -> bool:
        return bool(self.ancestors[item] >> self.place[other] & 1)

    # --- what groups cannot say -----------------------------------------------------------------------

    def unfit(self) -> set[str]:
        """The decisions for which groups would not mean the same."""
        found: set[str] = set()
        for item in self.around:
            found.update(self._unclear(item))
        if not found:
            for item in self.around:
                found.update(self._waiting(item))
                found.update(self._told_elsewhere(item))
            found.update(self._read_elsewhere())
        return found

    def _unclear(self, item: str) -> Iterator[str]:
        """Decisions that an item depends on otherwise than by standing in one of their sides."""
        chain = self.chains[item]
        named = {name for name, _ in choices_in(self.conditions[item]) if self._is_beside(name, item)}
        yield from named - {name for name, _ in chain}
        if any(self.chains[decision] != chain[:depth] for depth, (decision, _) in enumerate(chain)):
            yield from named

    def _waiting(self, item: str) -> Iterator[str]:
        """Decisions whose groups would wait for more, or keep an item waiting longer."""
        chain = self.chains[item]
        for other in self.upstream[item]:
            there = self.chains[other]
            depth = _shared(chain, there)
            if depth < len(chain):
                decision, _ = chain[depth]
                is_other_side = depth < len(there) and there[depth][0] == decision
                if is_other_side or (other != decision and not self._follows(decision, other)):
                    yield decision
            if depth < len(there):
                decision, _ = there[depth]
                members = self.members.get((decision, True), 0) | self.members.get((decision, False), 0)
                if decision not in self.both or members & ~self.ancestors[item]:
                    yield decision

    def _told_elsewhere(self, item: str) -> Iterator[str]:
        """Decisions in whose groups it is told what else an item depends on."""
        for name, _ in choices_in(self.conditions[item]):
            if name != item:
                yield from self._foreign(item, name)

    def _read_elsewhere(self) -> Iterator[str]:
        """Decisions in whose groups others read what may not be there."""
        for id, task in self.tasks.items():
            for _, expression in task_expressions(task):
                yield from self._foreign_reads(id, expression)
        for region in self.pipeline.maps:
            yield from self._foreign_reads(region.name, region.items)
        if self.returns is not None:
            yield from self._foreign_reads(None, self.returns)

    def _foreign_reads(self, reader: str | None, expression: Expression) -> Iterator[str]:
        for read in outputs_used(expression):
            if read.task in self.tasks and read.task != reader:
                yield from self._foreign(reader, read.task)

    def _foreign(self, reader: str | None, item: str) -> Iterator[str]:
        chain, there = self._chains_apart(reader, item)
        depth = _shared(chain, there)
        if depth < len(there):
            yield there[depth][0]

    # --- joined values --------------------------------------------------------------------------------

    def _with_joins(self, task: Task) -> Task:
        def change(expression: Expression) -> Expression:
            return self._joining(expression, task.id)

        changed = {
            "inputs": tuple(one.model_copy(update={"value": change(one.value)}) for one in task.inputs),
            "implementation": change_implementation(task.implementation, change),
            "requirements": tuple(change_requirement(one, change) for one in task.requirements),
        }
        return task.model_copy(update=changed)

    def _joining(self, expression: Expression, reader: str | None) -> Expression:
        """The expression with joined values in place of `a.x ?? b.x` where one of both is there."""
        one = self._one_of(_alternatives(expression), reader)
        if one is not None:
            name = self.joined.setdefault(one, f"{one.decision}:{len(self.joined)}")
            return OutputReference(task=name, output="output", type=self._type(_first(one)))
        return with_operands(expression, lambda operand: self._joining(operand, reader)) or expression

    def _one_of(self, alternatives: list[Expression], reader: str | None) -> OneOf | None:
        """What joins the first alternatives; the others are for what cannot be."""
        reads: list[OutputReference] = []
        depth = 0
        for one in alternatives:
            if not isinstance(one, OutputReference) or one.mapped or one.task not in self.tasks or one.task == reader:
                break
            chain, there = self._chains_apart(reader, one.task)
            if there != self.chains[one.task] or there == chain or there[: len(chain)] != chain:
                break
            depth = len(chain)
            reads.append(one)
        if len(reads) < 2 or len({self._carrier(one) for one in reads}) > 1 or self._carrier(reads[0]) == JSON_TEXT:
            return None
        are_beside = len({self.around[one.task] for one in reads}) == 1
        return self._tree(reads, depth) if are_beside else None

    def _tree(self, reads: list[OutputReference], depth: int) -> OneOf | None:
        chains = [self.chains[one.task] for one in reads]
        decisions = {chain[depth][0] if depth < len(chain) else None for chain in chains}
        sides: dict[bool, list[OutputReference]] = {True: [], False: []}
        if len(decisions) > 1 or None in decisions:
            return None
        for one, chain in zip(reads, chains, strict=True):
            sides[chain[depth][1]].append(one)
        taken, otherwise = (self._side(sides[side], depth + 1) for side in (True, False))
        return OneOf(chains[0][depth][0], taken, otherwise) if taken is not None and otherwise is not None else None

    def _side(self, reads: list[OutputReference], depth: int) -> OutputReference | OneOf | None:
        if len(reads) > 1:
            return self._tree(reads, depth)
        is_sure = reads and self.conditions[reads[0].task] == frozenset({frozenset(self.chains[reads[0].task][:depth])})
        return reads[0] if is_sure else None

    def _type(self, read: OutputReference) -> Type:
        return next(one.type for one in self.tasks[read.task].outputs if one.name == read.output)

    def _carrier(self, read: OutputReference) -> Channel:
        is_python = not isinstance(self.tasks[read.task].implementation, ContainerImage | PipelineCall)
        return channel_of(self._type(read), artifacts=is_python)

    # --- all of it ------------------------------------------------------------------------------------

    def written(self) -> Branches:
        tasks = tuple(self.tasks.get(task.id, task) for task in self.pipeline.tasks)
        pipeline = self.pipeline.model_copy(update={"tasks": tasks, "returns": self.returns})
        chains = {item: chain for item, chain in self.chains.items() if chain}
        return Branches(pipeline, chains, frozenset(self.both), {name: one for one, name in self.joined.items()})


def _alternatives(expression: Expression) -> list[Expression]:
    """The operands of `a ?? b ?? c`, the expression alone where it is none."""
    match expression:
        case BinaryOperation(operator="??", left=left, right=right):
            return [*_alternatives(left), *_alternatives(right)]
        case _:
            return [expression]


def _first(one: OneOf) -> OutputReference:
    return one.taken if isinstance(one.taken, OutputReference) else _first(one.taken)


def _shared(one: Chain, other: Chain) -> int:
    """How many groups stand around both."""
    depth = 0
    while depth < min(len(one), len(other)) and one[depth] == other[depth]:
        depth += 1
    return depth
