"""`test` blocks: what is given and what is expected, checked against the pipeline they are for."""

from __future__ import annotations

from dataclasses import dataclass

from pipec.diagnostics.model import Diagnostics
from pipec.diagnostics.suggest import correction, hint
from pipec.ir.expressions import LiteralValue
from pipec.ir.model import Expectation, Given, Pipeline, Task, TestCase
from pipec.ir.types import Type
from pipec.semantics.excerpts import excerpt, one_line
from pipec.semantics.expressions import Checker
from pipec.semantics.keys import spell_key
from pipec.semantics.modules import Loader
from pipec.semantics.symbols import Scope
from pipec.semantics.typed import Typed
from pipec.syntax import tree

# What a test may give a task as its outcome, and the states it may expect.
OUTCOMES = ("success", "failed", "skipped", "approved", "rejected", "timeout")
STATES = ("success", "failed", "skipped", "upstream_failed")


def read_test(
    node: tree.Test, pipeline: Pipeline | None, known: list[str], scope: Scope, loader: Loader
) -> TestCase | None:
    """A test in its IR form; None where its pipeline is not known."""
    diagnostics = loader.diagnostics
    if pipeline is None:
        if node.pipeline.text not in known:
            diagnostics.error(
                "P0101",
                f"pipeline `{node.pipeline.text}` is not defined",
                node.pipeline.span,
                help=hint(node.pipeline.text, known),
                fix=correction(node.pipeline.span, node.pipeline.text, known),
            )
        return None
    reader = _Reader(pipeline, diagnostics, scope)
    givens = [given for part in node.body if isinstance(part, tree.Given) and (given := reader.given(part))]
    expectations: list[Expectation] = []
    for part in node.body:
        if isinstance(part, tree.Option):
            diagnostics.error("P0302", f"a test has no option `{part.name.text}`", part.name.span)
        if isinstance(part, tree.Expect) and (tasks := reader.expected(part)) is not None:
            expectations.append(
                Expectation(
                    tasks=tasks,
                    state=part.state.text if part.state is not None else None,
                    condition=one_line(part.subjects[0].span) if part.state is None else None,
                    location=loader.location(part.span),
                )
            )
    return TestCase(
        title=node.title.plain or node.title.span.text,
        pipeline=pipeline.name,
        givens=tuple(givens),
        expectations=tuple(expectations),
        location=loader.location(node.span),
    )


@dataclass
class _Reader:
    pipeline: Pipeline
    diagnostics: Diagnostics
    scope: Scope

    def given(self, node: tree.Given) -> Given | None:
        """A fixed value or outcome."""
        if node.state is not None:
            task = self._task(node.subject)
            if task is None or not self._known_state(node.state, OUTCOMES):
                return None
            return Given(task=task.id, state=node.state.text)
        assert node.value is not None
        if isinstance(node.subject, tree.NameReference):
            for parameter in self.pipeline.parameters:
                if parameter.name == node.subject.name:
                    value = self._value(node.value, parameter.type)
                    return Given(parameter=parameter.name, value=value.expression) if value else None
        task, output = self._task_output(node.subject)
        if task is None:
            return None
        type = next((one.type for one in task.outputs if one.name == output), None)
        if type is None:
            self.diagnostics.error("P0206", f"task `{task.id}` has no output `{output}`", node.subject.span)
            return None
        value = self._value(node.value, type)
        return Given(task=task.id, output=output, value=value.expression) if value else None

    def _task_output(self, node: tree.Expression) -> tuple[Task | None, str]:
        if isinstance(node, tree.Attribute):
            return self._task(node.base), node.name.text
        return self._task(node), "output"

    def expected(self, node: tree.Expect) -> tuple[str, ...] | None:
        """The tasks that should be in a state; empty for a condition."""
        if node.state is None:
            return ()
        if not self._known_state(node.state, STATES):
            return None
        tasks: list[str] = []
        for subject in node.subjects:
            if isinstance(subject, tree.NameReference) and subject.name == "run":
                tasks.append("run")
                continue
            instances = [one.id for one in self.pipeline.tasks if one.keys and one.name == subject.span.text]
            if instances:
                tasks.extend(instances)
                continue
            task = self._task(subject)
            if task is None:
                return None
            tasks.append(task.id)
        return tuple(tasks)

    def _value(self, node: tree.Expression, type: Type) -> Typed | None:
        return Checker(self.diagnostics, self.scope).check_as(node, type, "a given value")

    def _known_state(self, name: tree.Name, known: tuple[str, ...]) -> bool:
        if name.text in known:
            return True
        self.diagnostics.error(
            "P0303",
            f"`{name.text}` is no state",
            name.span,
            help=hint(name.text, known, f"states: {', '.join(known)}"),
            fix=correction(name.span, name.text, known),
        )
        return False

    def _task(self, node: tree.Expression) -> Task | None:
        wanted = self._spelled(node)
        for task in self.pipeline.tasks:
            if task.id == wanted:
                return task
        known = [task.id for task in self.pipeline.tasks]
        self.diagnostics.error(
            "P0101",
            f"pipeline `{self.pipeline.name}` has no task `{wanted}`",
            node.span,
            help=hint(wanted, known),
            fix=correction(node.span, wanted, known),
        )
        return None

    def _spelled(self, node: tree.Expression) -> str:
        """The id of the task a path names."""
        keys: list[str] = []
        base = node
        while isinstance(base, tree.Index):
            index = base.index
            parts = index.items if isinstance(index, tree.ListDisplay) else (index,)
            keys = [*map(self._spelled_key, parts), *keys]
            base = base.base
        name = base.name if isinstance(base, tree.NameReference) else excerpt(base.span)
        return f"{name}[{', '.join(keys)}]" if keys else name

    def _spelled_key(self, node: tree.Expression) -> str:
        key = Checker(Diagnostics(), self.scope).check(node)
        if key is None or not isinstance(key.expression, LiteralValue):
            return excerpt(node.span)
        return spell_key(key.expression)
