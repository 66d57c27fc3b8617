"""Leads every value through the components between where it is made and where it is read.

A component of Kubeflow sees its own inputs and the outputs of its neighbours alone. So each DAG on the way in gets an
input, and each on the way out an output, named as Kubeflow's own compiler does: `pipelinechannel--<task>-<output>`.
"""

from __future__ import annotations

from .channels import LIST, Channel
from .nodes import Constant, Dag, DagInput, DagOutput, Given, Node, Source, TaskOutput

PREFIX = "pipelinechannel--"


def channel_name(source: DagInput | TaskOutput) -> str:
    """What a value is called on its way through other components."""
    name = source.name if isinstance(source, DagInput) else f"{source.node.name}-{source.key}"
    return name if name.startswith(PREFIX) else PREFIX + name


def lead(dag: Dag) -> None:
    """Rewrite what the tasks of a DAG and of all inside read so that it stands beside them or around them directly."""
    for node in dag.nodes:
        if node.body is not None:
            lead(node.body)
    for node in dag.nodes:
        for name, given in list(node.inputs.items()):
            node.inputs[name] = Given(given.channel, _reached(given.source, given.channel, dag))
        node.after = _neighbours(node, dag)
    for name, output in list(dag.outputs.items()):
        reached = [_reached(choice, output.channel, dag) for choice in output.choices]
        dag.outputs[name] = DagOutput(output.channel, tuple(one for one in reached if isinstance(one, TaskOutput)))


def _reached(source: Source, channel: Channel, dag: Dag) -> Source:
    """The same value as tasks of `dag` see it; DAGs around that one get an input, those around its task an output."""
    match source:
        case Constant():
            return source
        case DagInput(dag=where):
            return source if where is dag else _brought_in(source, channel, dag)
        case TaskOutput(node=node):
            if node.dag is dag:
                return source
            if node.dag in dag.around():
                return _brought_in(source, channel, dag)
            return _reached(_brought_out(source, channel), _outside(node, channel), dag)


def _brought_in(source: DagInput | TaskOutput, channel: Channel, dag: Dag) -> DagInput:
    assert dag.owner is not None, "a value is read outside of the DAG that has it"
    name = channel_name(source)
    if name not in dag.inputs:
        dag.inputs[name] = channel
        dag.owner.inputs[name] = Given(channel, source)
    return DagInput(dag, name)


def _brought_out(source: TaskOutput, channel: Channel) -> TaskOutput:
    """The output of the component around the task."""
    owner = source.node.dag.owner
    assert owner is not None
    name = channel_name(source)
    if name not in source.node.dag.outputs:
        source.node.dag.outputs[name] = DagOutput(channel, (source,))
        owner.outputs[name] = _outside(source.node, channel)
    return TaskOutput(owner, name)


def _outside(node: Node, channel: Channel) -> Channel:
    """What carries an output outside of the DAG it is made in: behind iterations it is a list."""
    owner = node.dag.owner
    return LIST if owner is not None and owner.collects and channel.kind == "parameter" else channel


def _neighbours(node: Node, dag: Dag) -> list[Node]:
    """The tasks of the same DAG that a task comes after; those further out become what its DAG comes after."""
    found: dict[Node, None] = {}
    for other in node.after:
        inside = next((one for one in _owners(other) if one.dag is dag), None)
        if inside is not None:
            found[inside] = None
        elif dag.owner is not None:
            dag.owner.after.append(other)
    found.pop(node, None)
    return list(found)


def _owners(node: Node) -> list[Node]:
    """The task and the components around it, innermost first."""
    found = [node]
    while found[-1].dag.owner is not None:
        found.append(found[-1].dag.owner)
    return found
