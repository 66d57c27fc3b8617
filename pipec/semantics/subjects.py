"""What the statements of a test speak of: tasks, their instances and outputs, as a path names them."""

from __future__ import annotations

from dataclasses import dataclass

from pipec.diagnostics.model import Diagnostics
from pipec.diagnostics.suggest import correction, hint
from pipec.frozen import Frozen
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import Pipeline, Task
from pipec.semantics.excerpts import excerpt
from pipec.semantics.expressions import Checker
from pipec.semantics.keys import spell_key
from pipec.semantics.symbols import ParameterSymbol, Scope, TaskSymbol
from pipec.syntax import tree
from pipec.syntax.source import Span

Items = tuple[int | None, ...]
"""The item of each map around a task, outermost first; None, and what is left out, are all of them."""

EVERY = "*"


class Subject(Frozen):
    """Instances of one task statement: `tasks` of the IR, and of those in maps their `items`.

    `picked` is how many keys and items were written. `has_star` says that `[*]` was. `output` is what stands after the
    last dot.
    """

    name: str
    tasks: tuple[Task, ...]
    items: Items
    levels: int
    picked: int
    has_star: bool
    output: tree.Name | None
    span: Span

    @property
    def is_mapped(self) -> bool:
        """Whether it stands for an unknown number of instances."""
        return self.levels > 0 and (len(self.items) < self.levels or None in self.items)


class _Path(Frozen):
    """`base[step][step].output`."""

    base: tree.NameReference
    steps: tuple[tree.Expression | str, ...]
    output: tree.Name | None


@dataclass(eq=False, repr=False)
class SubjectReader:
    """Finds what is meant in one pipeline, whose names are in `scope`."""

    pipeline: Pipeline
    scope: Scope
    diagnostics: Diagnostics

    def read(self, node: tree.Expression) -> Subject | None:
        """The tasks that a path names, with or without an output; None where it is faulty, which is reported."""
        path = _path(node)
        if path is None:
            self.diagnostics.error(
                "P0106",
                f"`{excerpt(node.span)}` names no task or output of one",
                node.span,
                help="name a task, `train`, or an output of one, `train.auc`",
            )
            return None
        tasks = {task.id: task for task in self.pipeline.tasks}
        symbol = self.scope.find(path.base.name)
        if isinstance(symbol, TaskSymbol):
            return None if symbol.faulty else self._instances(path, symbol, tasks, node.span)
        if path.base.name in tasks and symbol is None:  # one that the language added: `check_parameters`
            return Subject(path.base.name, (tasks[path.base.name],), (), 0, 0, False, path.output, node.span)
        self._unknown(path.base)
        return None

    def _instances(self, path: _Path, symbol: TaskSymbol, tasks: dict[str, Task], span: Span) -> Subject | None:
        keys, steps, is_every = self._keys(path.steps, symbol)
        if keys is None:
            return None
        placed = symbol.pick(keys)
        if keys and not placed:
            self._no_instance(symbol, keys, span)
            return None
        found = tuple(tasks[one.id] for one in placed if one.id in tasks)
        levels = max(map(self._levels, found), default=0)
        items = self._items(symbol, steps, levels, is_every)
        if items is None:
            return None
        picked = len(keys) + sum(item is not None for item in items)
        has_star = is_every or None in items
        return Subject(symbol.name, found, items, levels, picked, has_star, path.output, span)

    def _keys(
        self, steps: tuple[tree.Expression | str, ...], symbol: TaskSymbol
    ) -> tuple[tuple[str, ...] | None, tuple[tree.Expression | str, ...], bool]:
        """The keys of the loops around a task as they are spelled, the steps after them, and whether `[*]` was one."""
        keys: list[str] = []
        left = list(steps)
        while left and len(keys) < symbol.depth:
            step = left.pop(0)
            if isinstance(step, str):
                return tuple(keys), tuple(left), True
            key = self._constant(step)
            if key is None:
                self.diagnostics.error(
                    "P0404", "an instance is picked by a constant", step.span, label="not a constant"
                )
                return None, (), False
            keys.append(spell_key(key))
        return tuple(keys), tuple(left), False

    def _items(
        self, symbol: TaskSymbol, steps: tuple[tree.Expression | str, ...], levels: int, is_every: bool
    ) -> Items | None:
        items: list[int | None] = []
        for step in steps:
            if isinstance(step, str) and len(items) < levels:
                items.append(None)
                continue
            if isinstance(step, str):
                message = f"`[*]` needs a task of a `for` or `map`, `{symbol.name}` is a single one"
                self.diagnostics.error("P0404", message, symbol.span, label="a single task", help="drop `[*]`")
                return None
            key = self._constant(step)
            if len(items) >= levels:
                what = "has no further instances" if symbol.depth or levels else "is a single task"
                self.diagnostics.error("P0404", f"`{symbol.name}` {what}", step.span, help="drop the brackets")
                return None
            if key is None or type(key.value) is not int or key.value < 0:
                self.diagnostics.error(
                    "P0404",
                    "an item of a map is picked by its place in the list",
                    step.span,
                    help=f"`{symbol.name}[0]` is the first",
                )
                return None
            items.append(key.value)
        return tuple(items)

    def _constant(self, node: tree.Expression) -> LiteralValue | None:
        typed = Checker(Diagnostics(), self.scope).check(node)
        return typed.expression if typed is not None and isinstance(typed.expression, LiteralValue) else None

    def _levels(self, task: Task) -> int:
        """How many maps there are around a task."""
        parents = {region.name: region.parent for region in self.pipeline.maps}
        count, region = 0, task.map
        while region is not None:
            count, region = count + 1, parents.get(region)
        return count

    def _no_instance(self, symbol: TaskSymbol, keys: tuple[str, ...], span: Span) -> None:
        known = [f"{symbol.name}[{', '.join(key)}]" for key in symbol.instances]
        wanted = f"{symbol.name}[{', '.join(keys)}]"
        self.diagnostics.error(
            "P0404", f"`{symbol.name}` has no instance [{', '.join(keys)}]", span, help=hint(wanted, known)
        )

    def _unknown(self, node: tree.NameReference) -> None:
        tasks = [task.id for task in self.pipeline.tasks]
        parameters = self.scope.names_of(ParameterSymbol)
        self.diagnostics.error(
            "P0101",
            f"pipeline `{self.pipeline.name}` has no task `{node.name}`",
            node.span,
            help=hint(node.name, [*tasks, *parameters]),
            fix=correction(node.span, node.name, [*tasks, *parameters]),
        )


def _path(node: tree.Expression) -> _Path | None:
    output = node.name if isinstance(node, tree.Attribute) else None
    base = node.base if isinstance(node, tree.Attribute) else node
    steps: list[tree.Expression | str] = []
    while isinstance(base, tree.Index | tree.Splat):
        if isinstance(base, tree.Splat):
            steps.insert(0, EVERY)
        else:
            index = base.index
            steps[:0] = index.items if isinstance(index, tree.ListDisplay) else (index,)
        base = base.base
    return _Path(base, tuple(steps), output) if isinstance(base, tree.NameReference) else None
