"""The graph of one pipeline, the root's or a called one's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipec.analysis.graph import topological_order, upstream_map
from pipec.analysis.run_conditions import (
    ALWAYS,
    Condition,
    RunConditions,
    run_conditions,
)
from pipec.ir.expressions import (
    BinaryOperation,
    Expression,
    ItemReference,
    LiteralValue,
    OutputReference,
    ParameterReference,
)
from pipec.ir.model import Decision, Parameter, Pipeline, PipelineCall, Program, Task, WaitCondition
from pipec.ir.types import BOOL, JSON, OptionalType, RecordType, Type

from .bindings import Bindings, Known, known
from .branches import branches
from .carrying import carriage_of, collected_outputs, given_to_images, text_name
from .chains import chained_node
from .channels import JSON_TEXT, TEXT, TRUTH, Channel, channel_of
from .comparisons import comparison
from .condition_groups import ConditionGroups
from .conditions import Told, constrain
from .containers import Outputs, container_node, helper
from .looking_past import looked_past
from .loops import Loops
from .names import Names, plain_name
from .nodes import Constant, Dag, DagInput, DagOutput, Given, Node, TaskOutput
from .parameters import is_computed, parameter_channel
from .setting import Setting

EXIT_HANDLER = "exit-handler-1"


@dataclass(eq=False, repr=False, slots=True)
class PipelineFlow:
    """Builds the tasks of a pipeline into a DAG, whose inputs are its parameters."""

    program: Program
    pipeline: Pipeline
    dag: Dag
    names: Names
    setting: Setting
    key: str
    """That of the pipeline in the program."""
    prefix: str = ""
    is_optional: bool = False
    """Whether what the pipeline returns may be missing, because it is a task that may be skipped."""
    as_texts: bool = False
    """Whether it returns URIs instead of artifacts."""
    tasks: dict[str, Task] = field(init=False)
    order: list[str] = field(init=False)
    conditions: RunConditions = field(init=False)
    groups: ConditionGroups = field(init=False)
    found: dict[tuple[str, str], Known] = field(default_factory=dict)
    parameters: dict[str, Known] = field(default_factory=dict)
    nodes: dict[str, Sequence[Node]] = field(default_factory=dict)
    """What others wait for: the node of a task, or of what a decision waits for that no task makes."""
    chosen: dict[str, Told] = field(default_factory=dict)
    wrapped: frozenset[str] = field(init=False)
    chains: dict[str, tuple[Task, ...]] = field(init=False)
    """By the last one of them the tasks that run in one container."""
    within: frozenset[str] = field(init=False)
    """The others of these, which are placed with the last one."""
    collected: frozenset[str] = field(init=False)
    """The tasks in maps of which lists are read."""
    as_text: dict[str, set[str]] = field(default_factory=dict)
    """By task the outputs of which, where they are artifacts, the text of the URI is wanted."""
    loops: Loops = field(init=False)
    computing: list[Node] = field(default_factory=list)
    """What computes values for the call that is being placed; it runs when the call does."""

    def __post_init__(self) -> None:
        self.conditions = run_conditions(self.pipeline)
        found = branches(self.pipeline, self.conditions)
        self.pipeline = found.pipeline
        self.groups = ConditionGroups(found, self.names, self.prefix, self.chosen, self.found)
        self.tasks = {task.id: task for task in self.pipeline.tasks}
        upstream = upstream_map(self.pipeline)
        self.order = topological_order(upstream)
        chains = self.setting.chains.get(self.key, ())
        self.chains = {chain[-1]: tuple(self.tasks[id] for id in chain) for chain in chains}
        self.within = frozenset(id for chain in chains for id in chain[:-1])
        self.wrapped = looked_past(self.pipeline, upstream, self.order, self.conditions, found)
        collected = collected_outputs(self.pipeline)
        self.collected = frozenset(task for task, _ in collected)
        for task, output in collected | given_to_images(self.pipeline):
            self.as_text.setdefault(task, set()).add(output)
        self.loops = Loops(
            self.pipeline,
            self.conditions,
            self.groups,
            self.names,
            self.prefix,
            self.setting,
            self.collected,
            self.chosen,
            self.find,
        )

    def build(self) -> None:
        """All tasks, and the outputs of the DAG that the pipeline returns."""
        work = self.dag
        final = [task for task in self.pipeline.tasks if task.is_finally]
        if final:
            handler = Node(self.names.free(f"{self.prefix}{EXIT_HANDLER}"), self.dag)
            work = handler.with_body()
        self._find_parameters(work)
        for id in self.order:
            task = self.tasks[id]
            if not task.is_finally and id not in self.within:
                self._place(task, work)
        if final:
            self._finish(final, handler)
        if self.pipeline.returns is not None:
            self._return(self.pipeline.returns, work)
        self.loops.give_empty_lists()

    # --- where values are ----------------------------------------------------------------------------

    def find(self, reference: Expression) -> Known:
        match reference:
            case ParameterReference(name=name):
                return self.parameters[name]
            case ItemReference(map=region):
                return self.loops.items[region]
            case OutputReference(task=task, output=output, mapped=True):
                one = self.found.get((task, text_name(output))) or self.found[task, output]
                return self.loops.collected(self.tasks[task].map, one)
            case OutputReference(task=task) if task in self.groups.branches.joined:
                return self.groups.joined(task)
            case OutputReference(task=task, output=output):
                return self.found[task, output]
            case _:
                raise TypeError(f"{reference.kind} expressions are found nowhere")

    def _find_text(self, reference: Expression) -> Known | None:
        """Where the copy of an artifact is that is the text of its URI."""
        match reference:
            case OutputReference(task=task, output=output, mapped=False):
                return self.found.get((task, text_name(output)))
            case _:
                return None

    def _find_parameters(self, work: Dag) -> None:
        """Parameters are inputs of the DAG; where defaults are computed a first task gives the values."""
        for parameter in self.pipeline.parameters:
            self.parameters[parameter.name] = known(DagInput(self.dag, parameter.name), self.dag.inputs[parameter.name])
        for parameter in self.pipeline.parameters:
            if is_computed(parameter):
                self._compute_default(parameter, work)

    def _compute_default(self, parameter: Parameter, work: Dag) -> None:
        given = self.parameters[parameter.name]
        optional = OptionalType(inner=parameter.type)
        self.parameters[parameter.name] = replace(given, form=f"optional-{given.form}")
        assert parameter.default is not None
        value = BinaryOperation(
            operator="??",
            left=ParameterReference(name=parameter.name, type=optional),
            right=parameter.default,
        )
        name = self._helper_name("parameter", parameter.name)
        node, outputs = helper(self._bindings(""), name, work, self.setting, {"value": (value, parameter.type)})
        self.parameters[parameter.name] = known(TaskOutput(node, "value"), outputs["value"])

    def _helper_name(self, what: str, whose: str) -> str:
        return self.names.free(f"{self.prefix}{plain_name(whose)}-{what}")

    def _bindings(self, own: str) -> Bindings:
        return Bindings(self.find, own, self._find_text)

    # --- tasks -------------------------------------------------------------------------------------------

    def _place(self, task: Task, work: Dag) -> None:
        dag = self.groups.dag_of(task.id, self.loops.dag_of(task.map, work) if task.map is not None else work)
        condition = self.groups.branches.left(task.id, self.conditions.tasks[task.id])
        awaited = self.groups.branches.awaited(self.chains.get(task.id, (task,))[0])
        after = [node for id in awaited for node in self.nodes[id]]
        if self._is_comparison(task, condition):
            self.nodes[task.id] = after
            return
        name = self.names.of(task.id, self.prefix)
        if task.id in self.wrapped:
            node = self._wrapped(task, name, dag, condition)
        else:
            node = self._plain(task, name, dag)
            if condition != ALWAYS:
                for one in (*self.computing, node):
                    constrain(one, condition, self.chosen)
        self.nodes[task.id] = [node]
        for one in (*self.computing, node):
            one.after.extend(after)
        self.computing.clear()

    def _is_comparison(self, task: Task, condition: Condition) -> bool:
        """Whether Kubeflow makes a decision by itself: one that is always made where it stands."""
        if not isinstance(task.implementation, Decision) or task.id in self.wrapped or condition != ALWAYS:
            return False
        made = comparison(task.implementation.condition, self.find)
        if made is not None:
            self.chosen[task.id] = Told.by_comparison(made)
        return made is not None

    def _plain(self, task: Task, name: str, dag: Dag, is_optional: bool = False) -> Node:
        """The task itself; what it gives is found from here on. With `is_optional` others have to expect null."""
        if isinstance(task.implementation, PipelineCall):
            node, outputs = self._call(task, task.implementation.pipeline, name, dag, is_optional)
        else:
            node, outputs = self._contained(task, name, dag, is_optional)
        for output, channel in outputs.items():
            if isinstance(task.implementation, Decision | WaitCondition):
                self.chosen[task.id] = Told.by_truth(TaskOutput(node, output))
            else:
                self.found[task.id, output] = known(TaskOutput(node, output), channel)
        return node

    def _contained(self, task: Task, name: str, dag: Dag, is_optional: bool) -> tuple[Node, Outputs]:
        carriage = carriage_of(task, self.as_text.get(task.id, ()), is_optional)
        if task.id in self.chains:
            tasks = self.chains[task.id]
            return chained_node(tasks, name, dag, self._bindings, self.found, self.setting, carriage, self.names)
        return container_node(task, name, dag, self._bindings(task.id), self.setting, carriage, self.names)

    def _wrapped(self, task: Task, name: str, dag: Dag, condition: Condition) -> Node:
        """A DAG around the task that succeeds whether the task runs or not."""
        wrapper = Node(name, dag)
        body = wrapper.with_body()
        run = self._plain(task, self.names.free(f"{name}-run"), body, is_optional=True)
        for one in (*self.computing, run):
            constrain(one, condition, self.chosen_before(task))
        given = run.outputs if run.body is None else {key: one.channel for key, one in run.body.outputs.items()}
        outputs = {output: channel for output, channel in given.items() if channel.kind == "parameter"}
        if not outputs:
            return wrapper
        nothing: dict[str, tuple[Expression, Type]] = {}
        for output, channel in outputs.items():
            value = LiteralValue(value=False, type=BOOL) if channel == TRUTH else LiteralValue(value=None, type=JSON)
            nothing[output] = (value, BOOL if channel == TRUTH else JSON)
        skipped, _ = helper(self._bindings(""), self.names.free(f"{name}-skipped"), body, self.setting, nothing)
        constrain(skipped, condition, self.chosen_before(task), negated=True)
        for output, channel in outputs.items():
            body.outputs[output] = DagOutput(channel, (TaskOutput(run, output), TaskOutput(skipped, output)))
            wrapper.outputs[output] = channel
            if isinstance(task.implementation, Decision | WaitCondition):
                self.chosen[task.id] = Told.by_truth(TaskOutput(wrapper, output))
            else:
                self.found[task.id, output] = known(TaskOutput(wrapper, output), channel)
        return wrapper

    def chosen_before(self, task: Task) -> dict[str, Told]:
        """What others than the task itself have chosen."""
        return {name: source for name, source in self.chosen.items() if name != task.id}

    # --- pipelines as tasks ------------------------------------------------------------------------------

    def _call(self, task: Task, key: str, name: str, dag: Dag, is_optional: bool) -> tuple[Node, dict[str, Channel]]:
        called = self.program.pipelines[key]
        node = Node(name, dag, settings={"cachingOptions": {}})
        body = node.with_body()
        given = {one.name: one for one in task.inputs}
        for parameter in called.parameters:
            channel = parameter_channel(parameter)
            body.inputs[parameter.name] = channel
            if parameter.name in given:
                value, type_ = given[parameter.name].value, given[parameter.name].type
            elif isinstance(parameter.default, LiteralValue):
                value, type_ = parameter.default, parameter.type
            else:
                node.inputs[parameter.name] = Given(Channel("parameter", "STRING"), _NOT_GIVEN)
                continue
            bindings = self._bindings("")
            if bindings.give(parameter.name, value, type_):
                direct = bindings.inputs[parameter.name]
                if direct.channel == channel or (direct.channel.kind == "artifact" and channel == TEXT):
                    body.inputs[parameter.name] = direct.channel
                    node.inputs[parameter.name] = direct
                    continue
            helping = self._helper_name(plain_name(parameter.name), task.id)
            computed, _ = helper(
                self._bindings(""), helping, dag, self.setting, {"value": (value, parameter.type)}, forced=channel
            )
            node.inputs[parameter.name] = Given(channel, TaskOutput(computed, "value"))
            self.computing.append(computed)
        as_texts = is_optional or task.id in self.collected  # lists of URIs leave a map as texts alone
        inner = PipelineFlow(
            self.program, called, body, self.names, self.setting, key, f"{name}--", is_optional, as_texts
        )
        inner.build()
        return node, {output: one.channel for output, one in body.outputs.items()}

    def _return(self, returns: Expression, work: Dag) -> None:
        """What the pipeline returns, as outputs of its DAG: those of tasks, and what a last task computes."""
        type_ = self.pipeline.return_type
        assert type_ is not None
        entries: dict[str, tuple[Expression, Type]]
        match returns, type_:
            case _ if isinstance(type_, RecordType) and returns.kind == "dict":
                values = {entry.key: entry.value for entry in returns.entries}
                entries = {one.name: (values[one.name], one.type) for one in type_.fields}
            case _:
                entries = {"output": (returns, type_)}
        given = {name: self._as_it_is(*entry) for name, entry in entries.items()}
        computed = {name: entries[name] for name, one in given.items() if one is None}
        self.dag.outputs.update({name: one for name, one in given.items() if one is not None})
        if not computed:
            return
        node, channels = helper(
            self._bindings(""),
            self._helper_name("result", self.pipeline.name),
            work,
            self.setting,
            computed,
            forced=JSON_TEXT if self.is_optional else None,
        )
        for name, channel in channels.items():
            self.dag.outputs[name] = DagOutput(channel, (TaskOutput(node, name),))

    def _as_it_is(self, value: Expression, type_: Type) -> DagOutput | None:
        """The output of a task as that of the DAG; None where something has to be computed."""
        if not isinstance(value, OutputReference) or value.mapped:
            return None
        there = self.find(value)
        wanted = JSON_TEXT if self.is_optional else channel_of(type_, artifacts=not self.as_texts)
        if there.channel != wanted or not isinstance(there.source, TaskOutput):
            return None
        return DagOutput(wanted, (there.source,))

    # --- finally -----------------------------------------------------------------------------------------

    def _finish(self, final: list[Task], handler: Node) -> None:
        """One task that follows the exit handler whatever happened; several are put into a DAG of their own."""
        dag = self.dag
        if len(final) > 1:
            closing = Node(self.names.free(f"{self.prefix}finally"), self.dag)
            dag = closing.with_body()
        for task in final:
            node = self._plain(task, self.names.of(task.id, self.prefix), dag)
            self.nodes[task.id] = [node]
            if len(final) > 1:
                inside = [one.id for one in final]
                node.after.extend(one for id in task.upstream if id in inside for one in self.nodes[id])
            else:
                closing = node
        closing.after = [handler]
        closing.needs_no_success = True


_NOT_GIVEN = Constant("")
"""What a parameter is given whose default is computed."""
