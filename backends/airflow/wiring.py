"""How tasks hang together: which edges are drawn by values, which are not, and the body of `with DAG(…):`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from pipec.ir.model import Pipeline, Task
from pipec.ir.traverse import tasks_read

from .blocks import Block, GroupBlock, MapBlock, TaskBlock, blocks_of
from .edges import edge_lines, write_chains
from .layout import Call, Node, Writer, one_line
from .literals import py
from .names import VERDICT_ID
from .setting import Setting, Written
from .synthetic import is_synthetic, list_task_id

Edges = dict[str, list[str]]
"""The direct upstream tasks of every task."""


def all_edges(pipeline: Pipeline, list_sources: Mapping[str, Collection[str]]) -> Edges:
    """The direct upstream tasks of every task; `list_sources` are those that the lists of maps wait for.

    A `finally` task waits for each task that is not certain to be final as soon as one further downstream is. A task in
    a map that may look past its upstream tasks waits for the list too: Airflow would expand it before it is known.
    """
    tasks = {task.id: task for task in pipeline.tasks}
    lists = {region.name: list_task_id(region) for region in pipeline.maps if list_task_id(region) in tasks}
    edges: Edges = {}
    for task in pipeline.tasks:
        above = list(dict.fromkeys(task.upstream))
        list_task = lists.get(task.map or "")
        if list_task is not None and task.trigger_rule != "all_success":
            above = list(dict.fromkeys([list_task, *above]))
        elif list_task is not None and is_synthetic(tasks[list_task]):
            read = tasks_read(task)
            above = [id for id in above if id in read or id not in list_sources[list_task] or id in decisions(task)]
        edges[task.id] = above
    work = [task for task in pipeline.tasks if not task.is_finally]
    awaited = _awaited(work, {task.id: {*edges[task.id], *_list_of(task, lists)} for task in work})
    finals = {task.id for task in pipeline.tasks if task.is_finally}
    for id in finals:
        if not finals.intersection(edges[id]):
            edges[id] = list(dict.fromkeys([*awaited, *edges[id]]))
    return edges


def decisions(task: Task) -> set[str]:
    """The decisions in whose branches a task stands."""
    return {side.decision for side in task.branches}


def _list_of(task: Task, lists: Mapping[str, str]) -> list[str]:
    return [lists[task.map]] if task.map is not None and task.map in lists else []


def _awaited(work: list[Task], upstream: Mapping[str, set[str]]) -> list[str]:
    """The tasks that are not certain to be final as soon as one further downstream is."""
    covered: set[str] = set()
    for task in work:
        above = upstream[task.id]
        follows_one = len(above) == 1 and task.trigger_rule != "always"
        if follows_one or (_awaits_all(task) and task.map is None):
            covered |= above
    return [task.id for task in work if task.id not in covered]


def _awaits_all(task: Task) -> bool:
    """Whether a task is never final before all of its upstream tasks are."""
    is_behind_decision = any(side.decision in task.upstream for side in task.branches)
    return task.trigger_rule == "all_done" and not is_behind_decision


def write_wiring(setting: Setting, written: Mapping[str, Written], edges: Edges) -> str:
    """The body of `with DAG(…):`: tasks in their groups and maps, then the edges that no value draws."""
    return _Wiring(setting, written, edges).text()


class _Wiring:
    def __init__(self, setting: Setting, written: Mapping[str, Written], edges: Edges) -> None:
        self._names = setting.names
        self._setting = setting
        self._written = written
        pipeline = setting.pipeline
        self._regions = {region.name: region for region in pipeline.maps}
        self._maps = {task.id: task.map for task in pipeline.tasks}
        self._drawn: Edges = {}
        for id, upstreams in edges.items():
            by_value = self._values_of(id)
            self._drawn[id] = [upstream for upstream in upstreams if upstream not in by_value]
        self._finals = [task.id for task in pipeline.tasks if task.is_finally]
        self._blocks = blocks_of(pipeline, written, setting.list_tasks)

    def text(self) -> str:
        writer = Writer(indent=4)
        outside = {id: list(above) for id, above in self._drawn.items() if self._maps[id] is None}
        for id, above in self._drawn.items():
            if self._maps[id] is not None:
                outside[id] = [one for one in above if self._maps[one] != self._maps[id]]
        self._write(writer, self._blocks, self._wanted_outside(outside))
        if self._finals:
            writer.statement(Call("EmptyOperator", (("task_id", py(VERDICT_ID)),)), "finally_verdict = ")
        lines = edge_lines(outside, self._names.variables)
        if self._finals:
            lines.append((tuple(self._names.variables[id] for id in self._finals), ("finally_verdict",)))
        if lines:
            writer.line()
        write_chains(writer, lines)
        return writer.text

    def _values_of(self, id: str) -> set[str]:
        """The tasks that the creation of a task is given the values of; the list of a map by way of its item."""
        one = self._written[id]
        return {*one.reads, *(self._setting.list_tasks[region] for region in one.maps)}

    def _wanted_outside(self, outside: Edges) -> set[str]:
        """The tasks that a variable must stand for where everything is wired."""
        wanted = {id for one in self._written.values() for id in one.reads if self._maps[id] != self._maps[one.task.id]}
        wanted |= {id for one in self._written.values() for id in one.reads if self._maps[one.task.id] is None}
        wanted |= set(self._setting.list_tasks.values())
        for id, above in outside.items():
            wanted.update([id, *above] if above else [])
        return wanted | set(self._finals)

    # --- tasks, groups and maps ----------------------------------------------------------------------

    def _write(self, writer: Writer, blocks: Sequence[Block], used: set[str]) -> None:
        openings = Counter(block.name for block in _walk(blocks) if isinstance(block, GroupBlock))
        self._write_blocks(writer, blocks, used, openings, set())

    def _write_blocks(
        self, writer: Writer, blocks: Sequence[Block], used: set[str], openings: Counter[str], opened: set[str]
    ) -> None:
        for block in blocks:
            match block:
                case GroupBlock(name=name, blocks=inner):
                    self._open_group(writer, name, openings[name] > 1, name in opened)
                    opened.add(name)
                    self._write_blocks(writer.nested(), inner, used, openings, opened)
                case MapBlock():
                    self._write_map(writer, block, used)
                case TaskBlock(task=id):
                    before = f"{self._names.variables[id]} = " if id in used else ""
                    after = ".as_teardown()" if self._written[id].task.is_finally else ""
                    writer.statement(self._written[id].creation, before, after)

    def _open_group(self, writer: Writer, name: str, is_reopened: bool, is_open: bool) -> None:
        if is_open:
            writer.line(f"with {self._names.group_variables[name]}:")
            return
        group = next(group for group in self._setting.pipeline.groups if group.name == name)
        arguments: list[tuple[str | None, Node]] = [(None, py(self._names.group_ids[name]))]
        if group.doc:
            arguments.append(("tooltip", py(group.doc)))
        arguments.append(("prefix_group_id", "False"))
        variable = f" as {self._names.group_variables[name]}" if is_reopened else ""
        writer.statement(Call("TaskGroup", tuple(arguments)), "with ", f"{variable}:")

    def _write_map(self, writer: Writer, block: MapBlock, used: set[str]) -> None:
        """A mapped task; or a mapped task group, as a function that gives the tasks which are used outside."""
        names, region = self._names, self._regions[block.name]
        items: list[tuple[str | None, Node]] = [
            (names.items[region.name], self._setting.value_of(self._setting.list_tasks[region.name]))
        ]
        given_out = [id for id in block.tasks if id in used]
        single = self._written[block.tasks[0]] if len(block.tasks) == 1 else None
        if single is not None and single.function_name is not None and single.maps:
            before = f"{names.variables[single.task.id]} = " if given_out else ""
            partial = tuple((names.functions[id], self._setting.value_of(id)) for id in single.reads)
            mapped = f"{single.function_name}.expand"
            if partial:
                mapped = f"{one_line(Call(f'{single.function_name}.partial', partial))}.expand"
            writer.statement(Call(mapped, tuple(items)), before)
            return
        function, id = names.map_functions[region.name], names.map_ids[region.name]
        own: list[tuple[str | None, Node]] = [("group_id", py(id))] if function != id else []
        writer.line()
        writer.statement(Call("@task_group", (*own, ("prefix_group_id", "False"))))
        writer.line(f"def {function}({names.items[region.name]}):")
        inner = writer.nested()
        within = {id: [one for one in self._drawn[id] if self._maps[one] == region.name] for id in block.tasks}
        read = {read for id in block.tasks for read in self._written[id].reads}
        wired = {one for id, above in within.items() if above for one in (id, *above)}
        self._write(inner, block.blocks, {*given_out, *read, *wired})
        lines = edge_lines(within, names.variables)
        if lines:
            inner.line()
        write_chains(inner, lines)
        variables = ", ".join(names.variables[id] for id in given_out)
        if variables:
            inner.line(f"return {variables}")
        writer.line()
        writer.statement(Call(f"{function}.expand", tuple(items)), f"{variables} = " if variables else "")


def _walk(blocks: Sequence[Block]) -> Iterator[Block]:
    """All blocks but those in maps, which are functions of their own."""
    for block in blocks:
        yield block
        if isinstance(block, GroupBlock):
            yield from _walk(block.blocks)
