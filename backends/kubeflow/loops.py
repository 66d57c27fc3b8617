"""The loops of maps: what runs once for each item stands in a DAG of its own, and outputs come out as lists."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from pipec.analysis.run_conditions import ALWAYS, Condition, RunConditions, without
from pipec.ir.expressions import (
    BinaryOperation,
    Expression,
    FunctionCall,
    ListExpression,
    LiteralValue,
    OutputReference,
    ParameterReference,
)
from pipec.ir.model import MapRegion, Pipeline
from pipec.ir.types import BOOL, INT, ListType, Type

from .bindings import Bindings, Known, known
from .channels import LIST, is_exact
from .condition_groups import ConditionGroups
from .conditions import Told, constrain
from .containers import helper
from .iterating import item_channel, iterate, written_items
from .names import Names, plain_name
from .nodes import Dag, DagInput, DagOutput, Node, TaskOutput
from .plumbing import channel_name
from .setting import Setting

HAS_ITEMS = "has_items"
"""The output of what computes the list of a map: whether there are any."""


@dataclass(eq=False, repr=False, slots=True)
class Loops:
    """Makes each loop when its first task is placed.

    `listed` are the tasks of which lists are read, `chosen` says how choices are told, and `find` where references
    are found.
    """

    pipeline: Pipeline
    conditions: RunConditions
    groups: ConditionGroups
    names: Names
    prefix: str
    setting: Setting
    listed: Collection[str]
    chosen: dict[str, Told]
    find: Callable[[Expression], Known]
    items: dict[str, Known] = field(default_factory=dict)
    """By map where the current item is found."""
    dags: dict[str, Dag] = field(default_factory=dict)
    maybe_empty: dict[str | None, tuple[Node, dict[str, TaskOutput]]] = field(default_factory=dict)
    """By map the DAG around its loop that gives empty lists where there are no items, and the lists it has to give."""

    def dag_of(self, region_name: str, work: Dag) -> Dag:
        """The DAG of what runs once for each item of a map."""
        if region_name not in self.dags:
            region = next(one for one in self.pipeline.maps if one.name == region_name)
            around = work if region.parent is None else self.dag_of(region.parent, work)
            self.dags[region_name] = self._loop(region, around)
        return self.dags[region_name]

    def _loop(self, region: MapRegion, around: Dag) -> Dag:
        name = self.names.free(f"{self.prefix}{plain_name(region.name)}")
        around = self.groups.dag_of(region.name, around)
        condition = self.conditions.maps[region.name]
        if region.parent is not None:
            condition = without(condition, self.conditions.maps[region.parent])
        condition = self.groups.branches.left(region.name, condition)
        if condition != ALWAYS:
            chooser = Node(self.names.free(f"{name}-if"), around)
            constrain(chooser, condition, self.chosen)
            around = chooser.with_body()
        written = written_items(region)
        source = self._list_of(region, name, around) if written is None else None
        if source is not None and self._is_collected(region):
            around = self._with_empty_lists(region, name, around)
        loop = Node(name, around, collects=True)
        body = loop.with_body()
        item, item_name = item_channel(region), iterate(loop, source, written)
        body.inputs[item_name] = item
        if region.max_parallel is not None:
            loop.settings["iteratorPolicy"] = {"parallelismLimit": region.max_parallel}
        self.items[region.name] = known(DagInput(body, item_name), item)
        return body

    def _is_collected(self, region: MapRegion) -> bool:
        """Whether anybody reads a list, which fails where there are no items, before its condition is looked at."""
        return any(task.map == region.name and task.id in self.listed for task in self.pipeline.tasks)

    def _with_empty_lists(self, region: MapRegion, name: str, around: Dag) -> Dag:
        """A DAG for the loop that is left out where there are no items: Kubeflow cannot collect from none."""
        outer = Node(self.names.free(f"{name}-lists"), around)
        chooser = Node(self.names.free(f"{name}-any"), outer.with_body())
        has_items: Condition = frozenset({frozenset({(region.name, True)})})
        constrain(chooser, has_items, self.chosen)
        self.maybe_empty[region.name] = (outer, {})
        return chooser.with_body()

    def give_empty_lists(self) -> None:
        """What stands for the loops that are left out, now that it is known which lists are read."""
        for region, (outer, lists) in self.maybe_empty.items():
            assert outer.body is not None
            assert region is not None
            nothing: dict[str, tuple[Expression, Type]] = {
                name: (ListExpression(items=()), ListType(element=INT)) for name in lists
            }
            node, _ = helper(
                Bindings(self.find, ""), self.names.free(f"{outer.name}-empty"), outer.body, self.setting, nothing
            )
            constrain(node, frozenset({frozenset({(region, True)})}), self.chosen, negated=True)
            for name, source in lists.items():
                outer.body.outputs[name] = DagOutput(LIST, (source, TaskOutput(node, name)))

    def _list_of(self, region: MapRegion, name: str, around: Dag) -> DagInput | TaskOutput:
        """Where the list is."""
        type_ = ListType(element=region.item_type)
        if isinstance(region.items, OutputReference | ParameterReference):
            there = self.find(region.items)
            if there.channel == LIST and there.form == "plain":
                self.chosen[region.name] = Told.by_list(there.source)
                return there.source
        bindings = Bindings(self.find, "")
        values: dict[str, tuple[Expression, Type]] = {
            "items": (region.items, type_),
            HAS_ITEMS: (_is_more_than_none(region.items), BOOL),
        }
        node, _ = helper(
            bindings,
            self.names.free(f"{name}-items"),
            around,
            self.setting,
            values,
            lists={} if is_exact(region.item_type) else {"items"},
        )
        self.chosen[region.name] = Told.by_truth(TaskOutput(node, HAS_ITEMS))
        return TaskOutput(node, "items")

    def collected(self, region: str | None, one: Known) -> Known:
        """The list of what all instances gave, by what one of them gives."""
        form = "json-items" if one.channel.is_json else "plain"
        if region not in self.maybe_empty:
            return Known(one.source, LIST, form)
        assert isinstance(one.source, TaskOutput)
        around, lists = self.maybe_empty[region]
        name = channel_name(one.source)
        lists[name] = one.source
        around.outputs[name] = LIST
        return Known(TaskOutput(around, name), LIST, form)


def _is_more_than_none(items: Expression) -> Expression:
    count = FunctionCall(function="len", arguments=(items,))
    return BinaryOperation(operator=">", left=count, right=LiteralValue(value=0, type=INT))
